/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes over a block ring, byte by byte: the published blkif interface in its 64-bit form (protocol
 * "x86_64-abi"). The names are those of the interface; tests/pv-drivers/format.c compares each size and
 * offset with libxen-dev's blkif.h.
 *
 * Sectors are always 512 bytes here, whatever the disk's block size is.
 */
#ifndef HV_BLK_FORMAT_H
#define HV_BLK_FORMAT_H

#include "platform.h"

#define BLKIF_OP_READ            0
#define BLKIF_OP_WRITE           1
#define BLKIF_OP_WRITE_BARRIER   2  /* after all before it; on the disk when it is answered */
#define BLKIF_OP_FLUSH_DISKCACHE 3
#define BLKIF_OP_DISCARD         5
#define BLKIF_OP_INDIRECT        6  /* a read or write whose segments are listed in pages of their own */

#define BLKIF_RSP_OKAY        0
#define BLKIF_RSP_ERROR      -1
#define BLKIF_RSP_EOPNOTSUPP -2

#define BLKIF_MAX_SEGMENTS_PER_REQUEST        11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST   8
#define BLKIF_DISCARD_SECURE                   1

#define VDISK_CDROM     1
#define VDISK_REMOVABLE 2
#define VDISK_READONLY  4

#define BLK_PAGE_BYTES       4096
#define BLK_SECTOR_SHIFT     9
#define BLK_SECTORS_PER_PAGE (BLK_PAGE_BYTES >> BLK_SECTOR_SHIFT)

struct blkif_request_segment {
    u32 gref;
    u8 first_sect, last_sect;   /* in the granted page, the last one included */
    u16 padding;
};

/* A read, write, barrier or flush. */
struct blkif_request {
    u8 operation;
    u8 nr_segments;
    u16 handle;
    u32 padding;
    u64 id;
    u64 sector_number;
    struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

struct blkif_request_discard {
    u8 operation;
    u8 flag;
    u16 handle;
    u32 padding;
    u64 id;
    u64 sector_number;
    u64 nr_sectors;
};

struct blkif_request_indirect {
    u8 operation;
    u8 indirect_op;
    u16 nr_segments;
    u32 padding;
    u64 id;
    u64 sector_number;
    u16 handle;
    u16 padding2;
    u32 indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};

/* One slot as the front-end writes it. */
union blkif_slot {
    struct blkif_request rw;
    struct blkif_request_discard discard;
    struct blkif_request_indirect indirect;
};

struct blkif_response {
    u64 id;
    u8 operation;
    u8 padding;
    s16 status;
    u32 padding2;
};

#define BLK_INDIRECT_PER_PAGE (BLK_PAGE_BYTES / sizeof(struct blkif_request_segment))

static_assert(sizeof(union blkif_slot) == 112, "a slot of a 64-bit block ring has 112 bytes");
static_assert(sizeof(struct blkif_request_segment) == 8, "a segment has 8 bytes");
static_assert(sizeof(struct blkif_response) == 16, "a response has 16 bytes");

#endif
