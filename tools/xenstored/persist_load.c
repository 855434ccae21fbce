/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making the store from its journal: one handler per record. A handler returns false for a record that makes
 * no sense; the file is ours alone, so that means damage.
 */
#include <string.h>

#include "apply.h"
#include "conn.h"
#include "domain.h"
#include "domain_ring.h"
#include "persist.h"
#include "persist_format.h"
#include "transaction.h"
#include "watch.h"

/* What is left of a record. */
struct cursor {
    const char *at;
    size_t left;
};

static const void *take(struct cursor *cur, size_t len)
{
    const void *at = cur->at;

    if (len > cur->left)
        return NULL;
    cur->at += len;
    cur->left -= len;
    return at;
}

static bool take_into(struct cursor *cur, void *out, size_t len)
{
    const void *at = take(cur, len);

    if (at)
        memcpy(out, at, len);
    return at != NULL;
}

static const char *take_text(struct cursor *cur)
{
    return take(cur, strnlen(cur->at, cur->left) + 1);
}

static struct acl *take_acl(struct cursor *cur, uint32_t count)
{
    struct acl *acl;

    if (!count || count * sizeof(acl->entry[0]) > cur->left)
        return NULL;
    acl = acl_new(count);
    take_into(cur, acl->entry, count * sizeof(acl->entry[0]));
    return acl;
}

/* Every domain named in a list has a record, so that its death is noticed. */
static void know_domains(struct store *s, const struct acl *acl)
{
    for (uint32_t i = 0; i < acl->count; i++)
        domain_get(s, acl->entry[i].domid);
}

/* Parents precede their children in the journal, so at most the last component is new. */
static bool put_node(struct store *s, const char *path, struct acl *acl, struct blob *value)
{
    struct place at = place_find(s, path);

    if (strchr(at.rest, '/'))
        return false;
    if (*at.rest) {
        store_create(s, at.node, at.rest, strlen(at.rest), acl, value);
    } else {
        store_set_acl(s, at.node, acl);
        store_set_value(s, at.node, value);
    }
    return true;
}

static bool load_node(struct store *s, struct cursor *cur)
{
    struct record_node head;
    const char *path;
    struct blob *value;
    struct acl *acl;
    bool ok;

    if (!take_into(cur, &head, sizeof(head)))
        return false;
    path = take(cur, head.path_size);
    acl = path ? take_acl(cur, head.acl_count) : NULL;
    if (!acl)
        return false;
    value = blob_new(cur->at, cur->left);
    know_domains(s, acl);
    ok = put_node(s, path, acl, value);
    blob_put(value);
    acl_put(acl);
    return ok;
}

static bool load_delete(struct store *s, struct cursor *cur)
{
    const char *path = take_text(cur);
    struct place at;

    if (!path)
        return false;
    at = place_find(s, path);
    if (*at.rest || !at.node->parent)
        return false;
    store_delete(s, at.node);
    return true;
}

static bool load_special(struct store *s, struct cursor *cur)
{
    struct record_special head;
    struct acl *acl;

    if (!take_into(cur, &head, sizeof(head)) || head.which >= SPECIALS)
        return false;
    acl = take_acl(cur, cur->left / sizeof(acl->entry[0]));
    if (!acl)
        return false;
    know_domains(s, acl);
    store_set_special(s, head.which, acl);
    acl_put(acl);
    return true;
}

static bool load_introduce(struct store *s, struct cursor *cur)
{
    struct record_domain head;
    struct domain *d;

    if (!take_into(cur, &head, sizeof(head)))
        return false;
    d = domain_get(s, head.domid);
    if (d->ring)
        return false;
    d->mfn = head.mfn;
    d->port = head.port;
    d->shutdown = head.shutdown;
    domain_ring_new(s, d, NULL);
    d->ring->ring.req_cons = head.req_cons;
    d->ring->ring.rsp_prod = head.rsp_prod;
    return true;
}

/* Finds the domain that a record is about. */
static struct domain *load_domain(struct store *s, struct cursor *cur, struct record_domain *head)
{
    return take_into(cur, head, sizeof(*head)) ? domain_find(s, head->domid) : NULL;
}

static bool load_port(struct store *s, struct cursor *cur)
{
    struct record_domain head;
    struct domain *d = load_domain(s, cur, &head);

    if (!d)
        return false;
    d->port = head.port;
    return true;
}

static bool load_shutdown(struct store *s, struct cursor *cur)
{
    struct record_domain head;
    struct domain *d = load_domain(s, cur, &head);

    if (!d)
        return false;
    d->shutdown = head.shutdown;
    return true;
}

static bool load_release(struct store *s, struct cursor *cur)
{
    struct record_domain head;
    struct domain *d;

    if (!take_into(cur, &head, sizeof(head)))
        return false;
    /* A domain without a ring and without nodes has no record here. */
    d = domain_find(s, head.domid);
    if (d && d->ring)
        domain_ring_free(d->ring);
    return true;
}

static struct domain_ring *load_ring(struct store *s, struct cursor *cur, struct record_conn *head)
{
    struct domain *d = take_into(cur, head, sizeof(*head)) ? domain_find(s, head->domid) : NULL;

    return d ? d->ring : NULL;
}

static bool load_watch_args(struct store *s, struct cursor *cur, struct domain_ring **dr, struct path *p,
                            const char **token)
{
    struct record_conn head;
    const char *path;

    *dr = load_ring(s, cur, &head);
    path = *dr ? take_text(cur) : NULL;
    *token = path ? take_text(cur) : NULL;
    if (!*token || strlen(path) > XENSTORE_ABS_PATH_MAX)
        return false;
    p->len = strlen(path);
    p->home = head.number;
    memcpy(p->text, path, p->len + 1);
    return p->home <= p->len;
}

static bool load_watch(struct store *s, struct cursor *cur)
{
    struct domain_ring *dr;
    const char *token;
    struct path p;

    return load_watch_args(s, cur, &dr, &p, &token) && watch_add(&dr->conn, &p, token) == 0;
}

static bool load_unwatch(struct store *s, struct cursor *cur)
{
    struct domain_ring *dr;
    const char *token;
    struct path p;

    return load_watch_args(s, cur, &dr, &p, &token) && watch_remove(&dr->conn, &p, token) == 0;
}

static bool load_reset_watches(struct store *s, struct cursor *cur)
{
    struct record_conn head;
    struct domain_ring *dr = load_ring(s, cur, &head);

    if (!dr)
        return false;
    watch_remove_all(&dr->conn);
    transaction_abort_all(&dr->conn);
    return true;
}

static bool load_transaction_start(struct store *s, struct cursor *cur)
{
    struct record_conn head;
    struct domain_ring *dr = load_ring(s, cur, &head);

    if (!dr)
        return false;
    transaction_restore(&dr->conn, head.number);
    return true;
}

static bool load_transaction_end(struct store *s, struct cursor *cur)
{
    struct record_conn head;
    struct domain_ring *dr = load_ring(s, cur, &head);
    struct transaction *t = dr ? transaction_find(&dr->conn, head.number) : NULL;

    if (!t)
        return false;
    transaction_end(t, false);
    return true;
}

static bool load_input(struct store *s, struct cursor *cur)
{
    struct record_conn head;
    struct domain_ring *dr = load_ring(s, cur, &head);
    struct ring *r = dr ? &dr->ring : NULL;

    if (!r || cur->left > sizeof(r->part) - r->part_len)
        return false;
    r->req_cons = head.number;
    if (!cur->left) {
        r->part_len = 0;
        return true;
    }
    memcpy(r->part + r->part_len, cur->at, cur->left);
    r->part_len += cur->left;
    return true;
}

static bool load_output(struct store *s, struct cursor *cur)
{
    struct record_conn head;
    struct domain_ring *dr = load_ring(s, cur, &head);

    if (!dr)
        return false;
    conn_restore_output(&dr->conn, cur->at, cur->left);
    return true;
}

static bool load_ring_reset(struct store *s, struct cursor *cur)
{
    struct record_conn head;
    struct domain_ring *dr = load_ring(s, cur, &head);

    if (!dr)
        return false;
    conn_reset(&dr->conn);
    dr->conn.broken = false;
    dr->ring.req_cons = dr->ring.rsp_prod = dr->ring.part_len = 0;
    return true;
}

static bool load_ring_broken(struct store *s, struct cursor *cur)
{
    struct record_conn head;
    struct domain_ring *dr = load_ring(s, cur, &head);

    if (!dr)
        return false;
    conn_reset(&dr->conn);
    dr->conn.broken = true;
    return true;
}

static bool (*const load[RECORDS])(struct store *s, struct cursor *cur) = {
    [RECORD_NODE] = load_node,
    [RECORD_DELETE] = load_delete,
    [RECORD_SPECIAL] = load_special,
    [RECORD_INTRODUCE] = load_introduce,
    [RECORD_PORT] = load_port,
    [RECORD_RELEASE] = load_release,
    [RECORD_SHUTDOWN] = load_shutdown,
    [RECORD_WATCH] = load_watch,
    [RECORD_UNWATCH] = load_unwatch,
    [RECORD_RESET_WATCHES] = load_reset_watches,
    [RECORD_TRANSACTION_START] = load_transaction_start,
    [RECORD_TRANSACTION_END] = load_transaction_end,
    [RECORD_INPUT] = load_input,
    [RECORD_OUTPUT] = load_output,
    [RECORD_RING_RESET] = load_ring_reset,
    [RECORD_RING_BROKEN] = load_ring_broken,
};

bool persist_load(struct store *s, const struct journal *j)
{
    struct journal_record r;
    size_t at = 0;

    while (journal_next(j, &at, &r)) {
        struct cursor cur = { .at = r.data, .left = r.len };

        if (!r.type || r.type >= RECORDS || !load[r.type](s, &cur))
            return false;
    }
    return at == j->tail;
}
