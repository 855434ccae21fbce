// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkfront's rings: made for a back-end, given up with it.
 *
 * Invariant: a page that was granted is freed only when the other end cannot reach it any more; the kernel's
 * grant code keeps those that it still maps.
 */
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/grant_table.h>

#include "front.h"

static unsigned int ids(const struct blk_front *front)
{
    return front->tags.nr_hw_queues * front->tags.queue_depth;
}

static int ring_open(struct blk_front *front, struct front_ring *ring)
{
    struct xenbus_device *dev = front->dev;
    unsigned int pages = 1 << front->ring_order;
    int err;

    spin_lock_init(&ring->lock);
    ring->front = front;
    pv_pool_init(&ring->pool, dev->otherend_id, 0);
    ring->outstanding.count = ids(front);
    ring->outstanding.operation = kvmalloc(ids(front), GFP_KERNEL);
    if (!ring->outstanding.operation)
        return -ENOMEM;
    memset(ring->outstanding.operation, BLK_IDLE, ids(front));

    err = xenbus_setup_ring(dev, GFP_KERNEL, &ring->pages, pages, ring->refs);
    if (err)
        return err;
    ring_front_init(&ring->ring, ring->pages, pages * PAGE_SIZE, sizeof(union blkif_slot));
    err = xenbus_alloc_evtchn(dev, &ring->port);
    if (err)
        return err;
    err = bind_evtchn_to_irqhandler_lateeoi(ring->port, front_ring_interrupt, 0, "hv-blkfront", ring);
    if (err < 0) {
        xenbus_free_evtchn(dev, ring->port);
        return err;
    }
    ring->irq = err;
    return 0;
}

int front_rings_open(struct blk_front *front)
{
    unsigned int i;
    int err = 0;

    front->rings = kvcalloc(front->nr_rings, sizeof(*front->rings), GFP_KERNEL);
    if (!front->rings)
        return -ENOMEM;
    for (i = 0; i < front->nr_rings && !err; i++)
        err = ring_open(front, &front->rings[i]);
    if (err)
        front_rings_close(front, false);
    return err;
}

int front_rings_reserve(struct blk_front *front)
{
    unsigned int i;
    int err = 0;

    for (i = 0; i < front->nr_rings && !err; i++) {
        struct pv_pool *pool = &front->rings[i].pool;

        pool->max = front->rings[i].ring.slots * (front->max_segments + 1);
        /* So that there is progress when memory is short. */
        err = pv_pool_reserve(pool, front->max_segments + 1);
    }
    return err;
}

struct leftover {
    struct blk_front *front;
    bool requeue;
};

/* A request that was on a ring and was not answered. */
static bool end_leftover(struct request *rq, void *data)
{
    struct front_request *private = blk_mq_rq_to_pdu(rq);
    const struct leftover *leftover = data;
    struct front_ring *ring = private->ring;
    unsigned long flags;

    if (!ring)
        return true;
    spin_lock_irqsave(&ring->lock, flags);
    front_release(private);
    spin_unlock_irqrestore(&ring->lock, flags);
    if (leftover->requeue) {
        blk_mq_requeue_request(rq, false);
    } else {
        private->status = BLK_STS_IOERR;
        blk_mq_complete_request(rq);
    }
    return true;
}

static void ring_close(struct front_ring *ring)
{
    pv_pool_destroy(&ring->pool);
    if (ring->pages)
        xenbus_teardown_ring(&ring->pages, 1 << ring->front->ring_order, ring->refs);
    kvfree(ring->outstanding.operation);
}

void front_rings_close(struct blk_front *front, bool requeue)
{
    struct leftover leftover = { front, requeue };
    unsigned int i;

    if (!front->rings)
        return;
    for (i = 0; i < front->nr_rings; i++) {
        struct front_ring *ring = &front->rings[i];

        if (ring->irq)
            unbind_from_irqhandler(ring->irq, ring);
        ring->irq = 0;
        if (ring->pages)
            front_drain(ring);
    }
    if (front->disk)
        blk_mq_tagset_busy_iter(&front->tags, end_leftover, &leftover);
    for (i = 0; i < front->nr_rings && front->rings[i].front; i++)
        ring_close(&front->rings[i]);
    kvfree(front->rings);
    front->rings = NULL;
}
