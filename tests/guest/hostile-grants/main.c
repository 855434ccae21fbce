/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants in bad faith. The table is memory that the granter may change at any time, and handles are numbers that the mapper may
 * make up: what is released must be exactly what was mapped, once, whatever the table and the page tables say by then.
 */
#include <guest.h>
#include <public/memory.h>

static unsigned int me;

#define MANY 40000

/* True if nothing refers to the page but its mapping here: then it can become a page table and come back. */
static bool is_free(void *page)
{
    bool good;

    memset(page, 0, PAGE_SIZE);
    good = !map_ro(page) && !pin(1, page) && !unpin(page);
    return !map_rw(page) && good;
}

static void revoked_while_mapped(void)
{
    uint64_t *page = page_alloc(), *there = page_alloc();
    uint32_t handle;

    grant_access(10, me, va_to_mfn(page), 0);
    is(grant_map(me, 10, (uint64_t)there, GNTMAP_host_map, &handle), GNTST_okay, "a grant is mapped");
    grant_entries[10].flags = 0;
    grant_entries[10].frame = 0xffffffff;
    grant_entries[10].domid = 0x7777;
    *there = 5;
    is(*page, 5, "the granter scribbles over the entry: the mapping stays");
    ok(map_ro(page) || pin(1, page) < 0, "and the page cannot become a table");
    map_rw(page);
    is(grant_unmap((uint64_t)there, handle), GNTST_okay, "it is unmapped");
    map_rw(there);
    ok(is_free(page), "and the page is free");
}

static void frame_changed_while_mapped(void)
{
    uint64_t *first = page_alloc(), *second = page_alloc(), *a = page_alloc(), *b = page_alloc();
    uint32_t one, two;
    int status;

    grant_access(11, me, va_to_mfn(first), 0);
    grant_map(me, 11, (uint64_t)a, GNTMAP_host_map, &one);
    grant_entries[11].frame = va_to_mfn(second);
    status = grant_map(me, 11, (uint64_t)b, GNTMAP_host_map, &two);
    ok(status == GNTST_okay || status < 0, "the entry names another frame now; mapping again: %d", status);
    if (status == GNTST_okay) {
        *b = 0x77;
        is(*first, 0x77, "maps the frame of the first mapping");
        is(*second, 0, "not the other");
        is(grant_unmap((uint64_t)b, two), GNTST_okay, "unmapped");
    }
    is(grant_unmap((uint64_t)a, one), GNTST_okay, "and the first too");
    map_rw(a);
    map_rw(b);
    ok(is_free(first), "the first page is free");
    ok(is_free(second), "the second page is free");
}

static void unmapped_wrongly(void)
{
    uint64_t *page = page_alloc(), *there = page_alloc(), *elsewhere = page_alloc();
    uint32_t handle;
    struct gnttab_unmap_grant_ref twice[2];

    grant_access(12, me, va_to_mfn(page), 0);
    grant_map(me, 12, (uint64_t)there, GNTMAP_host_map, &handle);
    is(grant_unmap((uint64_t)elsewhere, handle), GNTST_general_error, "unmap at an address that maps something else");
    is(probe_write(elsewhere, 1)->vector, NO_FAULT, "which stays mapped");
    is(grant_unmap(0x8000000000000000ul, handle), GNTST_general_error, "unmap at a non-canonical address");
    is(grant_unmap(HYPERVISOR_VIRT_START, handle), GNTST_general_error, "unmap in the hypervisor");
    is(probe_write(there, 2)->vector, NO_FAULT, "the grant is still mapped");
    twice[0] = twice[1] = (struct gnttab_unmap_grant_ref){ .host_addr = (uint64_t)there, .handle = handle };
    is(hyp_grant_table_op(GNTTABOP_unmap_grant_ref, twice, 2), 0, "unmapped twice in one batch");
    ok(twice[0].status == GNTST_okay && twice[1].status != GNTST_okay, "one works, one does not: %d, %d", twice[0].status,
       twice[1].status);
    map_rw(there);
    ok(is_free(page), "the page is free");
}

/* The mapper overwrites the entry that the grant lives in, then unmaps. Nothing may be released twice. */
static void overwritten_then_unmapped(void)
{
    uint64_t *page = page_alloc(), *there = page_alloc();
    uint32_t handle;
    int status;

    grant_access(13, me, va_to_mfn(page), 0);
    grant_map(me, 13, (uint64_t)there, GNTMAP_host_map, &handle);
    map_none(there);
    status = grant_unmap((uint64_t)there, handle);
    note("unmapping what was overwritten: %d", status);
    grant_map(me, 13, (uint64_t)there, GNTMAP_host_map, &handle);
    map_mfn(there, va_to_mfn(page), PTE_RW);        /* the same frame, but not by the grant */
    status = grant_unmap((uint64_t)there, handle);
    note("unmapping an ordinary mapping of the same frame: %d", status);
    map_none(there);
    map_rw(there);
    *page = 3;
    is(*(volatile uint64_t *)page, 3, "the page is still ours");
}

static void map_many(void)
{
    static struct gnttab_map_grant_ref map[64];
    static struct gnttab_unmap_grant_ref unmap[64];
    static uint32_t handles[MANY];
    uint64_t *page = page_alloc();
    unsigned int i, j, n = 0, wrong = 0;
    bool full = false;

    grant_access(14, me, va_to_mfn(page), 0);
    for (i = 0; i < MANY / 64 && !full; i++) {
        for (j = 0; j < 64; j++)
            map[j] = (struct gnttab_map_grant_ref){ .dom = me, .ref = 14, .flags = GNTMAP_device_map };
        if (hyp_grant_table_op(GNTTABOP_map_grant_ref, map, 64))
            wrong++;
        for (j = 0; j < 64; j++)
            if (map[j].status == GNTST_okay)
                handles[n++] = map[j].handle;
            else
                full = true;
    }
    note("%u mappings of one grant%s", n, full ? ", then it was full" : "");
    for (i = 0; i < n; i += j) {
        for (j = 0; j < 64 && i + j < n; j++)
            unmap[j] = (struct gnttab_unmap_grant_ref){ .dev_bus_addr = va_to_machine(page), .handle = handles[i + j] };
        if (hyp_grant_table_op(GNTTABOP_unmap_grant_ref, unmap, j))
            wrong++;
        while (j-- > 0)
            wrong += unmap[j].status != GNTST_okay;
        j = i + 64 < n ? 64 : n - i;
    }
    is(wrong, 0, "all are unmapped again");
    is(grant_entries[14].flags, GTF_permit_access, "and the entry is not in use");
    ok(is_free(page), "the page is free");
}

static void strange_places(void)
{
    uint64_t *page = page_alloc();
    static const uint64_t bad[] = {
        0, 8, 0x8000000000000000, HYPERVISOR_VIRT_START, 0xffff82d080000000, 0xfffffffffffff000, 0xffffffffffffffff,
    };
    uint32_t handle;
    unsigned int i, wrong = 0, level;

    grant_access(15, me, va_to_mfn(page), 0);
    for (i = 0; i < ARRAY_SIZE(bad); i++) {
        wrong += grant_map(me, 15, bad[i], GNTMAP_host_map, &handle) == GNTST_okay;
        wrong += grant_map(me, 15, bad[i], GNTMAP_host_map | GNTMAP_contains_pte, &handle) == GNTST_okay;
    }
    for (level = 2; level <= 4; level++)
        wrong += grant_map(me, 15, entry_machine(entry_of(page, level)), GNTMAP_host_map | GNTMAP_contains_pte, &handle) == GNTST_okay;
    wrong += grant_map(me, 15, entry_machine(entry_of(page, 1)) + 4, GNTMAP_host_map | GNTMAP_contains_pte, &handle) == GNTST_okay;
    is(wrong, 0, "mapping at addresses and entries that are not L1 entries of ours");
    is(grant_entries[15].flags, GTF_permit_access, "leaves the entry unused");
    ok(is_free(page), "and the page free");
}

static void given_away_while_mapped(void)
{
    uint64_t *page = page_alloc(), *there = page_alloc();
    xen_pfn_t list[1] = { va_to_mfn(page) };
    struct xen_memory_reservation op = { .extent_start.p = list, .nr_extents = 1, .domid = DOMID_SELF };
    uint32_t handle;

    *page = 0xabc;
    grant_access(16, me, va_to_mfn(page), 0);
    grant_map(me, 16, (uint64_t)there, GNTMAP_host_map, &handle);
    map_none(page);
    hyp_memory_op(XENMEM_decrease_reservation, &op);
    is(*(volatile uint64_t *)there, 0xabc, "a page that is given back while it is mapped by a grant stays what it is");
    is(grant_unmap((uint64_t)there, handle), GNTST_okay, "until it is unmapped");
    map_rw(there);
}

static void odd_operations(void)
{
    static uint64_t block[32];
    struct gnttab_copy copy = { .len = 65535, .flags = 0xffff };
    struct gnttab_swap_grant_ref swap = { .ref_a = 0xffffffff, .ref_b = 0x80000000 };
    struct gnttab_cache_flush flush = { .offset = 4095, .length = 65535, .op = GNTTAB_CACHE_CLEAN };
    struct gnttab_transfer transfer = { .mfn = va_to_mfn(page_alloc()), .domid = me, .ref = 0xffffff };
    struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 1, .frame_list.p = (void *)HYPERVISOR_VIRT_START };
    unsigned int i;

    hyp_grant_table_op(GNTTABOP_copy, &copy, 1);
    ok(copy.status < 0, "a copy with all flags: %d", copy.status);
    hyp_grant_table_op(GNTTABOP_swap_grant_ref, &swap, 1);
    ok(swap.status < 0, "a swap beyond the table: %d", swap.status);
    swap = (struct gnttab_swap_grant_ref){ .ref_a = 20, .ref_b = 20 };
    hyp_grant_table_op(GNTTABOP_swap_grant_ref, &swap, 1);
    ok(swap.status <= 0, "a swap with itself: %d", swap.status);
    ok(hyp_grant_table_op(GNTTABOP_cache_flush, &flush, 1) < 0, "a cache flush beyond a page");
    ok(hyp_grant_table_op(GNTTABOP_transfer, &transfer, 1) < 0 || transfer.status < 0, "a transfer: %d", transfer.status);
    hyp_grant_table_op(GNTTABOP_setup_table, &setup, 1);
    ok(setup.status != GNTST_okay || hyp_grant_table_op(GNTTABOP_setup_table, &setup, 1) < 0,
       "a list of frames that goes into the hypervisor: %d", setup.status);
    for (i = 0; i < 13; i++) {
        memset(block, 0xff, sizeof(block));
        hyp_grant_table_op(i, block, 1);
        hyp_grant_table_op(i, block, 2);
    }
    ok(true, "all operations with all bits set");
}

/* The reserved entries and the table's own frames can be granted like any memory, but not become tables. */
static void grant_of_the_table(void)
{
    uint64_t *there = page_alloc(), *l1e = entry_of((void *)grant_entries, 1);
    uint32_t handle;
    int status;

    grant_access(17, me, (*l1e & PTE_FRAME) / PAGE_SIZE, 0);
    status = grant_map(me, 17, (uint64_t)there, GNTMAP_host_map, &handle);
    note("a grant of the grant table: %d", status);
    if (status == GNTST_okay)
        is(grant_unmap((uint64_t)there, handle), GNTST_okay, "unmapped");
    ok(mmuext(MMUEXT_PIN_L1_TABLE, (*l1e & PTE_FRAME) / PAGE_SIZE) < 0, "the grant table is no page table");
    ok(mmuext(MMUEXT_PIN_L1_TABLE, start_info->shared_info / PAGE_SIZE) < 0, "nor is shared_info");
    map_rw(there);
}

void test_main(void)
{
    me = self_domain();
    if (grant_init(1))
        bail("no grant table");
    revoked_while_mapped();
    frame_changed_while_mapped();
    unmapped_wrongly();
    overwritten_then_unmapped();
    map_many();
    strange_places();
    given_away_while_mapped();
    odd_operations();
    grant_of_the_table();
}
