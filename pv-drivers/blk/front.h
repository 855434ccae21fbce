/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-blkfront: a disk of this guest, served by a back-end over rings.
 *
 * Every byte goes through pages that stay granted to the back-end (bus/pool.h): a write is copied into such
 * pages, a read out of them, packed without gaps. So a request costs no grant operation once the pool is
 * warm, and the back-end never sees memory that holds anything else.
 *
 * A blk-mq hardware context puts its requests on ring (its number modulo the number of rings). The id of a
 * request on the ring is `context * depth + tag`: unique in the disk, whichever ring it is on.
 *
 * Locks: front->mutex serializes connecting, pausing and removing; ring->lock is for all of a ring, its pool
 * and its counters, taken in interrupts. ring->lock is the inner one.
 */
#ifndef HV_BLK_FRONT_H
#define HV_BLK_FRONT_H

#include <linux/blk-mq.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <xen/xenbus.h>

#include "parse.h"
#include "pool.h"
#include "ring.h"
#include "state.h"

#define FRONT_MAX_RING_PAGES 16
#define FRONT_MAX_QUEUES     16
#define FRONT_MAX_SEGMENTS   256    /* whose list fits a page: one indirect page a request is enough */

struct front_statistics {
    u64 requests[BLKIF_OP_INDIRECT];    /* by BLKIF_OP_ */
    u64 sectors_read, sectors_written;
    u64 indirect;                       /* of the requests */
    u64 notifications, interrupts;      /* sent, received */
    u64 errors;
};

struct front_ring {
    spinlock_t lock;
    struct ring_front ring;
    struct blk_outstanding outstanding; /* by id */
    struct pv_pool pool;
    struct blk_front *front;
    bool broken;                        /* the other end wrote nonsense: no more of this */
    unsigned int irq;
    evtchn_port_t port;
    struct front_statistics statistics;
    void *pages;                        /* the ring itself, and its grants */
    grant_ref_t refs[FRONT_MAX_RING_PAGES];
} ____cacheline_aligned;

/* What a back-end says about the disk and itself; the keys are in front_keys.c. */
struct front_offer {
    unsigned long sectors, sector_size, physical_sector_size, info;
    unsigned long persistent, max_indirect, barrier, flush, max_ring_order, max_queues;
    unsigned long discard, discard_granularity, discard_alignment, discard_secure;
};

enum front_state {
    FRONT_NEW,          /* no disk yet */
    FRONT_READY,        /* the disk is there and connected */
    FRONT_PAUSED,       /* the disk is there, the back-end not: requests wait */
    FRONT_DEAD,         /* requests fail */
};

struct blk_front {
    struct xenbus_device *dev;
    struct mutex mutex;
    enum front_state state;
    unsigned int generation;            /* of the back-end that the rings were made for; see state.h */
    struct gendisk *disk;
    bool added;                         /* the disk is known to the kernel */
    struct blk_mq_tag_set tags;
    struct front_offer offer;
    struct front_ring *rings;
    unsigned int nr_rings, ring_order, max_segments;
    bool persistent;                    /* the back-end may keep pages mapped */
    unsigned int handle;                /* the disk's number in the store */
    struct work_struct add;             /* the disk, which reads its partition table */
    struct work_struct broken;          /* a ring is */
    struct delayed_work give_up;        /* nobody came back */
};

/* What hv-blkfront adds to each struct request. */
struct front_request {
    u16 nr_grants;
    u16 status;                         /* blk_status_t, for the completion */
    struct front_ring *ring;            /* it is on, or NULL */
    struct pv_grant *list;              /* of indirect segments, or NULL */
    struct pv_grant *grants[];          /* max_segments of them */
};

extern const struct blk_mq_ops front_mq_ops;
extern const struct attribute_group *front_attribute_groups[];

/* front_keys.c: what is read from and written to the store. */
int front_read_offer(struct blk_front *front);
int front_write_keys(struct blk_front *front);

/* front_rings.c: rings made and given up; each -errno or 0. */
int front_rings_open(struct blk_front *front);
/* Now that front->max_segments is known: pages for at least one request a ring. */
int front_rings_reserve(struct blk_front *front);
/*
 * Nothing of the rings is in use afterwards. What was under way is answered if the back-end did it, else
 * asked again later (requeue) or failed.
 */
void front_rings_close(struct blk_front *front, bool requeue);

/* front_queue.c */
irqreturn_t front_ring_interrupt(int irq, void *ring);
void front_drain(struct front_ring *ring);
/* Gives back what a request holds of its ring's pool. Under the ring's lock. */
void front_release(struct front_request *private);

/* front_disk.c: the disk as the guest sees it. */
/*
 * Makes it, and has front->add show it to the kernel, for which the disk must answer: xenwatch cannot wait
 * for that, it might have to be told that the back-end has gone. 0 or -errno.
 */
int front_disk_make(struct blk_front *front);
void front_disk_add(struct work_struct *add);
void front_disk_limits(struct blk_front *front);
void front_disk_resize(struct blk_front *front);
void front_disk_remove(struct blk_front *front);

#endif
