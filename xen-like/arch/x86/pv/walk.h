/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding the entry of level 1 for an address of the current vCPU's kernel, inline, for what does little
 * besides.
 *
 * Upper levels are read without locks, and may change while we look: what is found is just a number. What
 * counts is what the frame is when its user locks or references it.
 */
#ifndef PV_WALK_H
#define PV_WALK_H

#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <arch/table_peek.h>

/* Where in its table is the entry for va? */
static inline unsigned int walk_offset(unsigned long va, unsigned int level)
{
    return va >> (9 * level) & ((PT_ENTRIES - 1) * sizeof(uint64_t));
}

static inline uint64_t walk_down(uint64_t table_entry, unsigned long va, unsigned int level)
{
    return table_peek(MADDR(table_entry & PTE_ADDR_MASK), walk_offset(va, level));
}

/* The entry of level 2 for va, which names its L1 table; not present: there is none. */
static inline uint64_t walk_to_l1_table(const struct vcpu *v, unsigned long va)
{
    uint64_t entry;

    if (unlikely(!pv_address_ok(va)))
        return 0;
    entry = table_peek(mfn_to_maddr(v->arch.kernel_root), walk_offset(va, 4));
    if (likely(entry & PTE_P))
        entry = walk_down(entry, va, 3);
    return likely(entry & PTE_P) ? walk_down(entry, va, 2) : 0;
}

/* Its entry for va, its table locked: page_unlock_table(). NULL if there is none. */
static inline uint64_t *walk_and_lock(struct vcpu *v, unsigned long va, struct page_info **table)
{
    uint64_t entry = walk_to_l1_table(v, va);

    if (unlikely(!(entry & PTE_P)))
        return NULL;
    *table = mfn_to_page_or_null(MFN((entry & PTE_ADDR_MASK) >> PAGE_SHIFT));
    if (unlikely(!*table || !page_lock_l1_table(*table, v->domain->id)))
        return NULL; /* device memory among RAM has a type count of 0 */
    return (uint64_t *)((char *)page_to_virt(*table) + walk_offset(va, 1));
}

/* The present entry that there seems to be for va, without locks: only a hint of a frame. False: none. */
static inline bool walk_and_read(const struct vcpu *v, unsigned long va, uint64_t *entry)
{
    uint64_t table = walk_to_l1_table(v, va);

    if (!(table & PTE_P))
        return false;
    *entry = walk_down(table, va, 1);
    return *entry & PTE_P;
}

#endif
