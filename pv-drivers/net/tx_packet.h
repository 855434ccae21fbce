/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The back-end's reading of a guest's tx ring: one packet's slots, copied once and checked, become a description that
 * only says what is safe to do. Plain memory in, plain memory out; tests and fuzzers compile it as it is.
 */
#ifndef HV_PV_TX_PACKET_H
#define HV_PV_TX_PACKET_H

#include "netif.h"
#include "ring.h"

/*
 * A packet may claim up to TX_SLOTS_BAD slots, like those of some old guests do, and is then dropped if it has more than TX_SLOTS of
 * them; a guest that claims more is not one that errs.
 */
#define TX_SLOTS      XEN_NETIF_NR_SLOTS_MIN
#define TX_SLOTS_BAD  20
#define TX_EXTRAS_MAX 4
#define TX_BYTES_MIN  14        /* an Ethernet header */

struct tx_part {
    u32 gref;
    u16 offset;
    u16 size;           /* offset + size is at most a page */
};

enum tx_verdict {
    TX_PACKET,          /* to be copied and passed on */
    TX_MULTICAST,       /* no packet: an address to add or delete */
    TX_DROP,            /* nothing to be done but to answer with an error */
    TX_BROKEN,          /* the guest does not keep to the protocol; `why` says how */
};

struct tx_packet {
    struct tx_part part[TX_SLOTS];
    u16 id[TX_SLOTS_BAD];       /* for the responses, one for each of `slots` */
    u8 slots;                   /* requests taken, at most TX_SLOTS of which are parts */
    u8 extras;                  /* slots taken by extras */
    u16 flags;                  /* NETTXF_csum_blank, NETTXF_data_validated */
    u16 size;                   /* the sum of the parts */
    u16 gso_size;               /* 0: not to be segmented */
    u8 gso_type;
    u8 multicast_add;           /* of a TX_MULTICAST: add, or else delete */
    u8 multicast[6];
    const char *why;
};

/* Takes the next packet's slots, of which `pending` (at least 1, from ring_back_pending()) are there. */
enum tx_verdict tx_packet_take(struct ring_back *ring, u32 pending, struct tx_packet *packet);

/* Puts the responses to all of the packet's slots, with `status` for its requests. */
void tx_packet_answer(struct ring_back *ring, const struct tx_packet *packet, s16 status);

#endif
