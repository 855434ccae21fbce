/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-netfront: a guest's network interface.
 *
 *   front_bus.c        the device in the store: features, states, link
 *   front_connect.c    queues: rings, pages, events; taken down again
 *   front_poll.c       a queue's NAPI, and the back-end that breaks the protocol
 *   front_send.c       network stack to tx ring, and what comes back of it
 *   front_receive.c    rx ring to network stack
 *   front_interface.c  what ip and ethtool see
 *   front_multicast.c  the list of addresses that the back-end shall pass
 *   front_xdp.c        a program that sees packets first
 *
 * Sending: the start of each packet, and a packet of up to 2 KiB as a whole, is copied into a buffer that stays granted; only pages of
 * more data are granted for the time of their way. So such a packet costs no grant operation, its memory is free at once and nobody
 * has to be told when it is gone; and the back-end never sees what happens to lie beside a packet's headers in memory.
 *
 * Receiving: a small packet is copied out of its page, which is offered again under the same grant. A large one's pages are
 * taken back from the back-end before the stack sees them, and replaced. There is never a slot without a page.
 *
 * Locks: tx_lock is for the tx ring (start_xmit, poll, multicast); the rx ring is poll's own. `mutex` serializes connecting.
 */
#ifndef HV_NET_FRONT_H
#define HV_NET_FRONT_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/workqueue.h>
#include <net/page_pool.h>
#include <net/xdp.h>
#include <xen/grant_table.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "pool.h"
#include "rx_packet.h"
#include "tx_ids.h"

#define FRONT_SLOTS        256      /* of either ring, as their sizes have it */
#define FRONT_BOUNCE       256      /* bytes of each slot's buffer */
#define FRONT_COPY         2048     /* packets of up to so many bytes are copied as a whole */
#define FRONT_COPY_PAGES   160      /* at most so many at once, a page for each */
#define FRONT_ANSWERS      32       /* so many packets under way are worth a look for answers */
#define FRONT_BOUNCE_PAGES (FRONT_SLOTS * FRONT_BOUNCE / XEN_PAGE_SIZE)
#define FRONT_ROOM         (XEN_NETIF_NR_SLOTS_MIN + 2)  /* tx slots that any packet finds enough */
#define FRONT_QUEUES_MAX   16

struct front_stats {
    u64 tx_packets, tx_bytes, tx_slots, tx_bounced, tx_copied, tx_grants, tx_dropped, tx_errors, tx_stopped;
    u64 rx_packets, rx_bytes, rx_slots, rx_copied, rx_pages, rx_dropped, rx_errors;
    u64 xdp_passed, xdp_dropped, xdp_sent;
    u64 notifies, interrupts, polls;
};

struct front_tx_slot {
    struct sk_buff *skb;            /* freed with the last of its slots; NULL: only the bounce buffer was used */
    struct page *page;              /* what ref grants */
    grant_ref_t ref;
    struct pv_grant *kept;          /* a page that goes back to tx_pool */
};

struct front_rx_slot {
    struct page *page;
    grant_ref_t ref;
};

struct front_queue {
    struct front_nic *nic;
    unsigned int id;
    struct napi_struct napi;
    unsigned int irq;
    evtchn_port_t port;
    unsigned long eoi;
    grant_ref_t grants;             /* references set aside: one for each slot of both rings */

    spinlock_t tx_lock;
    struct ring_front tx;
    grant_ref_t tx_ref;
    struct pv_pool pool;
    struct pv_grant *bounce[FRONT_BOUNCE_PAGES];
    struct pv_pool tx_pool;         /* pages for a packet each, made as they are needed; with tx_lock */
    struct front_tx_slot tx_slot[FRONT_SLOTS];      /* by id */
    struct tx_ids tx_ids;
    unsigned int tx_granted;        /* slots under way that hold a packet's memory */
    struct work_struct show_work;   /* shows what was put, see front_send.c */
    int polled_by;                  /* the CPU that is in this queue's poll, or -1 */

    struct ring_front rx;
    grant_ref_t rx_ref;
    struct page_pool *pages;
    struct front_rx_slot rx_slot[FRONT_SLOTS];      /* by place in the ring */

    struct xdp_rxq_info xdp_rxq;
    struct pv_grant *xdp_page;      /* what the program works on; poll's own */

    struct front_stats stats;
};

/* What the back-end says in the store; see front_bus.c. */
struct front_offers {
    unsigned long rx_copy, sg, gso_tcpv4, gso_tcpv6, ipv6_csum, multicast, queues;
};

struct front_nic {
    struct xenbus_device *dev;
    struct net_device *net;
    struct mutex mutex;
    struct front_queue *queue;
    unsigned int queues;            /* 0: not connected */
    struct front_offers offers;
    unsigned int generation;        /* of the back-end that the rings were made for, see bus/state.h */
    bool online;                    /* packets flow */
    bool link;                      /* the back-end's interface is up */
    const char *broken;
    struct work_struct close_work;
    struct xenbus_watch carrier_watch;

    struct bpf_prog __rcu *xdp;

    bool multicast_filter;          /* asked for */
    struct work_struct multicast_work;

    struct front_stats past;
};

/* front_connect.c; under nic->mutex. Make leaves everything ready but for the start, which follows when the store knows. */
int front_queues_make(struct front_nic *nic, unsigned int count);
void front_start(struct front_nic *nic);
void front_disconnect(struct front_nic *nic);

/* front_poll.c */
int front_poll(struct napi_struct *napi, int budget);
irqreturn_t front_interrupt(int irq, void *data);
void front_broken(struct front_nic *nic, const char *why);
void front_notify(struct front_queue *queue);

/* front_send.c */
netdev_tx_t front_start_xmit(struct sk_buff *skb, struct net_device *net);
/*
 * Sends what a page of tx_pool holds; flags are NETTXF_ ones. With tx_lock; false: no room. The page comes back to the pool when the
 * back-end is done.
 */
bool front_send_page(struct front_queue *queue, struct pv_grant *page, unsigned int offset, unsigned int bytes, u16 flags);
/* Shows the back-end what was put and not yet shown; true if it wants an event. For the end of a poll. */
bool front_send_show(struct front_queue *queue);
void front_show_work(struct work_struct *work);
/* Takes the responses that are there; with tx_lock. */
void front_send_complete(struct front_queue *queue);
/* Frees what is under way, when the queue goes. */
void front_send_drop_all(struct front_queue *queue);
/* Sends a request without data to add or delete a multicast address. -EBUSY: no room. */
int front_send_multicast(struct front_queue *queue, const u8 *addr, bool add);

/* front_receive.c */
int front_receive_fill(struct front_queue *queue);
int front_receive(struct front_queue *queue, int budget);
void front_receive_free(struct front_queue *queue);

/* front_interface.c */
struct net_device *front_interface_make(struct xenbus_device *dev);
void front_stats_add(struct front_stats *sum, const struct front_stats *more);

/* front_multicast.c */
void front_set_rx_mode(struct net_device *net);
/* A new back-end knows no addresses: it is told all. */
void front_multicast_restart(struct front_nic *nic);
void front_multicast_work(struct work_struct *work);

/* front_xdp.c */
int front_xdp_make(struct front_queue *queue);
/* All pages must be back from the tx ring. */
void front_xdp_free(struct front_queue *queue);
/* If not, it is for front_xdp_generic(). */
bool front_xdp_fits(const struct rx_packet *packet);
/* What the program leaves of a packet, without the stack's description; NULL: nothing. The packet's page is not needed any more. */
struct sk_buff *front_xdp(struct front_queue *queue, struct bpf_prog *prog, const struct rx_packet *packet);
/* True if a described packet is to be passed on; else it is gone. */
bool front_xdp_generic(struct front_queue *queue, struct bpf_prog *prog, struct sk_buff *skb);
int front_bpf(struct net_device *net, struct netdev_bpf *bpf);

/* Module parameters, in front_bus.c. */
extern unsigned int front_copybreak;
extern bool front_zero;

#endif
