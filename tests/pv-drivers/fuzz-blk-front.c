// SPDX-License-Identifier: GPL-2.0-only
/*
 * A back-end gone mad, against hv-blkfront's ring end and its table of requests, compiled as the module
 * compiles them.
 *
 * Whatever the back-end writes: no request ends that was not asked, none twice, none with another operation,
 * and nothing outside of the ring and the table is touched.
 */
#include <stdint.h>
#include <stdlib.h>

#include "parse.h"
#include "ring.h"

#define MUST(x) do { if (!(x)) __builtin_trap(); } while (0)
#define IDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t bytes = BLK_PAGE_BYTES, at = 0;
    uint8_t *memory = calloc(1, bytes), *operation = malloc(IDS), asked[IDS];
    struct blk_outstanding outstanding = { IDS, operation };
    struct ring_front ring;
    unsigned int under_way = 0;

    memset(operation, BLK_IDLE, IDS);
    memset(asked, BLK_IDLE, IDS);
    ring_front_init(&ring, memory, bytes, sizeof(union blkif_slot));
    while (at + 8 < size) {
        const uint8_t *step = data + at;
        struct blkif_request request = { .operation = step[0] % 6, .id = step[1] % IDS };
        uint32_t room = ring_front_room(&ring);
        int count;

        at += 8;
        MUST(room <= ring.slots && room == ring.slots - under_way);
        if (room && asked[request.id] == BLK_IDLE) {
            asked[request.id] = operation[request.id] = request.operation;
            ring_front_put(&ring, &request, sizeof(request));
            under_way++;
        }
        if (step[2] & 1)
            ring_front_push(&ring);
        /* The back-end: sometimes an honest answer, sometimes anything anywhere. */
        if (step[2] & 2) {
            uint32_t slot = ring.shared->rsp_prod & (ring.slots - 1);
            struct blkif_response *response = (void *)(ring.shared->slots + slot * ring.slot_size);

            *response = (struct blkif_response){
                .id = step[3] % (IDS + 4), .operation = step[4] % 7 == 6 ? BLK_IDLE : step[4] % 7,
            };
            ring.shared->rsp_prod += step[2] & 4 ? 1 : step[5];
        }
        if (step[2] & 8)
            memory[(step[6] << 8 | step[7]) % bytes] = step[5];
        count = step[2] & 16 ? ring_front_rearm(&ring, 1 + step[7] % 8) : ring_front_pending(&ring);
        if (count < 0)
            break;
        MUST((unsigned int)count <= under_way);
        while (count-- > 0) {
            struct blkif_response response;
            int id;

            ring_front_take(&ring, &response, sizeof(response));
            id = blk_outstanding_end(&outstanding, &response);
            if (id < 0)
                goto out;       /* as the driver: no more of this ring */
            MUST(id < IDS && asked[id] != BLK_IDLE && asked[id] == response.operation);
            asked[id] = BLK_IDLE;
            under_way--;
        }
    }
out:
    free(operation);
    free(memory);
    return 0;
}
