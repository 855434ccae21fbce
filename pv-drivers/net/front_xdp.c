// SPDX-License-Identifier: GPL-2.0-only
/*
 * A BPF program that sees each received packet first (XDP), and may drop it or send it back before the stack has spent anything on it.
 *
 * The program works on a copy, in a page of this queue's own that stays granted: so the back-end cannot change what the program has
 * looked at, there is room before the packet whatever the back-end leaves, and a packet that goes back needs no grant operation and no
 * other copy: its page goes on the tx ring as it is. Packets that are larger than that page has room for are those still to be
 * segmented; they are given to the kernel's own, slower way, with the same program.
 *
 * Invariant: the page `xdp_page` belongs to the poll; a page on the tx ring to its slot, until it is answered.
 */
#include "front.h"

#include <linux/bpf.h>
#include <linux/filter.h>
#include <net/xdp.h>

#define XDP_ROOM  (XEN_PAGE_SIZE - XDP_PACKET_HEADROOM - SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

int front_xdp_make(struct front_queue *queue)
{
    return xdp_rxq_info_reg(&queue->xdp_rxq, queue->nic->net, queue->id, 0);
}

void front_xdp_free(struct front_queue *queue)
{
    if (queue->xdp_page)
        pv_pool_give(&queue->tx_pool, queue->xdp_page);
    queue->xdp_page = NULL;
    xdp_rxq_info_unreg(&queue->xdp_rxq);
}

bool front_xdp_fits(const struct rx_packet *packet)
{
    return packet->parts == 1 && packet->size <= XDP_ROOM && !packet->gso_size;
}

/* Sends the page back, and takes another one. False: there is no room. */
static bool send_back(struct front_queue *queue, const struct xdp_buff *buff, u16 flags)
{
    unsigned int offset = offset_in_page(buff->data);
    bool sent;

    spin_lock(&queue->tx_lock);
    sent = front_send_page(queue, queue->xdp_page, offset, buff->data_end - buff->data, flags);
    if (sent)
        queue->xdp_page = pv_pool_take(&queue->tx_pool);
    spin_unlock(&queue->tx_lock);
    return sent;
}

static struct sk_buff *pass(struct front_queue *queue, const struct xdp_buff *buff)
{
    unsigned int bytes = buff->data_end - buff->data;
    struct sk_buff *skb = napi_alloc_skb(&queue->napi, bytes);

    if (skb)
        memcpy(__skb_put(skb, bytes), buff->data, bytes);
    else
        queue->stats.rx_dropped++;
    return skb;
}

struct sk_buff *front_xdp(struct front_queue *queue, struct bpf_prog *prog, const struct rx_packet *packet)
{
    const struct rx_part *part = &packet->part[0];
    struct xdp_buff buff;
    u32 verdict;

    if (!queue->xdp_page) {
        spin_lock(&queue->tx_lock);
        queue->xdp_page = pv_pool_take(&queue->tx_pool);
        spin_unlock(&queue->tx_lock);
    }
    if (!queue->xdp_page) {
        queue->stats.rx_dropped++;
        return NULL;
    }
    xdp_init_buff(&buff, XEN_PAGE_SIZE, &queue->xdp_rxq);
    xdp_prepare_buff(&buff, queue->xdp_page->data, XDP_PACKET_HEADROOM, packet->size, false);
    memcpy(buff.data, page_address(queue->rx_slot[part->slot].page) + part->offset, packet->size);
    verdict = bpf_prog_run_xdp(prog, &buff);
    switch (verdict) {
    case XDP_PASS:
        queue->stats.xdp_passed++;
        return pass(queue, &buff);
    case XDP_TX:
        if (send_back(queue, &buff, packet->flags)) {
            queue->stats.xdp_sent++;
            return NULL;
        }
        break;
    case XDP_DROP:
        break;
    default:
        bpf_warn_invalid_xdp_action(queue->nic->net, prog, verdict);
        break;
    }
    queue->stats.xdp_dropped++;
    return NULL;
}

bool front_xdp_generic(struct front_queue *queue, struct bpf_prog *prog, struct sk_buff *skb)
{
    if (do_xdp_generic(prog, skb) == XDP_PASS) {
        queue->stats.xdp_passed++;
        return true;
    }
    queue->stats.xdp_dropped++;
    return false;
}

int front_bpf(struct net_device *net, struct netdev_bpf *bpf)
{
    struct front_nic *nic = netdev_priv(net);
    struct bpf_prog *old;

    if (bpf->command != XDP_SETUP_PROG)
        return -EINVAL;
    old = rtnl_dereference(nic->xdp);
    rcu_assign_pointer(nic->xdp, bpf->prog);
    if (old)
        bpf_prog_put(old);
    return 0;
}
