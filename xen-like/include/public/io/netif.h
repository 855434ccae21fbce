/* SPDX-License-Identifier: MIT */
/*
 * The split network interface: a transmit ring and a receive ring per queue, seen from the front end, and a
 * control ring. A packet may take several slots; it then continues while NETTXF_more_data (or
 * NETRXF_more_data) is set. Behind a first slot with the extra_info flag stand netif_extra_info slots.
 */
#ifndef __XEN_PUBLIC_IO_NETIF_H__
#define __XEN_PUBLIC_IO_NETIF_H__

#include "ring.h"
#include "../grant_table.h"

/* Slots per packet that every back end takes, extra_info included. */
#define XEN_NETIF_NR_SLOTS_MIN 18

/*
 * Control ring (store keys ctrl-ring-ref, event-channel-ctrl): how the back end spreads packets over queues.
 */
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4     0
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4      (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP 1
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP  (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6     2
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6      (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6)
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP 3
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP  (1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

#define XEN_NETIF_CTRL_HASH_ALGORITHM_NONE     0
#define XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ 1

/* Control requests; what data[] holds is in brackets. */
#define XEN_NETIF_CTRL_TYPE_INVALID               0
#define XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS        1   /* [] answer: mask of hash types */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS        2   /* [mask] */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_KEY          3   /* [grant, bytes] */
#define XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE 4   /* [] answer: most entries */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE 5   /* [entries] */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING      6   /* [grant, entries, first] */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM    7   /* [algorithm] */
#define XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE 8   /* [queue] answer: most mappings */
#define XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING      9   /* [queue, grant of a list, entries] */
#define XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING     10   /* [queue, grant of a list, entries] */
struct xen_netif_ctrl_request {
    uint16_t id;
    uint16_t type;
    uint32_t data[3];
};

#define XEN_NETIF_CTRL_STATUS_SUCCESS           0
#define XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED     1
#define XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER 2
#define XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW   3
struct xen_netif_ctrl_response {
    uint16_t id;
    uint16_t type;
    uint32_t status;
    uint32_t data;
};

/* An entry in the list of a GREF_MAPPING request: a grant that stays mapped. */
#define _XEN_NETIF_CTRLF_GREF_readonly 0
#define XEN_NETIF_CTRLF_GREF_readonly  (1U << _XEN_NETIF_CTRLF_GREF_readonly)
struct xen_netif_gref {
    grant_ref_t ref;
    uint16_t flags;
    uint16_t status;
};

DEFINE_RING_TYPES(xen_netif_ctrl, struct xen_netif_ctrl_request, struct xen_netif_ctrl_response);

/* Transmit: front end to network. */
#define _NETTXF_csum_blank     (0)
#define NETTXF_csum_blank      (1U << _NETTXF_csum_blank)       /* The checksum is not filled in. */
#define _NETTXF_data_validated (1)
#define NETTXF_data_validated  (1U << _NETTXF_data_validated)   /* The data is known to be good. */
#define _NETTXF_more_data      (2)
#define NETTXF_more_data       (1U << _NETTXF_more_data)        /* The packet continues. */
#define _NETTXF_extra_info     (3)
#define NETTXF_extra_info      (1U << _NETTXF_extra_info)       /* Extra slots follow this one. */

#define XEN_NETIF_MAX_TX_SIZE 0xFFFF
struct netif_tx_request {
    grant_ref_t gref;
    uint16_t offset;   /* Bytes into the page. */
    uint16_t flags;    /* NETTXF_* */
    uint16_t id;       /* Comes back in the response. */
    uint16_t size;     /* Bytes: in the first slot of the whole packet, then of the slot. */
};
typedef struct netif_tx_request netif_tx_request_t;

#define XEN_NETIF_EXTRA_TYPE_NONE      (0)
#define XEN_NETIF_EXTRA_TYPE_GSO       (1)   /* gso */
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD (2)   /* mcast */
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL (3)   /* mcast */
#define XEN_NETIF_EXTRA_TYPE_HASH      (4)   /* hash */
#define XEN_NETIF_EXTRA_TYPE_MAX       (5)

#define _XEN_NETIF_EXTRA_FLAG_MORE (0)
#define XEN_NETIF_EXTRA_FLAG_MORE  (1U << _XEN_NETIF_EXTRA_FLAG_MORE)   /* Another one follows. */

#define XEN_NETIF_GSO_TYPE_NONE  (0)
#define XEN_NETIF_GSO_TYPE_TCPV4 (1)
#define XEN_NETIF_GSO_TYPE_TCPV6 (2)
struct netif_extra_info {
    uint8_t type;    /* XEN_NETIF_EXTRA_TYPE_* */
    uint8_t flags;   /* XEN_NETIF_EXTRA_FLAG_MORE */
    union {
        struct {
            uint16_t size;       /* Most payload bytes per segment. */
            uint8_t type;        /* XEN_NETIF_GSO_TYPE_* */
            uint8_t pad;
            uint16_t features;   /* 0 */
        } gso;
        struct {
            uint8_t addr[6];     /* Multicast address to receive, or no longer. */
        } mcast;
        struct {
            uint8_t type;        /* Number of a XEN_NETIF_CTRL_HASH_TYPE_*. */
            uint8_t algorithm;   /* XEN_NETIF_CTRL_HASH_ALGORITHM_* */
            uint8_t value[4];    /* Little endian. */
        } hash;
        uint16_t pad[3];
    } u;
};
typedef struct netif_extra_info netif_extra_info_t;

struct netif_tx_response {
    uint16_t id;
    int16_t status;   /* NETIF_RSP_* */
};
typedef struct netif_tx_response netif_tx_response_t;

/* Receive: the front end offers pages to fill. */
struct netif_rx_request {
    uint16_t id;       /* The slot's number. */
    uint16_t pad;
    grant_ref_t gref;
};
typedef struct netif_rx_request netif_rx_request_t;

#define _NETRXF_data_validated (0)
#define NETRXF_data_validated  (1U << _NETRXF_data_validated)
#define _NETRXF_csum_blank     (1)
#define NETRXF_csum_blank      (1U << _NETRXF_csum_blank)
#define _NETRXF_more_data      (2)
#define NETRXF_more_data       (1U << _NETRXF_more_data)
#define _NETRXF_extra_info     (3)
#define NETRXF_extra_info      (1U << _NETRXF_extra_info)
#define _NETRXF_gso_prefix     (4)
#define NETRXF_gso_prefix      (1U << _NETRXF_gso_prefix)       /* Older way to say gso. */
struct netif_rx_response {
    uint16_t id;
    uint16_t offset;   /* Bytes into the page. */
    uint16_t flags;    /* NETRXF_* */
    int16_t status;    /* Bytes, or NETIF_RSP_*. */
};
typedef struct netif_rx_response netif_rx_response_t;

DEFINE_RING_TYPES(netif_tx, struct netif_tx_request, struct netif_tx_response);
DEFINE_RING_TYPES(netif_rx, struct netif_rx_request, struct netif_rx_response);

#define NETIF_RSP_DROPPED -2
#define NETIF_RSP_ERROR   -1
#define NETIF_RSP_OKAY     0
#define NETIF_RSP_NULL     1   /* Answer to an extra slot. */

#endif
