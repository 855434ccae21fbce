/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access control lists of nodes; see acl.h.
 */
#include "acl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static const char acl_letters[4] = {
    [0] = 'n', [ACL_READ] = 'r', [ACL_WRITE] = 'w', [ACL_READ | ACL_WRITE] = 'b'
};

struct acl *acl_new(uint32_t count)
{
    struct acl *a = alloc_zeroed(sizeof(*a) + count * sizeof(a->entry[0]));

    a->refs = 1;
    a->count = count;
    return a;
}

struct acl *acl_get(struct acl *a)
{
    a->refs++;
    return a;
}

void acl_put(struct acl *a)
{
    if (a && --a->refs == 0)
        free(a);
}

unsigned int acl_rights(const struct acl *a, uint16_t domid)
{
    if (acl_owner(a) == domid)
        return ACL_READ | ACL_WRITE | ACL_OWNER;
    for (uint32_t i = 1; i < a->count; i++)
        if (a->entry[i].domid == domid)
            return a->entry[i].access;
    return a->entry[0].access;
}

struct acl *acl_with_owner(struct acl *a, uint16_t owner)
{
    struct acl *copy;

    if (acl_owner(a) == owner)
        return acl_get(a);
    copy = acl_new(a->count);
    memcpy(copy->entry, a->entry, a->count * sizeof(a->entry[0]));
    copy->entry[0].domid = owner;
    return copy;
}

struct acl *acl_without(struct acl *a, uint16_t domid)
{
    struct acl *copy;
    uint32_t drop = 0, n = 1;

    for (uint32_t i = 1; i < a->count; i++)
        drop += a->entry[i].domid == domid;
    if (!drop)
        return acl_get(a);
    copy = acl_new(a->count - drop);
    copy->entry[0] = a->entry[0];
    for (uint32_t i = 1; i < a->count; i++)
        if (a->entry[i].domid != domid)
            copy->entry[n++] = a->entry[i];
    return copy;
}

static bool parse_entry(const char *text, size_t len, struct acl_entry *e)
{
    unsigned int domid = 0;
    const char *letter = len >= 2 ? memchr(acl_letters, text[0], sizeof(acl_letters)) : NULL;

    if (!letter || len > 6)
        return false;
    for (size_t i = 1; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        domid = domid * 10 + (text[i] - '0');
    }
    if (domid > UINT16_MAX)
        return false;
    e->access = letter - acl_letters;
    e->domid = domid;
    return true;
}

struct acl *acl_parse(const char *text, size_t len)
{
    struct acl *a;
    uint32_t count = 0;

    if (!len || text[len - 1] != '\0')
        return NULL;
    for (size_t i = 0; i < len; i++)
        count += text[i] == '\0';
    a = acl_new(count);
    for (uint32_t i = 0; i < count; i++) {
        size_t n = strlen(text);

        if (!parse_entry(text, n, &a->entry[i])) {
            acl_put(a);
            return NULL;
        }
        text += n + 1;
    }
    return a;
}

size_t acl_format(const struct acl *a, char *out)
{
    size_t used = 0;

    for (uint32_t i = 0; i < a->count; i++)
        used += sprintf(out + used, "%c%u", acl_letters[a->entry[i].access & 3], a->entry[i].domid) + 1;
    return used;
}
