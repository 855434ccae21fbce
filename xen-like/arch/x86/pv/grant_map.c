/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Granted frames in a PV guest's page tables. The references that the caller holds on the frame (general, and
 * writable unless read-only) are the entry's as long as it is there: should the guest overwrite the entry by
 * other means, they are dropped with it, and unmapping finds that and fails. Unmapping gives them back to the
 * caller, who drops them after flushing.
 */
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <public/grant_table.h>

#include "walk.h"

#define AVAIL_SHIFT 9u

/* The entry's place, its table locked, or NULL. */
static uint64_t *find_entry(struct vcpu *v, uint64_t addr, bool is_pte, struct page_info **table)
{
    mfn_t mfn = maddr_to_mfn(MADDR(addr));

    if (!is_pte)
        return addr & ~PAGE_MASK ? NULL : walk_and_lock(v, addr, table);
    *table = addr & 7 ? NULL : mfn_to_page_or_null(mfn);
    if (!*table || !page_lock_l1_table(*table, v->domain->id))
        return NULL;
    return (uint64_t *)((char *)mfn_to_virt(mfn) + (addr & ~PAGE_MASK));
}

int arch_grant_map(struct vcpu *v, uint64_t addr, mfn_t mfn, unsigned int flags)
{
    uint64_t entry = mfn_to_maddr(mfn).v | PTE_P | PTE_US | PTE_A | PTE_D | pte_nx, old;
    struct page_info *table, *pg = mfn_to_page(mfn);
    uint64_t *slot;

    if (!(flags & GNTMAP_readonly))
        entry |= PTE_RW;
    entry |= (uint64_t)(flags >> _GNTMAP_guest_avail0) << AVAIL_SHIFT & PTE_AVAIL;
    slot = find_entry(v, addr, flags & GNTMAP_contains_pte, &table);
    if (!slot)
        return GNTST_general_error;
    if (!(READ_ONCE(pg->count) & PGC_FOREIGN))
        __atomic_fetch_or(&pg->count, PGC_FOREIGN, __ATOMIC_RELAXED);
    old = __atomic_exchange_n(slot, entry, __ATOMIC_SEQ_CST);
    pv_put_entry(v->domain, 1, old, false);
    page_unlock_table(table);
    return GNTST_okay;
}

/* Put `entry`, whose references it brings along, where the granted frame is mapped. */
static int replace(struct vcpu *v, uint64_t addr, mfn_t mfn, uint64_t entry, unsigned int flags)
{
    uint64_t want = PTE_P | (flags & GNTMAP_readonly ? 0 : PTE_RW), old;
    int status = GNTST_general_error;
    struct page_info *table;
    uint64_t *slot;

    slot = find_entry(v, addr, flags & GNTMAP_contains_pte, &table);
    if (!slot)
        return GNTST_general_error;
    old = READ_ONCE(*slot);
    if ((old & (PTE_P | PTE_RW)) == want && (old & PTE_ADDR_MASK) >> PAGE_SHIFT == mfn.v) {
        __atomic_store_n(slot, entry, __ATOMIC_SEQ_CST);
        status = GNTST_okay;
    }
    page_unlock_table(table);
    return status;
}

int arch_grant_unmap(struct vcpu *v, uint64_t addr, mfn_t mfn, uint64_t new_addr, unsigned int flags)
{
    struct page_info *table;
    uint64_t *slot, moved;
    int status;

    if (!new_addr)
        return replace(v, addr, mfn, 0, flags);
    if (flags & GNTMAP_contains_pte)
        return GNTST_general_error;
    slot = find_entry(v, new_addr, false, &table);
    if (!slot)
        return GNTST_general_error;
    moved = __atomic_exchange_n(slot, 0, __ATOMIC_SEQ_CST);
    page_unlock_table(table);
    status = replace(v, addr, mfn, moved, flags);
    if (status)
        pv_put_entry(v->domain, 1, moved, false);
    return status;
}

struct page_info *arch_get_page_from_gfn(struct domain *d, uint64_t gfn)
{
    struct page_info *pg;

    if (!mfn_valid(MFN(gfn)))
        return NULL;
    pg = mfn_to_page(MFN(gfn));
    return page_get(pg, d) ? pg : NULL;
}
