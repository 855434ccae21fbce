/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree of nodes. A node is found below its parent through one hash table for the whole tree, keyed by
 * parent and name, so a lookup costs the same in a directory of ten and of ten thousand; the children of a
 * node are also linked in the order they were made, which is the order a listing shows.
 *
 * Two generations tell a transaction what changed: `generation` with the value and the access list,
 * `child_generation` with the set of children. Numbers are never used twice, so a node that was deleted and
 * made again differs from its predecessor.
 *
 * The same tree serves the store itself and, with a larger node, what a transaction has touched.
 */
#ifndef XENSTORED_NODE_H
#define XENSTORED_NODE_H

#include <stdint.h>

#include "acl.h"
#include "blob.h"

struct node {
    struct node *parent, *first, *last, *prev, *next;
    struct node *chain; /* next in the hash bucket */
    uint64_t hash;
    uint64_t generation, child_generation;
    struct acl *acl;
    struct blob *value;
    uint32_t children;
    uint16_t name_len;
    const char *name; /* behind the node, NUL-terminated */
};

struct tree {
    struct node *root; /* its name is empty */
    struct node **bucket;
    size_t buckets; /* a power of two */
    size_t count;   /* nodes, the root included */
    size_t node_size;
    uint64_t seed;
};

/* An empty tree of nodes of `node_size` bytes each, a struct node at their start. `seed` keeps guests from
 * choosing names that collide. The root has neither value nor list yet. */
void tree_init(struct tree *t, size_t node_size, uint64_t seed);

/* Frees the tree with all nodes; their values and lists lose a reference. */
void tree_free(struct tree *t);

/* The child of `parent` called `name`, or NULL. */
struct node *node_child(const struct tree *t, const struct node *parent, const char *name, size_t len);

/* Makes a child that must not exist yet, zeroed but for its name and links. */
struct node *node_add(struct tree *t, struct node *parent, const char *name, size_t len);

/* Frees a node without children; never the root. */
void node_remove(struct tree *t, struct node *n);

/* The node after `n` in the subtree of `top`, parents before children; NULL at the end. */
struct node *node_next(const struct node *n, const struct node *top);

/* As node_next(), but passing over what is below `n`. */
struct node *node_skip(const struct node *n, const struct node *top);

/* A node of the subtree of `n` that has no children: where deleting the subtree starts. */
struct node *node_leaf(struct node *n);

/* Writes the absolute path of `n` with its NUL into `out` (PATH_BUFFER bytes) and returns its length. */
size_t node_path(const struct node *n, char *out);

#endif
