/* SPDX-License-Identifier: GPL-2.0-only */
/* Grants that a domain makes to itself. */
#include "bench.h"

#define GRANTS 32u
#define FIRST  8u

static struct gnttab_map_grant_ref map[GRANTS];
static struct gnttab_unmap_grant_ref unmap[GRANTS];
static char *there;

static void do_map(unsigned int n)
{
    DO(hyp_grant_table_op(GNTTABOP_map_grant_ref, map, n));
}

static void do_unmap(unsigned int n)
{
    DO(hyp_grant_table_op(GNTTABOP_unmap_grant_ref, unmap, n));
}

static void prepare_unmap(unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        if (map[i].status != GNTST_okay)
            bail("grant %u was not mapped: %d", i, map[i].status);
        unmap[i] = (struct gnttab_unmap_grant_ref){ .host_addr = map[i].host_addr, .handle = map[i].handle };
    }
}

static void map_and_unmap(unsigned int n, const char *name_map, const char *name_unmap)
{
    struct figures mapped = { 0 }, unmapped = { 0 };

    for (unsigned int i = 0; i < TIMES + WARM_UP; i++) {
        uint32_t from = ticks();

        do_map(n);
        figures_add(&mapped, ticks() - from);
        prepare_unmap(n);
        from = ticks();
        do_unmap(n);
        figures_add(&unmapped, ticks() - from);
    }
    figures_show(name_map, &mapped);
    figures_show(name_unmap, &unmapped);
}

static void copy(struct gnttab_copy *op, unsigned int length)
{
    op->len = length;
    DO(hyp_grant_table_op(GNTTABOP_copy, op, 1));
    if (op->status != GNTST_okay)
        bail("grant copy: %d", op->status);
}

void bench_grants(void)
{
    unsigned int self = self_domain();
    char *page = page_alloc();
    struct gnttab_copy op = { .flags = GNTCOPY_source_gref };

    if (grant_init(1))
        bail("no grant table");
    there = pages_alloc(GRANTS);
    for (unsigned int i = 0; i < GRANTS; i++) {
        grant_access(FIRST + i, self, va_to_mfn(page_alloc()), 0);
        map[i] = (struct gnttab_map_grant_ref){ .host_addr = (uint64_t)there + i * PAGE_SIZE, .flags = GNTMAP_host_map,
                                                .ref = FIRST + i, .dom = self };
    }
    map_and_unmap(1, "grant map, 1 page", "grant unmap, 1 page");
    map_and_unmap(GRANTS, "grant map, 32 pages", "grant unmap, 32 pages");
    op.source.u.ref = FIRST;
    op.source.domid = self;
    op.dest.u.gmfn = va_to_mfn(page);
    op.dest.domid = DOMID_SELF;
    MEASURE("grant copy, 64 bytes", copy(&op, 64));
    MEASURE("grant copy, 4 KiB", copy(&op, 4096));
}
