/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing the committed tree on behalf of a connection; see apply.h.
 */
#include "apply.h"

#include "conn.h"
#include "watch.h"

struct place place_find(struct store *s, const char *path)
{
    struct place at = { .node = s->tree.root, .rest = path };
    const char *step = path, *name;
    struct node *child;
    size_t len;

    while ((name = path_component(&step, &len))) {
        child = node_child(&s->tree, at.node, name, len);
        if (!child) {
            at.rest = name;
            return at;
        }
        at.node = child;
    }
    at.rest = "";
    return at;
}

static const struct acl *parent_acl(const struct node *n)
{
    return n->parent ? n->parent->acl : NULL;
}

static struct node *make_path(struct conn *c, struct place at, struct blob *value)
{
    struct acl *acl = c->privileged ? acl_get(at.node->acl) : acl_with_owner(at.node->acl, c->domid);
    struct blob *empty = blob_new("", 0);
    struct node *n = at.node;
    const char *step = at.rest, *name;
    size_t len;

    while ((name = path_component(&step, &len)))
        n = store_create(c->store, n, name, len, acl, *step ? empty : value);
    blob_put(empty);
    acl_put(acl);
    return n;
}

void apply_set(struct conn *c, struct place at, const char *path, struct blob *value)
{
    struct node *n = at.node;
    struct watch_scope scope = { 0 };

    if (*at.rest)
        n = make_path(c, at, value);
    else
        store_set_value(c->store, n, value);
    scope.acl = n->acl;
    scope.parent = parent_acl(n);
    watch_fire(c->store, path, &scope, false);
}

void apply_acl(struct conn *c, struct place at, const char *path, struct acl *acl)
{
    struct acl *old = acl_get(at.node->acl);
    struct watch_scope scope = { .acl = acl, .old_acl = old, .parent = parent_acl(at.node) };

    store_set_acl(c->store, at.node, acl);
    watch_fire(c->store, path, &scope, false);
    acl_put(old);
}

void apply_remove(struct conn *c, struct place at)
{
    watch_fire_deletion(c->store, at.node);
    store_delete(c->store, at.node);
}
