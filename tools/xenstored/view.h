/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a request sees and may do: the tree as it is, or as its transaction shows it, with permissions and
 * quotas. All paths are absolute. Functions return 0 or -errno; -EACCES also for a missing node where the
 * caller may not know what exists.
 */
#ifndef XENSTORED_VIEW_H
#define XENSTORED_VIEW_H

#include "conn.h"
#include "store.h"
#include "transaction.h"

struct view {
    struct conn *conn;
    struct transaction *tx; /* NULL outside a transaction */
};

/* The value or access list of a node, borrowed until the next call. */
int view_read(const struct view *v, const char *path, struct blob **value);
int view_get_acl(const struct view *v, const char *path, struct acl **acl);

/* Names of a node's children, each with a NUL, in the order they were made: a malloc'ed block the caller
 * frees. *generation changes whenever the list does. */
int view_list(const struct view *v, const char *path, char **names, size_t *len, uint64_t *generation);

/* Writes a value, making what is missing. */
int view_write(const struct view *v, const char *path, const void *bytes, size_t len);

/* Makes a node unless it is there. */
int view_make(const struct view *v, const char *path);

/* Removes a node with all below it. Success if only the node itself is missing. */
int view_remove(const struct view *v, const char *path);

int view_set_acl(const struct view *v, const char *path, struct acl *acl);

#endif
