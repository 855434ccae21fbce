/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Permissions, as structures and as the protocol's text.
 */
#include "handle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_TEXT 12 /* a letter, ten digits, NUL */

static const char letters[4] = "nrwb"; /* indexed by XS_PERM_* */

char *xs_permissions_text(const struct xs_permissions *perms, unsigned int num, size_t *len)
{
    char *text = malloc((size_t)num * ENTRY_TEXT + 1);

    *len = 0;
    for (unsigned int i = 0; text && i < num; i++)
        *len += sprintf(text + *len, "%c%u", letters[perms[i].perms & 3], perms[i].id) + 1;
    return text;
}

bool xs_permission_parse(const char *text, struct xs_permissions *perm)
{
    const char *letter = *text ? memchr(letters, *text, sizeof(letters)) : NULL;
    char *end;
    unsigned long id;

    if (!letter || text[1] < '0' || text[1] > '9')
        return false;
    id = strtoul(text + 1, &end, 10);
    if (*end || id > UINT16_MAX)
        return false;
    perm->id = id;
    perm->perms = letter - letters;
    return true;
}

struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                                          unsigned int *num)
{
    struct iovec part = { (void *)path, strlen(path) + 1 };
    struct xs_permissions *perms;
    struct xs_reply reply;
    unsigned int count = 0;

    if (!xs_exchange(h, XS_GET_PERMS, t, &part, 1, &reply))
        return NULL;
    for (size_t i = 0; i < reply.len; i++)
        count += reply.data[i] == '\0';
    perms = calloc(count ? count : 1, sizeof(*perms));
    *num = 0;
    for (const char *text = reply.data; perms && *num < count; text += strlen(text) + 1) {
        if (!xs_permission_parse(text, &perms[(*num)++])) {
            free(perms);
            perms = NULL;
            errno = EINVAL;
        }
    }
    free(reply.data);
    return perms;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                        struct xs_permissions *perms, unsigned int num_perms)
{
    struct xs_reply reply;
    struct iovec part[2] = { { (void *)path, strlen(path) + 1 } };
    char *text = xs_permissions_text(perms, num_perms, &part[1].iov_len);
    bool ok;

    if (!text)
        return false;
    part[1].iov_base = text;
    ok = xs_exchange(h, XS_SET_PERMS, t, part, 2, &reply);
    if (ok)
        free(reply.data);
    free(text);
    return ok;
}
