// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invariant: whatever the ring holds, a taken packet has taken at least one and at most `pending` slots, and its parts lie in
 * different slots of those, inside their pages.
 *
 * A response lies in the slot of its request (the ABI promises it, as extras have no id), so ids are not looked at.
 */
#include "rx_packet.h"

static const char *take_extras(struct ring_front *ring, u32 *pending, struct rx_packet *packet)
{
    struct netif_extra_info extra;
    u32 count = 0;

    do {
        if (!*pending)
            return "an extra is announced and not there";
        if (count++ == RX_EXTRAS_MAX)
            return "too many extras";
        ring_front_take(ring, &extra, sizeof(extra));
        (*pending)--;
        packet->slots++;
        if (extra.type == XEN_NETIF_EXTRA_TYPE_GSO) {
            if (!extra.u.gso.size)
                return "segments of size 0";
            if (extra.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 && extra.u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6)
                return "segmentation of an unknown type";
            packet->gso_size = extra.u.gso.size;
            packet->gso_type = extra.u.gso.type;
        } else if (extra.type != XEN_NETIF_EXTRA_TYPE_HASH) {
            return "an extra of an unknown type";
        }
    } while (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
    return NULL;
}

enum rx_verdict rx_packet_take(struct ring_front *ring, u32 pending, struct rx_packet *packet)
{
    struct netif_rx_response response;
    bool drop = false;

    packet->parts = 0;
    packet->size = 0;
    packet->slots = 0;
    packet->gso_size = 0;
    packet->why = NULL;
    packet->first_slot = ring->rsp_cons & (ring->slots - 1);
    do {
        u32 slot = ring->rsp_cons & (ring->slots - 1);

        if (!pending) {
            packet->why = "a part is announced and not there";
            return RX_BROKEN;
        }
        ring_front_take(ring, &response, sizeof(response));
        pending--;
        packet->slots++;
        if (response.status < 0) {
            drop = true;
        } else if (response.offset + response.status > NETIF_PAGE) {
            packet->why = "a part crosses its page's end";
            return RX_BROKEN;
        } else if (packet->parts == RX_PARTS) {
            packet->why = "too many slots for a packet";
            return RX_BROKEN;
        } else {
            packet->part[packet->parts++] = (struct rx_part){ slot, response.offset, (u16)response.status };
            packet->size += (u32)response.status;
        }
        if (packet->slots == 1) {
            packet->flags = response.flags;
            if (response.flags & NETRXF_extra_info)
                packet->why = take_extras(ring, &pending, packet);
            if (packet->why)
                return RX_BROKEN;
        }
    } while (response.flags & NETRXF_more_data);
    return drop || packet->size < 14 ? RX_DROP : RX_PACKET;
}
