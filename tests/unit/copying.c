/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies to and from a guest: x86's own checks of the range, over a memory that faults where the test says. Below the
 * checks is one instruction with a fix-up, for which guest_copy() and guest_clear() of this file stand.
 */
#include <string.h>

#include <arch/pv.h>
#include <hv/guest_copy.h>

#include "harness.h"
#include "host.h"

#define HOLE HYPERVISOR_VIRT_START
#define HOLE_END HYPERVISOR_VIRT_END

size_t guest_copy(void *to, const void *from, size_t n);
size_t guest_clear(void *to, size_t n);

static unsigned int copies;      /* that went through */
static size_t works = SIZE_MAX;  /* so many bytes; then a fault */
static bool kernel_mode_seen;

size_t guest_copy(void *to, const void *from, size_t n)
{
    size_t done = n < works ? n : works;

    copies++;
    kernel_mode_seen = host_current && host_current->arch.guest_kernel;
    memcpy(to, from, done);
    return n - done;
}

size_t guest_clear(void *to, size_t n)
{
    size_t done = n < works ? n : works;

    copies++;
    memset(to, 0, done);
    return n - done;
}

static bool ok(unsigned long start, unsigned long n) { return arch_guest_range_ok((void *)start, n); }

static void ranges(void)
{
    CU_ASSERT(ok(0x1000, 0x1000));
    CU_ASSERT(ok(0, HOLE));                  /* up to the hole: what is not there faults */
    CU_ASSERT(!ok(0, HOLE + 1));
    CU_ASSERT(ok(HOLE - 8, 8));
    CU_ASSERT(!ok(HOLE - 8, 9));
    CU_ASSERT(!ok(HOLE, 1));
    CU_ASSERT(!ok(HOLE + 0x1000, 0));        /* also for nothing, where a pointer would be kept */
    CU_ASSERT(!ok(HOLE_END - 1, 1));
    CU_ASSERT(!ok(HOLE_END - 1, 2));
    CU_ASSERT(ok(HOLE_END, 0x1000));
    CU_ASSERT(!ok(HOLE - 0x1000, HOLE_END - HOLE + 0x2000)); /* across all of it */
}

static void wrapping(void)
{
    CU_ASSERT(ok(~0ul - 7, 7));
    CU_ASSERT(!ok(~0ul - 7, 9));
    CU_ASSERT(!ok(0x1000, ~0ul));
    CU_ASSERT(!ok(~0ul, ~0ul));
    CU_ASSERT(!ok(HOLE_END, ~0ul - HOLE_END + 2));
}

static void refused_before_anything(void)
{
    char buf[16] = "untouched";

    copies = 0;
    CU_ASSERT_EQUAL(arch_copy_from_guest(buf, (void *)HOLE, 10), 10);
    CU_ASSERT_EQUAL(arch_copy_to_guest((void *)(HOLE_END - 1), buf, 10), 10);
    CU_ASSERT_EQUAL(arch_clear_guest((void *)(~0ul - 3), 10), 10);
    CU_ASSERT_EQUAL(copies, 0);
    CU_ASSERT_STRING_EQUAL(buf, "untouched");
}

static void faults(void)
{
    uint64_t guest[4] = { 1, 2, 3, 4 }, mine[4] = { 0 };
    XEN_GUEST_HANDLE(uint64_t) handle = { guest };

    works = 20;
    CU_ASSERT_EQUAL(arch_copy_from_guest(mine, guest, sizeof(guest)), 12);
    CU_ASSERT_EQUAL(mine[1], 2);
    CU_ASSERT(!copy_from_guest(mine, handle, 3));
    CU_ASSERT(!copy_to_guest(handle, mine, 3));
    CU_ASSERT(copy_from_guest(mine, handle, 2));
    works = 8;
    CU_ASSERT_EQUAL(arch_clear_guest(guest, sizeof(guest)), 24);
    CU_ASSERT_EQUAL(guest[0], 0);
    works = SIZE_MAX;
}

static void exact_parts(void)
{
    struct { uint32_t before; uint64_t field; uint32_t after; } guest = { 1, 2, 3 }, mine = { 11, 12, 13 };
    uint32_t array[6] = { 0, 1, 2, 3, 4, 5 }, two[2] = { 72, 73 };
    XEN_GUEST_HANDLE(uint32_t) handle = { array };

    CU_ASSERT(copy_field_out((unsigned long)&guest, &mine, field));
    CU_ASSERT_EQUAL(guest.before, 1);
    CU_ASSERT_EQUAL(guest.field, 12);
    CU_ASSERT_EQUAL(guest.after, 3);
    CU_ASSERT(copy_to_guest_offset(handle, 2, two, 2));
    CU_ASSERT_EQUAL(array[1], 1);
    CU_ASSERT_EQUAL(array[2], 72);
    CU_ASSERT_EQUAL(array[3], 73);
    CU_ASSERT_EQUAL(array[4], 4);
    CU_ASSERT(copy_from_guest_offset(two, handle, 4, 2));
    CU_ASSERT_EQUAL(two[0], 4);
    CU_ASSERT_EQUAL(two[1], 5);
}

/* A count whose bytes would overflow, and an array of which only the first elements lie outside hv. */
static void counts(void)
{
    uint64_t one = 7;
    XEN_GUEST_HANDLE(uint64_t) at_the_edge = { (uint64_t *)(HOLE - 16) }, low = { (uint64_t *)0x1000 };

    copies = 0;
    CU_ASSERT(!copy_from_guest(&one, low, 1ul << 61));
    CU_ASSERT(!copy_to_guest(low, &one, (1ul << 61) + 1));
    CU_ASSERT(!copy_from_guest_offset(&one, at_the_edge, 2, 1));
    CU_ASSERT(!copy_from_guest(&one, at_the_edge, 3));
    CU_ASSERT_EQUAL(copies, 0);
    CU_ASSERT_EQUAL(one, 7);
}

/* What hv tells a guest's kernel while one of its programs runs goes through the kernel's tables, whatever comes of it. */
static void the_kernels_tables(void)
{
    struct domain domain = { .id = 1 };
    struct vcpu v = { .domain = &domain };
    uint64_t guest = 0, value = 5;

    host_current = &v;
    v.arch.kernel_root = MFN(1);
    v.arch.user_root = MFN(2);
    v.arch.guest_kernel = false;
    host_counters.root_loads = 0;
    CU_ASSERT_EQUAL(arch_copy_to_guest_kernel(&guest, &value, sizeof(value)), 0);
    CU_ASSERT_EQUAL(guest, 5);
    CU_ASSERT(kernel_mode_seen);
    CU_ASSERT(!v.arch.guest_kernel);
    CU_ASSERT_EQUAL(v.arch.cr3_loaded, 2 * PAGE_SIZE);
    CU_ASSERT_EQUAL(host_counters.root_loads, 2);
    works = 3;
    CU_ASSERT_EQUAL(arch_copy_to_guest_kernel(&guest, &value, sizeof(value)), 5);
    CU_ASSERT(!v.arch.guest_kernel);
    CU_ASSERT_EQUAL(v.arch.cr3_loaded, 2 * PAGE_SIZE);
    works = SIZE_MAX;
    v.arch.guest_kernel = true;
    CU_ASSERT_EQUAL(arch_copy_to_guest_kernel(&guest, &value, sizeof(value)), 0);
    CU_ASSERT_EQUAL(host_counters.root_loads, 4);
    host_current = NULL;
}

const struct unit_test unit_tests[] = {
    { "a range is outside hv's part of the address space", ranges },
    { "a range does not wrap", wrapping },
    { "a bad range is refused before a byte is copied", refused_before_anything },
    { "a fault in the middle is reported", faults },
    { "exactly the part asked for is copied", exact_parts },
    { "counts and offsets that overflow or reach into hv", counts },
    { "a copy for the guest's kernel uses its tables", the_kernels_tables },
    { NULL, NULL },
};
