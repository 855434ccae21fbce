/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a page-table entry may be, and the references that it holds.
 *
 * A present entry of level 2 to 4 holds a general and a type reference on the table one level below, which
 * the same domain owns. One of level 1 holds a general reference on its frame, and if writable a type
 * reference as writable; on device memory it holds nothing, for that has no owner who could free it. Which of
 * these it was is read from the entry itself when it goes, so bits that decide it never change without their
 * references.
 *
 * Allowed bits are listed per level; everything else is refused, superpages and bits reserved by the CPU
 * included.
 */
#include <arch/pti.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/hypercall.h>

#include "leaf.h"

#define L1D_ADDR_MASK (PTE_ADDR_MASK & ((1ul << 44) - 1)) /* the bits that every such CPU's cache compares */

uint64_t pv_l1tf_limit;

/* All that a guest may leave in an entry that is not present, where the CPU guesses with it: see l1tf.c. */
static int check_not_present(const struct domain *d, uint64_t entry)
{
    uint64_t address = entry & L1D_ADDR_MASK;

    return likely(!pv_l1tf_limit) || d->privileged || !address || address >= pv_l1tf_limit ? 0 : -EINVAL;
}

static bool is_device_memory(mfn_t mfn) { return !mfn_valid(mfn) || mfn_to_page(mfn)->owner == DOMID_IO; }

/* --- level 1 --- */

static int get_device_memory(struct domain *d, struct domain *frame_owner, mfn_t mfn, uint64_t *entry)
{
    if (frame_owner != d && frame_owner != dom_io)
        return -EPERM;
    if (!d->arch.has_devices || !arch_iomem_frame_ok(mfn))
        return mfn.v == PTE_ADDR_MASK >> PAGE_SHIFT ? -EINVAL : -EPERM; /* all ones is Linux's "none" */
    if (!(*entry & CACHE_BITS))
        *entry |= PTE_UC; /* as the ABI does: a driver that forgot does not get stale registers */
    if (arch_iomem_frame_readonly(mfn))
        *entry &= ~PTE_RW;
    return 0;
}

static int get_leaf(struct domain *d, struct domain *frame_owner, uint64_t *entry)
{
    uint64_t e = *entry;
    mfn_t mfn = entry_mfn(e);
    struct page_info *pg;
    int rc;

    if (!(e & PTE_P))
        return check_not_present(d, e);
    if (unlikely(e & ~(LEAF_BITS | pte_nx)) &&
        (e & ~(LEAF_BITS | pte_nx | CACHE_BITS) || !d->arch.has_devices))
        return -EINVAL;
    *entry = (e & ~PTE_G) | PTE_US;
    if (unlikely(is_device_memory(mfn)))
        return get_device_memory(d, frame_owner, mfn, entry);
    pg = mfn_to_page(mfn);
    if (!page_get(pg, frame_owner))
        return -EBUSY;
    if (unlikely(frame_owner != d) && !(READ_ONCE(pg->count) & PGC_FOREIGN))
        __atomic_fetch_or(&pg->count, PGC_FOREIGN, __ATOMIC_RELAXED);
    if (!(e & PTE_RW))
        return 0;
    rc = page_get_type(pg, PGT_WRITABLE);
    if (likely(!rc))
        return 0;
    page_put(pg);
    return rc == -ERESTART ? rc : -EBUSY;
}

static void drop_ldt_frames(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        pv_ldt_drop(v);
}

static void put_leaf(struct domain *d, uint64_t entry)
{
    mfn_t mfn = entry_mfn(entry);
    struct page_info *pg;
    uint64_t type;

    if (!(entry & PTE_P) || is_device_memory(mfn))
        return;
    pg = mfn_to_page(mfn);
    if (unlikely(entry & CACHE_BITS)) /* caches must not hide what went past them from the next user */
        arch_cache_flush(page_to_virt(pg), PAGE_SIZE);
    if (entry & PTE_RW) {
        page_put_and_type(pg);
        return;
    }
    /* A guest that takes an LDT apart unmaps it first: let go of frames that were only brought in by use. */
    type = READ_ONCE(pg->type);
    if (unlikely(page_type_of(type) == PGT_SEG_DESC && type & PGT_COUNT_MASK && pg->owner == d->id))
        drop_ldt_frames(d);
    page_put(pg);
}

/* --- levels 2 to 4 --- */

static int get_table(struct domain *d, unsigned int level, uint64_t *entry)
{
    mfn_t mfn = entry_mfn(*entry);

    if (!(*entry & PTE_P))
        return check_not_present(d, *entry);
    if (*entry & ~(TABLE_BITS | pte_nx) || !mfn_valid(mfn))
        return -EINVAL;
    *entry |= PTE_US;
    return page_get_and_type(mfn_to_page(mfn), d, level - 1);
}

static int put_table(uint64_t entry, bool preemptible)
{
    struct page_info *pg;

    if (!(entry & PTE_P))
        return 0;
    pg = mfn_to_page(entry_mfn(entry));
    if (preemptible) {
        int rc = page_put_type_preemptible(pg);

        if (rc)
            return rc;
    } else {
        page_put_type(pg);
    }
    page_put(pg);
    return 0;
}

int pv_get_entry(struct domain *d, struct domain *frame_owner, unsigned int level, uint64_t *entry)
{
    if (level == 1)
        return get_leaf(d, frame_owner, entry);
    return frame_owner == d ? get_table(d, level, entry) : -EINVAL;
}

int pv_put_entry(struct domain *d, unsigned int level, uint64_t entry, bool preemptible)
{
    if (level > 1)
        return put_table(entry, preemptible);
    put_leaf(d, entry);
    return 0;
}

/* --- whole tables --- */

static bool slot_is_guests(unsigned int level, unsigned int slot)
{
    return level < 4 || pv_root_slot_is_guests(slot);
}

/*
 * Taking apart was interrupted below the last entry that still counts as validated, and now the table is
 * wanted again: validate that entry's table to the end.
 */
static int complete_last(struct page_info *pg, const uint64_t *table, unsigned int level)
{
    unsigned int last = pg->validated - 1;
    struct page_info *below;
    int rc;

    if (level < 3 || !pg->validated || !slot_is_guests(level, last) || !(table[last] & PTE_P))
        return 0;
    below = mfn_to_page(entry_mfn(table[last]));
    rc = page_get_type(below, level - 1);
    if (!rc)
        page_put_type(below); /* never the last: the entry has one too */
    return rc;
}

/* The M2P comes when the root becomes a kernel's: see roots.c. */
static void fill_hv_slots(uint64_t *root)
{
    for (unsigned int i = HV_ROOT_SLOT_FIRST; i <= HV_ROOT_SLOT_LAST; i++)
        WRITE_ONCE(root[i], i == HV_ROOT_SLOT_M2P ? 0 : hv_root[i]);
    pti_root_made();
}

/* Most tables are mostly empty. So many entries are looked at together. */
#define GROUP 8u

static inline bool group_is_empty(const uint64_t *e)
{
    return !(READ_ONCE(e[0]) | READ_ONCE(e[1]) | READ_ONCE(e[2]) | READ_ONCE(e[3]) | READ_ONCE(e[4]) | READ_ONCE(e[5]) |
             READ_ONCE(e[6]) | READ_ONCE(e[7]));
}

/* The first slot from i on that may hold something; PT_ENTRIES: none. */
static inline unsigned int skip_empty(const uint64_t *table, unsigned int i)
{
    while (i % GROUP == 0 && i < PT_ENTRIES && group_is_empty(&table[i]))
        i += GROUP;
    return i;
}

/* The same downwards: all from the result up to i, which is not looked at, are empty. */
static inline unsigned int skip_empty_below(const uint64_t *table, unsigned int i)
{
    while (i % GROUP == 0 && i && group_is_empty(&table[i - GROUP]))
        i -= GROUP;
    return i;
}

/* A table of level 1: never interrupted. */
static int validate_leaves(struct domain *d, struct page_info *pg)
{
    uint64_t *table = page_to_virt(pg), unusual = leaf_unusual_bits();
    domid_t id = d->id;

    for (unsigned int i = pg->validated; i < PT_ENTRIES; i++) {
        uint64_t entry = READ_ONCE(table[i]), checked = entry;
        int rc;

        if (!entry) {
            i = skip_empty(table, i + 1) - 1;
            continue;
        }
        if (likely((entry & (unusual | PTE_P | PTE_US)) == (PTE_P | PTE_US)) &&
            likely(leaf_get_ordinary(id, entry)))
            continue;
        rc = get_leaf(d, d, &checked);
        if (rc) {
            pg->validated = i;
            return rc;
        }
        if (checked != entry)
            WRITE_ONCE(table[i], checked);
    }
    return 0;
}

static int devalidate_leaves(struct domain *d, struct page_info *pg)
{
    const uint64_t *table = page_to_virt(pg);

    for (unsigned int i = pg->validated; i-- > 0;) {
        uint64_t entry = READ_ONCE(table[i]);

        if (!entry)
            i = skip_empty_below(table, i);
        else if (entry & PTE_P && unlikely(!leaf_put_ordinary(entry)))
            put_leaf(d, entry);
    }
    pg->validated = 0;
    return 0;
}

int pv_validate_table(struct domain *d, struct page_info *pg, unsigned int level)
{
    uint64_t *table = page_to_virt(pg);
    int rc;

    if (level == 1)
        return validate_leaves(d, pg);
    rc = complete_last(pg, table, level);
    if (rc)
        return rc;
    for (unsigned int i = pg->validated; i < PT_ENTRIES; i++) {
        uint64_t entry = READ_ONCE(table[i]), checked = entry;

        if (!entry)
            i = skip_empty(table, i + 1) - 1;
        if (!entry || !slot_is_guests(level, i))
            continue;
        rc = pv_get_entry(d, d, level, &checked);
        if (rc) {
            pg->validated = i;
            return rc;
        }
        if (checked != entry)
            WRITE_ONCE(table[i], checked);
        if (entry & PTE_P && preempt_check()) {
            pg->validated = i + 1;
            return -ERESTART;
        }
    }
    if (level == 4)
        fill_hv_slots(table);
    return 0;
}

int pv_devalidate_table(struct domain *d, struct page_info *pg, unsigned int level, bool preemptible)
{
    const uint64_t *table = page_to_virt(pg);

    if (level == 1)
        return devalidate_leaves(d, pg);
    for (unsigned int i = pg->validated; i-- > 0;) {
        uint64_t entry = READ_ONCE(table[i]);

        if (!entry)
            i = skip_empty_below(table, i);
        if (!(entry & PTE_P) || !slot_is_guests(level, i))
            continue;
        if (pv_put_entry(d, level, entry, preemptible)) {
            pg->validated = i + 1;
            return -ERESTART;
        }
        if (preemptible && preempt_check()) {
            pg->validated = i;
            return -ERESTART;
        }
    }
    pg->validated = 0;
    return 0;
}

int pv_validate_descriptors(struct page_info *pg)
{
    uint64_t *table = page_to_virt(pg);

    for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*table); i++) {
        uint64_t desc = READ_ONCE(table[i]), checked = desc;

        if (!desc)
            continue;
        if (!pv_descriptor_ok(&checked))
            return -EINVAL;
        if (checked != desc)
            WRITE_ONCE(table[i], checked);
    }
    return 0;
}
