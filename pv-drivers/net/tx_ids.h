/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ids of a front-end's requests under way, and the reader of what the back-end answers to them.
 *
 * Invariant: an id is either free, and once in the list of those, or under way. The back-end names an id in its answer;
 * it is believed only if it is under way. Nothing here but plain memory is touched, so that fuzzers compile it as it is.
 */
#ifndef HV_NET_TX_IDS_H
#define HV_NET_TX_IDS_H

#include "netif.h"
#include "ring.h"

#define TX_IDS 256      /* as many as the tx ring has slots */

struct tx_ids {
    u16 free[TX_IDS];
    u32 frees;
    bool used[TX_IDS];
};

static inline void tx_ids_init(struct tx_ids *ids)
{
    for (ids->frees = 0; ids->frees < TX_IDS; ids->frees++) {
        ids->free[ids->frees] = (u16)(TX_IDS - 1 - ids->frees);
        ids->used[ids->frees] = false;
    }
}

/* Only if there are free ones. */
static inline u16 tx_ids_take(struct tx_ids *ids)
{
    u16 id = ids->free[--ids->frees];

    ids->used[id] = true;
    return id;
}

/* For an id under way. */
static inline void tx_ids_give(struct tx_ids *ids, u16 id)
{
    ids->used[id] = false;
    ids->free[ids->frees++] = id;
}

enum tx_answer {
    TX_ANSWER,          /* to the id in the response, which is under way until it is given back */
    TX_ANSWER_NONE,     /* to an extra */
    TX_ANSWER_BROKEN,   /* to what was not asked */
};

/* Takes the next response. Only for as many as ring_front_pending() said. */
static inline enum tx_answer tx_answer_take(struct ring_front *ring, const struct tx_ids *ids, struct netif_tx_response *response)
{
    ring_front_take(ring, response, sizeof(*response));
    if (response->status == NETIF_RSP_NULL)
        return TX_ANSWER_NONE;
    return response->id < TX_IDS && ids->used[response->id] ? TX_ANSWER : TX_ANSWER_BROKEN;
}

#endif
