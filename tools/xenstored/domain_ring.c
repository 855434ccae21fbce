/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains' rings as connections: what a ring yields goes to the common code, what changes goes to the
 * journal.
 *
 * A domain that breaks its ring is cut off, alone: its watches, transactions and output are dropped and the
 * page says why. It stays introduced and may ask for a reset.
 */
#include "domain_ring.h"

#include <stdlib.h>

#include "alloc.h"
#include "domain.h"
#include "log.h"
#include "persist.h"
#include "store.h"
#include "xen.h"

static struct domain_ring *ring_of(struct conn *c)
{
    return list_entry(c, struct domain_ring, conn);
}

static void notify(struct conn *c)
{
    c->store->xen->notify(c->domain->local_port);
}

static void cut_off(struct conn *c, uint32_t error, const char *why)
{
    log_limited(&c->domain->log, c->domid, "disconnected: %s", why);
    ring_set_error(&ring_of(c)->ring, error);
    conn_break(c);
}

static void set_dirty(struct conn *c)
{
    if (list_empty(&c->dirty))
        list_append(&c->store->dirty, &c->dirty);
}

/* The domain asks for a fresh start. It is told so when output is sent, as all that follows a commit. */
static void reconnect(struct conn *c)
{
    conn_reset(c);
    list_remove(&c->failed);
    c->broken = false;
    ring_of(c)->resetting = true;
    persist_ring_reset(c);
    set_dirty(c);
}

static enum receive_result receive(struct conn *c, struct xsd_sockmsg *head)
{
    struct ring *r = &ring_of(c)->ring;
    uint32_t before = r->req_cons, kept = r->part_len;

    switch (ring_receive(r, head, c->store->request)) {
    case RING_REQUEST:
        persist_ring_input(c, r->req_cons, NULL, 0);
        return RECEIVE_REQUEST;
    case RING_NOTHING:
        if (r->req_cons != before) {
            persist_ring_input(c, r->req_cons, r->part + kept, r->part_len - kept);
            /* There is room again, which the domain waits for. */
            set_dirty(c);
        }
        return RECEIVE_NOTHING;
    case RING_RECONNECT:
        reconnect(c);
        return RECEIVE_NOTHING;
    case RING_BAD_INDEX:
        cut_off(c, XENSTORE_ERROR_RINGIDX, "a ring index is out of range");
        return RECEIVE_NOTHING;
    case RING_BAD_LENGTH:
        cut_off(c, XENSTORE_ERROR_PROTO, "a request is too long");
        return RECEIVE_NOTHING;
    }
    return RECEIVE_BROKEN;
}

static bool pending(struct conn *c)
{
    return ring_pending(&ring_of(c)->ring);
}

/* Fills the response ring. False if the domain has broken it. */
static bool put_output(struct conn *c, struct ring *r)
{
    while (c->out_first) {
        struct message *m = c->out_first;
        int n = ring_put(r, m->bytes + c->out_done, m->len - c->out_done);

        if (n < 0) {
            cut_off(c, XENSTORE_ERROR_RINGIDX, "a ring index is out of range");
            return false;
        }
        if (!n)
            break;
        conn_sent(c, n);
    }
    return true;
}

static void send_output(struct conn *c)
{
    struct ring *r = &ring_of(c)->ring;

    if (ring_of(c)->resetting) {
        ring_of(c)->resetting = false;
        ring_reset(r);
        notify(c);
    }
    do {
        if (!put_output(c, r))
            return;
        if (ring_publish(r))
            notify(c);
    } while (c->out_bytes && ring_has_room(r));
    if (conn_may_ask(c) && ring_pending(r))
        conn_set_ready(c);
}

static void drop(struct conn *c)
{
    conn_reset(c);
    list_remove(&c->failed);
    list_remove(&c->dirty);
    persist_ring_broken(c);
}

static const struct transport ring_transport = {
    .kind = "domain",
    .persistent = true,
    .receive = receive,
    .pending = pending,
    .send = send_output,
    .drop = drop,
};

struct domain_ring *domain_ring_new(struct store *s, struct domain *d, struct xenstore_domain_interface *page)
{
    struct domain_ring *dr = alloc_zeroed(sizeof(*dr));

    conn_init(&dr->conn, s, &ring_transport, d->domid, d->domid == 0);
    dr->conn.domain = d;
    d->ring = dr;
    if (page) {
        ring_attach(&dr->ring, page);
        conn_set_ready(&dr->conn);
    }
    return dr;
}

void domain_ring_reattach(struct domain_ring *dr, struct xenstore_domain_interface *page)
{
    struct conn *c = &dr->conn;
    int64_t given = ring_reattach(&dr->ring, page, c->out_bytes);

    conn_set_ready(c);
    /* Whoever is cut off or is resetting the ring has no position to check. */
    if (c->broken || page->connection == XENSTORE_RECONNECT)
        return;
    if (given < 0) {
        cut_off(c, XENSTORE_ERROR_RINGIDX, "a ring index is not where it was left");
        return;
    }
    conn_sent(c, given);
    set_dirty(c);
}

void domain_ring_event(struct domain_ring *dr)
{
    struct conn *c = &dr->conn;

    /* Neither a full response ring nor a dead one keeps a domain from starting over. */
    if (dr->ring.page->connection == XENSTORE_RECONNECT && !dr->resetting)
        reconnect(c);
    if (c->out_bytes)
        set_dirty(c);
    conn_set_ready(c);
}

void domain_ring_free(struct domain_ring *dr)
{
    dr->conn.domain->ring = NULL;
    conn_end(&dr->conn);
    free(dr);
}
