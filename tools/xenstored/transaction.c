/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transactions: the shadow tree, the log of changes, and commit; see transaction.h.
 */
#include "transaction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "apply.h"
#include "conn.h"
#include "persist.h"
#include "store.h"

/* Even dom0 gets no unbounded transaction. */
#define PRIVILEGED_CHANGES (1u << 20)

static struct shadow *shadow_of(struct node *n)
{
    return (struct shadow *)n;
}

static struct transaction *transaction_new(struct conn *c, uint32_t id)
{
    struct transaction *t = alloc_zeroed(sizeof(*t));

    t->conn = c;
    t->id = id;
    t->start = c->store->generation;
    list_init(&t->changes);
    tree_init(&t->shadow, sizeof(struct shadow), c->store->tree.seed);
    transaction_root(t)->seen = transaction_root(t)->seen_children = SHADOW_UNSEEN;
    list_append(&c->transactions, &t->by_conn);
    c->transaction_count++;
    persist_transaction(c, id, true);
    return t;
}

int transaction_start(struct conn *c, uint32_t *id)
{
    struct store *s = c->store;

    if (!c->privileged && c->transaction_count >= s->quota.transactions)
        return -ENOSPC;
    do
        *id = s->next_transaction++;
    while (!*id || transaction_find(c, *id));
    transaction_new(c, *id);
    return 0;
}

void transaction_restore(struct conn *c, uint32_t id)
{
    transaction_new(c, id)->lost = true;
}

struct transaction *transaction_find(struct conn *c, uint32_t id)
{
    struct list *link, *after;

    list_for_each(link, after, &c->transactions) {
        struct transaction *t = list_entry(link, struct transaction, by_conn);

        if (t->id == id)
            return t;
    }
    return NULL;
}

struct shadow *transaction_root(struct transaction *t)
{
    return shadow_of(t->shadow.root);
}

struct shadow *transaction_find_child(const struct transaction *t, const struct shadow *parent,
                                      const char *name, size_t len)
{
    return shadow_of(node_child(&t->shadow, &parent->node, name, len));
}

static uint32_t change_limit(const struct transaction *t)
{
    return t->conn->privileged ? PRIVILEGED_CHANGES : t->conn->store->quota.changes;
}

struct shadow *transaction_child(struct transaction *t, struct shadow *parent, const char *name, size_t len)
{
    struct shadow *sh = transaction_find_child(t, parent, name, len);

    if (sh || t->shadow.count > change_limit(t))
        return sh;
    sh = shadow_of(node_add(&t->shadow, &parent->node, name, len));
    sh->seen = sh->seen_children = SHADOW_UNSEEN;
    return sh;
}

void transaction_see(struct shadow *sh, struct node *base)
{
    if (sh->state != SHADOW_PASSED)
        return;
    if (!base) {
        sh->seen = SHADOW_ABSENT;
        sh->state = SHADOW_GONE;
        return;
    }
    sh->seen = base->generation;
    sh->state = SHADOW_SEEN;
    sh->node.acl = acl_get(base->acl);
    sh->node.value = blob_get(base->value);
}

static struct change *log_change(struct transaction *t, enum change_kind kind, const char *path)
{
    size_t size = strlen(path) + 1;
    struct change *ch;

    if (t->change_count >= change_limit(t))
        return NULL;
    ch = alloc_zeroed(sizeof(*ch) + size);
    memcpy(ch->path, path, size);
    ch->kind = kind;
    list_append(&t->changes, &ch->link);
    t->change_count++;
    return ch;
}

int transaction_make(struct transaction *t, struct shadow *sh, struct acl *acl, struct blob *value)
{
    acl_put(sh->node.acl);
    blob_put(sh->node.value);
    sh->node.acl = acl_get(acl);
    sh->node.value = blob_get(value);
    sh->state = SHADOW_MADE;
    t->made++;
    return 0;
}

int transaction_set(struct transaction *t, struct shadow *sh, const char *path, struct blob *value)
{
    if (!sh->set)
        sh->set = log_change(t, CHANGE_SET, path);
    if (!sh->set)
        return -ENOSPC;
    blob_get(value);
    blob_put(sh->set->value);
    sh->set->value = value;

    blob_get(value);
    blob_put(sh->node.value);
    sh->node.value = value;
    return 0;
}

int transaction_set_acl(struct transaction *t, struct shadow *sh, const char *path, struct acl *acl)
{
    struct change *ch = log_change(t, CHANGE_ACL, path);

    if (!ch)
        return -ENOSPC;
    ch->acl = acl_get(acl);
    acl_get(acl);
    acl_put(sh->node.acl);
    sh->node.acl = acl;
    return 0;
}

int transaction_remove(struct transaction *t, struct shadow *sh, const char *path)
{
    if (!log_change(t, CHANGE_REMOVE, path))
        return -ENOSPC;
    for (struct node *n = &sh->node; n; n = node_next(n, &sh->node)) {
        struct shadow *gone = shadow_of(n);

        t->made -= gone->state == SHADOW_MADE;
        gone->state = SHADOW_GONE;
        gone->set = NULL;
        acl_put(n->acl);
        blob_put(n->value);
        n->acl = NULL;
        n->value = NULL;
    }
    return 0;
}

/* Whether the committed tree still is, at every place, what the transaction has seen. */
static bool is_current(struct transaction *t)
{
    const struct tree *tree = &t->conn->store->tree;

    if (t->lost)
        return false;
    if (t->start == t->conn->store->generation)
        return true;
    for (struct node *n = t->shadow.root; n; n = node_next(n, t->shadow.root)) {
        struct shadow *sh = shadow_of(n);

        if (!n->parent)
            sh->base = tree->root;
        else if (shadow_of(n->parent)->base)
            sh->base = node_child(tree, shadow_of(n->parent)->base, n->name, n->name_len);
        else
            sh->base = NULL;
        if (sh->seen != SHADOW_UNSEEN && sh->seen != (sh->base ? sh->base->generation : SHADOW_ABSENT))
            return false;
        if (sh->seen_children != SHADOW_UNSEEN &&
            (!sh->base || sh->seen_children != sh->base->child_generation))
            return false;
    }
    return true;
}

static void replay(struct transaction *t)
{
    struct list *link, *after;

    list_for_each(link, after, &t->changes) {
        struct change *ch = list_entry(link, struct change, link);
        struct place place = place_find(t->conn->store, ch->path);

        switch (ch->kind) {
        case CHANGE_SET:
            apply_set(t->conn, place, ch->path, ch->value);
            break;
        case CHANGE_ACL:
            apply_acl(t->conn, place, ch->path, ch->acl);
            break;
        case CHANGE_REMOVE:
            apply_remove(t->conn, place);
            break;
        }
    }
}

static int commit(struct transaction *t)
{
    struct conn *c = t->conn;
    struct store *s = c->store;

    if (!is_current(t))
        return -EAGAIN;
    if (!c->privileged && t->made && domain_get(s, c->domid)->nodes + t->made > s->quota.nodes)
        return -ENOSPC;
    replay(t);
    return 0;
}

static void transaction_free(struct transaction *t)
{
    struct list *link, *after;

    list_for_each(link, after, &t->changes) {
        struct change *ch = list_entry(link, struct change, link);

        blob_put(ch->value);
        acl_put(ch->acl);
        free(ch);
    }
    tree_free(&t->shadow);
    list_remove(&t->by_conn);
    t->conn->transaction_count--;
    free(t);
}

int transaction_end(struct transaction *t, bool want_commit)
{
    int err = want_commit ? commit(t) : 0;

    if (t->conn->privileged && want_commit)
        conn_transaction_ended(t->conn, err == -EAGAIN);
    persist_transaction(t->conn, t->id, false);
    transaction_free(t);
    return err;
}

void transaction_abort_all(struct conn *c)
{
    struct list *link, *after;

    list_for_each(link, after, &c->transactions)
        transaction_free(list_entry(link, struct transaction, by_conn));
}
