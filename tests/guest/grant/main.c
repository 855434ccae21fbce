/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants by a domain to itself: the table, mapping by address and by page-table entry, copying, and that an entry which is
 * in use says so until the last mapping is gone.
 */
#include <guest.h>

static unsigned int me;

static void the_table(void)
{
    struct gnttab_query_size size = { .dom = DOMID_SELF };
    struct gnttab_get_version version = { .dom = DOMID_SELF };
    struct gnttab_set_version set = { .version = 1 };
    struct gnttab_setup_table setup = { .dom = DOMID_SELF, .nr_frames = 100000 };

    is(hyp_grant_table_op(GNTTABOP_query_size, &size, 1), 0, "query_size");
    is(size.status, GNTST_okay, "its status");
    ok(size.nr_frames >= 1 && size.nr_frames <= size.max_nr_frames, "%u of %u frames", size.nr_frames, size.max_nr_frames);
    is(hyp_grant_table_op(GNTTABOP_get_version, &version, 1), 0, "get_version");
    is(version.version, 1, "version 1");
    is(hyp_grant_table_op(GNTTABOP_set_version, &set, 1), 0, "set_version 1");
    set.version = 3;
    is(hyp_grant_table_op(GNTTABOP_set_version, &set, 1), -XEN_EINVAL, "there is no version 3");
    if (running_on_hv()) {
        set.version = 2;
        is(hyp_grant_table_op(GNTTABOP_set_version, &set, 1), -XEN_ENOSYS, "version 2 is not offered");
    }
    is(hyp_grant_table_op(GNTTABOP_setup_table, &setup, 1), 0, "setup_table with too many frames");
    is(setup.status, GNTST_general_error, "its status");
    is(hyp_grant_table_op(GNTTABOP_setup_table, &setup, 2), -XEN_EINVAL, "two at once");
    is(grant_init(2), 0, "setup_table with two frames, and they can be mapped");
    is(grant_entries[8].flags, 0, "an entry is empty");
}

static void map_by_address(void)
{
    uint64_t *page = page_alloc(), *there = page_alloc();
    uint32_t handle, second;

    *page = 0x1234;
    grant_access(10, me, va_to_mfn(page), 0);
    is(grant_map(me, 10, (uint64_t)there, GNTMAP_host_map, &handle), GNTST_okay, "map");
    is(*there, 0x1234, "shows the page");
    *there = 0x4321;
    is(*page, 0x4321, "and is writable");
    is(grant_entries[10].flags, GTF_permit_access | GTF_reading | GTF_writing, "the entry is in use");
    ok(!grant_end(10), "and cannot be taken back");
    is(grant_map(me, 10, (uint64_t)there + 0x1000000000, GNTMAP_host_map, &second), GNTST_general_error,
       "mapping where there is no page table");
    is(grant_unmap((uint64_t)there, handle), GNTST_okay, "unmap");
    is(probe_read(there, NULL)->vector, VECTOR_PF, "and it is gone");
    is(grant_entries[10].flags, GTF_permit_access, "the entry is not in use");
    is(grant_unmap((uint64_t)there, handle), GNTST_bad_handle, "unmapping it again");
    is(grant_unmap((uint64_t)there, 0xffffff), GNTST_bad_handle, "unmapping what never was");
    ok(grant_end(10), "taken back");
    map_rw(there);
}

static void read_only(void)
{
    uint64_t *page = page_alloc(), *there = page_alloc();
    uint32_t handle;

    *page = 7;
    grant_access(11, me, va_to_mfn(page), GTF_readonly);
    is(grant_map(me, 11, (uint64_t)there, GNTMAP_host_map, &handle), GNTST_general_error, "a read-only grant, mapped writable");
    is(grant_map(me, 11, (uint64_t)there, GNTMAP_host_map | GNTMAP_readonly, &handle), GNTST_okay, "mapped read-only");
    is(*there, 7, "can be read");
    is(probe_write(there, 1)->error, 3, "and not written");
    is(grant_entries[11].flags, GTF_permit_access | GTF_readonly | GTF_reading, "the entry is being read");
    ok(map_mfn(there, va_to_mfn(page), PTE_RW) <= 0, "the mapping can be overwritten like any other");
    grant_unmap((uint64_t)there, handle);
    map_rw(there);
}

static void map_by_entry(void)
{
    uint64_t *page = page_alloc(), *l1;
    unsigned long va;
    uint32_t handle;

    l1 = new_window(&va);
    *page = 0x99;
    grant_access(12, me, va_to_mfn(page), 0);
    is(grant_map(me, 12, entry_machine(&l1[5]), GNTMAP_host_map | GNTMAP_contains_pte | GNTMAP_application_map, &handle),
       GNTST_okay, "map by the address of a page-table entry");
    is(*(volatile uint64_t *)(va + 5 * PAGE_SIZE), 0x99, "shows the page");
    is(grant_unmap(entry_machine(&l1[6]), handle), GNTST_general_error, "unmap by the wrong entry");
    is(grant_unmap(entry_machine(&l1[5]), handle), GNTST_okay, "unmap by the right one");
    is(l1[5] & PTE_PRESENT, 0, "and it is empty");
    is(grant_map(me, 12, va_to_machine(page), GNTMAP_host_map | GNTMAP_contains_pte, &handle), GNTST_general_error,
       "a page of data has no entries");
}

static void several_maps(void)
{
    uint64_t *page = page_alloc(), *a = page_alloc(), *b = page_alloc();
    uint32_t one, two;

    grant_access(13, me, va_to_mfn(page), 0);
    is(grant_map(me, 13, (uint64_t)a, GNTMAP_host_map, &one), GNTST_okay, "a first mapping");
    is(grant_map(me, 13, (uint64_t)b, GNTMAP_host_map | GNTMAP_readonly, &two), GNTST_okay, "a second, read-only");
    ok(one != two, "have handles of their own");
    is(grant_unmap((uint64_t)a, one), GNTST_okay, "the first is unmapped");
    is(grant_entries[13].flags, GTF_permit_access | GTF_reading, "only reading is left");
    is(grant_unmap((uint64_t)b, two), GNTST_okay, "the second is unmapped");
    is(grant_entries[13].flags, GTF_permit_access, "nothing is left");
    is(grant_map(me, 13, (uint64_t)a, GNTMAP_device_map, &one), GNTST_okay, "a mapping for a device");
    is(grant_unmap(0, one), GNTST_okay, "unmapped with no address: nothing happens");
    map_rw(a);
    map_rw(b);
}

static void replace(void)
{
    uint64_t *page = page_alloc(), *there = page_alloc(), *spare = page_alloc();
    struct gnttab_unmap_and_replace op;
    uint32_t handle;

    *spare = 0x5a5a;
    grant_access(14, me, va_to_mfn(page), 0);
    is(grant_map(me, 14, (uint64_t)there, GNTMAP_host_map, &handle), GNTST_okay, "map");
    op = (struct gnttab_unmap_and_replace){ .host_addr = (uint64_t)there, .new_addr = (uint64_t)spare, .handle = handle };
    is(hyp_grant_table_op(GNTTABOP_unmap_and_replace, &op, 1), 0, "unmap_and_replace");
    is(op.status, GNTST_okay, "its status");
    is(*(volatile uint64_t *)there, 0x5a5a, "the other page is there now");
    is(probe_read(spare, NULL)->vector, VECTOR_PF, "and no longer where it was");
    map_rw(spare);
    map_rw(there);
}

static int copy(struct gnttab_copy *op)
{
    long error = hyp_grant_table_op(GNTTABOP_copy, op, 1);

    return error ? error : op->status;
}

static void copying(void)
{
    char *from = page_alloc(), *to = page_alloc();
    struct gnttab_copy op = { .flags = GNTCOPY_source_gref, .len = 100 };

    memset(from, 'x', PAGE_SIZE);
    grant_access(15, me, va_to_mfn(from), GTF_readonly);
    grant_access(16, me, va_to_mfn(to), 0);
    op.source.u.ref = 15;
    op.source.domid = me;
    op.dest.u.gmfn = va_to_mfn(to);
    op.dest.domid = DOMID_SELF;
    op.dest.offset = 50;
    is(copy(&op), GNTST_okay, "copy from a grant");
    ok(to[49] == 0 && to[50] == 'x' && to[149] == 'x' && to[150] == 0, "the right bytes");
    op.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
    op.dest.u.ref = 16;
    op.dest.domid = me;
    op.dest.offset = 0;
    is(copy(&op), GNTST_okay, "copy from grant to grant");
    is(to[0], 'x', "the right bytes");
    op.dest.u.ref = 15;
    is(copy(&op), GNTST_general_error, "copy to a read-only grant");
    op.dest.u.ref = 16;
    op.dest.offset = PAGE_SIZE - 50;
    is(copy(&op), GNTST_bad_copy_arg, "copy over a page's end");
    op.dest.offset = 0;
    op.source.offset = 65535;
    is(copy(&op), GNTST_bad_copy_arg, "copy from behind a page's end");
    op.source.offset = 0;
    op.source.u.ref = 900;
    is(copy(&op), GNTST_general_error, "copy from an empty grant");
    op.source.u.ref = 0xffffffff;
    is(copy(&op), GNTST_bad_gntref, "copy from a reference beyond the table");
    op.flags = 0;
    op.source.u.gmfn = va_to_mfn(from);
    op.source.domid = DOMID_SELF;
    op.dest.u.gmfn = va_to_mfn(boot_root());
    op.dest.domid = DOMID_SELF;
    ok(copy(&op) < 0, "copy over a page table");
    op.dest.u.gmfn = 0xfffffffffful;
    ok(copy(&op) < 0, "copy to a frame beyond memory");
    is(grant_entries[15].flags & (GTF_reading | GTF_writing), 0, "no entry stays in use");
    is(grant_entries[16].flags & (GTF_reading | GTF_writing), 0, "no entry stays in use");
}

static void refusals(void)
{
    uint64_t *page = page_alloc();
    uint32_t handle;

    is(grant_map(me, 900, (uint64_t)page, GNTMAP_host_map, &handle), GNTST_general_error, "mapping an empty entry");
    is(grant_map(me, 0xfffffff, (uint64_t)page, GNTMAP_host_map, &handle), GNTST_bad_gntref, "an entry beyond the table");
    is(grant_map(0x7000, 10, (uint64_t)page, GNTMAP_host_map, &handle), GNTST_bad_domain, "a domain that does not exist");
    is(grant_map(me, 10, (uint64_t)page, 0, &handle), GNTST_bad_gntref, "neither for the CPU nor for a device");
    grant_access(20, me + 1, va_to_mfn(page), 0);
    ok(grant_map(me, 20, (uint64_t)page, GNTMAP_host_map, &handle) < 0, "a grant for another domain");
    grant_access(20, me, 0xfffffff, 0);
    ok(grant_map(me, 20, (uint64_t)page, GNTMAP_host_map, &handle) < 0, "a grant of a frame beyond memory");
    grant_access(20, me, va_to_mfn(boot_root()), 0);
    ok(grant_map(me, 20, (uint64_t)page, GNTMAP_host_map, &handle) < 0, "a grant of a page table");
    is(grant_entries[20].flags, GTF_permit_access, "leaves no trace");
    is(hyp_grant_table_op(99, page, 1), -XEN_ENOSYS, "an unknown operation");
    is(hyp_grant_table_op(GNTTABOP_map_grant_ref, NULL, 1), -XEN_EFAULT, "no argument");
    is(hyp_grant_table_op(GNTTABOP_map_grant_ref, page, 0), 0, "nothing to do");
    is(hyp_grant_table_op(GNTTABOP_map_grant_ref, page, -1), -XEN_EINVAL, "a negative count");
}

void test_main(void)
{
    me = self_domain();
    the_table();
    map_by_address();
    read_only();
    map_by_entry();
    several_maps();
    replace();
    copying();
    refusals();
}
