/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing the committed tree; see store.h.
 */
#include "store.h"

#include <errno.h>
#include <string.h>

#include "persist.h"

static const struct quota default_quota = {
    .nodes = 1000,
    .node_size = 2048,
    .acl_entries = 5,
    .watches = 128,
    .transactions = 10,
    .changes = 1024,
    .backlog = 256u << 10,
};

static const char *const special_names[SPECIALS] = {
    [SPECIAL_INTRODUCE] = "@introduceDomain",
    [SPECIAL_RELEASE] = "@releaseDomain",
};

void store_init(struct store *s, uint64_t seed)
{
    memset(s, 0, sizeof(*s));
    s->quota = default_quota;
    list_init(&s->connections);
    list_init(&s->ready);
    list_init(&s->dirty);
    list_init(&s->failed);
    watch_table_init(&s->watches);
    s->next_transaction = 1;
    tree_init(&s->tree, sizeof(struct node), seed);
    s->tree.root->acl = acl_new(1); /* owned by domain 0, nothing for others */
    s->tree.root->value = blob_new("", 0);
    s->tree.root->generation = s->tree.root->child_generation = ++s->generation;
    domain_get(s, 0)->nodes = 1;
    for (int i = 0; i < SPECIALS; i++)
        s->special[i] = acl_get(s->tree.root->acl);
}

void store_free(struct store *s)
{
    tree_free(&s->tree);
    for (int i = 0; i < SPECIALS; i++)
        acl_put(s->special[i]);
    domain_table_free(s);
    watch_table_free(&s->watches);
}

int store_special(const char *name)
{
    for (int i = 0; i < SPECIALS; i++)
        if (!strcmp(name, special_names[i]))
            return i;
    return -ENOENT;
}

struct node *store_create(struct store *s, struct node *parent, const char *name, size_t len, struct acl *acl,
                          struct blob *value)
{
    struct node *n = node_add(&s->tree, parent, name, len);

    n->acl = acl_get(acl);
    n->value = blob_get(value);
    n->generation = n->child_generation = ++s->generation;
    parent->child_generation = s->generation;
    domain_get(s, acl_owner(acl))->nodes++;
    persist_node(s, n);
    return n;
}

void store_set_value(struct store *s, struct node *n, struct blob *value)
{
    blob_get(value);
    blob_put(n->value);
    n->value = value;
    n->generation = ++s->generation;
    persist_node(s, n);
}

void store_set_acl(struct store *s, struct node *n, struct acl *acl)
{
    domain_get(s, acl_owner(n->acl))->nodes--;
    domain_get(s, acl_owner(acl))->nodes++;
    acl_get(acl);
    acl_put(n->acl);
    n->acl = acl;
    n->generation = ++s->generation;
    persist_node(s, n);
}

void store_set_special(struct store *s, enum special which, struct acl *acl)
{
    acl_get(acl);
    acl_put(s->special[which]);
    s->special[which] = acl;
    persist_special(s, which);
}

void store_delete(struct store *s, struct node *n)
{
    struct node *leaf, *next = n, *top = n->parent;

    persist_delete(s, n);
    top->child_generation = ++s->generation;
    do {
        leaf = node_leaf(next);
        next = leaf->parent;
        domain_get(s, acl_owner(leaf->acl))->nodes--;
        node_remove(&s->tree, leaf);
    } while (leaf != n);
}

const char *store_check(struct store *s)
{
    size_t nodes = 0, owned = 0;

    for (struct node *n = s->tree.root; n; n = node_next(n, s->tree.root)) {
        uint32_t children = 0;

        nodes++;
        for (struct node *c = n->first; c; c = c->next, children++)
            if (c->parent != n || node_child(&s->tree, n, c->name, c->name_len) != c)
                return "a child is not found below its parent";
        if (children != n->children)
            return "a count of children is wrong";
    }
    if (nodes != s->tree.count)
        return "the count of nodes is wrong";
    for (struct domain *d = domain_next(s, NULL); d; d = domain_next(s, d))
        owned += d->nodes;
    return owned == nodes ? NULL : "the counts of owned nodes do not add up";
}
