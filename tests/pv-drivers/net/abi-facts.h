/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What pv-drivers/net/netif.h says of the ABI, as a table of numbers; abi-ours.c and abi-published.c each fill it from a
 * header of their own.
 */
#ifndef TESTS_PV_NET_ABI_FACTS_H
#define TESTS_PV_NET_ABI_FACTS_H

#include <stddef.h>

struct fact {
    const char *name;
    long value;
};

#define VALUE(name) { #name, (long)(name) }
#define PLACE(type, member) \
    { #type "." #member, (long)(offsetof(struct type, member) << 8 | sizeof(((struct type *)0)->member)) }

#define FACTS { \
    VALUE(XEN_NETIF_NR_SLOTS_MIN), VALUE(XEN_NETIF_MAX_TX_SIZE), \
    VALUE(NETTXF_csum_blank), VALUE(NETTXF_data_validated), VALUE(NETTXF_more_data), VALUE(NETTXF_extra_info), \
    VALUE(NETRXF_data_validated), VALUE(NETRXF_csum_blank), VALUE(NETRXF_more_data), VALUE(NETRXF_extra_info), \
    VALUE(NETIF_RSP_DROPPED), VALUE(NETIF_RSP_ERROR), VALUE(NETIF_RSP_OKAY), VALUE(NETIF_RSP_NULL), \
    VALUE(XEN_NETIF_EXTRA_TYPE_GSO), VALUE(XEN_NETIF_EXTRA_TYPE_MCAST_ADD), VALUE(XEN_NETIF_EXTRA_TYPE_MCAST_DEL), \
    VALUE(XEN_NETIF_EXTRA_TYPE_HASH), VALUE(XEN_NETIF_EXTRA_FLAG_MORE), \
    VALUE(XEN_NETIF_GSO_TYPE_NONE), VALUE(XEN_NETIF_GSO_TYPE_TCPV4), VALUE(XEN_NETIF_GSO_TYPE_TCPV6), \
    PLACE(netif_tx_request, gref), PLACE(netif_tx_request, offset), PLACE(netif_tx_request, flags), \
    PLACE(netif_tx_request, id), PLACE(netif_tx_request, size), \
    PLACE(netif_tx_response, id), PLACE(netif_tx_response, status), \
    PLACE(netif_rx_request, id), PLACE(netif_rx_request, gref), \
    PLACE(netif_rx_response, id), PLACE(netif_rx_response, offset), PLACE(netif_rx_response, flags), \
    PLACE(netif_rx_response, status), \
    PLACE(netif_extra_info, type), PLACE(netif_extra_info, flags), PLACE(netif_extra_info, u.gso.size), \
    PLACE(netif_extra_info, u.gso.type), PLACE(netif_extra_info, u.gso.features), \
    PLACE(netif_extra_info, u.mcast.addr), PLACE(netif_extra_info, u.hash.type), \
    PLACE(netif_extra_info, u.hash.algorithm), PLACE(netif_extra_info, u.hash.value), \
}

extern const struct fact facts_published[];

#endif
