/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-blkback: serves a block device of this domain to a front-end in another.
 *
 * Each ring has a thread. It takes requests, maps what they refer to (mostly it is mapped already:
 * back_maps.c), and submits one bio for each, embedded in a slot that is there from the start: a request
 * costs no allocation. Completions answer from whatever context the block layer calls them in; only what must
 * be unmapped goes through the thread again.
 *
 * Locks: back->mutex is for connecting, disconnecting, and whoever looks at a connected device from elsewhere
 * (sysfs, the size check). ring->lock, innermost, taken with interrupts off, is for producing responses and
 * for the lists of slots.
 */
#ifndef HV_BLK_BACK_H
#define HV_BLK_BACK_H

#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>

#include "hold.h"
#include "limits.h"
#include "parse.h"
#include "ring.h"
#include "state.h"

#define BACK_MAX_SEGMENTS   256     /* in a request; what fits one bio */
#define BACK_MAX_RING_ORDER 4       /* Linux maps no more than 16 pages for a ring */
#define BACK_MAX_QUEUES     16
#define BACK_MAX_SPARE      1024    /* page frames that a ring keeps for its next mappings */

/* A page of the front-end's that is mapped here. */
struct back_map {
    struct page *page;
    grant_handle_t handle;
    grant_ref_t ref;
    bool kept;          /* in the ring's cache; else unmapped when its request ends */
};

/* Pages of one ring that stay mapped, by grant reference. Belongs to the ring's thread. */
struct back_cache {
    struct xarray kept;
    unsigned int count, max;
    struct gnttab_page_cache spare;     /* page frames to map at */
    domid_t domain;
    /* Of the map or unmap call that is being made. */
    unsigned int nr_fresh;
    struct back_map *fresh[BACK_MAX_SEGMENTS];
    struct page *fresh_pages[BACK_MAX_SEGMENTS + 1];
    struct gnttab_map_grant_ref *map_ops;
    struct gnttab_unmap_grant_ref *unmap_ops;
};

struct back_statistics {
    u64 requests[BLKIF_OP_INDIRECT];    /* by what they do */
    u64 sectors_read, sectors_written;
    u64 indirect, errors;
    u64 notifications, interrupts;      /* sent, received */
    u64 map_calls, unmap_calls;         /* hypercalls for grants */
    u64 mapped, unmapped;               /* pages */
};

struct back_ring;

/* A request being served. */
struct back_slot {
    struct list_head list;              /* in ring->free or ring->done */
    struct back_ring *ring;
    struct blk_request request;
    int status;                         /* BLKIF_RSP_ */
    unsigned int nr_transient;
    struct back_map transient[BACK_MAX_SEGMENTS + 1];   /* one for the page that lists segments */
    struct page *pages[BACK_MAX_SEGMENTS];
    struct bio bio;
    struct bio_vec vecs[BACK_MAX_SEGMENTS];
};

struct back_ring {
    spinlock_t lock;
    struct ring_back ring;
    bool collect;                       /* the thread will show responses itself, soon */
    struct blk_hold hold;               /* whether responses wait for others; not longer than `timer` */
    struct hrtimer timer;
    bool timed;                         /* it runs */
    struct list_head free, done;        /* slots; done: to be unmapped and answered by the thread */
    unsigned int busy;                  /* slots in use */
    bool draining;                      /* somebody waits for busy to go down */
    bool broken;                        /* the front-end wrote nonsense: nothing is taken any more */
    struct back_statistics statistics;

    struct blk_back *back;
    unsigned int number;
    unsigned int irq;
    unsigned long event;                /* bit 0: the front-end notified, and waits for xen_irq_lateeoi() */
    wait_queue_head_t wake;             /* of the thread */
    struct task_struct *thread;
    void *pages;                        /* the ring itself, mapped */
    struct back_cache cache;
    struct back_slot *slots;
    /* The thread's, of an indirect request: its segments checked, and as they were. */
    struct blk_segment segments[BACK_MAX_SEGMENTS];
    struct blkif_request_segment raw[BACK_MAX_SEGMENTS];
};

struct back_wishes {                    /* what the front-end wrote */
    unsigned long persistent, ring_order, queues;
};

struct blk_back {
    struct xenbus_device *dev;
    struct mutex mutex;
    struct xenbus_watch watch;          /* for physical-device, which some tool stacks write late */
    bool watching, attributes;
    struct block_device *bdev;
    fmode_t mode;
    struct blk_limits limits;
    struct pv_limits throttle;
    bool secure;
    struct back_wishes wishes;
    struct back_ring *rings;
    unsigned int nr_rings;
    bool connected;
    struct delayed_work resize;
    struct work_struct broken;
};

extern unsigned int back_max_queues, back_max_ring_page_order, back_max_segments, back_max_kept;
extern unsigned int back_hold_us;
extern bool back_persistent;

/* back_disk.c: the block device behind, and what the store says of it. */
int back_disk_open(struct blk_back *back);
/* If the device is to stay, without this driver, the disk stays open until it has another (bus/keep.h). */
void back_disk_close(struct blk_back *back);
int back_write_offer(struct blk_back *back);
int back_write_disk(struct blk_back *back);
void back_resize(struct work_struct *work);

/* back_rings.c */
int back_rings_open(struct blk_back *back);
/* Waits for the disk to finish what was taken, answers it, and lets go of the front-end's memory. */
void back_rings_close(struct blk_back *back);

/* back_queue.c: a ring's thread, and answers. */
int back_thread(void *ring);
irqreturn_t back_interrupt(int irq, void *ring);
/*
 * A slot's work is over, with slot->status: answers, at once or after the thread has unmapped. In any
 * context.
 */
void back_answer(struct back_slot *slot);
enum hrtimer_restart back_held_long_enough(struct hrtimer *timer);
/* Waits until nothing is under way but the request that the caller, the ring's thread, serves. */
void back_drain(struct back_ring *ring);

/* Waits at most so long, while the front-end sees what is answered. In the ring's thread, between requests. */
void back_pause(struct back_ring *ring, unsigned long timeout);

/* back_limits.c */
int back_limits_start(struct blk_back *back);
void back_limits_stop(struct blk_back *back);
/* Returns when the request may be served, and counts it. In the ring's thread. */
void back_limits_pass(struct back_slot *slot);

/* back_io.c */
/* Parses a request, maps and submits, or answers with an error. In the ring's thread. */
void back_serve(struct back_slot *slot, const union blkif_slot *raw);

/* back_maps.c; for a ring's thread. */
int back_cache_init(struct back_cache *cache, domid_t domain, unsigned int max);
void back_cache_destroy(struct back_ring *ring);
/*
 * Maps `count` grant references at pages[]. What could be mapped is to be given to back_unmap() in any case.
 * 0 or -errno.
 */
int back_map(struct back_slot *slot, const struct blk_segment *segments, unsigned int count, bool readonly,
             struct page **pages);
void back_unmap(struct back_slot *slot);

/* back_sysfs.c: hvctl waits for `physical_device` there. */
int back_attributes_add(struct blk_back *back);
void back_attributes_remove(struct blk_back *back);

#endif
