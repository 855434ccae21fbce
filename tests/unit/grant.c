/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables: what is mapped is counted once and let go of once, whatever the granter writes meanwhile and whichever of
 * the two dies first. Domain a grants, domain b maps into tables of its own.
 */
#include "harness.h"
#include "pv_guest.h"

#include <hv/grant_internal.h>
#include <hv/heap.h>

#define VA 0x40000000ul
#define REF 9u

static struct domain *a, *b;
static struct page_info *page; /* a's, granted */
static struct chain tables;    /* b's */

static void begin(void)
{
    host_reset(1024);
    sched_init();
    a = host_domain_new(1, false, 1, 256);
    b = host_domain_new(2, false, 2, 256);
    CU_ASSERT_EQUAL_FATAL(grant_table_create(a, 4, 4), 0);
    CU_ASSERT_EQUAL_FATAL(grant_table_create(b, 4, 1), 0);
    page = new_page(a);
    tables = new_chain(b, VA, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(run_on(b->vcpu[0], tables.table[4]), 0);
}

static void grant(uint32_t ref, domid_t to, uint16_t flags)
{
    struct grant_entry_v1 *e = grant_shared(a->grants, ref);

    e->frame = page_to_mfn(page).v;
    e->domid = to;
    e->flags = GTF_permit_access | flags;
}

static uint16_t flags_of(uint32_t ref) { return grant_shared(a->grants, ref)->flags; }

static int16_t map(uint32_t ref, uint32_t flags, uint32_t *handle)
{
    struct gnttab_map_grant_ref op = { .host_addr = VA, .flags = flags, .ref = ref, .dom = a->id };

    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_map_grant_ref, (unsigned long)&op, 1, 0, 0, 0), 0);
    *handle = op.handle;
    return op.status;
}

static int16_t unmap_at(uint64_t va, uint64_t bus, uint32_t handle)
{
    struct gnttab_unmap_grant_ref op = { .host_addr = va, .dev_bus_addr = bus, .handle = handle };

    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_unmap_grant_ref, (unsigned long)&op, 1, 0, 0, 0), 0);
    return op.status;
}

static int16_t unmap(uint32_t handle) { return unmap_at(VA, 0, handle); }

static uint64_t entry(void) { return entries(tables.table[1])[pt_index(VA, 1)]; }

/* Nothing of the page is held but its owner's reference. */
static bool untouched(void) { return general(page) == 1 && typed(page) == 0; }

static bool counted(struct domain *d, uint32_t granted, uint64_t used, uint32_t mapped)
{
    struct grant_counts counts;

    grant_table_count(d, &counts);
    return counts.granted == granted && counts.used == used && counts.mapped == mapped;
}

static void once(void)
{
    uint32_t handle;
    unsigned int flushes;

    begin();
    grant(REF, b->id, 0);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_okay);
    CU_ASSERT_EQUAL(entry() & PTE_ADDR_MASK, mfn_to_maddr(page_to_mfn(page)).v);
    CU_ASSERT(entry() & PTE_RW);
    CU_ASSERT_EQUAL(flags_of(REF), GTF_permit_access | GTF_reading | GTF_writing);
    CU_ASSERT_EQUAL(typed(page), 1);
    CU_ASSERT(counted(a, 1, 1, 0));
    CU_ASSERT(counted(b, 0, 0, 1));
    flushes = host_counters.full_flushes + host_counters.page_flushes;
    CU_ASSERT_EQUAL(unmap(handle), GNTST_okay);
    CU_ASSERT(counted(a, 1, 0, 0));
    CU_ASSERT(counted(b, 0, 0, 0));
    CU_ASSERT_EQUAL(host_counters.full_flushes + host_counters.page_flushes, flushes + 1);
    CU_ASSERT_EQUAL(entry(), 0);
    CU_ASSERT_EQUAL(flags_of(REF), GTF_permit_access);
    CU_ASSERT(untouched());
    CU_ASSERT_EQUAL(unmap(handle), GNTST_bad_handle);
    CU_ASSERT(untouched());
}

static void readonly(void)
{
    uint32_t handle;

    begin();
    grant(REF, b->id, GTF_readonly);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_general_error);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map | GNTMAP_readonly, &handle), GNTST_okay);
    CU_ASSERT(!(entry() & PTE_RW));
    CU_ASSERT_EQUAL(flags_of(REF), GTF_permit_access | GTF_readonly | GTF_reading);
    CU_ASSERT_EQUAL(unmap(handle), GNTST_okay);
    CU_ASSERT(untouched());
}

static void not_for_everybody(void)
{
    uint32_t handle;

    begin();
    grant(REF, 7, 0);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_general_error);
    grant(REF, b->id, GTF_accept_transfer); /* not an access grant any more: both type bits */
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_general_error);
    CU_ASSERT_EQUAL(map(100000, GNTMAP_host_map, &handle), GNTST_bad_gntref);
    grant(REF, b->id, 0);
    CU_ASSERT_EQUAL(map(REF, 0, &handle), GNTST_bad_gntref); /* map where? */
    grant_shared(a->grants, REF)->frame = 0xfffffff;
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_bad_page);
    CU_ASSERT_EQUAL(flags_of(REF), GTF_permit_access);
    grant_shared(a->grants, REF)->frame = page_to_mfn(tables.table[1]).v; /* b's own, not the granter's */
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_bad_page);
    CU_ASSERT(untouched());
    CU_ASSERT_EQUAL(a->grants->uses, 0);
}

static void exactly_what_was_mapped(void)
{
    uint64_t bus;
    uint32_t handle;

    begin();
    bus = mfn_to_maddr(page_to_mfn(page)).v;
    grant(REF, b->id, 0);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map | GNTMAP_device_map, &handle), GNTST_okay);
    CU_ASSERT_EQUAL(typed(page), 2);
    CU_ASSERT_NOT_EQUAL(unmap_at(VA + PAGE_SIZE, 0, handle), GNTST_okay); /* not there */
    CU_ASSERT_NOT_EQUAL(unmap_at(0, bus + PAGE_SIZE, handle), GNTST_okay);
    CU_ASSERT_EQUAL(typed(page), 2);
    CU_ASSERT_EQUAL(unmap_at(0, bus, handle), GNTST_okay);
    CU_ASSERT_EQUAL(typed(page), 1);
    CU_ASSERT_EQUAL(unmap_at(0, bus, handle), GNTST_okay); /* that half is gone: nothing to do, nothing dropped */
    CU_ASSERT_EQUAL(typed(page), 1);
    CU_ASSERT_EQUAL(unmap(handle), GNTST_okay);
    CU_ASSERT(untouched());
    CU_ASSERT_EQUAL(unmap(handle), GNTST_bad_handle);
    CU_ASSERT_EQUAL(unmap(12345678), GNTST_bad_handle);
}

static void the_granter_changes_its_mind(void)
{
    uint32_t handle;
    struct page_info *other;

    begin();
    other = new_page(a);
    grant(REF, b->id, 0);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_okay);
    grant_shared(a->grants, REF)->frame = page_to_mfn(other).v;
    grant_shared(a->grants, REF)->domid = 7;
    grant_shared(a->grants, REF)->flags = 0;
    CU_ASSERT_EQUAL(unmap(handle), GNTST_okay);
    CU_ASSERT(untouched());
    CU_ASSERT_EQUAL(general(other), 1);
}

static void no_more_tracks(void)
{
    uint32_t handle, n = 0;

    begin();
    grant(REF, b->id, 0);
    while (map(REF, GNTMAP_device_map, &handle) == GNTST_okay)
        n++;
    CU_ASSERT_EQUAL(n, TRACKS_PER_FRAME); /* b may have one frame of them */
    CU_ASSERT_EQUAL(map(REF, GNTMAP_device_map, &handle), GNTST_no_device_space);
    CU_ASSERT_EQUAL(typed(page), n);
    CU_ASSERT(grant_table_release_mappings(b));
    CU_ASSERT(untouched());
    CU_ASSERT_EQUAL(a->grants->uses, 0);
}

/* Found by review: a guest that overwrites the entry keeps a handle on a domain that may be gone, its id reused. */
static void a_handle_keeps_its_granter(void)
{
    uint32_t handle, before;

    begin();
    grant(REF, b->id, 0);
    before = a->refcount;
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_okay);
    CU_ASSERT_EQUAL(a->refcount, before + 1);
    CU_ASSERT_NOT_EQUAL(map(REF + 100000, GNTMAP_host_map, &handle), GNTST_okay);
    CU_ASSERT_EQUAL(a->refcount, before + 1);
    CU_ASSERT_EQUAL(unmap(0), GNTST_okay);
    CU_ASSERT_EQUAL(a->refcount, before);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_device_map, &handle), GNTST_okay);
    CU_ASSERT(grant_table_release_mappings(b));
    CU_ASSERT_EQUAL(a->refcount, before);
}

static void the_mapper_dies(void)
{
    uint32_t handle;

    begin();
    grant(REF, b->id, 0);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_okay);
    CU_ASSERT(grant_table_release_mappings(b));
    CU_ASSERT_EQUAL(flags_of(REF), GTF_permit_access);
    CU_ASSERT_EQUAL(typed(page), 1); /* the entry's, until the tables are taken apart */
    CU_ASSERT_EQUAL(unmap(handle), GNTST_bad_handle);
}

static void the_granter_dies(void)
{
    uint32_t handle;

    begin();
    grant(REF, b->id, 0);
    CU_ASSERT_EQUAL(map(REF, GNTMAP_host_map, &handle), GNTST_okay);
    a->dying = DOMAIN_DEAD;
    grant_table_retire(a);
    CU_ASSERT_EQUAL(a->grants->nr_frames, 1); /* still needed to end the use */
    CU_ASSERT_EQUAL(map(REF, GNTMAP_device_map, &handle), GNTST_bad_gntref);
    CU_ASSERT_EQUAL(grant_table_grow(a, 2), -EINVAL);
    CU_ASSERT_EQUAL(unmap(0), GNTST_okay);
    CU_ASSERT_EQUAL(a->grants->nr_frames, 0);
    CU_ASSERT_EQUAL(a->xenheap_list.count, 0);
    CU_ASSERT(untouched());
}

static int16_t copy(struct gnttab_copy op)
{
    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_copy, (unsigned long)&op, 1, 0, 0, 0), 0);
    return op.status;
}

static void copying(void)
{
    struct page_info *mine;
    struct gnttab_copy op = { .flags = GNTCOPY_dest_gref, .len = 16 };

    begin();
    mine = new_page(b);
    strcpy((char *)page_to_virt(mine) + 100, "a string of b's");
    grant(REF, b->id, 0);
    op.source.u.gmfn = page_to_mfn(mine).v;
    op.source.domid = DOMID_SELF;
    op.source.offset = 100;
    op.dest.u.ref = REF;
    op.dest.domid = a->id;
    op.dest.offset = 4080;
    CU_ASSERT_EQUAL(copy(op), GNTST_okay);
    CU_ASSERT(!strcmp((char *)page_to_virt(page) + 4080, "a string of b's"));
    op.dest.offset = 4081;
    CU_ASSERT_EQUAL(copy(op), GNTST_bad_copy_arg);
    op.dest.offset = 0;
    op.source.domid = a->id; /* by frame number only one's own */
    CU_ASSERT_EQUAL(copy(op), GNTST_permission_denied);
    op.source.domid = DOMID_SELF;
    op.source.u.gmfn = page_to_mfn(page).v;
    CU_ASSERT_EQUAL(copy(op), GNTST_general_error);
    grant(REF, b->id, GTF_readonly);
    op.source.u.gmfn = page_to_mfn(mine).v;
    CU_ASSERT_EQUAL(copy(op), GNTST_general_error);
    op.dest.u.gmfn = page_to_mfn(tables.table[1]).v; /* a page table cannot be copied over */
    op.dest.domid = DOMID_SELF;
    op.flags = 0;
    CU_ASSERT_EQUAL(copy(op), GNTST_general_error);
    CU_ASSERT(untouched());
    CU_ASSERT_EQUAL(general(mine), 1);
    CU_ASSERT_EQUAL(typed(mine), 0);
    CU_ASSERT_EQUAL(a->grants->uses, 0);
}

static void batches_stop_and_go_on(void)
{
    struct gnttab_map_grant_ref ops[8];
    unsigned int mapped = 0;
    long rc;

    begin();
    grant(REF, b->id, 0);
    for (unsigned int i = 0; i < 8; i++)
        ops[i] = (struct gnttab_map_grant_ref){ .flags = GNTMAP_device_map, .ref = REF, .dom = a->id, .status = 99 };
    host_preempt_after = 3;
    rc = do_grant_table_op(GNTTABOP_map_grant_ref, (unsigned long)ops, 8, 0, 0, 0);
    CU_ASSERT_EQUAL(rc, -ERESTART);
    CU_ASSERT_EQUAL(host_hypercall_arg[2], (unsigned long)&ops[4]);
    CU_ASSERT_EQUAL(host_hypercall_arg[3], 4);
    for (unsigned int i = 0; i < 8; i++)
        mapped += ops[i].status == GNTST_okay;
    CU_ASSERT_EQUAL(mapped, 4);
    host_preempt_after = -1;
    rc = do_grant_table_op(GNTTABOP_map_grant_ref, host_hypercall_arg[2], host_hypercall_arg[3], 0, 0, 0);
    CU_ASSERT_EQUAL(rc, 0);
    CU_ASSERT_EQUAL(typed(page), 8);
}

static void bad_calls(void)
{
    struct gnttab_set_version version = { 2 };
    struct gnttab_query_size size = { .dom = 1 };

    begin();
    CU_ASSERT_EQUAL(do_grant_table_op(99, 0, 1, 0, 0, 0), -ENOSYS);
    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_transfer, 0, 1, 0, 0, 0), -ENOSYS);
    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_map_grant_ref, 0, 1, 0, 0, 0), -EFAULT);
    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_map_grant_ref, 0, 0x80000000u, 0, 0, 0), -EINVAL);
    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_set_version, (unsigned long)&version, 1, 0, 0, 0), -ENOSYS);
    CU_ASSERT_EQUAL(version.version, 1);
    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_query_size, (unsigned long)&size, 1, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(size.status, GNTST_permission_denied); /* a's table is not b's business */
}

const struct unit_test unit_tests[] = {
    { "a page is mapped and unmapped once", once },
    { "read-only means read-only", readonly },
    { "only whom it was granted to may map, and only the granter's page", not_for_everybody },
    { "exactly what was mapped is released", exactly_what_was_mapped },
    { "what the granter writes later changes nothing", the_granter_changes_its_mind },
    { "map tracks run out, and come back", no_more_tracks },
    { "a handle keeps its granter", a_handle_keeps_its_granter },
    { "the mapper dies", the_mapper_dies },
    { "the granter dies: its table stays as long as it is needed", the_granter_dies },
    { "copying stays within pages, rights and types", copying },
    { "a batch stops when something waits, and goes on", batches_stop_and_go_on },
    { "calls that make no sense", bad_calls },
    { NULL, NULL },
};
