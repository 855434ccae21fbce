/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile other end against hv's network drivers' readers of rings, compiled as the kernel compiles them: a guest that writes to the
 * tx ring that the back-end reads, and a back-end that writes to the rx ring that the front-end reads, or to the tx ring, where
 * the front-end reads answers.
 *
 * The input is what the enemy does, step by step: write some bytes anywhere in the page, or move an index. After each step the
 * reader takes what it believes to be there. Whatever it takes must keep the promises of tx_packet.h and rx_packet.h, which is what
 * the rest of the drivers relies on: parts inside their pages, sums that add up, slots taken and answered in equal number, none twice.
 */
#include <assert.h>
#include <stdlib.h>

#include "rx_packet.h"
#include "tx_ids.h"
#include "tx_packet.h"

static _Alignas(64) u8 page[NETIF_RING_BYTES];

struct input {
    const u8 *at;
    size_t left;
};

static u32 take(struct input *input, unsigned int bytes)
{
    u32 value = 0;

    for (; bytes && input->left; bytes--, input->left--)
        value = value << 8 | *input->at++;
    return value;
}

/* One step of the enemy. The index that it moves is the one at `index` in the header. */
static void step(struct input *input, size_t index, size_t slot_size, u32 *slot)
{
    u8 what = (u8)take(input, 1);
    u32 *shared = (u32 *)(page + index), number = *slot % 256;

    switch (what & 3) {
    case 0:     /* anything anywhere */
        page[take(input, 2) % sizeof(page)] = (u8)take(input, 1);
        break;
    case 1:     /* an index that may be absurd */
        *shared = what & 4 ? take(input, 4) : *shared + take(input, 1);
        break;
    default:    /* a slot of bytes that are nearly right, and announced */
        for (size_t i = 0; i < slot_size; i++)
            page[RING_HEADER_BYTES + number * slot_size + i] = (u8)take(input, 1);
        ++*slot;
        if (what & 8)
            *shared = *slot;
    }
}

static void check_tx(const struct tx_packet *packet)
{
    u32 sum = 0;

    assert(packet->size >= TX_BYTES_MIN && packet->slots >= 1 && packet->slots <= TX_SLOTS);
    for (u32 i = 0; i < packet->slots; i++) {
        assert(packet->part[i].offset + packet->part[i].size <= NETIF_PAGE);
        sum += packet->part[i].size;
    }
    assert(sum == packet->size);
    assert(!packet->gso_size || packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV4 ||
           packet->gso_type == XEN_NETIF_GSO_TYPE_TCPV6);
}

static void as_back_end(struct input *input)
{
    struct ring_back ring;
    struct tx_packet packet;
    u32 slot = 0;

    memset(page, 0, sizeof(page));
    if (ring_back_init(&ring, page, sizeof(page), NETIF_TX_SLOT_BYTES))
        abort();
    while (input->left) {
        u32 before = ring.req_cons, put = ring.rsp_prod;
        enum tx_verdict verdict;
        int pending;

        step(input, offsetof(struct ring_shared, req_prod), NETIF_TX_SLOT_BYTES, &slot);
        pending = ring_back_pending(&ring);
        if (pending < 0)
            return;
        assert(pending <= 256);
        if (!pending)
            continue;
        memset(&packet, 0xa5, sizeof(packet));
        verdict = tx_packet_take(&ring, (u32)pending, &packet);
        assert(ring.req_cons - before >= 1 && ring.req_cons - before <= (u32)pending);
        if (verdict == TX_BROKEN) {
            assert(packet.why);
            return;
        }
        if (verdict == TX_PACKET)
            check_tx(&packet);
        assert(ring.req_cons - before == (u32)packet.slots + packet.extras);
        tx_packet_answer(&ring, &packet, NETIF_RSP_OKAY);
        assert(ring.rsp_prod - put == ring.req_cons - before);
        ring_back_push(&ring);
    }
}

static void as_front_end(struct input *input)
{
    struct ring_front ring;
    struct rx_packet packet;
    u32 slot = 0;

    memset(page, 0, sizeof(page));
    ring_front_init(&ring, page, sizeof(page), NETIF_RX_SLOT_BYTES);
    while (ring_front_room(&ring))
        ring_front_put(&ring, &(struct netif_rx_request){ 0 }, sizeof(struct netif_rx_request));
    ring_front_push(&ring);
    while (input->left) {
        u32 before = ring.rsp_cons, sum = 0, seen[256] = { 0 };
        enum rx_verdict verdict;
        int pending;

        step(input, offsetof(struct ring_shared, rsp_prod), NETIF_RX_SLOT_BYTES, &slot);
        pending = ring_front_pending(&ring);
        if (pending < 0)
            return;
        assert(pending <= 256);
        if (!pending)
            continue;
        memset(&packet, 0xa5, sizeof(packet));
        verdict = rx_packet_take(&ring, (u32)pending, &packet);
        assert(ring.rsp_cons - before >= 1 && ring.rsp_cons - before <= (u32)pending);
        if (verdict == RX_BROKEN) {
            assert(packet.why);
            return;
        }
        assert(packet.slots == ring.rsp_cons - before && packet.first_slot == before % 256);
        assert(packet.parts <= RX_PARTS);
        for (u32 i = 0; i < packet.parts; i++) {
            assert((packet.part[i].slot - packet.first_slot) % 256 < packet.slots);
            assert(!seen[packet.part[i].slot]++);
            assert(packet.part[i].offset + packet.part[i].size <= NETIF_PAGE);
            sum += packet.part[i].size;
        }
        assert(sum == packet.size && (verdict == RX_DROP || sum >= 14));
        for (u32 i = 0; i < packet.slots; i++)
            ring_front_put(&ring, &(struct netif_rx_request){ 0 }, sizeof(struct netif_rx_request));
        ring_front_push(&ring);
    }
}

/* Requests of one slot or, with an extra, two; after each step some more. An id is free or under way, and nothing is both. */
static void as_sender(struct input *input)
{
    struct netif_tx_response response;
    struct ring_front ring;
    struct tx_ids ids;
    bool under_way[TX_IDS] = { false };
    u32 slot = 0, count = 0;

    memset(page, 0, sizeof(page));
    ring_front_init(&ring, page, sizeof(page), NETIF_TX_SLOT_BYTES);
    tx_ids_init(&ids);
    while (input->left) {
        int pending;

        for (u32 more = take(input, 1); more && ids.frees && ring_front_room(&ring) > 1; more /= 2) {
            u16 id = tx_ids_take(&ids);

            assert(id < TX_IDS && !under_way[id]);
            under_way[id] = true;
            count++;
            ring_front_put(&ring, &(struct netif_tx_request){ .id = id }, sizeof(struct netif_tx_request));
            if (more & 1)
                ring_front_put(&ring, &(struct netif_extra_info){ 0 }, sizeof(struct netif_extra_info));
        }
        ring_front_push(&ring);
        step(input, offsetof(struct ring_shared, rsp_prod), NETIF_TX_SLOT_BYTES, &slot);
        pending = ring_front_pending(&ring);
        assert(pending <= 256);
        if (pending < 0)
            return;
        while (pending--) {
            switch (tx_answer_take(&ring, &ids, &response)) {
            case TX_ANSWER_NONE:
                continue;
            case TX_ANSWER_BROKEN:
                return;
            case TX_ANSWER:
                assert(response.id < TX_IDS && under_way[response.id]);
                under_way[response.id] = false;
                count--;
                tx_ids_give(&ids, response.id);
            }
        }
        assert(ids.frees + count == TX_IDS);
    }
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    struct input input = { data, size };

    static void (*const roles[])(struct input *input) = { as_back_end, as_front_end, as_sender };

    roles[take(&input, 1) % 3](&input);
    return 0;
}
