/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The front-end's reading of the rx ring: the responses of one packet, copied once and checked. What the back-end says is
 * not trusted: a compromised driver domain must not reach more of the guest than the packets' content.
 */
#ifndef HV_PV_RX_PACKET_H
#define HV_PV_RX_PACKET_H

#include "netif.h"
#include "ring.h"

#define RX_PARTS      (XEN_NETIF_NR_SLOTS_MIN + 1)
#define RX_EXTRAS_MAX 4

struct rx_part {
    u32 slot;           /* whose page holds it: the index in the ring modulo the number of slots */
    u16 offset;
    u16 size;           /* offset + size is at most a page */
};

enum rx_verdict {
    RX_PACKET,
    RX_DROP,            /* the back-end says that something went wrong with it */
    RX_BROKEN,          /* the back-end does not keep to the protocol; `why` says how */
};

struct rx_packet {
    struct rx_part part[RX_PARTS];
    u8 parts;
    u16 flags;          /* NETRXF_csum_blank, NETRXF_data_validated */
    u32 size;           /* the sum of the parts */
    u16 gso_size;       /* 0: not segmented */
    u8 gso_type;
    u32 first_slot;     /* all slots taken, parts and extras, follow each other: their pages may be offered again */
    u32 slots;
    const char *why;
};

/* Takes the next packet's responses, of which `pending` (at least 1, from ring_front_pending()) are there. */
enum rx_verdict rx_packet_take(struct ring_front *ring, u32 pending, struct rx_packet *packet);

#endif
