/* SPDX-License-Identifier: MIT */
/*
 * The split block device. The front end puts requests on a ring (store keys ring-ref, event-channel), naming
 * the pages to read into or write from by grant references. A sector is 512 bytes in all fields, whatever the
 * disk's own is.
 */
#ifndef __XEN_PUBLIC_IO_BLKIF_H__
#define __XEN_PUBLIC_IO_BLKIF_H__

#include "ring.h"
#include "../grant_table.h"

typedef uint16_t blkif_vdev_t;     /* Linux device number: major << 8 | minor, or 1 << 28 | ... truncated. */
typedef uint64_t blkif_sector_t;

#define BLKIF_OP_READ            0
#define BLKIF_OP_WRITE           1
#define BLKIF_OP_WRITE_BARRIER   2   /* If feature-barrier: after all before it, and before all after it. */
#define BLKIF_OP_FLUSH_DISKCACHE 3   /* If feature-flush-cache: make completed writes durable. */
#define BLKIF_OP_RESERVED_1      4
#define BLKIF_OP_DISCARD         5   /* If feature-discard: blkif_request_discard. */
#define BLKIF_OP_INDIRECT        6   /* If feature-max-indirect-segments: blkif_request_indirect. */

#define BLKIF_MAX_SEGMENTS_PER_REQUEST       11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST 8

/* Part of one page: sectors first_sect to last_sect of it, both included, 0 to 7. */
struct blkif_request_segment {
    grant_ref_t gref;
    uint8_t first_sect, last_sect;
};

/* Read, write, flush. */
struct blkif_request {
    uint8_t operation;              /* BLKIF_OP_* */
    uint8_t nr_segments;
    blkif_vdev_t handle;
    uint64_t id;                    /* The front end's; comes back in the response. */
    blkif_sector_t sector_number;   /* First sector on the disk. */
    struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};
typedef struct blkif_request blkif_request_t;

/* The sectors' contents are no longer wanted. */
#define BLKIF_DISCARD_SECURE (1 << 0)   /* If discard-secure: and must be unreadable. */
struct blkif_request_discard {
    uint8_t operation;
    uint8_t flag;                   /* BLKIF_DISCARD_SECURE or 0 */
    blkif_vdev_t handle;
    uint64_t id;
    blkif_sector_t sector_number;
    uint64_t nr_sectors;
};
typedef struct blkif_request_discard blkif_request_discard_t;

/* A read or write whose segments are too many for a slot: they are in pages of their own, 512 to a page. */
struct blkif_request_indirect {
    uint8_t operation;              /* BLKIF_OP_INDIRECT */
    uint8_t indirect_op;            /* BLKIF_OP_READ or _WRITE */
    uint16_t nr_segments;
    uint64_t id;
    blkif_sector_t sector_number;
    blkif_vdev_t handle;
    grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};
typedef struct blkif_request_indirect blkif_request_indirect_t;

struct blkif_response {
    uint64_t id;
    uint8_t operation;
    int16_t status;                 /* BLKIF_RSP_* */
};
typedef struct blkif_response blkif_response_t;

#define BLKIF_RSP_EOPNOTSUPP -2   /* The back end does not know that operation. */
#define BLKIF_RSP_ERROR      -1
#define BLKIF_RSP_OKAY        0

DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);

/* Store key "info". */
#define VDISK_CDROM     0x1
#define VDISK_REMOVABLE 0x2
#define VDISK_READONLY  0x4

#endif
