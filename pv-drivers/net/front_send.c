// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the guest's network stack to the tx ring.
 *
 * A packet's request slots: its start in a bounce buffer (or granted, if all of it is linear and large), then a slot for each
 * page of data. Completions matter only where memory waits for them. So while none does, the back-end is asked for an
 * event only when half the ring is done; with the first packet that holds memory the wish comes to that packet's end.
 *
 * Requests are put, and then shown, which may cost an event. What is sent in the course of this queue's own poll (TCP's answers to what
 * was received) is shown at its end. A large packet is one of a stream, and others follow: it is shown when its sender
 * leaves the CPU to the work item, or to the poll, that shows it. All else is shown at once, as somebody waits for it.
 */
#include "front.h"

#include <linux/if_ether.h>
#include <xen/events.h>
#include <xen/page.h>

/* A packet's slots under way, kept in it while it is the driver's. */
static unsigned int *slots_left(struct sk_buff *skb)
{
    return (unsigned int *)skb->cb;
}

static unsigned int pages_of(unsigned int offset, unsigned int bytes)
{
    return DIV_ROUND_UP(offset_in_page(offset) + bytes, XEN_PAGE_SIZE);
}

static unsigned int linear_slots(const struct sk_buff *skb)
{
    unsigned int bytes = skb_headlen(skb);

    return bytes <= FRONT_BOUNCE ? 1 : pages_of(offset_in_page(skb->data), bytes);
}

static unsigned int slots_of(const struct sk_buff *skb)
{
    unsigned int slots = linear_slots(skb);

    if (skb->len <= FRONT_BOUNCE)
        return 1;
    for (unsigned int i = 0; i < skb_shinfo(skb)->nr_frags; i++)
        slots += pages_of(skb_frag_off(&skb_shinfo(skb)->frags[i]), skb_frag_size(&skb_shinfo(skb)->frags[i]));
    return slots;
}

static u16 take_id(struct front_queue *queue)
{
    u16 id = tx_ids_take(&queue->tx_ids);

    queue->tx_slot[id].skb = NULL;
    return id;
}

/* The requests of one packet on their way to the ring: extras go behind the first, so that one waits for them. */
struct sender {
    struct front_queue *queue;
    struct sk_buff *skb;
    struct netif_tx_request last;       /* not yet put, as its more_data is not known */
    bool first;
};

static void put_extra(struct sender *sender)
{
    const struct skb_shared_info *shared = skb_shinfo(sender->skb);
    struct netif_extra_info extra = {
        .type = XEN_NETIF_EXTRA_TYPE_GSO,
        .u.gso.size = shared->gso_size,
        .u.gso.type = shared->gso_type & SKB_GSO_TCPV6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4,
    };

    ring_front_put(&sender->queue->tx, &extra, sizeof(extra));
}

static void put_last(struct sender *sender, u16 more)
{
    sender->last.flags |= more;
    ring_front_put(&sender->queue->tx, &sender->last, sizeof(sender->last));
    if (sender->last.flags & NETTXF_extra_info)
        put_extra(sender);
}

/* The next request becomes the last; the one before it is put. */
static void next_request(struct sender *sender, u16 id, grant_ref_t ref, unsigned int offset, unsigned int bytes)
{
    if (!sender->first)
        put_last(sender, NETTXF_more_data);
    sender->last = (struct netif_tx_request){ .gref = ref, .offset = offset, .id = id, .size = bytes };
    if (sender->first) {
        struct sk_buff *skb = sender->skb;

        sender->first = false;
        sender->last.size = skb->len;
        if (skb->ip_summed == CHECKSUM_PARTIAL)
            sender->last.flags = NETTXF_csum_blank | NETTXF_data_validated;
        else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
            sender->last.flags = NETTXF_data_validated;
        if (skb_is_gso(skb))
            sender->last.flags |= NETTXF_extra_info;
    }
    sender->queue->stats.tx_slots++;
}

static void send_bounced(struct sender *sender, unsigned int bytes)
{
    struct front_queue *queue = sender->queue;
    u16 id = take_id(queue);
    unsigned int place = id * FRONT_BOUNCE;
    struct pv_grant *bounce = queue->bounce[place / XEN_PAGE_SIZE];

    skb_copy_bits(sender->skb, 0, bounce->data + offset_in_page(place), bytes);
    queue->stats.tx_bounced++;
    next_request(sender, id, bounce->ref, offset_in_page(place), bytes);
}

/* False: no page for it. */
static bool send_copied(struct sender *sender)
{
    struct front_queue *queue = sender->queue;
    unsigned int bytes = sender->skb->len;
    struct pv_grant *page = pv_pool_take(&queue->tx_pool);
    u16 id;

    if (!page)
        return false;
    id = take_id(queue);
    queue->tx_slot[id].kept = page;
    skb_copy_bits(sender->skb, 0, page->data, bytes);
    queue->stats.tx_copied++;
    next_request(sender, id, page->ref, 0, bytes);
    return true;
}

static void send_page(struct sender *sender, struct page *page, unsigned int offset, unsigned int bytes)
{
    struct front_queue *queue = sender->queue;
    u16 id = take_id(queue);
    struct front_tx_slot *slot = &queue->tx_slot[id];

    /* There are as many references as slots, so there is one. */
    slot->ref = gnttab_claim_grant_reference(&queue->grants);
    slot->page = page;
    slot->skb = sender->skb;
    gnttab_grant_foreign_access_ref(slot->ref, queue->nic->dev->otherend_id, xen_page_to_gfn(page), 1);
    ++*slots_left(sender->skb);
    queue->tx_granted++;
    queue->stats.tx_grants++;
    next_request(sender, id, slot->ref, offset, bytes);
}

static void send_pages(struct sender *sender, struct page *page, unsigned int offset, unsigned int bytes)
{
    page += offset >> PAGE_SHIFT;
    offset = offset_in_page(offset);
    for (; bytes; page++, offset = 0) {
        unsigned int length = min_t(unsigned int, bytes, XEN_PAGE_SIZE - offset);

        send_page(sender, page, offset, length);
        bytes -= length;
    }
}

static void send_linear(struct sender *sender)
{
    const u8 *data = sender->skb->data;
    unsigned int bytes = skb_headlen(sender->skb);

    while (bytes) {
        unsigned int length = min_t(unsigned int, bytes, XEN_PAGE_SIZE - offset_in_page(data));

        send_page(sender, virt_to_page(data), offset_in_page(data), length);
        data += length;
        bytes -= length;
    }
}

static void send_packet(struct front_queue *queue, struct sk_buff *skb)
{
    struct sender sender = { .queue = queue, .skb = skb, .first = true };

    *slots_left(skb) = 0;
    if (skb->len <= FRONT_BOUNCE) {
        send_bounced(&sender, skb->len);
    } else if (skb->len > FRONT_COPY || !send_copied(&sender)) {
        if (skb_headlen(skb) <= FRONT_BOUNCE)
            send_bounced(&sender, skb_headlen(skb));
        else
            send_linear(&sender);
        for (unsigned int i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
            const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

            send_pages(&sender, skb_frag_page(frag), skb_frag_off(frag), skb_frag_size(frag));
        }
    }
    put_last(&sender, 0);
    queue->stats.tx_packets++;
    queue->stats.tx_bytes += skb->len;
}

/* Says which response shall raise an event; see the head of this file. */
static void set_event(struct front_queue *queue, u32 index)
{
    WRITE_ONCE(queue->tx.shared->rsp_event, index);
}

bool front_send_show(struct front_queue *queue)
{
    bool notify;

    if (READ_ONCE(queue->tx.req_prod) == READ_ONCE(queue->tx.req_pushed))
        return false;
    spin_lock_bh(&queue->tx_lock);
    notify = ring_front_push(&queue->tx);
    spin_unlock_bh(&queue->tx_lock);
    return notify;
}

void front_show_work(struct work_struct *work)
{
    struct front_queue *queue = container_of(work, struct front_queue, show_work);

    if (front_send_show(queue))
        front_notify(queue);
}

/* True if what was put will be shown soon, together with what follows. */
static bool show_later(struct front_queue *queue, bool large)
{
    if (netdev_xmit_more() || READ_ONCE(queue->polled_by) == smp_processor_id())
        return true;
    if (!large)
        return false;
    if (in_serving_softirq())
        napi_schedule(&queue->napi);
    else
        queue_work(system_highpri_wq, &queue->show_work);
    return true;
}

netdev_tx_t front_start_xmit(struct sk_buff *skb, struct net_device *net)
{
    struct front_nic *nic = netdev_priv(net);
    unsigned int number = skb_get_queue_mapping(skb), granted;
    struct netdev_queue *stack;
    struct front_queue *queue;
    bool notify = false, large = skb_is_gso(skb);

    if (!nic->online || number >= nic->queues || skb->len > XEN_NETIF_MAX_TX_SIZE)
        goto drop;
    if (slots_of(skb) > XEN_NETIF_NR_SLOTS_MIN && skb_linearize(skb))
        goto drop;
    queue = &nic->queue[number];
    stack = netdev_get_tx_queue(net, number);
    spin_lock_bh(&queue->tx_lock);
    if (ring_front_room(&queue->tx) < FRONT_SLOTS - FRONT_ANSWERS)
        front_send_complete(queue);
    if (ring_front_room(&queue->tx) < FRONT_ROOM || queue->tx_ids.frees < FRONT_ROOM) {
        notify = ring_front_push(&queue->tx);
        spin_unlock_bh(&queue->tx_lock);
        if (notify)
            front_notify(queue);
        queue->stats.tx_dropped++;
        goto drop;
    }
    granted = queue->tx_granted;
    skb_tx_timestamp(skb);
    send_packet(queue, skb);
    if (!granted && queue->tx_granted)
        set_event(queue, queue->tx.req_prod);
    if (ring_front_room(&queue->tx) < FRONT_ROOM) {
        queue->stats.tx_stopped++;
        netif_tx_stop_queue(stack);
        set_event(queue, queue->tx.rsp_cons + (queue->tx.req_prod - queue->tx.rsp_cons) / 2);
    }
    if (netif_tx_queue_stopped(stack) || !show_later(queue, large))
        notify = ring_front_push(&queue->tx);
    if (queue->tx_granted == granted)
        dev_consume_skb_any(skb);
    /* The event wished for may have been passed before the wish was seen. */
    if (netif_tx_queue_stopped(stack) && ring_front_pending(&queue->tx) > 0)
        napi_schedule(&queue->napi);
    spin_unlock_bh(&queue->tx_lock);
    if (notify)
        front_notify(queue);
    return NETDEV_TX_OK;

drop:
    net->stats.tx_dropped++;
    dev_kfree_skb_any(skb);
    return NETDEV_TX_OK;
}

int front_send_multicast(struct front_queue *queue, const u8 *addr, bool add)
{
    struct netif_tx_request request = { .flags = NETTXF_extra_info };
    struct netif_extra_info extra = {
        .type = add ? XEN_NETIF_EXTRA_TYPE_MCAST_ADD : XEN_NETIF_EXTRA_TYPE_MCAST_DEL,
    };
    bool notify;

    spin_lock_bh(&queue->tx_lock);
    if (ring_front_room(&queue->tx) < FRONT_ROOM || !queue->tx_ids.frees) {
        spin_unlock_bh(&queue->tx_lock);
        return -EBUSY;
    }
    request.id = take_id(queue);
    memcpy(extra.u.mcast.addr, addr, sizeof(extra.u.mcast.addr));
    ring_front_put(&queue->tx, &request, sizeof(request));
    ring_front_put(&queue->tx, &extra, sizeof(extra));
    notify = ring_front_push(&queue->tx);
    spin_unlock_bh(&queue->tx_lock);
    if (notify)
        front_notify(queue);
    return 0;
}

bool front_send_page(struct front_queue *queue, struct pv_grant *page, unsigned int offset, unsigned int bytes, u16 flags)
{
    struct netif_tx_request request = { .gref = page->ref, .offset = offset, .size = bytes };

    if (ring_front_room(&queue->tx) < FRONT_SLOTS - FRONT_ANSWERS)
        front_send_complete(queue);
    if (ring_front_room(&queue->tx) < FRONT_ROOM || queue->tx_ids.frees < FRONT_ROOM)
        return false;
    request.id = take_id(queue);
    if (flags & NETRXF_csum_blank)
        request.flags = NETTXF_csum_blank | NETTXF_data_validated;
    else if (flags & NETRXF_data_validated)
        request.flags = NETTXF_data_validated;
    queue->tx_slot[request.id].kept = page;
    ring_front_put(&queue->tx, &request, sizeof(request));
    queue->stats.tx_packets++;
    queue->stats.tx_bytes += bytes;
    queue->stats.tx_slots++;
    return true;
}

static void free_slot(struct front_queue *queue, u16 id)
{
    struct front_tx_slot *slot = &queue->tx_slot[id];

    if (slot->skb && !--*slots_left(slot->skb))
        dev_consume_skb_any(slot->skb);
    slot->skb = NULL;
}

/* False if the back-end has said that it is done with a page that it still uses. */
static bool complete_slot(struct front_queue *queue, const struct netif_tx_response *response)
{
    struct front_tx_slot *slot = &queue->tx_slot[response->id];

    if (slot->skb) {
        if (!gnttab_end_foreign_access_ref(slot->ref))
            return false;
        gnttab_release_grant_reference(&queue->grants, slot->ref);
        queue->tx_granted--;
        free_slot(queue, response->id);
    }
    if (slot->kept)
        pv_pool_give(&queue->tx_pool, slot->kept);
    slot->kept = NULL;
    tx_ids_give(&queue->tx_ids, response->id);
    if (unlikely(response->status < 0))
        queue->stats.tx_errors++;
    return true;
}

void front_send_complete(struct front_queue *queue)
{
    struct netif_tx_response response;
    int pending = ring_front_pending(&queue->tx);
    enum tx_answer answer;
    u32 under_way;

    if (pending < 0) {
        front_broken(queue->nic, "its tx ring claims more responses than there were requests");
        return;
    }
    while (pending) {
        while (pending--) {
            answer = tx_answer_take(&queue->tx, &queue->tx_ids, &response);
            if (answer == TX_ANSWER_BROKEN || (answer == TX_ANSWER && !complete_slot(queue, &response))) {
                front_broken(queue->nic, "it answered a request that it does not have or still uses");
                return;
            }
        }
        under_way = queue->tx.req_pushed - queue->tx.rsp_cons;
        set_event(queue, queue->tx.rsp_cons + (queue->tx_granted ? under_way / 2 + 1 : FRONT_SLOTS / 2));
        virt_mb();
        pending = queue->tx_granted ? ring_front_pending(&queue->tx) : 0;
        if (pending < 0)
            front_broken(queue->nic, "its tx ring claims more responses than there were requests");
        pending = max(pending, 0);
    }
}

void front_send_drop_all(struct front_queue *queue)
{
    for (unsigned int id = 0; id < FRONT_SLOTS; id++) {
        struct front_tx_slot *slot = &queue->tx_slot[id];

        if (slot->kept)
            pv_pool_give(&queue->tx_pool, slot->kept);
        slot->kept = NULL;
        if (!slot->skb)
            continue;
        /* The back-end may still be copying: then the page is kept until it is done. */
        get_page(slot->page);
        gnttab_end_foreign_access(slot->ref, slot->page);
        free_slot(queue, id);
    }
}
