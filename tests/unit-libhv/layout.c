// SPDX-License-Identifier: GPL-2.0-only
//
// The layout of a new domain keeps the ABI's promises, whatever the kernel and the sizes.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build_layout.h"
#include "handle.h"
#include "harness.h"

#define MIB (1UL << 20)
#define LINUX_BASE 0xffffffff80000000ULL

static struct layout layout;
static uint64_t needed;

static struct hv_kernel linux_kernel(void)
{
    return (struct hv_kernel) {
        .virt_base = LINUX_BASE,
        .virt_low = LINUX_BASE + 16 * MIB,
        .virt_high = LINUX_BASE + 74 * MIB + 123,
        .hypercall_page = HV_IMAGE_UNSET,
        .init_p2m = 0x8000000000,
        .mod_start_pfn = true,
    };
}

static bool overlap(struct extent a, struct extent b)
{
    return a.pages && b.pages && a.pfn < b.pfn + b.pages && b.pfn < a.pfn + a.pages;
}

/* What must hold for every layout. */
static void check(const struct hv_kernel *kernel, uint64_t pages)
{
    struct extent all[] = {
        layout.kernel,
        layout.initrd,
        layout.p2m,
        layout.tables,
        layout.p2m_tables,
        { layout.start_info_pfn, 1 },
        { layout.store_pfn, 1 },
        { layout.console_pfn, 1 },
        { layout.stack_pfn, 1 },
    };
    size_t count = sizeof(all) / sizeof(all[0]);

    for (size_t i = 0; i < count; i++) {
        CU_ASSERT(all[i].pfn + all[i].pages <= pages);
        for (size_t j = 0; j < i; j++)
            CU_ASSERT(!overlap(all[i], all[j]));
    }
    CU_ASSERT_EQUAL(layout.virt_end % (4 * MIB), 0);
    CU_ASSERT(layout.virt_end - layout_vaddr(&layout, layout.stack_pfn + 1) >= 512 << 10);
    CU_ASSERT((layout.virt_end - layout.virt_base) / HV_PAGE_SIZE <= pages);
    CU_ASSERT_EQUAL(layout.kernel.pfn * HV_PAGE_SIZE, kernel->virt_low - kernel->virt_base);
    CU_ASSERT_EQUAL(layout.table_count, layout.tables.pages + layout.p2m_tables.pages);
    CU_ASSERT_EQUAL(layout.table[0].level, 4);
    CU_ASSERT_EQUAL(layout.table[0].pfn, layout.tables.pfn);
    CU_ASSERT(layout.p2m.pages * HV_PAGE_SIZE >= pages * 8);
}

/*
 * Each mapped address has its chain of tables, each table is there once, and each has its parent before it.
 */
static void check_tables(void)
{
    for (unsigned i = 0; i < layout.table_count; i++) {
        bool parent = layout.table[i].level == 4;

        for (unsigned j = 0; j < i; j++) {
            const struct table *t = &layout.table[j];

            CU_ASSERT(t->pfn != layout.table[i].pfn);
            CU_ASSERT(t->level != layout.table[i].level || t->index != layout.table[i].index);
            parent |= t->level == layout.table[i].level + 1 && t->index == layout.table[i].index >> 9;
        }
        CU_ASSERT(parent);
    }
    for (unsigned m = 0; m < layout.mappings; m++)
        for (uint64_t at = layout.mapping[m].start; at < layout.mapping[m].end; at += 2 * MIB) {
            bool found = false;

            for (unsigned i = 0; i < layout.table_count; i++)
                found |= layout.table[i].level == 1 && layout.table[i].index == (at << 16 >> 16) >> 21;
            CU_ASSERT(found);
        }
}

static void linux_guest(void)
{
    struct hv_kernel kernel = linux_kernel();

    CU_ASSERT_EQUAL_FATAL(layout_make(&layout, &kernel, 2 * MIB, 65536, &needed), 0);
    check(&kernel, 65536);
    check_tables();
    CU_ASSERT_EQUAL(layout.initrd_vaddr, 0);
    CU_ASSERT_EQUAL(layout.initrd.pages, 512);
    CU_ASSERT_EQUAL(layout.p2m_vaddr, 0x8000000000);
    CU_ASSERT_EQUAL(layout.p2m.pages, 128);
    CU_ASSERT_EQUAL(layout.p2m_tables.pages, 3);
    CU_ASSERT(layout.initrd.pfn >= (layout.virt_end - layout.virt_base) / HV_PAGE_SIZE);
    layout_free(&layout);
}

/* A kernel without the newer notes has all of it in its initial mapping, in the ABI's order. */
static void plain_guest(void)
{
    struct hv_kernel kernel = linux_kernel();

    kernel.init_p2m = HV_IMAGE_UNSET;
    kernel.mod_start_pfn = false;
    CU_ASSERT_EQUAL_FATAL(layout_make(&layout, &kernel, 3 * MIB + 1, 65536, &needed), 0);
    check(&kernel, 65536);
    check_tables();
    CU_ASSERT_EQUAL(layout.mappings, 1);
    CU_ASSERT_EQUAL(layout.initrd_vaddr, layout_vaddr(&layout, layout.initrd.pfn));
    CU_ASSERT(layout.kernel.pfn < layout.initrd.pfn);
    CU_ASSERT(layout.initrd.pfn < layout.p2m.pfn);
    CU_ASSERT(layout.p2m.pfn < layout.start_info_pfn);
    CU_ASSERT(layout.start_info_pfn < layout.tables.pfn);
    CU_ASSERT(layout.tables.pfn < layout.stack_pfn);
    layout_free(&layout);
}

static void sizes(void)
{
    struct hv_kernel kernel = linux_kernel();

    for (uint64_t pages = 20000; pages < 64UL << 20; pages = pages * 17 / 10 + 7) {
        CU_ASSERT_EQUAL_FATAL(layout_make(&layout, &kernel, pages % 7919, pages, &needed), 0);
        check(&kernel, pages);
        layout_free(&layout);
    }
}

/* The number in a refusal is enough, and one page less is not. */
static void too_small(void)
{
    struct hv_kernel kernel = linux_kernel();
    uint64_t pages = 100, enough;

    CU_ASSERT_EQUAL(layout_make(&layout, &kernel, MIB, pages, &needed), -ENOSPC);
    CU_ASSERT_EQUAL(layout_make(&layout, &kernel, MIB, needed, &needed), 0);
    layout_free(&layout);
    pages = 19000; /* just more than the kernel */

    while (layout_make(&layout, &kernel, MIB, pages, &needed) == -ENOSPC) {
        CU_ASSERT(needed > pages);
        pages = needed;
    }
    enough = pages;
    layout_free(&layout);
    CU_ASSERT_EQUAL(layout_make(&layout, &kernel, MIB, enough - 1, &needed), -ENOSPC);
    CU_ASSERT_EQUAL(layout_make(&layout, &kernel, UINT64_MAX / 2, enough, &needed), -ENOSPC);
}

static void bad_addresses(void)
{
    static const struct {
        uint64_t base, p2m;
    } bad[] = {
        { 0xffff800000000000, HV_IMAGE_UNSET }, /* the hypervisor's */
        { 0xffff87ffff000000, HV_IMAGE_UNSET }, /* runs out of it on the other side */
        { 0xffff7ffff0000000, HV_IMAGE_UNSET }, /* not canonical */
        { 0x00007ffffc000000, HV_IMAGE_UNSET }, /* runs into the hole */
        { LINUX_BASE, 0xffff800000000000 },
        { LINUX_BASE, 0x00007fffffff0000 },
        { LINUX_BASE, 0xfffffffffffff000 },
        { LINUX_BASE, LINUX_BASE },             /* on top of the kernel */
        { 0xfffffffffff00000, HV_IMAGE_UNSET }, /* wraps */
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct hv_kernel kernel = linux_kernel();

        kernel.virt_low = bad[i].base + (kernel.virt_low - LINUX_BASE);
        kernel.virt_high = bad[i].base + (kernel.virt_high - LINUX_BASE);
        kernel.virt_base = bad[i].base;
        kernel.init_p2m = bad[i].p2m;
        CU_ASSERT_EQUAL(layout_make(&layout, &kernel, 0, 65536, &needed), -EFAULT);
    }
}

const struct unit_test unit_tests[] = {
    { "a Linux guest", linux_guest },
    { "a guest without INIT_P2M and MOD_START_PFN", plain_guest },
    { "parts never overlap, from 80 MiB to 256 GiB", sizes },
    { "too little memory is refused with what would do", too_small },
    { "kernels that want the hypervisor's addresses are refused", bad_addresses },
    { NULL, NULL },
};
