/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tree of nodes; see node.h. Nothing here recurses: a guest decides how deep the tree is.
 */
#include "node.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "path.h"

#define TREE_MIN_BUCKETS 16

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

static uint64_t hash_name(const struct tree *t, const struct node *parent, const char *name, size_t len)
{
    uint64_t h = t->seed ^ (uintptr_t)parent, word;

    for (; len >= sizeof(word); len -= sizeof(word), name += sizeof(word)) {
        memcpy(&word, name, sizeof(word));
        h = mix(h ^ word);
    }
    word = len;
    memcpy((char *)&word + 1, name, len);
    return mix(mix(h ^ word));
}

static struct node *node_alloc(const struct tree *t, const char *name, size_t len)
{
    struct node *n = alloc_zeroed(t->node_size + len + 1);
    char *copy = (char *)n + t->node_size;

    memcpy(copy, name, len);
    n->name = copy;
    n->name_len = len;
    return n;
}

static void node_free(struct node *n)
{
    acl_put(n->acl);
    blob_put(n->value);
    free(n);
}

void tree_init(struct tree *t, size_t node_size, uint64_t seed)
{
    t->node_size = node_size;
    t->seed = seed;
    t->buckets = TREE_MIN_BUCKETS;
    t->bucket = alloc_zeroed(t->buckets * sizeof(t->bucket[0]));
    t->count = 1;
    t->root = node_alloc(t, "", 0);
}

void tree_free(struct tree *t)
{
    for (struct node *n = node_leaf(t->root), *parent; n != t->root; n = node_leaf(parent)) {
        parent = n->parent;
        node_remove(t, n);
    }
    node_free(t->root);
    free(t->bucket);
}

static void tree_grow(struct tree *t)
{
    size_t buckets = t->buckets * 2;
    struct node **bucket = alloc_zeroed(buckets * sizeof(bucket[0]));

    for (size_t i = 0; i < t->buckets; i++) {
        for (struct node *n = t->bucket[i], *after; n; n = after) {
            struct node **to = &bucket[n->hash & (buckets - 1)];

            after = n->chain;
            n->chain = *to;
            *to = n;
        }
    }
    free(t->bucket);
    t->bucket = bucket;
    t->buckets = buckets;
}

struct node *node_child(const struct tree *t, const struct node *parent, const char *name, size_t len)
{
    uint64_t hash = hash_name(t, parent, name, len);

    for (struct node *n = t->bucket[hash & (t->buckets - 1)]; n; n = n->chain)
        if (n->hash == hash && n->parent == parent && n->name_len == len && !memcmp(n->name, name, len))
            return n;
    return NULL;
}

struct node *node_add(struct tree *t, struct node *parent, const char *name, size_t len)
{
    struct node *n = node_alloc(t, name, len);
    struct node **bucket;

    if (++t->count > t->buckets)
        tree_grow(t);
    n->hash = hash_name(t, parent, name, len);
    bucket = &t->bucket[n->hash & (t->buckets - 1)];
    n->chain = *bucket;
    *bucket = n;

    n->parent = parent;
    n->prev = parent->last;
    *(n->prev ? &n->prev->next : &parent->first) = n;
    parent->last = n;
    parent->children++;
    return n;
}

void node_remove(struct tree *t, struct node *n)
{
    struct node **at = &t->bucket[n->hash & (t->buckets - 1)];

    while (*at != n)
        at = &(*at)->chain;
    *at = n->chain;

    *(n->prev ? &n->prev->next : &n->parent->first) = n->next;
    *(n->next ? &n->next->prev : &n->parent->last) = n->prev;
    n->parent->children--;
    t->count--;
    node_free(n);
}

struct node *node_skip(const struct node *n, const struct node *top)
{
    while (n != top && !n->next)
        n = n->parent;
    return n == top ? NULL : n->next;
}

struct node *node_next(const struct node *n, const struct node *top)
{
    return n->first ? n->first : node_skip(n, top);
}

struct node *node_leaf(struct node *n)
{
    while (n->last)
        n = n->last;
    return n;
}

size_t node_path(const struct node *n, char *out)
{
    char *end = out + PATH_BUFFER, *at = end;
    size_t len;

    for (; n->parent; n = n->parent) {
        at -= n->name_len;
        memcpy(at, n->name, n->name_len);
        *--at = '/';
    }
    if (at == end)
        *--at = '/';
    len = end - at;
    memmove(out, at, len);
    out[len] = '\0';
    return len;
}
