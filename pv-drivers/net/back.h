/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-netback: dom0's end of a guest's network interface, seen in dom0 as vifDOMID.HANDLE.
 *
 *   back_bus.c         the device in the store: features, states, hotplug-status
 *   back_connect.c     queues: rings mapped, events bound, taken down again
 *   back_poll.c        a queue's one place of work: NAPI for both directions, and the guest that breaks the protocol
 *   back_from_guest.c  tx ring to network stack
 *   back_to_guest.c    network stack to rx ring
 *   back_interface.c   what ip and ethtool see
 *   back_multicast.c   the guest's list of multicast addresses
 *   back_limits.c      how much may pass a second
 *
 * All data is copied by the hypervisor (GNTTABOP_copy), many packets a call, and never mapped: what dom0 looks at cannot
 * change under its eyes, nothing of a guest's stays behind in dom0's queues, and no TLB is flushed.
 *
 * Locks: `mutex` serializes connecting and disconnecting (xenwatch, the work that closes a broken guest's device, remove). A queue's
 * rings and arrays belong to its NAPI poll; start_xmit only touches the backlog, which has its own lock.
 */
#ifndef HV_NET_BACK_H
#define HV_NET_BACK_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <net/page_pool.h>
#include <xen/grant_table.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "limits.h"
#include "tx_packet.h"

#define BACK_BATCH          64          /* packets of one hypercall, each way */
#define BACK_COPIES         512         /* and copy operations, at most */
#define BACK_BACKLOG_BYTES  (512 * 1024)  /* for one queue of the guest, before the stack has to wait */
#define BACK_BACKLOG_LIMITED (32 * 1024)  /* the same where the interface has limits */
#define BACK_QUEUES_MAX     16
#define BACK_POOL_PAGES     512         /* kept for one queue of the guest, at most, and used again */
#define BACK_MULTICAST_MAX  64

/* Counters for ethtool -S; back_interface.c has their names. */
struct back_stats {
    u64 from_packets, from_bytes, from_slots, from_dropped, from_bad;
    u64 to_packets, to_bytes, to_slots, to_dropped, to_starved;
    u64 copies, copy_calls, notifies, polls, interrupts;
};

struct back_queue {
    struct back_vif *vif;
    unsigned int id;
    struct napi_struct napi;
    unsigned int tx_irq, rx_irq;        /* the same if the guest has one event channel for both */
    unsigned long eoi;                  /* bits: interrupts that still hold their event channel back */
    struct ring_back tx, rx;

    struct sk_buff_head backlog;        /* to the guest */
    unsigned int backlog_bytes;         /* with backlog.lock */
    struct work_struct start_work;      /* starts the poll when a stream's sender leaves the CPU, see back_to_guest.c */
    bool starved;                       /* the guest offers too few pages; poll's own */
    struct timer_list starved_timer;

    bool held;                          /* the guest's packets wait for a limit; poll's own */
    struct timer_list limit_timer;

    /* Poll's working memory. */
    struct page_pool *pages;            /* for what comes from the guest; the stack gives them back here */
    struct gnttab_copy *copy;
    unsigned int copies;
    struct tx_packet *packet;           /* BACK_BATCH of them */
    struct sk_buff **skb;               /* BACK_BATCH of them */
    u8 *verdict;
    struct netif_rx_response *response; /* as many as the rx ring has slots */
    struct back_stats stats;
};

/* What the guest says in the store; see back_bus.c. */
struct back_wishes {
    unsigned long rx_copy, rx_notify, sg, gso_tcpv4, gso_tcpv6, no_csum, ipv6_csum, queues, multicast;
};

struct back_multicast {
    struct list_head list;
    struct rcu_head rcu;
    u8 addr[ETH_ALEN];
};

struct back_vif {
    struct xenbus_device *dev;
    struct net_device *net;
    struct mutex mutex;
    struct back_queue *queue;
    unsigned int queues;                /* 0: not connected */
    struct back_wishes wishes;
    bool online;                        /* packets flow: queues are there and the guest was told */

    const char *broken;                 /* what the guest did against the protocol; nothing is read from it any more */
    struct work_struct close_work;

    struct pv_limits limits;

    struct xenbus_watch hotplug_watch, multicast_watch;
    bool multicast_filter;
    spinlock_t multicast_lock;
    struct list_head multicast;
    unsigned int multicasts;

    struct back_stats past;             /* of queues that are gone */
};

/* back_connect.c; under vif->mutex */
int back_connect(struct back_vif *vif);
void back_disconnect(struct back_vif *vif);

/* back_poll.c */
int back_poll(struct napi_struct *napi, int budget);
irqreturn_t back_tx_interrupt(int irq, void *data);
irqreturn_t back_rx_interrupt(int irq, void *data);
/* The guest broke the protocol: its device is closed, by a work item as this may be in interrupt context. */
void back_broken(struct back_vif *vif, const char *why);
/* Makes the copies gathered in queue->copy, in one hypercall. False if one of them failed, and then the guest is broken. */
bool back_copy(struct back_queue *queue);

/* Adds a copy operation and returns it; the caller fills in the two ends. There is always room, see the callers. */
static inline struct gnttab_copy *back_copy_add(struct back_queue *queue)
{
    return &queue->copy[queue->copies++];
}

/* back_from_guest.c: handles up to `budget` packets, says how many it did. */
int back_from_guest(struct back_queue *queue, int budget, bool *notify);

/* back_to_guest.c: handles what is in the backlog and fits the ring; true if there may be more to do at once. */
bool back_to_guest(struct back_queue *queue, bool *notify);
/* Asks for an event if the guest is to offer more pages. True if it has done so by now. */
bool back_to_guest_rearm(struct back_queue *queue);
/* Throws away what waits for the guest. */
void back_purge(struct back_queue *queue);
netdev_tx_t back_start_xmit(struct sk_buff *skb, struct net_device *net);
void back_start_work(struct work_struct *work);

/* back_interface.c */
struct net_device *back_interface_make(struct xenbus_device *dev, unsigned int domid, unsigned int handle);
void back_stats_add(struct back_stats *sum, const struct back_stats *more);

/* back_multicast.c */
int back_multicast_change(struct back_vif *vif, const u8 *addr, bool add);
bool back_multicast_wanted(struct back_vif *vif, const u8 *addr);
void back_multicast_clear(struct back_vif *vif);

/* back_limits.c */
enum back_way { BACK_TO_GUEST, BACK_FROM_GUEST };
int back_limits_start(struct back_vif *vif);
void back_limits_stop(struct back_vif *vif);
/* Whether what is to be passed on has to wait; then the poll will run again. */
bool back_limits_hold(struct back_queue *queue, enum back_way way);
/* Counts a packet that is passed on; `segment` is the size of the pieces it will be cut to, 0: it stays whole. */
void back_limits_count(struct back_queue *queue, enum back_way way, unsigned int bytes, unsigned int segment);
void back_limits_timeout(struct timer_list *timer);

/* Module parameters, in back_bus.c. */
extern unsigned int back_max_queues;
extern unsigned int back_stall_ms;

#endif
