// SPDX-License-Identifier: GPL-2.0-only
/* Block rings without a kernel: the format, both ends of a ring at work, and requests that make no sense. */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"
#include "hold.h"
#include "parse.h"
#include "ring.h"

#define FACT(x) (long)(x),
static const long our_facts[] = {
#include "format-facts.h"
};
#undef FACT
#define FACT(x) #x,
static const char *const fact_names[] = {
#include "format-facts.h"
};
extern const long published_facts[];

static void format_is_the_published_one(void)
{
    for (size_t i = 0; i < sizeof(our_facts) / sizeof(our_facts[0]); i++)
        if (our_facts[i] != published_facts[i]) {
            printf("# %s is %ld, published as %ld\n", fact_names[i], our_facts[i], published_facts[i]);
            CU_FAIL("not as published");
        }
}

static uint8_t memory[2 * BLK_PAGE_BYTES] __attribute__((aligned(8)));
static struct ring_front front;
static struct ring_back back;

static void begin(size_t bytes)
{
    memset(memory, 0, sizeof(memory));
    ring_front_init(&front, memory, bytes, sizeof(union blkif_slot));
    CU_ASSERT_EQUAL(ring_back_init(&back, memory, bytes, sizeof(union blkif_slot)), 0);
}

static void sizes(void)
{
    begin(BLK_PAGE_BYTES);
    CU_ASSERT_EQUAL(front.slots, 32);
    begin(2 * BLK_PAGE_BYTES);
    CU_ASSERT_EQUAL(back.slots, 64);
}

static void everything_arrives_once_in_order(void)
{
    uint64_t asked = 0, taken = 0, answered = 0, ended = 0;
    unsigned int to_back = 0, to_front = 0;

    begin(BLK_PAGE_BYTES);
    /* Indexes wrap in the middle. */
    front.req_prod = front.req_pushed = front.rsp_cons = 0xfffffff0;
    *front.shared = (struct ring_shared){
        .req_prod = 0xfffffff0, .rsp_prod = 0xfffffff0, .req_event = 0xfffffff1, .rsp_event = 0xfffffff1,
    };
    CU_ASSERT_EQUAL(ring_back_init(&back, memory, BLK_PAGE_BYTES, sizeof(union blkif_slot)), 0);
    srand(1);
    while (ended < 10000) {
        int count;

        for (int n = rand() % 8; n && ring_front_room(&front); n--) {
            struct blkif_request request = { .id = asked++ };

            ring_front_put(&front, &request, sizeof(request));
        }
        to_back += ring_front_push(&front);
        for (count = ring_back_rearm(&back); count > 0; count--) {
            union blkif_slot slot;

            ring_back_take(&back, &slot, sizeof(slot));
            CU_ASSERT_EQUAL_FATAL(slot.rw.id, taken);
            taken++;
        }
        CU_ASSERT_FATAL(count == 0);
        for (int n = rand() % 8; n && answered < taken; n--) {
            struct blkif_response response = { .id = answered++ };

            ring_back_put(&back, &response, sizeof(response));
        }
        to_front += ring_back_push(&back);
        for (count = ring_front_rearm(&front, 1); count > 0; count--) {
            struct blkif_response response;

            ring_front_take(&front, &response, sizeof(response));
            CU_ASSERT_EQUAL_FATAL(response.id, ended);
            ended++;
        }
        CU_ASSERT_FATAL(count == 0);
    }
    CU_ASSERT(to_back > 0 && to_back < asked && to_front > 0 && to_front < ended);
}

static void only_who_asked_is_notified(void)
{
    struct blkif_request request = { .id = 1 };

    begin(BLK_PAGE_BYTES);
    ring_front_put(&front, &request, sizeof(request));
    CU_ASSERT(ring_front_push(&front));
    ring_front_put(&front, &request, sizeof(request));
    CU_ASSERT(!ring_front_push(&front));        /* the back-end has not asked again */
    CU_ASSERT(!ring_front_push(&front));        /* nothing new */
    CU_ASSERT_EQUAL(ring_back_pending(&back), 2);
}

static void jumps_are_noticed(void)
{
    begin(BLK_PAGE_BYTES);
    back.shared->req_prod = 32;
    CU_ASSERT_EQUAL(ring_back_pending(&back), 32);
    back.shared->req_prod = 33;
    CU_ASSERT_EQUAL(ring_back_pending(&back), -EPROTO);
    back.shared->req_prod = 0xffffffff;
    CU_ASSERT_EQUAL(ring_back_pending(&back), -EPROTO);
    CU_ASSERT_EQUAL(ring_front_pending(&front), 0);
    front.shared->rsp_prod = 1;
    CU_ASSERT_EQUAL(ring_front_pending(&front), -EPROTO);
    front.shared->rsp_prod = 0x80000000;
    CU_ASSERT_EQUAL(ring_front_pending(&front), -EPROTO);
}

static const struct blk_limits limits = {
    .sectors = 1000, .block_sectors = 1, .max_indirect = 256, .discard = true,
};
static struct blk_request request;
static const char *why;

static int parse(const union blkif_slot *slot, const struct blk_limits *with)
{
    return blk_parse(slot, with, &request, &why);
}

static void ranges(void)
{
    union blkif_slot slot = { .rw = {
        .operation = BLKIF_OP_WRITE, .nr_segments = 2, .id = 7, .sector_number = 985,
        .seg = { { 5, 0, 7, 0 }, { 6, 1, 7, 0 } },
    } };
    struct blk_limits blocks = limits, readonly = limits;

    CU_ASSERT_EQUAL(parse(&slot, &limits), 0);
    CU_ASSERT_EQUAL(request.sectors, 15);
    CU_ASSERT_EQUAL(request.segments[1].offset, 512);
    slot.rw.sector_number = 986;
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EINVAL);
    slot.rw.sector_number = ~0ull - 3;
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EINVAL);
    slot.rw.sector_number = 8;
    blocks.block_sectors = 8;
    CU_ASSERT_EQUAL(parse(&slot, &blocks), -EINVAL);
    slot.rw.seg[1].first_sect = 0;
    CU_ASSERT_EQUAL(parse(&slot, &blocks), 0);
    slot.rw.seg[1].last_sect = 8;
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EINVAL);
    slot.rw.seg[1].last_sect = 7;
    slot.rw.nr_segments = 12;
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EINVAL);
    slot.rw.nr_segments = 2;
    readonly.readonly = true;
    CU_ASSERT_EQUAL(parse(&slot, &readonly), -EROFS);
    slot.rw.operation = BLKIF_OP_READ;
    CU_ASSERT_EQUAL(parse(&slot, &readonly), 0);
}

static void operations(void)
{
    union blkif_slot slot = { .rw = { .operation = 4, .id = 9 } };
    struct blk_limits none = limits;

    CU_ASSERT_EQUAL(parse(&slot, &limits), -EOPNOTSUPP);
    CU_ASSERT_EQUAL(request.id, 9);
    slot.rw.operation = 200;
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EOPNOTSUPP);
    slot.rw.operation = BLKIF_OP_WRITE_BARRIER;
    CU_ASSERT_EQUAL(parse(&slot, &limits), 0);
    CU_ASSERT_EQUAL(request.action, BLKIF_OP_FLUSH_DISKCACHE);
    CU_ASSERT_EQUAL(request.operation, BLKIF_OP_WRITE_BARRIER);
    slot.rw.operation = BLKIF_OP_READ;
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EINVAL);
    slot = (union blkif_slot){ .indirect = {
        .operation = BLKIF_OP_INDIRECT, .indirect_op = BLKIF_OP_WRITE, .nr_segments = 256,
    } };
    CU_ASSERT_EQUAL(parse(&slot, &limits), 0);
    CU_ASSERT_EQUAL(request.operation, BLKIF_OP_WRITE);
    CU_ASSERT_EQUAL(request.nr_indirect, 1);
    slot.indirect.nr_segments = 257;
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EINVAL);
    slot.indirect.nr_segments = 1;
    none.max_indirect = 0;
    none.discard = false;
    CU_ASSERT_EQUAL(parse(&slot, &none), -EINVAL);
    slot = (union blkif_slot){ .discard = {
        .operation = BLKIF_OP_DISCARD, .sector_number = 1, .nr_sectors = ~0ull,
    } };
    CU_ASSERT_EQUAL(parse(&slot, &limits), -EINVAL);
    slot.discard.nr_sectors = 999;
    CU_ASSERT_EQUAL(parse(&slot, &limits), 0);
    CU_ASSERT_EQUAL(parse(&slot, &none), -EOPNOTSUPP);
}

static void answers(void)
{
    uint8_t operation[4] = { BLKIF_OP_READ, BLKIF_OP_WRITE, BLK_IDLE, BLK_IDLE };
    struct blk_outstanding outstanding = { 4, operation };
    struct blkif_response response = { .id = 1, .operation = BLKIF_OP_WRITE };

    CU_ASSERT_EQUAL(blk_outstanding_end(&outstanding, &response), 1);
    CU_ASSERT_EQUAL(blk_outstanding_end(&outstanding, &response), -EPROTO);     /* twice */
    response.id = 0;
    CU_ASSERT_EQUAL(blk_outstanding_end(&outstanding, &response), -EPROTO);     /* was a read */
    response.id = 4;
    CU_ASSERT_EQUAL(blk_outstanding_end(&outstanding, &response), -EPROTO);
    response = (struct blkif_response){ .id = 2, .operation = BLK_IDLE };
    CU_ASSERT_EQUAL(blk_outstanding_end(&outstanding, &response), -EPROTO);
}

/* A disk that always has `depth` requests and answers one every `gap` ns: how many answers go with the first batch. */
static u32 batch_of(u32 depth, u64 gap)
{
    struct blk_hold hold = { 0 };
    u64 now = 1000, limit = 500000;
    u32 held = 0;

    for (int i = 0; i < 100; i++)   /* it has to get to know the disk */
        blk_hold(&hold, now += gap, 1, depth - 1, limit);
    do
        held++;
    while (blk_hold(&hold, now += gap, held, depth - held, limit));
    return held;
}

static void holding(void)
{
    struct blk_hold hold = { 0 };

    CU_ASSERT_EQUAL(batch_of(1, 1000), 1);      /* asked alone, answered alone */
    CU_ASSERT_EQUAL(batch_of(4, 1000), 1);
    CU_ASSERT_EQUAL(batch_of(8, 10000), 2);
    CU_ASSERT_EQUAL(batch_of(32, 10000), 8);
    CU_ASSERT_EQUAL(batch_of(64, 1000), 16);
    CU_ASSERT_EQUAL(batch_of(32, 5000000), 1);  /* a slow disk */
    CU_ASSERT(batch_of(32, 100000) < 6);        /* never longer than the limit */
    for (int i = 0; i < 100; i++)               /* the last one never waits */
        CU_ASSERT_FALSE(blk_hold(&hold, 1000 + i, 1 + i % 8, 0, 500000));
}

const struct unit_test unit_tests[] = {
    { "what goes over the ring is what libxen-dev publishes", format_is_the_published_one },
    { "a ring has the published number of slots", sizes },
    { "requests and responses arrive once, in order, over wrapping indexes",
      everything_arrives_once_in_order },
    { "only who asked is notified", only_who_asked_is_notified },
    { "an index that jumps is noticed by both ends", jumps_are_noticed },
    { "a request stays on its disk, in its pages and on its blocks", ranges },
    { "operations that are not offered are refused, all others come as they are", operations },
    { "an answer belongs to one request, once", answers },
    { "answers wait only for others that come soon, and few enough", holding },
    { NULL, NULL },
};
