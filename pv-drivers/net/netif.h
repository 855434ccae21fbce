/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a network ring's slots hold, by the names of the published ABI (public/io/netif.h of Debian's libxen-dev, which
 * tests/pv-drivers/net/abi-ours.c compares this with).
 *
 * A device has queues of two rings of one page each. On the *tx* ring the guest's packets go to the back-end; on the *rx* ring
 * the guest offers empty pages, and the back-end answers with packets. Sides are the guest's: tx leaves the guest.
 *
 *      tx   request(total size) [extra]... request(part)... one response per slot, NULL for an extra
 *      rx   request(page)...              response(part) [extra]... response(part)... each in its request's slot
 *
 * A packet's parts are linked by the flag more_data; an extra (segmentation, multicast, hash) follows the first part whose
 * extra_info is set, and lies in a slot of its own in place of a request or response.
 */
#ifndef HV_PV_NETIF_H
#define HV_PV_NETIF_H

#include "platform.h"

#define NETIF_RING_BYTES 4096
#define NETIF_PAGE       4096
#define XEN_NETIF_NR_SLOTS_MIN 18       /* slots of one packet that every back-end takes */
#define XEN_NETIF_MAX_TX_SIZE  0xffff

/* Flags of a tx request; each other slot's are 0 or more_data. */
#define NETTXF_csum_blank      (1u << 0)     /* the sum of TCP or UDP is to be filled in */
#define NETTXF_data_validated  (1u << 1)     /* ... or was found right */
#define NETTXF_more_data       (1u << 2)
#define NETTXF_extra_info      (1u << 3)

struct netif_tx_request {
    u32 gref;
    u16 offset;         /* in the granted page */
    u16 flags;
    u16 id;             /* comes back in the response */
    u16 size;           /* the whole packet's in the first request, else this part's */
};

struct netif_tx_response {
    u16 id;
    s16 status;
};

#define NETIF_RSP_DROPPED  (-2)
#define NETIF_RSP_ERROR    (-1)
#define NETIF_RSP_OKAY     0
#define NETIF_RSP_NULL     1            /* answers an extra */

/* Flags of an rx response. */
#define NETRXF_data_validated  (1u << 0)
#define NETRXF_csum_blank      (1u << 1)
#define NETRXF_more_data       (1u << 2)
#define NETRXF_extra_info      (1u << 3)

struct netif_rx_request {
    u16 id;
    u16 pad;
    u32 gref;
};

struct netif_rx_response {
    u16 id;
    u16 offset;         /* of the part in its page */
    u16 flags;
    s16 status;         /* the part's size, or an error */
};

#define XEN_NETIF_EXTRA_TYPE_GSO       1
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD 2
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL 3
#define XEN_NETIF_EXTRA_TYPE_HASH      4
#define XEN_NETIF_EXTRA_FLAG_MORE      1u

#define XEN_NETIF_GSO_TYPE_NONE  0
#define XEN_NETIF_GSO_TYPE_TCPV4 1
#define XEN_NETIF_GSO_TYPE_TCPV6 2

struct netif_extra_info {
    u8 type;
    u8 flags;
    union {
        struct {
            u16 size;   /* payload of a segment */
            u8 type;
            u8 pad;
            u16 features;
        } gso;
        struct {
            u8 addr[6];
        } mcast;
        struct {
            u8 type;
            u8 algorithm;
            u8 value[4];
        } hash;
    } u;
};

/* A slot is as large as the larger of its request and its response. */
#define NETIF_TX_SLOT_BYTES sizeof(struct netif_tx_request)
#define NETIF_RX_SLOT_BYTES sizeof(struct netif_rx_response)

static_assert(sizeof(struct netif_tx_request) == 12, "a tx slot has 12 bytes");
static_assert(sizeof(struct netif_rx_request) == 8 && sizeof(struct netif_rx_response) == 8, "an rx slot has 8 bytes");
static_assert(sizeof(struct netif_extra_info) == 8, "an extra fits both");

#endif
