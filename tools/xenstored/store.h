/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store: the committed tree and what belongs to it. Every change of the tree goes through the functions
 * here, which keep each owner's count of nodes, the generations and the journal right. They do not ask who
 * may do it (view.c does) and fire no watches.
 */
#ifndef XENSTORED_STORE_H
#define XENSTORED_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "domain.h"
#include "journal.h"
#include "list.h"
#include "node.h"
#include "watch.h"

/* What one unprivileged domain may use. */
struct quota {
    uint32_t nodes;        /* nodes it owns */
    uint32_t node_size;    /* bytes of a value */
    uint32_t acl_entries;  /* entries of an access list */
    uint32_t watches;
    uint32_t transactions; /* open at once */
    uint32_t changes;      /* nodes touched, and changes made, in one transaction */
    uint32_t backlog;      /* bytes of events it has not read */
};

/* The nodes that are only names of events. */
enum special { SPECIAL_INTRODUCE, SPECIAL_RELEASE, SPECIALS };

struct xen_ops;

struct store {
    struct tree tree;
    struct acl *special[SPECIALS];
    uint64_t generation; /* the last one given out */
    struct quota quota;
    struct domain_table domains;
    struct watch_table watches;
    struct list connections; /* all of them */
    struct list ready;       /* those that may have a request */
    struct list dirty;       /* those with something to send */
    struct list failed;      /* those to be dropped */
    struct conn *favoured;   /* guests wait while this one repeats its transaction; NULL mostly */
    int64_t favoured_until;  /* milliseconds of the monotonic clock */
    struct journal *journal; /* NULL: nothing is kept */
    const struct xen_ops *xen; /* NULL: no domains */
    uint32_t next_transaction;
    bool trace;
    char request[4096 + 1]; /* the payload being worked on, with a NUL behind it */
};

/* An empty store with the default quota. `seed` as in tree_init(). */
void store_init(struct store *s, uint64_t seed);

/* Frees everything; connections must be gone. */
void store_free(struct store *s);

/* The special node called `name`, or -ENOENT. */
int store_special(const char *name);

/* Makes a node; takes over no reference. The parent's child generation moves on. */
struct node *store_create(struct store *s, struct node *parent, const char *name, size_t len, struct acl *acl,
                          struct blob *value);

/* Replaces a node's value or access list. */
void store_set_value(struct store *s, struct node *n, struct blob *value);
void store_set_acl(struct store *s, struct node *n, struct acl *acl);
void store_set_special(struct store *s, enum special which, struct acl *acl);

/* Deletes a node, not the root, with all below it. */
void store_delete(struct store *s, struct node *n);

/* Compares counts with what they count. NULL if all is well, else what is not. */
const char *store_check(struct store *s);

#endif
