/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The references of ordinary L1 entries, inline: nearly every entry that a guest writes maps a frame of its
 * own write-back. What is not ordinary is left to pv/validate.c.
 */
#ifndef PV_LEAF_H
#define PV_LEAF_H

#include <arch/pv_mm.h>

#define CACHE_BITS (PTE_PWT | PTE_PCD | PTE_PAT)
#define TABLE_BITS (PTE_P | PTE_RW | PTE_US | PTE_A | PTE_D | PTE_SOFT | PTE_ADDR_MASK)
#define LEAF_BITS (TABLE_BITS | PTE_G)

#define AD_BITS (PTE_A | PTE_D)
/* Bits whose change changes no reference and no right that hv relies on. */
#define HARMLESS_LEAF (PTE_US | AD_BITS | PTE_SOFT | PTE_G)
#define HARMLESS_TABLE (PTE_US | PTE_RW | AD_BITS | PTE_SOFT)

/* Write an entry of a locked table, where old was. False: PV_WRITE_EXACT, and the CPU has changed it. */
static inline bool entry_store(uint64_t *slot, uint64_t old, uint64_t entry, enum pv_write_mode mode)
{
    uint64_t seen = old;

    if (likely(mode == PV_WRITE)) {
        __atomic_store_n(slot, entry, __ATOMIC_SEQ_CST);
        return true;
    }
    if (mode == PV_WRITE_EXACT)
        return __atomic_compare_exchange_n(slot, &seen, entry, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(slot, &seen, entry | (seen & AD_BITS), false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED))
        ;
    return true;
}

static inline mfn_t entry_mfn(uint64_t entry) { return MFN((entry & PTE_ADDR_MASK) >> PAGE_SHIFT); }

/* Bits that an ordinary present entry does not have. */
static inline uint64_t leaf_unusual_bits(void) { return ~(TABLE_BITS | pte_nx); }

/*
 * Take the references of a present entry without unusual bits whose frame domain `id` owns. False: nothing
 * was taken, and it is for the general case to say why.
 */
static inline bool leaf_get_ordinary(domid_t id, uint64_t entry)
{
    struct page_info *pg = mfn_to_page_or_null(entry_mfn(entry));

    if (unlikely(!pg || !page_get_id(pg, id))) /* device memory among RAM has a count of 0 */
        return false;
    if (!(entry & PTE_RW) || likely(!page_get_type(pg, PGT_WRITABLE)))
        return true;
    page_put(pg);
    return false;
}

/* Drop those of a present entry. False: nothing was dropped, it is not an ordinary one. */
static inline bool leaf_put_ordinary(uint64_t entry)
{
    struct page_info *pg = mfn_to_page_or_null(entry_mfn(entry));

    if (unlikely(entry & CACHE_BITS || !pg || pg->owner == DOMID_IO))
        return false;
    if (entry & PTE_RW)
        page_put_type(pg);
    else if (unlikely(page_type_of(READ_ONCE(pg->type)) == PGT_SEG_DESC))
        return false;
    page_put(pg);
    return true;
}

/* Drop what an entry of d's refers to. */
static inline void leaf_drop(struct domain *d, uint64_t entry)
{
    if (entry & PTE_P && unlikely(!leaf_put_ordinary(entry)))
        pv_put_entry(d, 1, entry, false);
}

/* What follows, for entries that are not ordinary (write_entry.c). */
int leaf_write_unusual(struct domain *table_owner, struct domain *frame_owner, uint64_t *slot, uint64_t old,
                       uint64_t entry, enum pv_write_mode mode);

/* pv_write_leaf(), inline. */
static inline __attribute__((always_inline)) int leaf_write(struct domain *table_owner, struct domain *frame_owner,
                                                            uint64_t *slot, uint64_t old, uint64_t entry,
                                                            enum pv_write_mode mode)
{
    uint64_t changes = old ^ entry, unusual = leaf_unusual_bits();

    if (entry & PTE_P) {
        if (old & PTE_P && !(changes & ~(HARMLESS_LEAF | pte_nx)))
            return entry_store(slot, old, (entry & ~PTE_G) | PTE_US, mode) ? 0 : -EAGAIN;
        if (unlikely(entry & unusual) || frame_owner != table_owner ||
            (old & PTE_P && !(changes & PTE_ADDR_MASK)) ||
            unlikely(!leaf_get_ordinary(frame_owner->id, entry)))
            return leaf_write_unusual(table_owner, frame_owner, slot, old, entry, mode);
        entry |= PTE_US;
    } else if (unlikely(pv_l1tf_limit)) {
        return leaf_write_unusual(table_owner, frame_owner, slot, old, entry, mode);
    }
    if (unlikely(!entry_store(slot, old, entry, mode))) {
        leaf_drop(table_owner, entry);
        return -EAGAIN;
    }
    leaf_drop(table_owner, old);
    return 0;
}

#endif
