// SPDX-License-Identifier: GPL-2.0-only
/*
 * A front-end gone mad, against hv-blkback's ring end and parser, compiled as the module compiles them.
 *
 * The input is the ring's memory, then what the front-end overwrites between the back-end's steps. Whatever
 * it is, the back-end must stay inside the ring, take no more than it can answer, and accept only what its
 * limits allow.
 */
#include <stdint.h>
#include <stdlib.h>

#include "parse.h"
#include "ring.h"

#define MUST(x) do { if (!(x)) __builtin_trap(); } while (0)

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t byte(struct input *in)
{
    return in->left ? (in->left--, *in->at++) : 0;
}

static uint32_t word(struct input *in)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++)
        value = value << 8 | byte(in);
    return value;
}

static void check_segments(const struct blk_segment *segments, uint32_t count, uint64_t sectors,
                           uint32_t block)
{
    for (uint32_t i = 0; i < count; i++) {
        MUST(segments[i].bytes && segments[i].offset + segments[i].bytes <= BLK_PAGE_BYTES);
        MUST(!((segments[i].offset | segments[i].bytes) & (block * 512 - 1)));
        sectors -= segments[i].bytes / 512;
    }
    MUST(!sectors);
}

static void check_range(const struct blk_limits *limits, const struct blk_request *request)
{
    MUST(request->sectors <= limits->sectors && request->sector <= limits->sectors - request->sectors);
    MUST(!((request->sector | request->sectors) & (limits->block_sectors - 1)));
}

static void serve(const union blkif_slot *slot, const struct blk_limits *limits, struct input *in)
{
    struct blk_request request;
    const char *why = NULL;

    if (blk_parse(slot, limits, &request, &why)) {
        MUST(why && request.id == slot->rw.id);
        return;
    }
    MUST(request.action == BLKIF_OP_READ || !limits->readonly);
    MUST(request.action != BLKIF_OP_DISCARD || limits->discard);
    MUST(request.action != BLKIF_OP_INDIRECT);
    if (request.nr_indirect) {
        /* Of exactly the size that the request claims: what is beyond belongs to others. */
        size_t size = request.nr_segments * sizeof(struct blkif_request_segment);
        struct blkif_request_segment *raw = malloc(size);
        struct blk_segment *segments = malloc(request.nr_segments * sizeof(*segments));

        MUST(request.nr_segments <= limits->max_indirect);
        MUST(request.nr_indirect <= BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST);
        MUST(size <= request.nr_indirect * BLK_PAGE_BYTES);
        for (size_t i = 0; i < size; i++)
            ((uint8_t *)raw)[i] = i % 8 == 5 && !(byte(in) & 3) ? 7 : byte(in) & 7;
        if (!blk_parse_indirect(raw, limits, &request, segments, &why)) {
            check_segments(segments, request.nr_segments, request.sectors, limits->block_sectors);
            check_range(limits, &request);
        }
        free(segments);
        free(raw);
        return;
    }
    if (request.action != BLKIF_OP_DISCARD)
        check_segments(request.segments, request.nr_segments, request.sectors, limits->block_sectors);
    check_range(limits, &request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    uint8_t shape = byte(&in);
    size_t bytes = (size_t)BLK_PAGE_BYTES << (shape & 1);
    struct blk_limits limits = {
        .sectors = shape & 2 ? 0x7fffffffffffffull : word(&in) & 0xffff, .block_sectors = shape & 4 ? 8 : 1,
        .max_indirect = !(shape & 8) ? 0 : shape & 64 ? 8192 : 256, .readonly = shape & 16, .discard = shape & 32,
    };
    uint8_t *memory = calloc(1, bytes);
    struct ring_back ring;
    uint32_t taken = 0, answered = 0;

    for (size_t i = 0; i < bytes && in.left > 64; i++)
        memory[i] = byte(&in);
    if (ring_back_init(&ring, memory, bytes, sizeof(union blkif_slot)))
        goto out;
    while (in.left) {
        uint8_t step = byte(&in);
        int count = step & 1 ? ring_back_pending(&ring) : ring_back_rearm(&ring);

        MUST(count <= (int)ring.slots);
        if (count < 0)
            break;
        while (count-- > 0) {
            union blkif_slot slot;
            uint8_t usual = byte(&in);

            ring_back_take(&ring, &slot, sizeof(slot));
            taken++;
            /* Operations that there are, and numbers at the edges: what bytes alone would seldom hit. */
            if (usual & 1)
                slot.rw.operation = usual >> 1 & 7;
            if (usual & 16) {
                slot.indirect.indirect_op = usual >> 5 & 3;     /* or how many segments */
                slot.indirect.nr_segments %= limits.max_indirect + 2;
            }
            if (byte(&in) & 1)
                slot.rw.sector_number = (byte(&in) & 1 ? limits.sectors : 0) - (byte(&in) & 15);
            /* The front-end changes the slot while it is being looked at. */
            memory[(word(&in) * 2654435761u) % bytes] ^= byte(&in);
            serve(&slot, &limits, &in);
        }
        MUST(taken - answered <= ring.slots);
        while (answered < taken && !(byte(&in) & 3)) {
            struct blkif_response response = { .id = answered };

            ring_back_put(&ring, &response, sizeof(response));
            answered++;
        }
        ring_back_push(&ring);
        if (step & 2)
            ring.shared->req_prod += step >> 2;
        if (step & 4)
            ring.shared->rsp_prod = word(&in);      /* it is ours, but it can write it */
    }
out:
    free(memory);
    return 0;
}
