// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests and responses of a block ring, checked; see parse.h.
 */
#include "parse.h"

static int refuse(const char **why, const char *reason, int err)
{
    *why = reason;
    return err;
}

static int parse_segment(const struct blkif_request_segment *raw, struct blk_segment *segment)
{
    if (raw->first_sect > raw->last_sect || raw->last_sect >= BLK_SECTORS_PER_PAGE)
        return -EINVAL;
    segment->ref = raw->gref;
    segment->offset = (u16)(raw->first_sect << BLK_SECTOR_SHIFT);
    segment->bytes = (u16)((raw->last_sect - raw->first_sect + 1) << BLK_SECTOR_SHIFT);
    return 0;
}

static int parse_segments(const struct blkif_request_segment *raw, const struct blk_limits *limits,
                          struct blk_request *request, struct blk_segment *segments, const char **why)
{
    u32 i, fraction = (limits->block_sectors << BLK_SECTOR_SHIFT) - 1;

    request->sectors = 0;
    for (i = 0; i < request->nr_segments; i++) {
        if (parse_segment(&raw[i], &segments[i]))
            return refuse(why, "a segment is not in its page", -EINVAL);
        if ((segments[i].offset | segments[i].bytes) & fraction)
            return refuse(why, "a segment is not whole blocks", -EINVAL);
        request->sectors += segments[i].bytes >> BLK_SECTOR_SHIFT;
    }
    return 0;
}

/* The size is read once: it may change meanwhile. */
static int check_range(const struct blk_limits *limits, const struct blk_request *request, const char **why)
{
    u64 end = READ_ONCE(limits->sectors);

    if (request->sectors > end || request->sector > end - request->sectors)
        return refuse(why, "past the end of the disk", -EINVAL);
    if ((request->sector | request->sectors) & (limits->block_sectors - 1))
        return refuse(why, "not whole blocks", -EINVAL);
    return 0;
}

static int parse_rw(const union blkif_slot *slot, const struct blk_limits *limits,
                    struct blk_request *request, const char **why)
{
    const struct blkif_request *raw = &slot->rw;

    request->sector = raw->sector_number;
    request->nr_segments = raw->nr_segments;
    if (raw->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
        return refuse(why, "more segments than fit in a request", -EINVAL);
    /* An empty barrier is a flush; where it points means nothing. */
    if (!raw->nr_segments && raw->operation == BLKIF_OP_WRITE_BARRIER) {
        request->action = BLKIF_OP_FLUSH_DISKCACHE;
        request->sector = 0;
        return 0;
    }
    if (!raw->nr_segments)
        return refuse(why, "no segments", -EINVAL);
    return parse_segments(raw->seg, limits, request, request->segments, why) ?:
           check_range(limits, request, why);
}

/* Data with a flush would have no defined place in the order of things: there are barriers for that. */
static int parse_flush(const union blkif_slot *slot, const struct blk_limits *limits,
                       struct blk_request *request, const char **why)
{
    (void)limits;
    (void)request;
    return slot->rw.nr_segments ? refuse(why, "a flush with data", -EINVAL) : 0;
}

static int parse_discard(const union blkif_slot *slot, const struct blk_limits *limits,
                         struct blk_request *request, const char **why)
{
    if (!limits->discard)
        return refuse(why, "discard is not offered", -EOPNOTSUPP);
    request->sector = slot->discard.sector_number;
    request->sectors = slot->discard.nr_sectors;
    request->secure = slot->discard.flag & BLKIF_DISCARD_SECURE;
    return request->sectors ? check_range(limits, request, why) : refuse(why, "nothing to discard", -EINVAL);
}

static int parse_indirect(const union blkif_slot *slot, const struct blk_limits *limits,
                          struct blk_request *request, const char **why)
{
    const struct blkif_request_indirect *raw = &slot->indirect;
    u32 max = limits->max_indirect, i;

    if (max > BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST * BLK_INDIRECT_PER_PAGE)
        max = BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST * BLK_INDIRECT_PER_PAGE;
    if (raw->indirect_op != BLKIF_OP_READ && raw->indirect_op != BLKIF_OP_WRITE)
        return refuse(why, "an indirect request that is neither read nor write", -EOPNOTSUPP);
    /* The response names what was done, not how it was asked. */
    request->action = request->operation = raw->indirect_op;
    if (!raw->nr_segments || raw->nr_segments > max)
        return refuse(why, "no or too many indirect segments", -EINVAL);
    request->sector = raw->sector_number;
    request->nr_segments = raw->nr_segments;
    request->nr_indirect = (u16)((raw->nr_segments + BLK_INDIRECT_PER_PAGE - 1) / BLK_INDIRECT_PER_PAGE);
    for (i = 0; i < request->nr_indirect; i++)
        request->indirect[i] = raw->indirect_grefs[i];
    return 0;
}

static int (*const parsers[])(const union blkif_slot *slot, const struct blk_limits *limits,
                              struct blk_request *request, const char **why) = {
    [BLKIF_OP_READ]            = parse_rw,
    [BLKIF_OP_WRITE]           = parse_rw,
    [BLKIF_OP_WRITE_BARRIER]   = parse_rw,
    [BLKIF_OP_FLUSH_DISKCACHE] = parse_flush,
    [BLKIF_OP_DISCARD]         = parse_discard,
    [BLKIF_OP_INDIRECT]        = parse_indirect,
};

int blk_parse(const union blkif_slot *slot, const struct blk_limits *limits, struct blk_request *request,
              const char **why)
{
    u8 operation = slot->rw.operation;
    int err;

    request->id = slot->rw.id;
    request->operation = request->action = operation;
    request->sector = request->sectors = 0;
    request->secure = false;
    request->nr_segments = request->nr_indirect = 0;
    if (operation >= sizeof(parsers) / sizeof(parsers[0]) || !parsers[operation])
        return refuse(why, "an unknown operation", -EOPNOTSUPP);
    err = parsers[operation](slot, limits, request, why);
    if (!err && request->action != BLKIF_OP_READ && limits->readonly)
        return refuse(why, "the disk is read-only", -EROFS);
    return err;
}

int blk_parse_indirect(const struct blkif_request_segment *raw, const struct blk_limits *limits,
                       struct blk_request *request, struct blk_segment *segments, const char **why)
{
    return parse_segments(raw, limits, request, segments, why) ?: check_range(limits, request, why);
}

int blk_outstanding_end(struct blk_outstanding *requests, const struct blkif_response *response)
{
    u64 id = response->id;
    u8 asked;

    if (id >= requests->count)
        return -EPROTO;
    asked = requests->operation[id];
    if (asked == BLK_IDLE || asked != response->operation)
        return -EPROTO;
    requests->operation[id] = BLK_IDLE;
    return (int)id;
}
