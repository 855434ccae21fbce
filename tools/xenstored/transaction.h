/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transactions. One sees the committed tree through a tree of its own that holds only what it has touched
 * (the shadow), remembers for each touched place which generation it saw there, and logs its changes.
 * Committing means: every place is still as it was seen, or -EAGAIN; then the log is replayed on the
 * committed tree. Nothing is copied but references, and a transaction that touches ten nodes costs ten nodes,
 * however large the store.
 *
 * What is compared: the generation of each node read or written, the absence of each node found absent, and
 * the set of children only where it was listed. So two transactions that make different nodes in one
 * directory both succeed.
 */
#ifndef XENSTORED_TRANSACTION_H
#define XENSTORED_TRANSACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "list.h"
#include "node.h"

struct conn;

enum shadow_state {
    SHADOW_PASSED, /* only something below it was touched: as in the committed tree */
    SHADOW_SEEN,   /* read; holds what was read, or what was written over it */
    SHADOW_MADE,   /* made here: what the committed tree has at and below this place is hidden */
    SHADOW_GONE,   /* found absent, or removed here */
};

#define SHADOW_UNSEEN UINT64_MAX
#define SHADOW_ABSENT 0

struct change;

struct shadow {
    struct node node; /* first: a shadow is a node of the transaction's tree */
    enum shadow_state state;
    uint64_t seen;          /* the committed node's generation at first sight, or SHADOW_* */
    uint64_t seen_children; /* its child generation, if its children were listed */
    struct node *base;      /* used while committing */
    struct change *set;     /* the logged change that a later value replaces */
};

enum change_kind { CHANGE_SET, CHANGE_ACL, CHANGE_REMOVE };

struct change {
    struct list link;
    enum change_kind kind;
    struct blob *value;
    struct acl *acl;
    char path[];
};

struct transaction {
    struct list by_conn;
    struct conn *conn;
    uint32_t id;
    bool lost;      /* was open when the daemon restarted: can only fail */
    struct tree shadow;
    struct list changes;
    uint32_t change_count, made;
    uint64_t start; /* the store's generation when it began */
};

/* Starts a transaction; its id in *id. -ENOSPC beyond the quota. */
int transaction_start(struct conn *c, uint32_t *id);

/* Brings back a transaction that was open when the daemon was stopped. */
void transaction_restore(struct conn *c, uint32_t id);

/* The connection's transaction with this id, or NULL. */
struct transaction *transaction_find(struct conn *c, uint32_t id);

/* Ends it: commits if asked to. -EAGAIN on a conflict, -ENOSPC if it would exceed the owner's quota. */
int transaction_end(struct transaction *t, bool commit);

/* Ends all transactions of a connection, committing none. */
void transaction_abort_all(struct conn *c);

/* The shadow of the root. */
struct shadow *transaction_root(struct transaction *t);

/* The shadow of a child, made if there was none, or NULL if there is none to be made because the quota is
 * used up. */
struct shadow *transaction_child(struct transaction *t, struct shadow *parent, const char *name, size_t len);

/* The shadow of a child if there is one. */
struct shadow *transaction_find_child(const struct transaction *t, const struct shadow *parent,
                                      const char *name, size_t len);

/* Takes down that the committed `base` (or its absence, if NULL) was seen at this place. */
void transaction_see(struct shadow *sh, struct node *base);

/* The transaction's own changes: their effect on its view, and their entry in the log. -ENOSPC beyond the
 * quota. */
int transaction_make(struct transaction *t, struct shadow *sh, struct acl *acl, struct blob *value);
int transaction_set(struct transaction *t, struct shadow *sh, const char *path, struct blob *value);
int transaction_set_acl(struct transaction *t, struct shadow *sh, const char *path, struct acl *acl);
int transaction_remove(struct transaction *t, struct shadow *sh, const char *path);

#endif
