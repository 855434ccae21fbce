// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invariant: whatever the ring holds, a taken packet has taken at least one and at most `pending` slots, has at most TX_SLOTS
 * parts inside their pages, whose sizes add up to `size`, and as many responses are put for it as slots were taken.
 */
#include "tx_packet.h"

static enum tx_verdict broken(struct tx_packet *packet, const char *why)
{
    packet->why = why;
    return TX_BROKEN;
}

/* Extras follow the first request. Those of a type that is not known change nothing, but there are not many. */
static const char *take_extras(struct ring_back *ring, u32 *pending, struct tx_packet *packet, bool *multicast)
{
    struct netif_extra_info extra;

    do {
        if (!*pending)
            return "an extra is announced and not there";
        if (packet->extras == TX_EXTRAS_MAX)
            return "too many extras";
        ring_back_take(ring, &extra, sizeof(extra));
        (*pending)--;
        packet->extras++;
        switch (extra.type) {
        case XEN_NETIF_EXTRA_TYPE_GSO:
            if (!extra.u.gso.size)
                return "segments of size 0";
            if (extra.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 && extra.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6)
                return "segmentation of an unknown type";
            packet->gso_size = extra.u.gso.size;
            packet->gso_type = extra.u.gso.type;
            break;
        case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
        case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
            *multicast = true;
            packet->multicast_add = extra.type == XEN_NETIF_EXTRA_TYPE_MCAST_ADD;
            memcpy(packet->multicast, extra.u.mcast.addr, sizeof(packet->multicast));
            break;
        case XEN_NETIF_EXTRA_TYPE_HASH:
            break;
        default:
            return "an extra of an unknown type";
        }
    } while (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
    return NULL;
}

enum tx_verdict tx_packet_take(struct ring_back *ring, u32 pending, struct tx_packet *packet)
{
    bool multicast = false, oversized = false;
    struct netif_tx_request request;
    const char *why;
    u32 rest;

    packet->slots = packet->extras = 0;
    packet->gso_size = 0;
    packet->why = NULL;
    ring_back_take(ring, &request, sizeof(request));
    pending--;
    packet->flags = request.flags;
    packet->size = request.size;
    packet->id[packet->slots++] = request.id;
    packet->part[0] = (struct tx_part){ request.gref, request.offset, 0 };
    if (request.flags & NETTXF_extra_info) {
        why = take_extras(ring, &pending, packet, &multicast);
        if (why)
            return broken(packet, why);
        if (multicast)
            return request.flags & NETTXF_more_data ? broken(packet, "a multicast request of several slots")
                                                    : TX_MULTICAST;
    }
    /* The first part's size is what the others leave of the packet's. */
    rest = packet->size;
    while (request.flags & NETTXF_more_data) {
        if (!pending)
            return broken(packet, "a part is announced and not there");
        if (packet->slots == TX_SLOTS_BAD)
            return broken(packet, "too many slots for a packet");
        ring_back_take(ring, &request, sizeof(request));
        pending--;
        if (request.offset + request.size > NETIF_PAGE)
            return broken(packet, "a part crosses its page's end");
        if (packet->slots < TX_SLOTS)
            packet->part[packet->slots] = (struct tx_part){ request.gref, request.offset, request.size };
        packet->id[packet->slots++] = request.id;
        /* A packet of 64 KiB and more has a size that wrapped: old guests do that, and it is just dropped. */
        if (request.size > rest)
            oversized = true;
        else
            rest -= request.size;
    }
    if (oversized || packet->slots > TX_SLOTS || packet->size < TX_BYTES_MIN)
        return TX_DROP;
    if (packet->part[0].offset + rest > NETIF_PAGE)
        return broken(packet, "the first part crosses its page's end");
    packet->part[0].size = (u16)rest;
    return TX_PACKET;
}

void tx_packet_answer(struct ring_back *ring, const struct tx_packet *packet, s16 status)
{
    struct netif_tx_response response = { .status = status };

    for (u32 i = 0; i < packet->slots; i++) {
        response.id = packet->id[i];
        ring_back_put(ring, &response, sizeof(response));
        if (i)
            continue;
        /* Extras lie behind the first request. */
        for (u32 extra = 0; extra < packet->extras; extra++)
            ring_back_put(ring, &(struct netif_tx_response){ .status = NETIF_RSP_NULL }, sizeof(response));
    }
}
