/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registering and firing of watches; see watch.h.
 *
 * The hash of a path is computed byte by byte from its start, so one pass over a changed path yields the
 * hashes of all its prefixes.
 */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "conn.h"
#include "node.h"
#include "persist.h"
#include "store.h"

#define WATCH_BUCKETS 64
#define HASH_START    0xcbf29ce484222325u
#define HASH_STEP     0x100000001b3u

void watch_table_init(struct watch_table *t)
{
    t->buckets = WATCH_BUCKETS;
    t->count = 0;
    t->bucket = alloc_zeroed(t->buckets * sizeof(t->bucket[0]));
}

void watch_table_free(struct watch_table *t)
{
    free(t->bucket);
}

static uint64_t hash_bytes(uint64_t h, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)bytes[i]) * HASH_STEP;
    return h;
}

static struct watch **bucket_of(struct watch_table *t, uint64_t hash)
{
    return &t->bucket[(hash ^ hash >> 32) & (t->buckets - 1)];
}

static void table_grow(struct watch_table *t)
{
    struct watch_table bigger = { .buckets = t->buckets * 2, .count = t->count };

    bigger.bucket = alloc_zeroed(bigger.buckets * sizeof(bigger.bucket[0]));
    for (size_t i = 0; i < t->buckets; i++) {
        for (struct watch *w = t->bucket[i], *after; w; w = after) {
            struct watch **to = bucket_of(&bigger, w->hash);

            after = w->chain;
            w->chain = *to;
            *to = w;
        }
    }
    free(t->bucket);
    *t = bigger;
}

static struct watch *watch_find(struct conn *c, const struct path *path, const char *token)
{
    struct list *link, *after;

    list_for_each(link, after, &c->watches) {
        struct watch *w = list_entry(link, struct watch, by_conn);

        if (!strcmp(w->path, path->text) && !strcmp(w->token, token))
            return w;
    }
    return NULL;
}

int watch_add(struct conn *c, const struct path *path, const char *token)
{
    struct watch_table *t = &c->store->watches;
    struct watch *w, **bucket;

    if (watch_find(c, path, token))
        return -EEXIST;
    if (++t->count > t->buckets)
        table_grow(t);
    w = alloc_zeroed(sizeof(*w) + path->len + 1);
    memcpy(w->path, path->text, path->len + 1);
    w->token = alloc_string(token, strlen(token));
    w->home = path->home;
    w->conn = c;
    w->hash = hash_bytes(HASH_START, path->text, path->len);
    bucket = bucket_of(t, w->hash);
    w->chain = *bucket;
    *bucket = w;
    list_append(&c->watches, &w->by_conn);
    c->watch_count++;
    persist_watch(c, w->path, w->home, w->token);
    return 0;
}

static void watch_free(struct watch *w)
{
    struct watch_table *t = &w->conn->store->watches;
    struct watch **at = bucket_of(t, w->hash);

    while (*at != w)
        at = &(*at)->chain;
    *at = w->chain;
    t->count--;
    w->conn->watch_count--;
    list_remove(&w->by_conn);
    free(w->token);
    free(w);
}

int watch_remove(struct conn *c, const struct path *path, const char *token)
{
    struct watch *w = watch_find(c, path, token);

    if (!w)
        return -ENOENT;
    persist_unwatch(c, w->path, w->token);
    watch_free(w);
    return 0;
}

void watch_remove_all(struct conn *c)
{
    struct list *link, *after;

    list_for_each(link, after, &c->watches)
        watch_free(list_entry(link, struct watch, by_conn));
}

static bool may_hear(const struct watch *w, const struct watch_scope *scope)
{
    const struct acl *list[] = { scope->acl, scope->old_acl, scope->parent };

    if (w->conn->privileged)
        return true;
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        if (list[i] && (acl_rights(list[i], w->conn->domid) & ACL_READ))
            return true;
    return false;
}

/* Fires the watches at the first `len` bytes of `path`, the place with this hash. */
static void fire_at(struct store *s, const char *path, size_t len, uint64_t hash,
                    const struct watch_scope *scope)
{
    for (struct watch *w = *bucket_of(&s->watches, hash); w; w = w->chain)
        if (w->hash == hash && !strncmp(w->path, path, len) && !w->path[len] && may_hear(w, scope))
            conn_send_event(w->conn, path + w->home, w->token);
}

void watch_fire(struct store *s, const char *path, const struct watch_scope *scope, bool exact)
{
    uint64_t hash = hash_bytes(HASH_START, path, 1);
    size_t len = strlen(path), at = 1;

    if (!s->watches.count)
        return;
    if (!exact || len == 1)
        fire_at(s, path, 1, hash, scope);
    while (at < len) {
        size_t end = strchrnul(path + at, '/') - path;

        hash = hash_bytes(hash, path + at, end - at);
        if (!exact || end == len)
            fire_at(s, path, end, hash, scope);
        if (end < len)
            hash = hash_bytes(hash, "/", 1);
        at = end + 1;
    }
}

void watch_fire_deletion(struct store *s, struct node *n)
{
    char path[PATH_BUFFER];

    if (!s->watches.count)
        return;
    for (struct node *at = n; at; at = node_next(at, n)) {
        struct watch_scope scope = { .acl = at->acl, .parent = at->parent->acl };

        node_path(at, path);
        watch_fire(s, path, &scope, at != n);
    }
}

void watch_fire_special(struct store *s, const char *name, const struct acl *acl)
{
    struct watch_scope scope = { .acl = acl };

    watch_fire(s, name, &scope, true);
}

void watch_fire_first(struct conn *c, const struct path *path, const char *token)
{
    conn_send_event(c, path->text + path->home, token);
}
