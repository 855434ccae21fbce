/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading and writing a console ring.
 */
#include "ring.h"

void ring_init(struct ring *ring, struct xencons_interface *page)
{
    ring->page = page;
    ring->out_cons = __atomic_load_n(&page->out_cons, __ATOMIC_ACQUIRE);
    ring->in_prod = __atomic_load_n(&page->in_prod, __ATOMIC_ACQUIRE);
}

size_t ring_read(struct ring *ring, char *buf, size_t size)
{
    struct xencons_interface *page = ring->page;
    uint32_t prod = __atomic_load_n(&page->out_prod, __ATOMIC_ACQUIRE);
    uint32_t used = prod - ring->out_cons;

    if (used > sizeof(page->out)) {
        ring->out_cons = prod;
        used = 0;
    }
    if (used > size)
        used = (uint32_t)size;
    for (uint32_t i = 0; i < used; i++)
        buf[i] = page->out[MASK_XENCONS_IDX(ring->out_cons + i, page->out)];
    ring->out_cons += used;
    __atomic_store_n(&page->out_cons, ring->out_cons, __ATOMIC_SEQ_CST);
    return used;
}

bool ring_pending(const struct ring *ring)
{
    return __atomic_load_n(&ring->page->out_prod, __ATOMIC_ACQUIRE) != ring->out_cons;
}

size_t ring_write(struct ring *ring, const char *buf, size_t size)
{
    struct xencons_interface *page = ring->page;
    uint32_t used = ring->in_prod - __atomic_load_n(&page->in_cons, __ATOMIC_ACQUIRE);
    uint32_t room = used > sizeof(page->in) ? 0 : (uint32_t)sizeof(page->in) - used;

    if (room > size)
        room = (uint32_t)size;
    for (uint32_t i = 0; i < room; i++)
        page->in[MASK_XENCONS_IDX(ring->in_prod + i, page->in)] = buf[i];
    ring->in_prod += room;
    __atomic_store_n(&page->in_prod, ring->in_prod, __ATOMIC_SEQ_CST);
    return room;
}
