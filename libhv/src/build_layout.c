/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Computing the layout: parts are handed out in order, then the page tables, whose number depends on the size
 * of the area that includes them, are counted until it fits.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build_layout.h"
#include "handle.h"

#define SLACK        (512UL << 10) /* at least this much is mapped behind the last part */
#define END_ALIGN    (4UL << 20)
#define ADDRESS_BITS 48

/*
 * The hypervisor keeps these slots of each root table for itself (the ABI's HYPERVISOR_VIRT_START to _END).
 */
#define RESERVED_SLOT_FIRST 256
#define RESERVED_SLOT_LAST  271

/* Bits of an address below what one table of this level spans: 4: all, 3: 512 GiB, 2: 1 GiB, 1: 2 MiB. */
static unsigned span_bits(unsigned level)
{
    return HV_PAGE_SHIFT + 9 * level;
}

/* Which table of a level maps an address; the bits above 48 are only a sign. */
static uint64_t table_index(unsigned level, uint64_t address)
{
    return (address & ((1ULL << ADDRESS_BITS) - 1)) >> span_bits(level);
}

static uint64_t align_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) / to * to;
}

/* Tables that mapping `m` needs on this level. */
static uint64_t count_level(const struct mapping *m, unsigned level)
{
    return table_index(level, m->end - 1) - table_index(level, m->start) + 1;
}

/* True if the first mapping, too, needs this table of the second. */
static bool shared(const struct layout *layout, unsigned level, uint64_t index)
{
    const struct mapping *first = &layout->mapping[0];

    return index >= table_index(level, first->start) && index <= table_index(level, first->end - 1);
}

/*
 * Neither the hypervisor's area nor the hole of non-canonical addresses, and no wrap: needed before tables
 * are counted.
 */
static bool hits_hypervisor(uint64_t start, uint64_t size)
{
    uint64_t first = table_index(3, start), last = table_index(3, start + size - 1);
    uint64_t sign = start >> (ADDRESS_BITS - 1);

    if (start > UINT64_MAX - size)
        return true;

    if (sign != 0 && sign != (UINT64_MAX >> (ADDRESS_BITS - 1)))
        return true;
    return last < first || (first <= RESERVED_SLOT_LAST && last >= RESERVED_SLOT_FIRST);
}

/*
 * Adds the tables of one mapping that are not there yet; their frames follow `pfn`. Returns the frame behind
 * them.
 */
static uint64_t add_tables(struct layout *layout, const struct mapping *m, uint64_t pfn)
{
    bool second = m != &layout->mapping[0];

    for (unsigned level = 4; level >= 1; level--) {
        uint64_t index = table_index(level, m->start), last = table_index(level, m->end - 1);

        for (; index <= last; index++)
            if (!second || !shared(layout, level, index))
                layout->table[layout->table_count++] = (struct table) { level, index, pfn++ };
    }
    return pfn;
}

/* Behind `pfn` come the page tables and the stack; fixes the end of the initial mapping. */
static void place_tables(struct layout *layout, uint64_t pfn)
{
    struct mapping *m = &layout->mapping[0];

    layout->tables = (struct extent) { pfn, 0 };
    m->start = layout->virt_base;
    for (;;) {
        uint64_t count = 0;

        layout->stack_pfn = pfn + layout->tables.pages;
        m->end = align_up(layout_vaddr(layout, layout->stack_pfn + 1) + SLACK, END_ALIGN);
        for (unsigned level = 1; level <= 4; level++)
            count += count_level(m, level);
        if (count == layout->tables.pages)
            break;
        layout->tables.pages = count;
    }
    layout->virt_end = m->end;
}

/* The kernel, and what lies between it and the page tables. Returns the next frame. */
static uint64_t place_parts(struct layout *layout, const struct hv_kernel *kernel, uint64_t initrd_pages,
                            uint64_t p2m_pages)
{
    uint64_t first = (kernel->virt_low - layout->virt_base) >> HV_PAGE_SHIFT;
    uint64_t pfn = HV_PAGES(kernel->virt_high - layout->virt_base);

    layout->kernel = (struct extent) { first, pfn - first };
    if (initrd_pages && !kernel->mod_start_pfn) {
        layout->initrd = (struct extent) { pfn, initrd_pages };
        layout->initrd_vaddr = layout_vaddr(layout, pfn);
        pfn += initrd_pages;
    }
    if (kernel->init_p2m == HV_IMAGE_UNSET) {
        layout->p2m = (struct extent) { pfn, p2m_pages };
        layout->p2m_vaddr = layout_vaddr(layout, pfn);
        pfn += p2m_pages;
    }
    layout->start_info_pfn = pfn++;
    layout->store_pfn = pfn++;
    layout->console_pfn = pfn++;
    return pfn;
}

/* What lies behind the initial mapping. Returns the next frame. */
static uint64_t place_rest(struct layout *layout, const struct hv_kernel *kernel, uint64_t initrd_pages,
                           uint64_t p2m_pages)
{
    uint64_t pfn = (layout->virt_end - layout->virt_base) >> HV_PAGE_SHIFT;

    if (initrd_pages && kernel->mod_start_pfn) {
        layout->initrd = (struct extent) { pfn, initrd_pages };
        pfn += initrd_pages;
    }
    if (kernel->init_p2m != HV_IMAGE_UNSET) {
        struct mapping *m = &layout->mapping[1];

        layout->p2m = (struct extent) { pfn, p2m_pages };
        layout->p2m_vaddr = kernel->init_p2m;
        pfn += p2m_pages;
        *m = (struct mapping){ kernel->init_p2m, kernel->init_p2m + p2m_pages * HV_PAGE_SIZE,
                               layout->p2m.pfn };
        layout->mappings = 2;
        layout->p2m_tables.pfn = pfn;
        for (unsigned level = 1; level <= 3; level++)
            for (uint64_t i = 0; i < count_level(m, level); i++)
                pfn += !shared(layout, level, table_index(level, m->start) + i);
        layout->p2m_tables.pages = pfn - layout->p2m_tables.pfn;
    }
    return pfn;
}

/* The second mapping must not show other frames at addresses of the first. */
static bool mappings_clash(const struct layout *layout)
{
    const struct mapping *a = &layout->mapping[0], *b = &layout->mapping[1];

    return layout->mappings == 2 && a->start < b->end && b->start < a->end;
}

int layout_make(struct layout *layout, const struct hv_kernel *kernel, uint64_t initrd_size, uint64_t pages,
                uint64_t *needed)
{
    uint64_t initrd_pages = HV_PAGES(initrd_size), p2m_pages = HV_PAGES(pages * 8), pfn;

    *layout = (struct layout) { .virt_base = kernel->virt_base, .pages = pages, .mappings = 1 };
    /* Rules out wraps below: the kernel's own size is bounded when it is parsed. */
    if (initrd_pages > pages || HV_PAGES(kernel->virt_high - kernel->virt_base) > pages) {
        *needed = HV_PAGES(kernel->virt_high - kernel->virt_base) + initrd_pages + p2m_pages +
                  (SLACK + END_ALIGN) / HV_PAGE_SIZE;
        return -ENOSPC;
    }
    pfn = place_parts(layout, kernel, initrd_pages, p2m_pages);
    if (hits_hypervisor(layout->virt_base, (2 * pfn << HV_PAGE_SHIFT) + 2 * END_ALIGN + SLACK) ||
        (kernel->init_p2m != HV_IMAGE_UNSET && hits_hypervisor(kernel->init_p2m, p2m_pages << HV_PAGE_SHIFT)))
        return -EFAULT;
    place_tables(layout, pfn);
    pfn = place_rest(layout, kernel, initrd_pages, p2m_pages);
    if (pfn > pages) {
        *needed = pfn;
        return -ENOSPC;
    }
    if (mappings_clash(layout))
        return -EFAULT;

    layout->table = calloc(layout->tables.pages + layout->p2m_tables.pages, sizeof(layout->table[0]));
    if (!layout->table)
        return -ENOMEM;
    add_tables(layout, &layout->mapping[0], layout->tables.pfn);
    if (layout->mappings == 2)
        add_tables(layout, &layout->mapping[1], layout->p2m_tables.pfn);
    return 0;
}

void layout_free(struct layout *layout)
{
    free(layout->table);
    layout->table = NULL;
}
