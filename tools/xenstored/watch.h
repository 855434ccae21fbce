/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches. A watch hears of changes at its path and below it. They are kept in a hash table by path, so a
 * change looks only at the few paths that are its own prefixes, however many watches there are.
 */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "acl.h"
#include "list.h"
#include "path.h"

struct conn;
struct store;
struct node;

struct watch {
    struct list by_conn;
    struct watch *chain;
    struct conn *conn;
    uint64_t hash;
    size_t home;   /* what events leave out in front of the path, as the watcher did */
    char *token;
    char path[];
};

struct watch_table {
    struct watch **bucket;
    size_t buckets, count;
};

void watch_table_init(struct watch_table *t);
void watch_table_free(struct watch_table *t);

/* Adds a watch without an event. -EEXIST if the connection has one with this path and token. */
int watch_add(struct conn *c, const struct path *path, const char *token);

/* Removes a watch; -ENOENT if there is none like it. */
int watch_remove(struct conn *c, const struct path *path, const char *token);

/* Removes all watches of a connection. */
void watch_remove_all(struct conn *c);

/* What a change was about, for deciding who may hear of it. Any of the lists may be NULL. */
struct watch_scope {
    const struct acl *acl;     /* of the changed node */
    const struct acl *old_acl; /* as it was before */
    const struct acl *parent;  /* of the parent */
};

/* Queues events for all watches at `path` or above it that may hear of it; `exact`: only those at `path`. */
void watch_fire(struct store *s, const char *path, const struct watch_scope *scope, bool exact);

/* Queues the events of deleting `n` with all below it; call before it goes. */
void watch_fire_deletion(struct store *s, struct node *n);

/* Queues the event of a special node. */
void watch_fire_special(struct store *s, const char *name, const struct acl *acl);

/* Queues an event for the watch just added, as every watch begins with one. */
void watch_fire_first(struct conn *c, const struct path *path, const char *token);

#endif
