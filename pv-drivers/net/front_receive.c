// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the rx ring to the guest's network stack.
 *
 * Invariant: each place in the ring has a page under the grant that its last request named, and that request is under way
 * unless the place belongs to the packet at hand. A page is looked at, but for being copied, only when its grant has ended.
 */
#include "front.h"

#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/tcp.h>
#include <xen/page.h>

#define HEAD_BYTES 128      /* of a large packet, to find its headers in: Ethernet, IPv6, TCP with options */

static void offer(struct front_queue *queue, u32 place)
{
    struct netif_rx_request request = { .id = place, .gref = queue->rx_slot[place].ref };

    ring_front_put(&queue->rx, &request, sizeof(request));
}

static void grant_page(struct front_queue *queue, struct front_rx_slot *slot, struct page *page)
{
    slot->page = page;
    gnttab_grant_foreign_access_ref(slot->ref, queue->nic->dev->otherend_id, xen_page_to_gfn(page), 0);
}

int front_receive_fill(struct front_queue *queue)
{
    for (u32 place = 0; place < FRONT_SLOTS; place++) {
        struct page *page = page_pool_alloc_pages(queue->pages, GFP_KERNEL | __GFP_ZERO);

        if (!page)
            return -ENOMEM;
        queue->rx_slot[place].ref = gnttab_claim_grant_reference(&queue->grants);
        grant_page(queue, &queue->rx_slot[place], page);
        offer(queue, place);
    }
    return 0;
}

void front_receive_free(struct front_queue *queue)
{
    for (u32 place = 0; place < FRONT_SLOTS; place++) {
        struct front_rx_slot *slot = &queue->rx_slot[place];

        if (!slot->page)
            continue;
        /* The back-end may still be copying into it; then the kernel keeps the page until it is done. */
        page_pool_release_page(queue->pages, slot->page);
        gnttab_end_foreign_access(slot->ref, slot->page);
        slot->page = NULL;
    }
}

/*
 * A page to offer. What is in it the back-end can read before it fills it. A page from the kernel is zeroed; one that the stack has given back
 * holds what this back-end once delivered, or what was made of that in place (IPsec decrypts so): it is zeroed if the parameter `zero` says so.
 */
static struct page *fresh_page(struct front_queue *queue)
{
    struct page *page = page_pool_alloc_pages(queue->pages, GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO);

    if (page && front_zero)
        clear_page(page_address(page));
    return page;
}

/* The page of a part, taken from the back-end, with a new one in its place. NULL: no memory, or the back-end still holds it. */
static struct page *take_page(struct front_queue *queue, u32 place)
{
    struct front_rx_slot *slot = &queue->rx_slot[place];
    struct page *page = slot->page, *fresh = fresh_page(queue);

    if (!fresh)
        return NULL;
    if (!gnttab_end_foreign_access_ref(slot->ref)) {
        page_pool_recycle_direct(queue->pages, fresh);
        front_broken(queue->nic, "it says that it filled a page that it still uses");
        return NULL;
    }
    grant_page(queue, slot, fresh);
    queue->stats.rx_pages++;
    return page;
}

/* How long the headers of a packet are as far as TCP's or UDP's, at most `bytes`; exact where it pays: for TCP over plain IP. */
static unsigned int headers_length(const u8 *data, unsigned int bytes)
{
    const struct ethhdr *eth = (const void *)data;
    unsigned int at = ETH_HLEN;
    u8 protocol;

    if (eth->h_proto == htons(ETH_P_IP)) {
        const struct iphdr *ip = (const void *)(data + at);

        if (at + sizeof(*ip) > bytes)
            return bytes;
        at += ip->ihl * 4;
        protocol = ip->protocol;
    } else if (eth->h_proto == htons(ETH_P_IPV6)) {
        const struct ipv6hdr *ip = (const void *)(data + at);

        if (at + sizeof(*ip) > bytes)
            return bytes;
        at += sizeof(*ip);
        protocol = ip->nexthdr;
    } else {
        return bytes;
    }
    if (protocol == IPPROTO_UDP)
        at += 8;
    else if (protocol == IPPROTO_TCP && at + sizeof(struct tcphdr) <= bytes)
        at += ((const struct tcphdr *)(data + at))->doff * 4;
    else
        return bytes;
    return min(at, bytes);
}

/* A packet's first bytes, copied once; what is not header goes back to the page. */
static struct sk_buff *copy_head(struct front_queue *queue, const struct rx_part *part)
{
    unsigned int bytes = min_t(unsigned int, part->size, HEAD_BYTES), headers;
    struct sk_buff *skb = napi_alloc_skb(&queue->napi, HEAD_BYTES);

    if (!skb)
        return NULL;
    memcpy(skb->data, page_address(queue->rx_slot[part->slot].page) + part->offset, bytes);
    headers = bytes < ETH_HLEN ? bytes : headers_length(skb->data, bytes);
    __skb_put(skb, headers);
    return skb;
}

/* The parts' pages, or what of them is not in the head, become the packet's. False: it is incomplete and to be dropped. */
static bool attach_pages(struct front_queue *queue, const struct rx_packet *packet, struct sk_buff *skb)
{
    unsigned int skip = skb_headlen(skb), frag = 0;

    for (unsigned int i = 0; i < packet->parts; i++, skip = 0) {
        const struct rx_part *part = &packet->part[i];
        struct page *page;

        if (part->size == skip)
            continue;
        if (frag == MAX_SKB_FRAGS)
            return false;
        page = take_page(queue, part->slot);
        if (!page)
            return false;
        skb_add_rx_frag(skb, frag++, page, part->offset + skip, part->size - skip, PAGE_SIZE);
    }
    return true;
}

static struct sk_buff *packet_skb(struct front_queue *queue, const struct rx_packet *packet)
{
    const struct rx_part *first = &packet->part[0];
    struct sk_buff *skb;

    if (packet->parts == 1 && packet->size <= front_copybreak) {
        skb = napi_alloc_skb(&queue->napi, packet->size);
        if (skb)
            memcpy(__skb_put(skb, packet->size), page_address(queue->rx_slot[first->slot].page) + first->offset,
                   packet->size);
        queue->stats.rx_copied++;
        return skb;
    }
    skb = copy_head(queue, first);
    if (!skb)
        return NULL;
    skb_mark_for_recycle(skb);
    if (attach_pages(queue, packet, skb))
        return skb;
    kfree_skb(skb);
    return NULL;
}

/* What the stack has to know. False if the packet contradicts what the back-end says of it. */
static bool packet_describe(struct front_queue *queue, const struct rx_packet *packet, struct sk_buff *skb)
{
    struct skb_shared_info *shared = skb_shinfo(skb);
    bool recalculate = false;

    if (!pskb_may_pull(skb, ETH_HLEN))
        return false;
    skb->protocol = eth_type_trans(skb, queue->nic->net);
    skb_reset_network_header(skb);
    skb_record_rx_queue(skb, queue->id);
    if (packet->flags & NETRXF_csum_blank)
        skb->ip_summed = CHECKSUM_PARTIAL;
    else if (packet->flags & NETRXF_data_validated)
        skb->ip_summed = CHECKSUM_UNNECESSARY;
    if (packet->gso_size) {
        shared->gso_size = packet->gso_size;
        shared->gso_type = packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
        shared->gso_type |= SKB_GSO_DODGY;
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
    }
    return true;
}

static void receive_packet(struct front_queue *queue, const struct rx_packet *packet)
{
    struct bpf_prog *prog = rcu_dereference(queue->nic->xdp);
    bool fits = prog && front_xdp_fits(packet);
    struct sk_buff *skb = fits ? front_xdp(queue, prog, packet) : packet_skb(queue, packet);

    /* The places of the packet have pages again, so they are offered before the stack gets to work. */
    for (u32 i = 0; i < packet->slots; i++)
        offer(queue, (packet->first_slot + i) % FRONT_SLOTS);
    if (!skb) {
        queue->stats.rx_dropped += !fits;
        return;
    }
    if (!packet_describe(queue, packet, skb)) {
        queue->stats.rx_errors++;
        kfree_skb(skb);
        return;
    }
    if (prog && !fits && !front_xdp_generic(queue, prog, skb))
        return;
    queue->stats.rx_packets++;
    queue->stats.rx_bytes += packet->size;
    napi_gro_receive(&queue->napi, skb);
}

int front_receive(struct front_queue *queue, int budget)
{
    struct rx_packet packet;
    int done = 0;

    while (done < budget) {
        int pending = ring_front_pending(&queue->rx);
        enum rx_verdict verdict;

        if (pending < 0) {
            front_broken(queue->nic, "its rx ring claims more responses than there were requests");
            break;
        }
        if (!pending)
            break;
        verdict = rx_packet_take(&queue->rx, pending, &packet);
        queue->stats.rx_slots += packet.slots;
        if (verdict == RX_BROKEN) {
            front_broken(queue->nic, packet.why);
            break;
        }
        done++;
        if (verdict == RX_PACKET) {
            rcu_read_lock();
            receive_packet(queue, &packet);
            rcu_read_unlock();
            continue;
        }
        queue->stats.rx_errors++;
        for (u32 i = 0; i < packet.slots; i++)
            offer(queue, (packet.first_slot + i) % FRONT_SLOTS);
    }
    return done;
}
