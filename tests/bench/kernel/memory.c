/* SPDX-License-Identifier: GPL-2.0-only */
/* A page given back to the hypervisor and another one taken for it, one at a time and 32. */
#include "bench.h"
#include <public/memory.h>

#define EXTENTS 32u

static char *pages;
static xen_pfn_t frames[EXTENTS];

static void reservation(unsigned int cmd, unsigned int n)
{
    struct xen_memory_reservation op = { .extent_start.p = frames, .nr_extents = n, .domid = DOMID_SELF };

    if (hyp_memory_op(cmd, &op) != n)
        bail("memory_op %u", cmd);
}

static void give(unsigned int n, struct figures *f)
{
    uint32_t from;

    for (unsigned int i = 0; i < n; i++) {
        frames[i] = va_to_mfn(pages + i * PAGE_SIZE);
        map_none(pages + i * PAGE_SIZE);
    }
    from = ticks();
    reservation(XENMEM_decrease_reservation, n);
    figures_add(f, ticks() - from);
}

static void take(unsigned int n, struct figures *f)
{
    uint32_t from;

    for (unsigned int i = 0; i < n; i++)
        frames[i] = va_to_pfn(pages + i * PAGE_SIZE);
    from = ticks();
    reservation(XENMEM_populate_physmap, n);
    figures_add(f, ticks() - from);
    for (unsigned int i = 0; i < n; i++) {
        set_pfn_mfn(va_to_pfn(pages + i * PAGE_SIZE), frames[i]);
        map_rw(pages + i * PAGE_SIZE);
    }
}

static void give_and_take(unsigned int n, const char *decrease, const char *populate)
{
    struct figures given = { 0 }, taken = { 0 };

    for (unsigned int i = 0; i < 50 + WARM_UP; i++) {
        give(n, &given);
        take(n, &taken);
    }
    figures_show(decrease, &given);
    figures_show(populate, &taken);
}

void bench_memory(void)
{
    pages = pages_alloc(EXTENTS);
    give_and_take(1, "decrease_reservation, 1 page", "populate_physmap, 1 page");
    give_and_take(EXTENTS, "decrease_reservation, 32 pages", "populate_physmap, 32 pages");
}
