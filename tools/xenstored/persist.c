/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing the journal's records; see persist.h. persist_load.c reads them.
 */
#include "persist.h"

#include <string.h>

#include "conn.h"
#include "domain.h"
#include "domain_ring.h"
#include "persist_format.h"
#include "transaction.h"
#include "watch.h"

static void append(struct journal *j, enum record type, const void *head, size_t head_len, const void *tail,
                   size_t tail_len)
{
    struct iovec part[2] = {
        { (void *)head, head_len },
        { (void *)tail, tail_len },
    };

    if (j)
        journal_append(j, type, part, tail_len ? 2 : 1);
}

void persist_node(struct store *s, const struct node *n)
{
    struct record_node head;
    char path[PATH_BUFFER];
    struct iovec part[4];

    if (!s->journal)
        return;
    head.path_size = node_path(n, path) + 1;
    head.acl_count = n->acl->count;
    part[0] = (struct iovec){ &head, sizeof(head) };
    part[1] = (struct iovec){ path, head.path_size };
    part[2] = (struct iovec){ n->acl->entry, n->acl->count * sizeof(n->acl->entry[0]) };
    part[3] = (struct iovec){ n->value->bytes, n->value->len };
    journal_append(s->journal, RECORD_NODE, part, 4);
}

void persist_delete(struct store *s, const struct node *n)
{
    char path[PATH_BUFFER];

    if (s->journal)
        append(s->journal, RECORD_DELETE, path, node_path(n, path) + 1, NULL, 0);
}

void persist_special(struct store *s, enum special which)
{
    struct record_special head = { .which = which };
    const struct acl *acl = s->special[which];

    append(s->journal, RECORD_SPECIAL, &head, sizeof(head), acl->entry, acl->count * sizeof(acl->entry[0]));
}

void persist_introduce(struct store *s, const struct domain *d)
{
    struct record_domain head = {
        .domid = d->domid,
        .shutdown = d->shutdown,
        .port = d->port,
        .mfn = d->mfn,
        .req_cons = d->ring->ring.req_cons,
        .rsp_prod = d->ring->ring.rsp_prod,
    };

    append(s->journal, RECORD_INTRODUCE, &head, sizeof(head), NULL, 0);
}

static void append_domain(struct store *s, enum record type, const struct domain *d)
{
    struct record_domain head = { .domid = d->domid, .shutdown = d->shutdown, .port = d->port };

    append(s->journal, type, &head, sizeof(head), NULL, 0);
}

void persist_port(struct store *s, const struct domain *d)
{
    append_domain(s, RECORD_PORT, d);
}

void persist_shutdown(struct store *s, const struct domain *d)
{
    append_domain(s, RECORD_SHUTDOWN, d);
}

void persist_release(struct store *s, uint16_t domid)
{
    struct record_domain head = { .domid = domid };

    append(s->journal, RECORD_RELEASE, &head, sizeof(head), NULL, 0);
}

static void append_conn(const struct conn *c, enum record type, uint32_t number, const void *tail, size_t len)
{
    struct record_conn head = { .domid = c->domid, .number = number };

    if (c->transport->persistent)
        append(c->store->journal, type, &head, sizeof(head), tail, len);
}

static void append_watch(const struct conn *c, enum record type, size_t home, const char *path,
                         const char *token)
{
    struct record_conn head = { .domid = c->domid, .number = home };
    struct iovec part[3] = {
        { &head, sizeof(head) },
        { (void *)path, strlen(path) + 1 },
        { (void *)token, strlen(token) + 1 },
    };

    if (c->store->journal && c->transport->persistent)
        journal_append(c->store->journal, type, part, 3);
}

void persist_watch(const struct conn *c, const char *path, size_t home, const char *token)
{
    append_watch(c, RECORD_WATCH, home, path, token);
}

void persist_unwatch(const struct conn *c, const char *path, const char *token)
{
    append_watch(c, RECORD_UNWATCH, 0, path, token);
}

void persist_reset_watches(const struct conn *c)
{
    append_conn(c, RECORD_RESET_WATCHES, 0, NULL, 0);
}

void persist_transaction(const struct conn *c, uint32_t id, bool open)
{
    append_conn(c, open ? RECORD_TRANSACTION_START : RECORD_TRANSACTION_END, id, NULL, 0);
}

void persist_output(const struct conn *c, const char *bytes, size_t len)
{
    append_conn(c, RECORD_OUTPUT, 0, bytes, len);
}

void persist_ring_input(const struct conn *c, uint32_t req_cons, const char *part, size_t len)
{
    append_conn(c, RECORD_INPUT, req_cons, part, len);
}

void persist_ring_reset(const struct conn *c)
{
    append_conn(c, RECORD_RING_RESET, 0, NULL, 0);
}

void persist_ring_broken(const struct conn *c)
{
    append_conn(c, RECORD_RING_BROKEN, 0, NULL, 0);
}

static void write_connection(struct store *s, const struct domain *d)
{
    const struct conn *c = &d->ring->conn;
    const struct ring *r = &d->ring->ring;
    struct list *link, *after;
    size_t skip = c->out_done;

    persist_introduce(s, d);
    if (r->part_len)
        persist_ring_input(c, r->req_cons, r->part, r->part_len);
    list_for_each(link, after, &c->watches) {
        const struct watch *w = list_entry(link, struct watch, by_conn);

        persist_watch(c, w->path, w->home, w->token);
    }
    list_for_each(link, after, &c->transactions)
        persist_transaction(c, list_entry(link, struct transaction, by_conn)->id, true);
    for (const struct message *m = c->out_first; m; m = m->next, skip = 0)
        persist_output(c, m->bytes + skip, m->len - skip);
    if (d->ring->resetting)
        persist_ring_reset(c);
    if (c->broken)
        persist_ring_broken(c);
}

void persist_rewrite(struct store *s)
{
    journal_rewrite_begin(s->journal);
    for (struct node *n = s->tree.root; n; n = node_next(n, s->tree.root))
        persist_node(s, n);
    for (int i = 0; i < SPECIALS; i++)
        persist_special(s, i);
    for (struct domain *d = domain_next(s, NULL); d; d = domain_next(s, d))
        if (d->ring)
            write_connection(s, d);
    journal_rewrite_end(s->journal);
}
