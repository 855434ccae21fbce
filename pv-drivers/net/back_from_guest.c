// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a guest's tx ring to dom0's network stack.
 *
 * A batch of packets is taken from the ring, memory made for each, all of it copied in one hypercall, the guest answered, and
 * then the packets are passed on. Small ones lie in one piece; of large ones the headers do, and the rest is in pages of
 * its own, so that nothing has to be moved on the way. These pages come back here when the stack is done with them: so the
 * kernel does not zero a page for each 4 KiB that is about to be written over.
 */
#include "back.h"

#include <linux/etherdevice.h>
#include <linux/if_ether.h>
#include <net/tcp.h>
#include <xen/page.h>

#define LINEAR_BYTES  2048      /* up to here all is linear */
#define HEADER_BYTES  192       /* else this much: Ethernet, IPv6 and TCP with options */
#define COPIES_PER_PACKET  (2 * TX_SLOTS + 2)

/* A place for the next bytes of a packet: first the linear part, then pages. */
struct sink {
    struct sk_buff *skb;
    void *at;
    unsigned int room;          /* in the linear part, or in the page `at` is in */
    int frag;                   /* -1: linear */
};

/* Opens a new page for the packet. Its frag grows as it is filled. */
static bool sink_page(struct back_queue *queue, struct sink *sink)
{
    struct page *page = page_pool_dev_alloc_pages(queue->pages);

    if (!page)
        return false;
    sink->frag++;
    __skb_fill_page_desc(sink->skb, sink->frag, page, 0, 0);
    skb_shinfo(sink->skb)->nr_frags = sink->frag + 1;
    sink->skb->truesize += PAGE_SIZE;
    sink->at = page_address(page);
    sink->room = PAGE_SIZE;
    return true;
}

static void sink_copy(struct back_queue *queue, struct sink *sink, u32 gref, u16 offset, unsigned int bytes)
{
    while (bytes) {
        unsigned int length = min_t(unsigned int, bytes, XEN_PAGE_SIZE - offset_in_page(sink->at));
        struct gnttab_copy *copy = back_copy_add(queue);

        copy->source.u.ref = gref;
        copy->source.domid = queue->vif->dev->otherend_id;
        copy->source.offset = offset;
        copy->dest.u.gmfn = virt_to_gfn(sink->at);
        copy->dest.domid = DOMID_SELF;
        copy->dest.offset = offset_in_page(sink->at);
        copy->len = length;
        copy->flags = GNTCOPY_source_gref;
        sink->at += length;
        sink->room -= length;
        offset += length;
        bytes -= length;
        if (sink->frag >= 0) {
            skb_frag_size_add(&skb_shinfo(sink->skb)->frags[sink->frag], length);
            sink->skb->data_len += length;
            sink->skb->len += length;
        }
    }
}

static bool sink_part(struct back_queue *queue, struct sink *sink, const struct tx_part *part)
{
    u16 offset = part->offset;
    unsigned int bytes = part->size;

    if (sink->frag < 0) {
        unsigned int head = min(bytes, sink->room);

        sink_copy(queue, sink, part->gref, offset, head);
        offset += head;
        bytes -= head;
    }
    if (!bytes)
        return true;
    /* A part goes to one page, for one operation; so there are never more pages than parts. */
    if ((sink->frag < 0 || sink->room < bytes) && !sink_page(queue, sink))
        return false;
    sink_copy(queue, sink, part->gref, offset, bytes);
    return true;
}

/* Memory for a packet and the operations that fill it; NULL: no memory. */
static struct sk_buff *packet_skb(struct back_queue *queue, const struct tx_packet *packet)
{
    unsigned int linear = packet->size, before = queue->copies;
    struct sink sink = { .frag = -1 };

    if (linear > LINEAR_BYTES) {
        linear = HEADER_BYTES;
        /* As many pages as parts but one: so with the most parts the first one has to be linear. */
        if (packet->slots == TX_SLOTS)
            linear = max_t(unsigned int, linear, packet->part[0].size);
    }
    sink.skb = napi_alloc_skb(&queue->napi, linear);
    if (!sink.skb)
        return NULL;
    skb_mark_for_recycle(sink.skb);
    sink.room = linear;
    sink.at = skb_put(sink.skb, linear);
    for (unsigned int i = 0; i < packet->slots; i++)
        if (!sink_part(queue, &sink, &packet->part[i])) {
            queue->copies = before;
            kfree_skb(sink.skb);
            return NULL;
        }
    return sink.skb;
}

/* What the stack has to know about a packet whose bytes are there. False if they contradict what the guest said of them. */
static bool packet_describe(struct back_queue *queue, const struct tx_packet *packet, struct sk_buff *skb)
{
    struct skb_shared_info *shared = skb_shinfo(skb);
    bool recalculate = false;

    skb->dev = queue->vif->net;
    skb->protocol = eth_type_trans(skb, skb->dev);
    skb_reset_network_header(skb);
    skb_record_rx_queue(skb, queue->id);
    if (packet->flags & NETTXF_csum_blank)
        skb->ip_summed = CHECKSUM_PARTIAL;
    else if (packet->flags & NETTXF_data_validated)
        skb->ip_summed = CHECKSUM_UNNECESSARY;
    if (packet->gso_size) {
        shared->gso_size = packet->gso_size;
        shared->gso_type = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
        shared->gso_type |= SKB_GSO_DODGY;
        /* Segments get sums of their own, so the packet's is blank whatever the guest says. */
        recalculate = skb->ip_summed != CHECKSUM_PARTIAL;
        skb->ip_summed = CHECKSUM_PARTIAL;
    }
    if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_setup(skb, recalculate))
        return false;
    if (packet->gso_size) {
        unsigned int headers;

        if (!skb_transport_header_was_set(skb))
            return false;
        headers = skb_tcp_all_headers(skb);
        if (headers >= skb->len)
            return false;
        shared->gso_segs = DIV_ROUND_UP(skb->len - headers, packet->gso_size);
    } else {
        skb_probe_transport_header(skb);
    }
    return true;
}

/* Takes packets from the ring until there are none, or the budget or the array of operations is used up. */
static int take_batch(struct back_queue *queue, int budget)
{
    int count = 0;

    queue->held = false;
    while (count < budget && queue->copies + COPIES_PER_PACKET <= BACK_COPIES) {
        struct tx_packet *packet = &queue->packet[count];
        int pending = ring_back_pending(&queue->tx);
        enum tx_verdict verdict;

        if (pending < 0) {
            back_broken(queue->vif, "its tx ring claims more requests than fit");
            break;
        }
        if (!pending)
            break;
        queue->held = back_limits_hold(queue, BACK_FROM_GUEST);
        if (queue->held)
            break;
        verdict = tx_packet_take(&queue->tx, pending, packet);
        queue->stats.from_slots += packet->slots;
        if (verdict == TX_BROKEN) {
            back_broken(queue->vif, packet->why);
            break;
        }
        queue->skb[count] = NULL;
        if (verdict == TX_PACKET) {
            back_limits_count(queue, BACK_FROM_GUEST, packet->size, packet->gso_size);
            queue->skb[count] = packet_skb(queue, packet);
            if (!queue->skb[count])
                verdict = TX_DROP;
        }
        queue->verdict[count++] = verdict;
    }
    return count;
}

static s16 answer_of(struct back_queue *queue, int number)
{
    const struct tx_packet *packet = &queue->packet[number];

    if (queue->verdict[number] == TX_PACKET)
        return NETIF_RSP_OKAY;
    if (queue->verdict[number] == TX_MULTICAST)
        return back_multicast_change(queue->vif, packet->multicast, packet->multicast_add) ? NETIF_RSP_ERROR
                                                                                          : NETIF_RSP_OKAY;
    queue->stats.from_bad++;
    return NETIF_RSP_ERROR;
}

static void pass_on(struct back_queue *queue, const struct tx_packet *packet, struct sk_buff *skb)
{
    if (!netif_running(queue->vif->net) || !packet_describe(queue, packet, skb)) {
        queue->stats.from_dropped++;
        kfree_skb(skb);
        return;
    }
    queue->stats.from_packets++;
    queue->stats.from_bytes += packet->size;
    netif_receive_skb(skb);
}

int back_from_guest(struct back_queue *queue, int budget, bool *notify)
{
    int count = take_batch(queue, min(budget, BACK_BATCH));
    bool copied = back_copy(queue);

    for (int i = 0; i < count; i++)
        tx_packet_answer(&queue->tx, &queue->packet[i], copied ? answer_of(queue, i) : NETIF_RSP_ERROR);
    *notify = ring_back_push(&queue->tx);
    for (int i = 0; i < count; i++) {
        if (!queue->skb[i])
            continue;
        if (copied)
            pass_on(queue, &queue->packet[i], queue->skb[i]);
        else
            kfree_skb(queue->skb[i]);
    }
    return count;
}
