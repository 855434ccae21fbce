/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may do what with a node. Entry 0 names the owner, who may do everything, and says what domains not
 * listed may do; each further entry says what one domain may do. Lists are immutable and shared by reference:
 * a node's children usually share their parent's.
 */
#ifndef XENSTORED_ACL_H
#define XENSTORED_ACL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ACL_READ = 1,
    ACL_WRITE = 2,
    ACL_OWNER = 4,
};

struct acl_entry {
    uint16_t domid;
    uint16_t access; /* ACL_READ and ACL_WRITE */
};

struct acl {
    uint32_t refs;
    uint32_t count; /* at least 1 */
    struct acl_entry entry[];
};

/* Longest text of one entry: a letter, five digits, NUL. */
#define ACL_ENTRY_TEXT 8

/* A list with `count` entries, to be filled in before it is shared; one reference. */
struct acl *acl_new(uint32_t count);

/* One more reference. */
struct acl *acl_get(struct acl *a);

/* Drops a reference; NULL is fine. */
void acl_put(struct acl *a);

static inline uint16_t acl_owner(const struct acl *a)
{
    return a->entry[0].domid;
}

/* The ACL_* rights of `domid`. Domain 0 is not special here: callers know who is privileged. */
unsigned int acl_rights(const struct acl *a, uint16_t domid);

/* The same list with another owner; the caller gets one reference (to `a` itself if nothing changes). */
struct acl *acl_with_owner(struct acl *a, uint16_t owner);

/* `a` without the further entries of `domid`; the caller gets one reference. */
struct acl *acl_without(struct acl *a, uint16_t domid);

/* Parses "n0\0r5\0...": each a letter of n, r, w, b and a domain id, the last one with its NUL. NULL if
 * malformed. */
struct acl *acl_parse(const char *text, size_t len);

/* Writes the text form, count * ACL_ENTRY_TEXT bytes at most, and returns its length. */
size_t acl_format(const struct acl *a, char *out);

#endif
