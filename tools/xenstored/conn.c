/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections; see conn.h.
 */
#include "conn.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "domain.h"
#include "log.h"
#include "persist.h"
#include "request.h"
#include "store.h"
#include "transaction.h"
#include "watch.h"

/* Unsent output beyond which a connection is not served. */
#define OUTPUT_HIGH 4096

/* After how many clashes in a row a connection is favoured, and for how long. */
#define CLASHES    4
#define FAVOUR_MS  200

/* dom0's programs may lag far behind, but not without end. */
#define PRIVILEGED_BACKLOG (16u << 20)

void conn_init(struct conn *c, struct store *s, const struct transport *transport, uint16_t domid,
               bool privileged)
{
    c->store = s;
    c->transport = transport;
    c->domid = domid;
    c->privileged = privileged;
    list_init(&c->ready);
    list_init(&c->dirty);
    list_init(&c->failed);
    list_init(&c->watches);
    list_init(&c->transactions);
    list_append(&s->connections, &c->all);
}

static void drop_output(struct conn *c)
{
    while (c->out_first) {
        struct message *m = c->out_first;

        c->out_first = m->next;
        free(m);
    }
    c->out_last = NULL;
    c->out_bytes = c->out_done = 0;
}

void conn_reset(struct conn *c)
{
    watch_remove_all(c);
    transaction_abort_all(c);
    drop_output(c);
}

void conn_end(struct conn *c)
{
    if (c->store->favoured == c)
        c->store->favoured = NULL;
    conn_reset(c);
    list_remove(&c->ready);
    list_remove(&c->dirty);
    list_remove(&c->failed);
    list_remove(&c->all);
}

bool conn_may_ask(const struct conn *c)
{
    return c->out_bytes < OUTPUT_HIGH;
}

void conn_set_ready(struct conn *c)
{
    if (list_empty(&c->ready))
        list_append(&c->store->ready, &c->ready);
}

static int64_t milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

void conn_transaction_ended(struct conn *c, bool clashed)
{
    struct store *s = c->store;

    if (!clashed) {
        c->clashes = 0;
        if (s->favoured == c)
            s->favoured = NULL;
    } else if (++c->clashes >= CLASHES && !s->favoured) {
        s->favoured = c;
        s->favoured_until = milliseconds() + FAVOUR_MS;
    }
}

bool conn_must_wait(const struct conn *c)
{
    struct store *s = c->store;

    if (!s->favoured || c->privileged)
        return false;
    if (milliseconds() < s->favoured_until)
        return true;
    s->favoured->clashes = 0;
    s->favoured = NULL;
    return false;
}

void conn_break(struct conn *c)
{
    c->broken = true;
    if (list_empty(&c->failed))
        list_append(&c->store->failed, &c->failed);
}

bool conn_serve(struct conn *c)
{
    struct xsd_sockmsg head;

    if (c->broken || !conn_may_ask(c))
        return false;
    switch (c->transport->receive(c, &head)) {
    case RECEIVE_NOTHING:
        return false;
    case RECEIVE_BROKEN:
        conn_break(c);
        return false;
    case RECEIVE_REQUEST:
        break;
    }
    request_handle(c, &head, c->store->request);
    return c->transport->pending(c);
}

static void queue(struct conn *c, struct message *m)
{
    if (c->out_last)
        c->out_last->next = m;
    else
        c->out_first = m;
    c->out_last = m;
    c->out_bytes += m->len;
    if (list_empty(&c->dirty))
        list_append(&c->store->dirty, &c->dirty);
}

static struct message *new_message(uint32_t type, uint32_t req_id, uint32_t tx_id, size_t len)
{
    struct xsd_sockmsg head = { .type = type, .req_id = req_id, .tx_id = tx_id, .len = len };
    struct message *m = alloc_zeroed(sizeof(*m) + sizeof(head) + len);

    m->len = sizeof(head) + len;
    memcpy(m->bytes, &head, sizeof(head));
    return m;
}

void conn_send(struct conn *c, uint32_t type, uint32_t req_id, uint32_t tx_id, const void *data, size_t len)
{
    struct message *m = new_message(type, req_id, tx_id, len);

    if (len)
        memcpy(m->bytes + sizeof(struct xsd_sockmsg), data, len);
    queue(c, m);
    persist_output(c, m->bytes, m->len);
}

static uint64_t hash_event(const struct message *m)
{
    uint64_t h = m->len;

    for (uint32_t i = sizeof(struct xsd_sockmsg); i < m->len; i++)
        h = (h ^ (unsigned char)m->bytes[i]) * 0x100000001b3u;
    return h | 1;
}

/* Whether an equal event waits. The first message may have left in part and does not count. */
static bool is_queued(const struct conn *c, const struct message *event)
{
    const struct message *m = c->out_done ? c->out_first->next : c->out_first;

    for (; m; m = m->next)
        if (m->hash == event->hash && m->len == event->len && !memcmp(m->bytes, event->bytes, m->len))
            return true;
    return false;
}

void conn_send_event(struct conn *c, const char *path, const char *token)
{
    size_t path_size = strlen(path) + 1, token_size = strlen(token) + 1;
    size_t limit = c->privileged ? PRIVILEGED_BACKLOG : c->store->quota.backlog;
    struct message *m;
    char *data;

    if (c->broken || path_size + token_size > XENSTORE_PAYLOAD_MAX)
        return;
    if (c->out_bytes > limit) {
        log_limited(&domain_get(c->store, c->domid)->log, c->domid,
                    "%s does not read its events: one is lost", c->transport->kind);
        return;
    }
    m = new_message(XS_WATCH_EVENT, 0, 0, path_size + token_size);
    data = m->bytes + sizeof(struct xsd_sockmsg);
    memcpy(data, path, path_size);
    memcpy(data + path_size, token, token_size);
    m->hash = hash_event(m);
    if (!c->privileged && is_queued(c, m)) {
        free(m);
        return;
    }
    queue(c, m);
    persist_output(c, m->bytes, m->len);
}

void conn_restore_output(struct conn *c, const char *bytes, size_t len)
{
    struct message *m = alloc_zeroed(sizeof(*m) + len);

    m->len = len;
    memcpy(m->bytes, bytes, len);
    queue(c, m);
}

void conn_sent(struct conn *c, size_t len)
{
    c->out_bytes -= len;
    c->out_done += len;
    while (c->out_first && c->out_done >= c->out_first->len) {
        struct message *m = c->out_first;

        c->out_done -= m->len;
        c->out_first = m->next;
        if (!c->out_first)
            c->out_last = NULL;
        free(m);
    }
    if (conn_may_ask(c) && c->transport->pending(c))
        conn_set_ready(c);
}
