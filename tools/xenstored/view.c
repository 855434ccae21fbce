/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looking up and changing nodes with the rights of a connection; see view.h.
 *
 * Both kinds of view are searched the same way and yield the same kind of result, a `found`; only reaching
 * and changing a node differs between the committed tree and a transaction.
 */
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "apply.h"
#include "log.h"

struct found {
    struct place at;    /* in the committed tree; used outside a transaction */
    struct shadow *sh;  /* in the transaction: the node, or the deepest that exists */
    struct node *base;  /* committed node behind `sh`, NULL if hidden or gone */
    const char *rest;   /* what of the path does not exist; "" if all does */
    struct acl *acl;    /* of the node, or of the deepest that exists */
    struct blob *value;
};

static int find_committed(const struct view *v, const char *path, struct found *f)
{
    f->at = place_find(v->conn->store, path);
    f->rest = f->at.rest;
    f->acl = f->at.node->acl;
    f->value = f->at.node->value;
    return 0;
}

static bool shadow_exists(const struct shadow *sh, const struct node *base)
{
    return sh->state == SHADOW_PASSED ? base != NULL : sh->state != SHADOW_GONE;
}

static int find_shadow(const struct view *v, const char *path, struct found *f)
{
    const struct tree *tree = &v->conn->store->tree;
    const char *step = path, *name;
    struct shadow *child;
    struct node *base;
    size_t len;

    f->sh = transaction_root(v->tx);
    f->base = tree->root;
    f->rest = "";
    while ((name = path_component(&step, &len))) {
        base = f->base ? node_child(tree, f->base, name, len) : NULL;
        child = transaction_child(v->tx, f->sh, name, len);
        if (!child)
            return -ENOSPC;
        if (!shadow_exists(child, base)) {
            /* Below a node made here there is nothing committed to compare with. */
            if (f->base)
                transaction_see(child, NULL);
            else if (child->state == SHADOW_PASSED)
                child->state = SHADOW_GONE;
            f->rest = name;
            break;
        }
        f->sh = child;
        f->base = child->state == SHADOW_MADE ? NULL : base;
    }
    transaction_see(f->sh, f->base);
    f->acl = f->sh->node.acl;
    f->value = f->sh->node.value;
    return 0;
}

static unsigned int rights_of(const struct conn *c, const struct acl *acl)
{
    return c->privileged ? ACL_READ | ACL_WRITE | ACL_OWNER : acl_rights(acl, c->domid);
}

static void log_quota(const struct conn *c, const char *what, const char *path)
{
    log_limited(&domain_get(c->store, c->domid)->log, c->domid, "quota: %s at %.100s", what, path);
}

/* Finds a path and checks for `right` on it, or on the deepest node there is. 0 whether or not all exists. */
static int find(const struct view *v, const char *path, unsigned int right, struct found *f)
{
    int err = v->tx ? find_shadow(v, path, f) : find_committed(v, path, f);

    if (err) {
        log_quota(v->conn, "a transaction too large", path);
        return err;
    }
    return rights_of(v->conn, f->acl) & right ? 0 : -EACCES;
}

/* As find(), for requests on a node that must exist. */
static int find_existing(const struct view *v, const char *path, unsigned int right, struct found *f)
{
    int err = find(v, path, right, f);

    return !err && *f->rest ? -ENOENT : err;
}

int view_read(const struct view *v, const char *path, struct blob **value)
{
    struct found f;
    int err = find_existing(v, path, ACL_READ, &f);

    if (!err)
        *value = f.value;
    return err;
}

int view_get_acl(const struct view *v, const char *path, struct acl **acl)
{
    struct found f;
    int err = find_existing(v, path, ACL_READ, &f);

    if (!err)
        *acl = f.acl;
    return err;
}

struct names {
    char *bytes;
    size_t len, room;
};

static void add_name(struct names *names, const struct node *n)
{
    size_t size = n->name_len + 1;

    if (names->len + size > names->room) {
        names->room = (names->room + size) * 2;
        names->bytes = alloc_resize(names->bytes, names->room);
    }
    memcpy(names->bytes + names->len, n->name, size);
    names->len += size;
}

static void list_shadow(const struct view *v, const struct found *f, struct names *names)
{
    const struct shadow *sh;

    for (struct node *n = f->base ? f->base->first : NULL; n; n = n->next) {
        sh = transaction_find_child(v->tx, f->sh, n->name, n->name_len);
        if (!sh || (sh->state != SHADOW_MADE && sh->state != SHADOW_GONE))
            add_name(names, n);
    }
    for (struct node *n = f->sh->node.first; n; n = n->next)
        if (((struct shadow *)n)->state == SHADOW_MADE)
            add_name(names, n);
}

int view_list(const struct view *v, const char *path, char **out, size_t *len, uint64_t *generation)
{
    struct names names = { 0 };
    struct found f;
    int err = find_existing(v, path, ACL_READ, &f);

    if (err)
        return err;
    if (!v->tx) {
        for (struct node *n = f.at.node->first; n; n = n->next)
            add_name(&names, n);
        *generation = f.at.node->child_generation;
    } else {
        if (f.base && f.sh->seen_children == SHADOW_UNSEEN)
            f.sh->seen_children = f.base->child_generation;
        list_shadow(v, &f, &names);
        *generation = f.base ? f.base->child_generation : v->conn->store->generation;
    }
    *out = names.bytes;
    *len = names.len;
    return 0;
}

static uint32_t count_components(const char *rest)
{
    uint32_t n = 0;
    size_t len;

    while (path_component(&rest, &len))
        n++;
    return n;
}

/* Refuses what exceeds the connection's quota, and says so in the log. */
static int check_quota(const struct view *v, const char *path, const char *rest, size_t size)
{
    const struct quota *quota = &v->conn->store->quota;
    uint32_t more = count_components(rest);
    const char *what = NULL;

    if (v->conn->privileged)
        return 0;
    if (size > quota->node_size)
        what = "a value too large";
    else if (more && domain_get(v->conn->store, v->conn->domid)->nodes + (v->tx ? v->tx->made : 0) + more >
                         quota->nodes)
        what = "too many nodes";
    else if (v->tx && (v->tx->change_count >= quota->changes || v->tx->shadow.count + more > quota->changes))
        what = "a transaction too large";
    if (!what)
        return 0;
    log_quota(v->conn, what, path);
    return -ENOSPC;
}

static int make_in_shadow(const struct view *v, struct found *f, const char *path, struct blob *value)
{
    struct conn *c = v->conn;
    struct acl *acl = c->privileged ? acl_get(f->acl) : acl_with_owner(f->acl, c->domid);
    struct blob *empty = blob_new("", 0);
    const char *step = f->rest, *name;
    struct shadow *sh = f->sh;
    size_t len;
    int err = -ENOSPC;

    while ((name = path_component(&step, &len))) {
        sh = transaction_child(v->tx, sh, name, len);
        if (!sh)
            goto out;
        transaction_make(v->tx, sh, acl, *step ? empty : value);
    }
    err = transaction_set(v->tx, sh, path, value);
out:
    blob_put(empty);
    acl_put(acl);
    return err;
}

static int set_value(const struct view *v, struct found *f, const char *path, const void *bytes, size_t len)
{
    struct blob *value = blob_new(bytes, len);
    int err = 0;

    if (!v->tx)
        apply_set(v->conn, f->at, path, value);
    else if (*f->rest)
        err = make_in_shadow(v, f, path, value);
    else
        err = transaction_set(v->tx, f->sh, path, value);
    blob_put(value);
    return err;
}

int view_write(const struct view *v, const char *path, const void *bytes, size_t len)
{
    struct found f;
    int err = find(v, path, ACL_WRITE, &f);

    if (!err)
        err = check_quota(v, path, f.rest, len);
    return err ? err : set_value(v, &f, path, bytes, len);
}

int view_make(const struct view *v, const char *path)
{
    struct found f;
    int err = find(v, path, ACL_WRITE, &f);

    if (err || !*f.rest)
        return err;
    err = check_quota(v, path, f.rest, 0);
    return err ? err : set_value(v, &f, path, "", 0);
}

int view_remove(const struct view *v, const char *path)
{
    struct found f;
    int err = find(v, path, ACL_WRITE, &f);

    if (err)
        return err;
    if (*f.rest)
        return strchr(f.rest, '/') ? -ENOENT : 0;
    if (!strcmp(path, "/"))
        return -EINVAL;
    if (v->tx)
        return transaction_remove(v->tx, f.sh, path);
    apply_remove(v->conn, f.at);
    return 0;
}

int view_set_acl(const struct view *v, const char *path, struct acl *acl)
{
    struct conn *c = v->conn;
    struct found f;
    int err = find_existing(v, path, ACL_OWNER, &f);

    if (err)
        return err;
    if (!c->privileged && acl_owner(acl) != c->domid)
        return -EPERM;
    if (!c->privileged && acl->count > c->store->quota.acl_entries) {
        log_quota(c, "too many permissions", path);
        return -ENOSPC;
    }
    if (v->tx)
        return transaction_set_acl(v->tx, f.sh, path, acl);
    apply_acl(c, f.at, path, acl);
    return 0;
}
