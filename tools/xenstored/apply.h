/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changes to the committed tree with their watch events, asked for by a connection that has been found
 * entitled to them. A request outside a transaction and the commit of one end up here alike.
 */
#ifndef XENSTORED_APPLY_H
#define XENSTORED_APPLY_H

#include "store.h"

/* Where a path leads in the committed tree: the deepest node on it that exists, and what is left of the
 * path. */
struct place {
    struct node *node;
    const char *rest; /* "" if the node is the one asked for */
};

/* Finds an absolute path. `rest` points into `path`. */
struct place place_find(struct store *s, const char *path);

/* Sets the value of a node, making it and what is missing above it. Who is not privileged owns what it makes;
 * otherwise the parent's access list is inherited. */
void apply_set(struct conn *c, struct place at, const char *path, struct blob *value);

/* Replaces the access list of a node, which exists. */
void apply_acl(struct conn *c, struct place at, const char *path, struct acl *acl);

/* Removes the node, which exists, with all below it. */
void apply_remove(struct conn *c, struct place at);

#endif
