// SPDX-License-Identifier: GPL-2.0-only
/*
 * From dom0's network stack to a guest's rx ring.
 *
 * start_xmit puts packets into a backlog and leaves the rest to the queue's poll, which runs when the present softirq has handed over all it
 * has: so what arrived together is copied in one hypercall and announced by one event. A process of dom0 that sends a stream
 * has no such end; there a work item starts the poll when the process leaves the CPU. The poll takes as many packets as the
 * guest offers pages for. A guest that offers none stops the stack's queue, and after a while what waits for it is thrown away.
 *
 * Invariant: the rx ring's responses are put in the order of its requests and each in its request's slot, so rsp_prod catches up
 * with req_cons in each batch.
 */
#include "back.h"

#include <linux/etherdevice.h>
#include <xen/page.h>

static bool goes_as_gso(const struct sk_buff *skb)
{
    return skb_is_gso(skb) && skb_shinfo(skb)->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6);
}

static unsigned int slots_of(const struct sk_buff *skb)
{
    return DIV_ROUND_UP(skb->len, XEN_PAGE_SIZE) + goes_as_gso(skb);
}

/*
 * Behind a limit what waits here would wait long, and nobody could tell: so little does, and the rest in the stack's queue, which
 * tells senders.
 */
static unsigned int backlog_max(const struct back_queue *queue)
{
    return READ_ONCE(queue->vif->limits.any) ? BACK_BACKLOG_LIMITED : BACK_BACKLOG_BYTES;
}

void back_start_work(struct work_struct *work)
{
    struct back_queue *queue = container_of(work, struct back_queue, start_work);

    local_bh_disable();
    napi_schedule(&queue->napi);
    local_bh_enable();
}

netdev_tx_t back_start_xmit(struct sk_buff *skb, struct net_device *net)
{
    struct back_vif *vif = netdev_priv(net);
    unsigned int number = skb_get_queue_mapping(skb);
    struct back_queue *queue;
    bool large = skb_is_gso(skb), full;
    unsigned long flags;

    if (!vif->online || number >= vif->queues)
        goto drop;
    queue = &vif->queue[number];
    if (slots_of(skb) > XEN_NETIF_NR_SLOTS_MIN) {
        queue->stats.to_dropped++;
        goto drop;
    }
    if (vif->multicast_filter && is_multicast_ether_addr(eth_hdr(skb)->h_dest) &&
        !back_multicast_wanted(vif, eth_hdr(skb)->h_dest))
        goto drop_silently;
    /* The sender's account is settled now: how fast a guest is must not hold up a socket of dom0 or of another guest. */
    skb_orphan(skb);
    skb_tx_timestamp(skb);
    spin_lock_irqsave(&queue->backlog.lock, flags);
    __skb_queue_tail(&queue->backlog, skb);
    queue->backlog_bytes += skb->len;
    full = queue->backlog_bytes > backlog_max(queue);
    if (full)
        netif_tx_stop_queue(netdev_get_tx_queue(net, number));
    spin_unlock_irqrestore(&queue->backlog.lock, flags);
    /* A packet that is still to be segmented is one of a stream; others follow it. */
    if (large && !in_serving_softirq())
        queue_work(system_highpri_wq, &queue->start_work);
    else
        napi_schedule(&queue->napi);
    return NETDEV_TX_OK;

drop:
    net->stats.tx_dropped++;
drop_silently:
    dev_kfree_skb_any(skb);
    return NETDEV_TX_OK;
}

/* The next packet, if the guest offers `room` slots and it needs no more. */
static struct sk_buff *backlog_take(struct back_queue *queue, unsigned int room)
{
    struct netdev_queue *stack = netdev_get_tx_queue(queue->vif->net, queue->id);
    struct sk_buff *skb;
    unsigned long flags;

    spin_lock_irqsave(&queue->backlog.lock, flags);
    skb = skb_peek(&queue->backlog);
    queue->starved = skb && slots_of(skb) > room;
    if (queue->starved || (skb && back_limits_hold(queue, BACK_TO_GUEST)))
        skb = NULL;
    if (skb) {
        back_limits_count(queue, BACK_TO_GUEST, skb->len, goes_as_gso(skb) ? skb_shinfo(skb)->gso_size : 0);
        __skb_unlink(skb, &queue->backlog);
        queue->backlog_bytes -= skb->len;
        if (netif_tx_queue_stopped(stack) && queue->backlog_bytes < backlog_max(queue) / 2)
            netif_tx_wake_queue(stack);
    }
    spin_unlock_irqrestore(&queue->backlog.lock, flags);
    return skb;
}

void back_purge(struct back_queue *queue)
{
    struct sk_buff_head old;
    unsigned long flags;

    __skb_queue_head_init(&old);
    spin_lock_irqsave(&queue->backlog.lock, flags);
    skb_queue_splice_init(&queue->backlog, &old);
    queue->backlog_bytes = 0;
    spin_unlock_irqrestore(&queue->backlog.lock, flags);
    queue->stats.to_dropped += skb_queue_len(&old);
    __skb_queue_purge(&old);
}

/* Where the next bytes of a packet go: the guest's current page, and the responses written so far. */
struct source {
    struct back_queue *queue;
    u32 gref;
    unsigned int room;                  /* left in the guest's page */
    struct netif_rx_response *response; /* the current page's */
    unsigned int responses;             /* in queue->response */
};

/* Takes the next page that the guest offers. */
static void source_page(struct source *source)
{
    struct netif_rx_request request;

    ring_back_take(&source->queue->rx, &request, sizeof(request));
    source->response = &source->queue->response[source->responses++];
    *source->response = (struct netif_rx_response){ .id = request.id };
    source->gref = request.gref;
    source->room = XEN_PAGE_SIZE;
}

static void source_copy(struct source *source, const void *from, struct page *page, unsigned int offset,
                        unsigned int bytes)
{
    struct xen_page_foreign *foreign = page ? xen_page_foreign(page) : NULL;

    while (bytes) {
        struct gnttab_copy *copy;
        unsigned int length;

        if (!source->room) {
            source->response->flags |= NETRXF_more_data;
            source_page(source);
        }
        length = min3(bytes, source->room, (unsigned int)(XEN_PAGE_SIZE - offset));
        copy = back_copy_add(source->queue);
        copy->flags = GNTCOPY_dest_gref;
        copy->source.offset = offset;
        if (foreign) {
            /* Another back-end (Linux's) has mapped it from its own guest, whose grant is the only way to name it. */
            copy->source.domid = foreign->domid;
            copy->source.u.ref = foreign->gref;
            copy->flags |= GNTCOPY_source_gref;
        } else {
            copy->source.domid = DOMID_SELF;
            copy->source.u.gmfn = virt_to_gfn(from);
        }
        copy->dest.domid = source->queue->vif->dev->otherend_id;
        copy->dest.u.ref = source->gref;
        copy->dest.offset = XEN_PAGE_SIZE - source->room;
        copy->len = length;
        source->room -= length;
        source->response->status += length;
        bytes -= length;
        from += length;
        offset = offset_in_page(from);
    }
}

static void source_frag(struct source *source, const skb_frag_t *frag)
{
    struct page *page = skb_frag_page(frag) + (skb_frag_off(frag) >> PAGE_SHIFT);
    unsigned int offset = offset_in_page(skb_frag_off(frag)), left = skb_frag_size(frag);

    for (; left; page++, offset = 0) {
        unsigned int bytes = min_t(unsigned int, left, PAGE_SIZE - offset);

        source_copy(source, page_address(page) + offset, page, offset, bytes);
        left -= bytes;
    }
}

/* The first response is followed by the extra; so the first page is taken, then the extra's slot. */
static void source_packet(struct source *source, const struct sk_buff *skb)
{
    unsigned int first = source->responses;
    struct netif_rx_response *response;

    source_page(source);
    response = &source->queue->response[first];
    if (skb->ip_summed == CHECKSUM_PARTIAL)
        response->flags = NETRXF_csum_blank | NETRXF_data_validated;
    else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
        response->flags = NETRXF_data_validated;
    if (goes_as_gso(skb)) {
        bool v4 = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV4;
        struct netif_extra_info extra = {
            .type = XEN_NETIF_EXTRA_TYPE_GSO,
            .u.gso.size = skb_shinfo(skb)->gso_size,
            .u.gso.type = v4 ? XEN_NETIF_GSO_TYPE_TCPV4 : XEN_NETIF_GSO_TYPE_TCPV6,
        };
        struct netif_rx_request unused;

        response->flags |= NETRXF_extra_info;
        ring_back_take(&source->queue->rx, &unused, sizeof(unused));
        memcpy(&source->queue->response[source->responses++], &extra, sizeof(extra));
    }
    if (skb_headlen(skb))
        source_copy(source, skb->data, NULL, offset_in_page(skb->data), skb_headlen(skb));
    for (unsigned int i = 0; i < skb_shinfo(skb)->nr_frags; i++)
        source_frag(source, &skb_shinfo(skb)->frags[i]);
    source->queue->stats.to_packets++;
    source->queue->stats.to_bytes += skb->len;
}

/* Each page of the packet's pieces and each page of the guest's may end an operation. */
#define COPIES_PER_PACKET  (4 * (MAX_SKB_FRAGS + 2))

bool back_to_guest(struct back_queue *queue, bool *notify)
{
    struct source source = { .queue = queue };
    struct sk_buff *skb;
    unsigned int count = 0;
    bool more = false;
    int room;

    if (!queue->starved && skb_queue_empty_lockless(&queue->backlog))
        return false;
    for (;;) {
        more = count == BACK_BATCH || queue->copies + COPIES_PER_PACKET > BACK_COPIES;
        if (more)
            break;
        room = ring_back_pending(&queue->rx);
        if (room < 0) {
            back_broken(queue->vif, "its rx ring claims more requests than fit");
            break;
        }
        skb = backlog_take(queue, room);
        if (!skb)
            break;
        /* Pieces without end (a list of fragments) are put into one: it is rare. */
        if (skb_has_frag_list(skb) && skb_linearize(skb)) {
            queue->stats.to_dropped++;
            dev_kfree_skb_any(skb);
            continue;
        }
        source_packet(&source, skb);
        queue->skb[count++] = skb;
    }
    if (count && back_copy(queue)) {
        for (unsigned int i = 0; i < source.responses; i++)
            ring_back_put(&queue->rx, &queue->response[i], sizeof(queue->response[i]));
        queue->stats.to_slots += source.responses;
        *notify = ring_back_push(&queue->rx);
    }
    if (count)
        del_timer(&queue->starved_timer);
    for (unsigned int i = 0; i < count; i++)
        napi_consume_skb(queue->skb[i], 1);
    return more;
}

bool back_to_guest_rearm(struct back_queue *queue)
{
    struct sk_buff *skb;
    unsigned long flags;
    unsigned int need;
    int room;

    if (!queue->starved)
        return false;
    spin_lock_irqsave(&queue->backlog.lock, flags);
    skb = skb_peek(&queue->backlog);
    need = skb ? slots_of(skb) : 0;
    spin_unlock_irqrestore(&queue->backlog.lock, flags);
    if (!need)
        return false;
    WRITE_ONCE(queue->rx.shared->req_event, queue->rx.req_cons + need);
    virt_mb();
    room = ring_back_pending(&queue->rx);
    if (room >= (int)need)
        return true;
    if (!timer_pending(&queue->starved_timer)) {
        queue->stats.to_starved++;
        mod_timer(&queue->starved_timer, jiffies + msecs_to_jiffies(queue->vif->wishes.rx_notify ? back_stall_ms : 30));
    }
    return false;
}
