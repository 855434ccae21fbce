/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two ends of a ring in shared memory.
 *
 * A ring is a header of four indexes and a power of two of slots. Requests and responses share the slots: the
 * front-end fills slots with requests, the back-end reads them and later fills slots, in the same order, with
 * responses. Indexes run freely over 32 bits; a slot is an index modulo the number of slots.
 *
 *      header: req_prod req_event rsp_prod rsp_event (48 bytes of padding)
 *      slots:  [ response | response | request being served | request | free ... ]
 *                                   ^rsp_prod              ^req_cons  ^req_prod
 *
 * Invariant: the other end is an enemy. What it may write (a producer index, a slot's content) is read
 * exactly once, into private memory, and an index is believed only as far as the private indexes allow: a
 * back-end never sees more requests than there are slots without a response, a front-end never more responses
 * than it has requests under way. What this end has produced is kept in private memory and never read back.
 * `event` indexes only decide whether to notify: a wrong one costs its writer a wake-up.
 *
 * Nothing here takes locks: one ring end belongs to one context at a time. Only plain memory is touched, so
 * that tests and fuzzers on the host compile this file as it is.
 */
#ifndef HV_PV_RING_H
#define HV_PV_RING_H

#include "platform.h"

#define RING_HEADER_BYTES 64

struct ring_shared {
    u32 req_prod;       /* written by the front-end: requests before this are there */
    u32 req_event;      /* written by the back-end: it wants to hear of the request before this index */
    u32 rsp_prod;       /* written by the back-end: responses before this are there */
    u32 rsp_event;      /* written by the front-end: it wants to hear of the response before this index */
    u8 padding[48];
    u8 slots[];
};
static_assert(sizeof(struct ring_shared) == RING_HEADER_BYTES, "the header of a ring is 64 bytes");

/*
 * How many slots of slot_size bytes a ring of `bytes` bytes has; the size of a slot is that of the larger of
 * request and response.
 */
static inline u32 ring_slots(size_t bytes, size_t slot_size)
{
    return rounddown_pow_of_two((u32)((bytes - RING_HEADER_BYTES) / slot_size));
}

/*
 * True if going from index `from` to index `to` passes `event`, that is, if the other end asked to hear of
 * one of these.
 */
static inline bool ring_crosses(u32 from, u32 to, u32 event)
{
    return (u32)(to - event) < (u32)(to - from);
}

/* ---- the back-end's end: takes requests, puts responses ---- */

struct ring_back {
    struct ring_shared *shared;
    u32 slots;          /* a power of two */
    u32 slot_size;
    u32 req_cons;       /* requests before this were taken */
    u32 rsp_prod;       /* responses before this were put */
    u32 rsp_pushed;     /* and before this shown to the front-end */
};

/*
 * Starts at the index that the front-end's header shows as its last response, which is 0 on a new ring, and
 * not 0 when a back-end takes over from one that died. -EPROTO if the header makes no sense: more requests
 * under way than there are slots.
 */
static inline int ring_back_init(struct ring_back *ring, void *shared, size_t bytes, size_t slot_size)
{
    struct ring_shared *header = shared;
    u32 rsp_prod = READ_ONCE(header->rsp_prod), req_prod = READ_ONCE(header->req_prod);

    ring->shared = header;
    ring->slots = ring_slots(bytes, slot_size);
    ring->slot_size = (u32)slot_size;
    ring->req_cons = ring->rsp_prod = ring->rsp_pushed = rsp_prod;
    return req_prod - rsp_prod > ring->slots ? -EPROTO : 0;
}

static inline void *ring_back_slot(const struct ring_back *ring, u32 index)
{
    return ring->shared->slots + (size_t)(index & (ring->slots - 1)) * ring->slot_size;
}

/*
 * How many requests can be taken now. -EPROTO if the front-end claims more than fit: its device is to be
 * closed.
 */
static inline int ring_back_pending(const struct ring_back *ring)
{
    u32 prod = READ_ONCE(ring->shared->req_prod);

    virt_rmb();         /* the requests' content only after the index that says they are there */
    if (prod - ring->rsp_prod > ring->slots || prod - ring->req_cons > ring->slots)
        return -EPROTO;
    return (int)(prod - ring->req_cons);
}

/* Copies the next request out, `size` bytes of it. Only for as many as ring_back_pending() said. */
static inline void ring_back_take(struct ring_back *ring, void *request, size_t size)
{
    memcpy(request, ring_back_slot(ring, ring->req_cons++), size);
    barrier();          /* from here on only the copy is looked at */
}

/*
 * Puts a response into the next slot; the front-end sees it after ring_back_push(). Only for requests that
 * were taken.
 */
static inline void ring_back_put(struct ring_back *ring, const void *response, size_t size)
{
    memcpy(ring_back_slot(ring, ring->rsp_prod++), response, size);
}

/* Shows all responses put so far. True if the front-end asked to be notified of one of them. */
static inline bool ring_back_push(struct ring_back *ring)
{
    u32 old = ring->rsp_pushed, now = ring->rsp_prod;

    if (old == now)
        return false;
    virt_wmb();         /* content before index */
    WRITE_ONCE(ring->shared->rsp_prod, now);
    ring->rsp_pushed = now;
    virt_mb();          /* index before the look at the wish */
    return ring_crosses(old, now, READ_ONCE(ring->shared->rsp_event));
}

/*
 * Asks to be notified of the next request, and looks once more: what came in between was not notified.
 * Returns what ring_back_pending() returns; on 0 the back-end may sleep.
 */
static inline int ring_back_rearm(struct ring_back *ring)
{
    WRITE_ONCE(ring->shared->req_event, ring->req_cons + 1);
    virt_mb();
    return ring_back_pending(ring);
}

/* ---- the front-end's end: puts requests, takes responses ---- */

struct ring_front {
    struct ring_shared *shared;
    u32 slots;
    u32 slot_size;
    u32 req_prod;       /* requests before this were put */
    u32 req_pushed;     /* and before this shown to the back-end */
    u32 rsp_cons;       /* responses before this were taken */
};

/* Makes an empty ring in `bytes` bytes of zeroed memory. */
static inline void ring_front_init(struct ring_front *ring, void *shared, size_t bytes, size_t slot_size)
{
    *ring = (struct ring_front){
        .shared = shared, .slots = ring_slots(bytes, slot_size), .slot_size = (u32)slot_size,
    };
    *ring->shared = (struct ring_shared){ .req_event = 1, .rsp_event = 1 };
}

/* How many requests can be put now. */
static inline u32 ring_front_room(const struct ring_front *ring)
{
    return ring->slots - (ring->req_prod - ring->rsp_cons);
}

/* Puts a request into the next slot; the back-end sees it after ring_front_push(). Only if there is room. */
static inline void ring_front_put(struct ring_front *ring, const void *request, size_t size)
{
    u32 index = ring->req_prod++ & (ring->slots - 1);

    memcpy(ring->shared->slots + (size_t)index * ring->slot_size, request, size);
}

/* Shows all requests put so far. True if the back-end asked to be notified of one of them. */
static inline bool ring_front_push(struct ring_front *ring)
{
    u32 old = ring->req_pushed, now = ring->req_prod;

    if (old == now)
        return false;
    virt_wmb();
    WRITE_ONCE(ring->shared->req_prod, now);
    ring->req_pushed = now;
    virt_mb();
    return ring_crosses(old, now, READ_ONCE(ring->shared->req_event));
}

/*
 * How many responses can be taken now. -EPROTO if the back-end claims more than there are requests under way.
 */
static inline int ring_front_pending(const struct ring_front *ring)
{
    u32 prod = READ_ONCE(ring->shared->rsp_prod);

    virt_rmb();
    if (prod - ring->rsp_cons > ring->req_pushed - ring->rsp_cons)
        return -EPROTO;
    return (int)(prod - ring->rsp_cons);
}

/* Copies the next response out. Only for as many as ring_front_pending() said. */
static inline void ring_front_take(struct ring_front *ring, void *response, size_t size)
{
    u32 index = ring->rsp_cons++ & (ring->slots - 1);

    memcpy(response, ring->shared->slots + (size_t)index * ring->slot_size, size);
    barrier();
}

/*
 * Asks to be notified when `batch` more responses are there (at least 1), and looks once more. Returns what
 * ring_front_pending() returns; on 0 the next notification will come.
 */
static inline int ring_front_rearm(struct ring_front *ring, u32 batch)
{
    WRITE_ONCE(ring->shared->rsp_event, ring->rsp_cons + batch);
    virt_mb();
    return ring_front_pending(ring);
}

/*
 * The same for somebody who has taken the responses before `seen` and let go of the ring since: another CPU may be at it
 * by now. If that one has taken more, this wish may come after its own and be an older one; but then there are responses after
 * `seen`. True if there are: then somebody has to look at the ring again.
 */
static inline bool ring_front_rearm_after(const struct ring_front *ring, u32 seen)
{
    WRITE_ONCE(ring->shared->rsp_event, seen + 1);
    virt_mb();
    return READ_ONCE(ring->shared->rsp_prod) != seen;
}

#endif
