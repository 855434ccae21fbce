// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkback: from a request to a bio.
 *
 * Pages of another domain are used in place. The front-end may change them while the disk reads them; that
 * harms only its own data. The list of segments of an indirect request is copied before it is looked at.
 */
#include "back.h"
#include "copy.h"

static void refuse(struct back_slot *slot, int err, const char *why)
{
    struct blk_request *request = &slot->request;

    dev_dbg_ratelimited(&slot->ring->back->dev->dev, "request %llx, operation %u, sector %llu: %s\n",
                        request->id, request->operation, request->sector, why);
    slot->status = err == -EOPNOTSUPP ? BLKIF_RSP_EOPNOTSUPP : BLKIF_RSP_ERROR;
    back_answer(slot);
}

static void io_done(struct bio *bio)
{
    struct back_slot *slot = bio->bi_private;

    slot->status = bio->bi_status == BLK_STS_OK ? BLKIF_RSP_OKAY
                 : bio->bi_status == BLK_STS_NOTSUPP ? BLKIF_RSP_EOPNOTSUPP : BLKIF_RSP_ERROR;
    if (bio != &slot->bio)
        bio_put(bio);
    else
        bio_uninit(bio);
    back_answer(slot);
}

/* Reads the list of segments out of the front-end's page, into the ring's. */
static int read_segments(struct back_slot *slot, const struct blk_segment **segments, const char **why)
{
    struct back_ring *ring = slot->ring;
    struct blk_segment list = { .ref = slot->request.indirect[0] };
    struct page *page;
    int err = back_map(slot, &list, 1, true, &page);

    if (err) {
        *why = "the page with its segments cannot be mapped";
        return err;
    }
    blk_copy(ring->raw, page_address(page), slot->request.nr_segments * sizeof(ring->raw[0]));
    *segments = ring->segments;
    return blk_parse_indirect(ring->raw, &ring->back->limits, &slot->request, ring->segments, why);
}

static int submit_data(struct back_slot *slot, blk_opf_t operation, const char **why)
{
    struct blk_request *request = &slot->request;
    const struct blk_segment *segments = request->segments;
    struct bio *bio = &slot->bio;
    unsigned int i;
    int err = request->nr_indirect ? read_segments(slot, &segments, why) : 0;

    if (err)
        return err;
    back_limits_pass(slot);
    err = back_map(slot, segments, request->nr_segments, op_is_write(operation), slot->pages);
    if (err) {
        *why = "its pages cannot be mapped";
        return err;
    }
    bio_init(bio, slot->ring->back->bdev, slot->vecs, ARRAY_SIZE(slot->vecs), operation);
    bio->bi_iter.bi_sector = request->sector;
    bio->bi_end_io = io_done;
    bio->bi_private = slot;
    for (i = 0; i < request->nr_segments; i++)
        __bio_add_page(bio, slot->pages[i], segments[i].bytes, segments[i].offset);
    if (op_is_write(operation))
        slot->ring->statistics.sectors_written += request->sectors;
    else
        slot->ring->statistics.sectors_read += request->sectors;
    submit_bio(bio);
    return 0;
}

static int serve_read(struct back_slot *slot, const char **why)
{
    return submit_data(slot, REQ_OP_READ, why);
}

static int serve_write(struct back_slot *slot, const char **why)
{
    /* As a direct write: somebody in the guest may be waiting for it. */
    return submit_data(slot, REQ_OP_WRITE | REQ_SYNC | REQ_IDLE, why);
}

static int serve_barrier(struct back_slot *slot, const char **why)
{
    back_drain(slot->ring);
    return submit_data(slot, REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH | REQ_FUA, why);
}

/* Of an empty barrier too, and then what came before has to be on the disk as well. */
static int serve_flush(struct back_slot *slot, const char **why)
{
    struct bio *bio = &slot->bio;

    if (slot->request.operation == BLKIF_OP_WRITE_BARRIER)
        back_drain(slot->ring);
    bio_init(bio, slot->ring->back->bdev, NULL, 0, REQ_OP_WRITE | REQ_SYNC | REQ_PREFLUSH);
    bio->bi_end_io = io_done;
    bio->bi_private = slot;
    submit_bio(bio);
    return 0;
}

static int serve_discard(struct back_slot *slot, const char **why)
{
    struct blk_request *request = &slot->request;
    struct block_device *bdev = slot->ring->back->bdev;
    struct bio *bio = NULL;
    int err;

    *why = "the disk cannot discard that";
    if (request->secure && slot->ring->back->secure) {
        err = blkdev_issue_secure_erase(bdev, request->sector, request->sectors, GFP_KERNEL);
        if (!err)
            back_answer(slot);
        return err;
    }
    err = __blkdev_issue_discard(bdev, request->sector, request->sectors, GFP_KERNEL, &bio);
    if (!bio) {
        if (!err)
            back_answer(slot);
        return err;
    }
    bio->bi_end_io = io_done;
    bio->bi_private = slot;
    submit_bio(bio);
    return 0;
}

static int (*const servers[])(struct back_slot *slot, const char **why) = {
    [BLKIF_OP_READ]            = serve_read,
    [BLKIF_OP_WRITE]           = serve_write,
    [BLKIF_OP_WRITE_BARRIER]   = serve_barrier,
    [BLKIF_OP_FLUSH_DISKCACHE] = serve_flush,
    [BLKIF_OP_DISCARD]         = serve_discard,
};

void back_serve(struct back_slot *slot, const union blkif_slot *raw)
{
    struct back_ring *ring = slot->ring;
    const char *why = "";
    int err;

    slot->status = BLKIF_RSP_OKAY;
    slot->nr_transient = 0;
    err = blk_parse(raw, &ring->back->limits, &slot->request, &why);
    if (!err) {
        ring->statistics.requests[slot->request.action]++;
        ring->statistics.indirect += slot->request.nr_indirect != 0;
        err = servers[slot->request.action](slot, &why);
    }
    if (err)
        refuse(slot, err, why);
}
