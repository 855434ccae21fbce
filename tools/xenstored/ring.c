/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Byte rings shared with a domain; see ring.h.
 *
 * x86 keeps loads in order with loads and stores with stores; the acquire and release below keep the compiler
 * to that, too.
 */
#include "ring.h"

#include <string.h>

#define RING_SIZE XENSTORE_RING_SIZE
#define HEAD_SIZE ((uint32_t)sizeof(struct xsd_sockmsg))

static uint32_t load(const uint32_t *index)
{
    return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *index, uint32_t value)
{
    __atomic_store_n(index, value, __ATOMIC_RELEASE);
}

static void advertise(struct ring *r)
{
    store(&r->page->server_features, XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR);
}

void ring_attach(struct ring *r, struct xenstore_domain_interface *page)
{
    r->page = page;
    r->req_cons = load(&page->req_cons);
    r->rsp_prod = load(&page->rsp_prod);
    r->part_len = 0;
    advertise(r);
}

int64_t ring_reattach(struct ring *r, struct xenstore_domain_interface *page, size_t queued)
{
    uint32_t given = load(&page->rsp_prod) - r->rsp_prod;

    r->page = page;
    advertise(r);
    if (given > queued)
        return -1;
    r->rsp_prod += given;
    return given;
}

/* Copies `len` bytes at position `at` of the request ring; they are known to be there. */
static void peek(const struct ring *r, uint32_t at, void *out, uint32_t len)
{
    uint32_t start = at & (RING_SIZE - 1);
    uint32_t first = len < RING_SIZE - start ? len : RING_SIZE - start;

    memcpy(out, r->page->req + start, first);
    memcpy((char *)out + first, r->page->req, len - first);
}

/* Moves up to `len` bytes of a request from the ring to `part`; returns how many of the `avail` there are
 * then left. */
static uint32_t collect(struct ring *r, uint32_t len, uint32_t avail)
{
    uint32_t n = len < avail ? len : avail;

    peek(r, r->req_cons, r->part + r->part_len, n);
    r->part_len += n;
    r->req_cons += n;
    return avail - n;
}

/* Collects a request of which not all is in the ring. */
static enum ring_result receive_part(struct ring *r, uint32_t avail, struct xsd_sockmsg *head, char *payload)
{
    if (r->part_len < HEAD_SIZE)
        avail = collect(r, HEAD_SIZE - r->part_len, avail);
    if (r->part_len < HEAD_SIZE)
        return RING_NOTHING;
    memcpy(head, r->part, HEAD_SIZE);
    if (head->len > XENSTORE_PAYLOAD_MAX)
        return RING_BAD_LENGTH;
    collect(r, HEAD_SIZE + head->len - r->part_len, avail);
    if (r->part_len < HEAD_SIZE + head->len)
        return RING_NOTHING;
    memcpy(payload, r->part + HEAD_SIZE, head->len);
    r->part_len = 0;
    return RING_REQUEST;
}

enum ring_result ring_receive(struct ring *r, struct xsd_sockmsg *head, char *payload)
{
    uint32_t avail;

    if (load(&r->page->connection) == XENSTORE_RECONNECT)
        return RING_RECONNECT;
    avail = load(&r->page->req_prod) - r->req_cons;
    if (avail > RING_SIZE)
        return RING_BAD_INDEX;
    if (r->part_len || avail < HEAD_SIZE)
        return receive_part(r, avail, head, payload);
    peek(r, r->req_cons, head, HEAD_SIZE);
    if (head->len > XENSTORE_PAYLOAD_MAX)
        return RING_BAD_LENGTH;
    if (avail < HEAD_SIZE + head->len)
        return receive_part(r, avail, head, payload);
    peek(r, r->req_cons + HEAD_SIZE, payload, head->len);
    r->req_cons += HEAD_SIZE + head->len;
    return RING_REQUEST;
}

bool ring_pending(const struct ring *r)
{
    return load(&r->page->req_prod) != r->req_cons || load(&r->page->connection) == XENSTORE_RECONNECT;
}

int ring_put(struct ring *r, const char *bytes, size_t len)
{
    uint32_t used = r->rsp_prod - load(&r->page->rsp_cons);
    uint32_t start = r->rsp_prod & (RING_SIZE - 1), first;

    if (used > RING_SIZE)
        return -1;
    if (len > RING_SIZE - used)
        len = RING_SIZE - used;
    first = len < RING_SIZE - start ? len : RING_SIZE - start;
    memcpy(r->page->rsp + start, bytes, first);
    memcpy(r->page->rsp, bytes + first, len - first);
    r->rsp_prod += len;
    return len;
}

bool ring_publish(struct ring *r)
{
    bool moved = load(&r->page->req_cons) != r->req_cons || load(&r->page->rsp_prod) != r->rsp_prod;

    store(&r->page->req_cons, r->req_cons);
    store(&r->page->rsp_prod, r->rsp_prod);
    /* The domain decides by these whether to notify us: they must be out before its indices are looked at
     * again. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return moved;
}

bool ring_has_room(const struct ring *r)
{
    return r->rsp_prod - load(&r->page->rsp_cons) < RING_SIZE;
}

void ring_reset(struct ring *r)
{
    r->req_cons = r->rsp_prod = r->part_len = 0;
    store(&r->page->req_cons, 0);
    store(&r->page->req_prod, 0);
    store(&r->page->rsp_cons, 0);
    store(&r->page->rsp_prod, 0);
    store(&r->page->error, XENSTORE_ERROR_NONE);
    store(&r->page->connection, XENSTORE_CONNECTED);
}

void ring_set_error(struct ring *r, uint32_t error)
{
    store(&r->page->error, error);
}
