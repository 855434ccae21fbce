/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From what the other end wrote to what may be acted on. All input is a private copy of a slot or of a page;
 * all output is within the limits that the caller names. Pure functions over plain memory: fuzzers compile
 * them as they are.
 */
#ifndef HV_BLK_PARSE_H
#define HV_BLK_PARSE_H

#include "format.h"

/* A back-end's limits. */
struct blk_limits {
    u64 sectors;            /* the disk's size */
    u32 block_sectors;      /* logical block size in sectors, a power of two */
    u32 max_indirect;       /* segments in an indirect request at most; 0: there are no indirect requests */
    bool readonly;
    bool discard;
};

struct blk_segment {
    u32 ref;
    u16 offset;             /* in the page; both multiples of 512, offset + bytes <= 4096 */
    u16 bytes;              /* not 0 */
};

/* A request that makes sense. */
struct blk_request {
    u64 id;
    u64 sector;
    u64 sectors;            /* sector + sectors <= limits.sectors; 0 until blk_parse_indirect() if indirect */
    u8 operation;           /* as the response must name it: of an indirect request, what it does */
    u8 action;              /* BLKIF_OP_READ, _WRITE, _WRITE_BARRIER, _FLUSH_DISKCACHE or _DISCARD */
    bool secure;            /* of a discard */
    u16 nr_segments;
    u16 nr_indirect;        /* pages with segments to be read, 0 if the segments are here */
    u32 indirect[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
    struct blk_segment segments[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

/*
 * Parses a slot. 0; -EOPNOTSUPP for an operation that is not offered; -EROFS; -EINVAL if it makes no sense.
 * In each case id and operation are set, for the response; *why says in words what is wrong.
 */
int blk_parse(const union blkif_slot *slot, const struct blk_limits *limits, struct blk_request *request,
              const char **why);

/*
 * Parses the segments of an indirect request: request->nr_segments of them in `raw`, into `segments`. 0, or
 * as blk_parse().
 */
int blk_parse_indirect(const struct blkif_request_segment *raw, const struct blk_limits *limits,
                       struct blk_request *request, struct blk_segment *segments, const char **why);

/*
 * A front-end's requests under way, by id: operation[id], or BLK_IDLE. What a back-end answers must be one of
 * these, with the operation it was asked for.
 */
#define BLK_IDLE 0xff

struct blk_outstanding {
    u32 count;
    u8 *operation;
};

/* The id of the request that a response belongs to, which is then idle. -EPROTO if there is none such. */
int blk_outstanding_end(struct blk_outstanding *requests, const struct blkif_response *response);

#endif
