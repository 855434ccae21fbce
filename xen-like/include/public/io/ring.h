/* SPDX-License-Identifier: MIT */
/*
 * Request and response rings: one shared page (or more) through which a front end asks and a back end
 * answers.
 *
 * Requests and responses share the slots: a response may be written where a request has been read. Indices
 * run freely and wrap at 2^32; masking gives the slot, so a ring has 2^n slots. Each side keeps private
 * copies of its own producer and consumer index, and moves the shared producer index when its entries are
 * complete.
 *
 * `req_event` and `rsp_event` save notifications: a consumer that goes to sleep writes there the index at
 * which it wants to be woken, and the producer sends an event only when it passes it.
 *
 * Nothing the other side writes may be trusted: copy an entry once (RING_COPY_*), then check the copy, and
 * check the producer index with RING_*_PROD_OVERFLOW before using it.
 *
 * The includer defines xen_mb() (full), xen_rmb() (read) and xen_wmb() (write) barriers.
 */
#ifndef __XEN_PUBLIC_IO_RING_H__
#define __XEN_PUBLIC_IO_RING_H__

#include <stdint.h>

typedef uint32_t RING_IDX;

/* The largest power of two that is not above x. */
#define __RD32(x) (1U << (31 - __builtin_clz((unsigned int)(x))))

/* Slots of ring type `name` in a page of `bytes`; constant. */
#define __CONST_RING_SIZE(name, bytes) \
    __RD32(((bytes) - __builtin_offsetof(struct name##_sring, ring)) / sizeof(union name##_sring_entry))

/* The same, given a pointer to the shared ring. */
#define __RING_SIZE(sring, bytes) \
    __RD32(((bytes) - (unsigned long)((char *)(sring)->ring - (char *)(sring))) / sizeof((sring)->ring[0]))

/*
 * Defines, for entries of types req_t and rsp_t: union NAME_sring_entry, struct NAME_sring (what is in the
 * shared page), struct NAME_front_ring and struct NAME_back_ring (what each side keeps for itself).
 */
#define DEFINE_RING_TYPES(name, req_t, rsp_t)                                             \
    union name##_sring_entry {                                                            \
        req_t req;                                                                        \
        rsp_t rsp;                                                                        \
    };                                                                                    \
    struct name##_sring {                                                                 \
        RING_IDX req_prod, req_event;                                                     \
        RING_IDX rsp_prod, rsp_event;                                                     \
        union {                                                                           \
            struct { uint8_t smartpoll_active; } netif;                                   \
            struct { uint8_t msg; } tapif_user;                                           \
            uint8_t pvt_pad[4];                                                           \
        } pvt;                                                                            \
        uint8_t __pad[44];                                                                \
        union name##_sring_entry ring[1]; /* As many as fit. */                           \
    };                                                                                    \
    struct name##_front_ring {                                                            \
        RING_IDX req_prod_pvt;   /* Requests written, not all pushed. */                  \
        RING_IDX rsp_cons;       /* Responses read. */                                    \
        unsigned int nr_ents;                                                             \
        struct name##_sring *sring;                                                       \
    };                                                                                    \
    struct name##_back_ring {                                                             \
        RING_IDX rsp_prod_pvt;   /* Responses written, not all pushed. */                 \
        RING_IDX req_cons;       /* Requests read. */                                     \
        unsigned int nr_ents;                                                             \
        struct name##_sring *sring;                                                       \
    };                                                                                    \
    typedef struct name##_sring name##_sring_t;                                           \
    typedef struct name##_front_ring name##_front_ring_t;                                 \
    typedef struct name##_back_ring name##_back_ring_t

/* Front end: make a page an empty ring. Event indices of 1 ask for a notification of the first entry. */
#define SHARED_RING_INIT(s) do {                                                          \
    __builtin_memset((s), 0, __builtin_offsetof(__typeof__(*(s)), ring));                 \
    (s)->req_event = 1;                                                                   \
    (s)->rsp_event = 1;                                                                   \
} while (0)

/* Take up a ring of `bytes` at index i (0 for a new one), from either side. */
#define FRONT_RING_ATTACH(r, s, i, bytes) do {                                            \
    (r)->sring = (s);                                                                     \
    (r)->nr_ents = __RING_SIZE((s), (bytes));                                             \
    (r)->req_prod_pvt = (r)->rsp_cons = (i);                                              \
} while (0)
#define BACK_RING_ATTACH(r, s, i, bytes) do {                                             \
    (r)->sring = (s);                                                                     \
    (r)->nr_ents = __RING_SIZE((s), (bytes));                                             \
    (r)->rsp_prod_pvt = (r)->req_cons = (i);                                              \
} while (0)
#define FRONT_RING_INIT(r, s, bytes) FRONT_RING_ATTACH(r, s, 0, bytes)
#define BACK_RING_INIT(r, s, bytes) BACK_RING_ATTACH(r, s, 0, bytes)
#define XEN_FRONT_RING_INIT(r, s, bytes) do {                                             \
    SHARED_RING_INIT(s);                                                                  \
    FRONT_RING_INIT(r, s, bytes);                                                         \
} while (0)

#define RING_SIZE(r) ((r)->nr_ents)

/* Front end: slots for further requests. */
#define RING_FREE_REQUESTS(r) (RING_SIZE(r) - ((r)->req_prod_pvt - (r)->rsp_cons))
#define RING_FULL(r) (RING_FREE_REQUESTS(r) == 0)

/* Entries to read. Of requests never more than there are slots free for their responses. */
#define XEN_RING_NR_UNCONSUMED_RESPONSES(r) ((r)->sring->rsp_prod - (r)->rsp_cons)
#define XEN_RING_NR_UNCONSUMED_REQUESTS(r) (__extension__({                               \
    unsigned int there_ = (r)->sring->req_prod - (r)->req_cons;                           \
    unsigned int room_ = RING_SIZE(r) - ((r)->req_cons - (r)->rsp_prod_pvt);              \
    there_ < room_ ? there_ : room_;                                                      \
}))
#define RING_HAS_UNCONSUMED_RESPONSES(r) (XEN_RING_NR_UNCONSUMED_RESPONSES(r) != 0)
#define RING_HAS_UNCONSUMED_REQUESTS(r) (XEN_RING_NR_UNCONSUMED_REQUESTS(r) != 0)

/* The entry at an index, in shared memory: to write. To read, copy it first. */
#define RING_GET_REQUEST(r, idx) (&(r)->sring->ring[(idx) & (RING_SIZE(r) - 1)].req)
#define RING_GET_RESPONSE(r, idx) (&(r)->sring->ring[(idx) & (RING_SIZE(r) - 1)].rsp)
#define RING_COPY_REQUEST(r, idx, req) \
    do { *(req) = *(volatile __typeof__(*(req)) *)RING_GET_REQUEST(r, idx); } while (0)
#define RING_COPY_RESPONSE(r, idx, rsp) \
    do { *(rsp) = *(volatile __typeof__(*(rsp)) *)RING_GET_RESPONSE(r, idx); } while (0)

/* True for an index that an honest other side cannot have produced. */
#define RING_REQUEST_CONS_OVERFLOW(r, cons) (((cons) - (r)->rsp_prod_pvt) >= RING_SIZE(r))
#define RING_REQUEST_PROD_OVERFLOW(r, prod) (((prod) - (r)->rsp_prod_pvt) > RING_SIZE(r))
#define RING_RESPONSE_PROD_OVERFLOW(r, prod) (((prod) - (r)->rsp_cons) > RING_SIZE(r))

/* Show written entries to the other side. */
#define RING_PUSH_REQUESTS(r) do {                                                        \
    xen_wmb();                                                                            \
    (r)->sring->req_prod = (r)->req_prod_pvt;                                             \
} while (0)
#define RING_PUSH_RESPONSES(r) do {                                                       \
    xen_wmb();                                                                            \
    (r)->sring->rsp_prod = (r)->rsp_prod_pvt;                                             \
} while (0)

/* The same; `notify` becomes true if the other side wants an event for one of them. */
#define RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(r, notify) do {                               \
    RING_IDX was_ = (r)->sring->req_prod;                                                 \
    RING_PUSH_REQUESTS(r);                                                                \
    xen_mb();                                                                             \
    (notify) = (RING_IDX)((r)->req_prod_pvt - (r)->sring->req_event)                      \
               < (RING_IDX)((r)->req_prod_pvt - was_);                                    \
} while (0)
#define RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(r, notify) do {                              \
    RING_IDX was_ = (r)->sring->rsp_prod;                                                 \
    RING_PUSH_RESPONSES(r);                                                               \
    xen_mb();                                                                             \
    (notify) = (RING_IDX)((r)->rsp_prod_pvt - (r)->sring->rsp_event)                      \
               < (RING_IDX)((r)->rsp_prod_pvt - was_);                                    \
} while (0)

/*
 * Before sleeping: ask for a notification of the next entry; `work` becomes true if one has come meanwhile.
 */
#define RING_FINAL_CHECK_FOR_REQUESTS(r, work) do {                                       \
    (work) = RING_HAS_UNCONSUMED_REQUESTS(r);                                             \
    if (!(work)) {                                                                        \
        (r)->sring->req_event = (r)->req_cons + 1;                                        \
        xen_mb();                                                                         \
        (work) = RING_HAS_UNCONSUMED_REQUESTS(r);                                         \
    }                                                                                     \
} while (0)
#define RING_FINAL_CHECK_FOR_RESPONSES(r, work) do {                                      \
    (work) = RING_HAS_UNCONSUMED_RESPONSES(r);                                            \
    if (!(work)) {                                                                        \
        (r)->sring->rsp_event = (r)->rsp_cons + 1;                                        \
        xen_mb();                                                                         \
        (work) = RING_HAS_UNCONSUMED_RESPONSES(r);                                        \
    }                                                                                     \
} while (0)

#endif
