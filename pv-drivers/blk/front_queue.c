// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkfront's hot path: struct request to ring slot, and response to completion.
 *
 * Data are packed: a request of n bytes uses the first bytes of n / 4096 pages (rounded up), wherever in the
 * guest's memory they come from.
 */
#include <linux/highmem.h>
#include <linux/interrupt.h>
#include <xen/events.h>

#include "copy.h"
#include "front.h"

void front_release(struct front_request *private)
{
    struct pv_pool *pool = &private->ring->pool;

    /* In reverse, so that the next request takes them in the same order. */
    while (private->nr_grants)
        pv_pool_give(pool, private->grants[--private->nr_grants]);
    if (private->list)
        pv_pool_give(pool, private->list);
    private->list = NULL;
    private->ring = NULL;
}

/* The request's pages from the pool, and one for the list of segments if these do not fit the slot. */
static bool take_grants(struct front_ring *ring, struct front_request *private, unsigned int pages)
{
    private->ring = ring;
    private->list = NULL;
    private->nr_grants = 0;
    if (pages > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
        private->list = pv_pool_take(&ring->pool);
        if (!private->list)
            goto give_back;
    }
    while (private->nr_grants < pages) {
        struct pv_grant *grant = pv_pool_take(&ring->pool);

        if (!grant)
            goto give_back;
        private->grants[private->nr_grants++] = grant;
    }
    return true;

give_back:
    front_release(private);
    return false;
}

/* Between the request's memory and its granted pages. */
static void copy_data(struct request *rq, struct front_request *private, bool write)
{
    struct req_iterator iterator;
    struct bio_vec vec;
    unsigned int at = 0;

    rq_for_each_segment(vec, rq, iterator) {
        char *memory = bvec_kmap_local(&vec);
        unsigned int done = 0;

        while (done < vec.bv_len) {
            char *granted = private->grants[at / PAGE_SIZE]->data + at % PAGE_SIZE;
            unsigned int bytes = min_t(unsigned int, vec.bv_len - done, PAGE_SIZE - at % PAGE_SIZE);

            if (write)
                blk_copy(granted, memory + done, bytes);
            else
                blk_copy(memory + done, granted, bytes);
            done += bytes;
            at += bytes;
        }
        kunmap_local(memory);
    }
}

static void fill_segments(struct blkif_request_segment *segments, const struct front_request *private,
                          unsigned int bytes)
{
    unsigned int i;

    for (i = 0; i < private->nr_grants; i++, bytes -= PAGE_SIZE)
        segments[i] = (struct blkif_request_segment){
            .gref = private->grants[i]->ref,
            .last_sect = min_t(unsigned int, bytes, PAGE_SIZE) / SECTOR_SIZE - 1,
        };
}

static blk_status_t put_rw(struct front_ring *ring, struct request *rq, u8 operation, u64 id)
{
    struct front_request *private = blk_mq_rq_to_pdu(rq);
    unsigned int bytes = blk_rq_bytes(rq), pages = DIV_ROUND_UP(bytes, PAGE_SIZE);
    union blkif_slot slot;

    if (pages > ring->front->max_segments)
        return BLK_STS_IOERR;   /* queued for a back-end that took more than this one does */
    if (!take_grants(ring, private, pages))
        return BLK_STS_RESOURCE;
    if (operation != BLKIF_OP_READ)
        copy_data(rq, private, true);
    if (private->list) {
        slot.indirect = (struct blkif_request_indirect){
            .operation = BLKIF_OP_INDIRECT, .indirect_op = operation, .nr_segments = pages, .id = id,
            .sector_number = blk_rq_pos(rq), .handle = ring->front->handle,
            .indirect_grefs = { private->list->ref },
        };
        fill_segments(private->list->data, private, bytes);
        ring_front_put(&ring->ring, &slot.indirect, sizeof(slot.indirect));
        ring->statistics.indirect++;
    } else {
        slot.rw = (struct blkif_request){
            .operation = operation, .nr_segments = pages, .handle = ring->front->handle, .id = id,
            .sector_number = bytes ? blk_rq_pos(rq) : 0,
        };
        fill_segments(slot.rw.seg, private, bytes);
        ring_front_put(&ring->ring, &slot.rw, offsetof(struct blkif_request, seg[pages]));
    }
    if (operation == BLKIF_OP_READ)
        ring->statistics.sectors_read += blk_rq_sectors(rq);
    else
        ring->statistics.sectors_written += blk_rq_sectors(rq);
    return BLK_STS_OK;
}

static blk_status_t put_discard(struct front_ring *ring, struct request *rq, u64 id)
{
    struct blkif_request_discard slot = {
        .operation = BLKIF_OP_DISCARD, .id = id, .handle = ring->front->handle,
        .sector_number = blk_rq_pos(rq), .nr_sectors = blk_rq_sectors(rq),
        .flag = req_op(rq) == REQ_OP_SECURE_ERASE ? BLKIF_DISCARD_SECURE : 0,
    };

    take_grants(ring, blk_mq_rq_to_pdu(rq), 0);
    ring_front_put(&ring->ring, &slot, sizeof(slot));
    return BLK_STS_OK;
}

/* Which operation does what a request wants; BLK_IDLE: none that the back-end offers. */
static u8 operation_of(const struct blk_front *front, const struct request *rq)
{
    switch (req_op(rq)) {
    case REQ_OP_READ:
        return BLKIF_OP_READ;
    case REQ_OP_WRITE:
        return rq->cmd_flags & REQ_FUA ? BLKIF_OP_WRITE_BARRIER : BLKIF_OP_WRITE;
    case REQ_OP_FLUSH:
        return front->offer.flush ? BLKIF_OP_FLUSH_DISKCACHE
             : front->offer.barrier ? BLKIF_OP_WRITE_BARRIER : BLK_IDLE;
    case REQ_OP_DISCARD:
    case REQ_OP_SECURE_ERASE:
        return BLKIF_OP_DISCARD;
    default:
        return BLK_IDLE;
    }
}

static blk_status_t put_request(struct front_ring *ring, struct blk_mq_hw_ctx *hctx, struct request *rq)
{
    struct blk_front *front = ring->front;
    u8 operation = operation_of(front, rq);
    u64 id = (u64)hctx->queue_num * front->tags.queue_depth + rq->tag;
    blk_status_t status;

    if (ring->broken)
        return BLK_STS_IOERR;
    if (operation == BLK_IDLE)
        return BLK_STS_NOTSUPP;
    if (!ring_front_room(&ring->ring))
        return BLK_STS_RESOURCE;
    status = operation == BLKIF_OP_DISCARD ? put_discard(ring, rq, id) : put_rw(ring, rq, operation, id);
    if (status == BLK_STS_OK) {
        ring->outstanding.operation[id] = operation;
        ring->statistics.requests[operation]++;
    }
    return status;
}

static blk_status_t front_queue_rq(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *data)
{
    struct blk_front *front = hctx->queue->queuedata;
    struct front_request *private = blk_mq_rq_to_pdu(data->rq);
    struct front_ring *ring;
    unsigned long flags;
    blk_status_t status;
    bool notify = false;

    private->ring = NULL;
    private->status = BLK_STS_OK;
    if (READ_ONCE(front->state) == FRONT_DEAD)
        return BLK_STS_IOERR;
    ring = &front->rings[hctx->queue_num % front->nr_rings];
    blk_mq_start_request(data->rq);
    spin_lock_irqsave(&ring->lock, flags);
    status = put_request(ring, hctx, data->rq);
    if (data->last || status)
        notify = ring_front_push(&ring->ring);
    ring->statistics.notifications += notify;
    spin_unlock_irqrestore(&ring->lock, flags);
    if (notify)
        notify_remote_via_irq(ring->irq);
    return status;
}

/* The last of a batch was not the last after all. */
static void front_commit_rqs(struct blk_mq_hw_ctx *hctx)
{
    struct blk_front *front = hctx->queue->queuedata;
    struct front_ring *ring;
    unsigned long flags;
    bool notify;

    if (READ_ONCE(front->state) == FRONT_DEAD)
        return;
    ring = &front->rings[hctx->queue_num % front->nr_rings];
    spin_lock_irqsave(&ring->lock, flags);
    notify = ring_front_push(&ring->ring);
    ring->statistics.notifications += notify;
    spin_unlock_irqrestore(&ring->lock, flags);
    if (notify)
        notify_remote_via_irq(ring->irq);
}

static void front_complete_rq(struct request *rq)
{
    struct front_request *private = blk_mq_rq_to_pdu(rq);

    blk_mq_end_request(rq, private->status);
}

const struct blk_mq_ops front_mq_ops = {
    .queue_rq = front_queue_rq,
    .commit_rqs = front_commit_rqs,
    .complete = front_complete_rq,
};

static blk_status_t status_of(s16 status)
{
    return status == BLKIF_RSP_OKAY ? BLK_STS_OK
         : status == BLKIF_RSP_EOPNOTSUPP ? BLK_STS_NOTSUPP : BLK_STS_IOERR;
}

static void front_answered(struct front_ring *ring, const struct blkif_response *response)
{
    unsigned int depth = ring->front->tags.queue_depth;
    int id = blk_outstanding_end(&ring->outstanding, response);
    struct front_request *private;
    struct request *rq;

    if (id < 0) {
        ring->broken = true;
        dev_err_ratelimited(&ring->front->dev->dev,
                            "back-end answers what nobody asked: id %llu, operation %u\n",
                            response->id, response->operation);
        return;
    }
    rq = blk_mq_tag_to_rq(ring->front->tags.tags[id / depth], id % depth);
    private = blk_mq_rq_to_pdu(rq);
    private->status = status_of(response->status);
    if (response->operation == BLKIF_OP_READ && private->status == BLK_STS_OK)
        copy_data(rq, private, false);
    ring->statistics.errors += private->status != BLK_STS_OK;
    front_release(private);
    blk_mq_complete_request(rq);
}

/* All responses that are there. False if there were none. Under the lock. */
static bool take_responses(struct front_ring *ring, bool rearm)
{
    bool any = false;
    int count;

    while (!ring->broken) {
        count = ring_front_pending(&ring->ring);
        if (!count && rearm)
            count = ring_front_rearm(&ring->ring, 1);
        if (!count)
            break;
        if (count < 0) {
            ring->broken = true;
            dev_err_ratelimited(&ring->front->dev->dev, "back-end answers more requests than there are\n");
        }
        any = true;
        while (count-- > 0 && !ring->broken) {
            struct blkif_response response;

            ring_front_take(&ring->ring, &response, sizeof(response));
            front_answered(ring, &response);
        }
    }
    if (ring->broken)
        schedule_work(&ring->front->broken);
    return any;
}

irqreturn_t front_ring_interrupt(int irq, void *data)
{
    struct front_ring *ring = data;
    unsigned long flags;
    bool any;

    spin_lock_irqsave(&ring->lock, flags);
    ring->statistics.interrupts++;
    any = take_responses(ring, true);
    spin_unlock_irqrestore(&ring->lock, flags);
    xen_irq_lateeoi(irq, any ? 0 : XEN_EOI_FLAG_SPURIOUS);
    return IRQ_HANDLED;
}

void front_drain(struct front_ring *ring)
{
    unsigned long flags;

    spin_lock_irqsave(&ring->lock, flags);
    take_responses(ring, false);
    spin_unlock_irqrestore(&ring->lock, flags);
}
