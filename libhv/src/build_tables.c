/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The page tables a PV kernel starts on.
 *
 * They hold machine frames, and the hypervisor will refuse them unless no entry makes a page table writable.
 * So an entry for a frame that is a page table is read-only; all others are writable. Frames of the tables
 * for a P2M list elsewhere are not mapped at all.
 */
#include <string.h>

#include "build_domain.h"
#include "handle.h"

#define PRESENT  0x01UL
#define WRITABLE 0x02UL
#define USER     0x04UL
#define ACCESSED 0x20UL
#define DIRTY    0x40UL

/* A leaf; the hypervisor adds what it needs for a kernel in user mode. */
#define LEAF  (PRESENT | WRITABLE | ACCESSED | DIRTY)
#define INNER (PRESENT | WRITABLE | USER | ACCESSED | DIRTY)

static uint64_t entry(const struct building *b, uint64_t pfn, uint64_t flags)
{
    return b->p2m[pfn] << HV_PAGE_SHIFT | flags;
}

static bool is_table(const struct layout *layout, uint64_t pfn)
{
    return pfn >= layout->tables.pfn && pfn - layout->tables.pfn < layout->tables.pages;
}

static const struct table *find(const struct layout *layout, unsigned level, uint64_t index)
{
    for (unsigned i = 0; i < layout->table_count; i++)
        if (layout->table[i].level == level && layout->table[i].index == index)
            return &layout->table[i];
    return NULL;
}

/* The part of one mapping that this L1 table shows. */
static void write_leaves(const struct building *b, const struct table *table, const struct mapping *m,
                         uint64_t *out)
{
    uint64_t first = table->index << 9, begin, end;
    uint64_t from = (m->start >> HV_PAGE_SHIFT) & ((1ULL << 36) - 1);
    uint64_t to = from + ((m->end - m->start) >> HV_PAGE_SHIFT);

    begin = from > first ? from : first;
    end = to < first + 512 ? to : first + 512;
    for (uint64_t page = begin; page < end; page++) {
        uint64_t pfn = m->pfn + (page - from);

        out[page - first] = entry(b, pfn, is_table(&b->layout, pfn) ? LEAF & ~WRITABLE : LEAF);
    }
}

void tables_write(struct building *b)
{
    const struct layout *layout = &b->layout;

    window_zero(window_page(&b->window, layout->tables.pfn), layout->tables.pages * HV_PAGE_SIZE);
    if (layout->p2m_tables.pages)
        window_zero(window_page(&b->window, layout->p2m_tables.pfn), layout->p2m_tables.pages * HV_PAGE_SIZE);
    for (unsigned i = 0; i < layout->table_count; i++) {
        const struct table *table = &layout->table[i], *parent = NULL;
        uint64_t *out = window_page(&b->window, table->pfn);

        if (table->level < 4)
            parent = find(layout, table->level + 1, table->index >> 9);
        if (parent)
            ((uint64_t *)window_page(&b->window, parent->pfn))[table->index & 511] =
                entry(b, table->pfn, INNER);
        for (unsigned j = 0; table->level == 1 && j < layout->mappings; j++)
            write_leaves(b, table, &layout->mapping[j], out);
    }
}
