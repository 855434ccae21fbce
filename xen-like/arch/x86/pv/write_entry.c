/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing one entry of a table in use. The caller has locked the table, so only the CPU's own accessed and dirty
 * bits change under our hands. References for the new entry are taken first, then the entry is written, then
 * those of the old one are dropped: at no time does a CPU see an entry without its references.
 *
 * The write is a locked instruction: the TLB clock is read for the old frame's stamp after it, and a CPU that
 * flushes later than that must not find the old entry.
 */
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include "leaf.h"

#define AD_BITS (PTE_A | PTE_D)
/* Bits whose change changes no reference and no right that hv relies on. */
#define HARMLESS_LEAF (PTE_US | AD_BITS | PTE_SOFT | PTE_G)
#define HARMLESS_TABLE (PTE_US | PTE_RW | AD_BITS | PTE_SOFT)

static bool store(uint64_t *slot, uint64_t old, uint64_t entry, enum pv_write_mode mode)
{
    uint64_t seen = old;

    switch (mode) {
    case PV_WRITE:
        __atomic_store_n(slot, entry, __ATOMIC_SEQ_CST);
        return true;
    case PV_WRITE_KEEP_AD:
        while (!__atomic_compare_exchange_n(slot, &seen, entry | (seen & AD_BITS), false, __ATOMIC_SEQ_CST,
                                            __ATOMIC_RELAXED))
            ;
        return true;
    default:
        return __atomic_compare_exchange_n(slot, &seen, entry, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    }
}

/* Both entries map the same frame of frame_owner, and differ in being writable. */
static int change_writable(struct page_info *pg, uint64_t *slot, uint64_t old, uint64_t entry,
                           enum pv_write_mode mode)
{
    if (entry & PTE_RW) {
        int rc = page_get_type(pg, PGT_WRITABLE);

        if (rc)
            return rc == -ERESTART ? rc : -EBUSY;
    }
    if (!store(slot, old, entry, mode)) {
        if (entry & PTE_RW)
            page_put_type(pg);
        return -EAGAIN;
    }
    if (old & PTE_RW)
        page_put_type(pg);
    return 0;
}

static bool only_writable_changes(uint64_t old, uint64_t entry, const struct domain *frame_owner)
{
    mfn_t mfn = MFN((old & PTE_ADDR_MASK) >> PAGE_SHIFT);

    return !((old ^ entry) & ~(HARMLESS_LEAF | PTE_RW | pte_nx)) && mfn_valid(mfn) &&
           mfn_to_page(mfn)->owner == frame_owner->id && frame_owner != dom_io;
}

static void drop_old(struct vcpu *v, struct domain *d, unsigned int level, uint64_t old)
{
    if (level == 1 && (!(old & PTE_P) || likely(leaf_put_ordinary(old))))
        return;
    if (pv_put_entry(d, level, old, true))
        v->arch.old_root = (old & PTE_ADDR_MASK) >> PAGE_SHIFT;
}

int pv_write_entry(struct vcpu *v, struct domain *table_owner, struct domain *frame_owner, unsigned int level,
                   uint64_t *slot, uint64_t entry, enum pv_write_mode mode, const uint64_t *expected)
{
    uint64_t old = expected ? *expected : READ_ONCE(*slot);
    uint64_t harmless = (level == 1 ? HARMLESS_LEAF : HARMLESS_TABLE) | pte_nx;
    int rc;

    if (old & entry & PTE_P) {
        if (!((old ^ entry) & ~harmless))
            return store(slot, old, (entry & ~PTE_G) | PTE_US, mode) ? 0 : -EAGAIN;
        if (level == 1 && only_writable_changes(old, entry, frame_owner))
            return change_writable(mfn_to_page(MFN((old & PTE_ADDR_MASK) >> PAGE_SHIFT)), slot, old,
                                   (entry & ~PTE_G) | PTE_US, mode);
    }
    if (level == 1 && likely((entry & (leaf_unusual_bits() | PTE_P)) == PTE_P) && frame_owner == table_owner &&
        likely(leaf_get_ordinary(frame_owner->id, entry))) {
        entry |= PTE_US;
    } else {
        rc = pv_get_entry(table_owner, frame_owner, level, &entry);
        if (rc)
            return rc;
    }
    if (!store(slot, old, entry, mode)) {
        drop_old(v, table_owner, level, entry);
        return -EAGAIN;
    }
    drop_old(v, table_owner, level, old);
    return 0;
}

/* --- finding an entry by address --- */

static mfn_t table_below(mfn_t table, unsigned long va, unsigned int level)
{
    uint64_t entry = READ_ONCE(((const uint64_t *)mfn_to_virt(table))[pt_index(va, level)]);
    mfn_t below = MFN((entry & PTE_ADDR_MASK) >> PAGE_SHIFT);

    return entry & PTE_P && mfn_valid(below) ? below : MFN(0);
}

/*
 * Upper levels are read without locks, and may change while we look: what counts is that the table found at the end is
 * an L1 table of this domain when it is locked. Anything read on the way is a number, checked for being RAM.
 */
static uint64_t *lock_l1e(struct vcpu *v, mfn_t mfn, unsigned long va, struct page_info **table)
{
    enum page_type type;

    if (!pv_address_ok(va))
        return NULL;
    for (unsigned int level = 4; level > 1 && mfn.v; level--)
        mfn = table_below(mfn, va, level);
    if (!mfn.v)
        return NULL;
    *table = mfn_to_page(mfn);
    if (!page_get(*table, v->domain))
        return NULL;
    if (page_lock_table(*table, &type)) {
        if (type == PGT_L1_TABLE)
            return (uint64_t *)mfn_to_virt(mfn) + pt_index(va, 1);
        page_unlock_table(*table);
    }
    page_put(*table);
    return NULL;
}

uint64_t *pv_lock_l1e(struct vcpu *v, unsigned long va, struct page_info **table)
{
    return lock_l1e(v, v->arch.guest_kernel ? v->arch.kernel_root : v->arch.user_root, va, table);
}

bool pv_read_kernel_l1e(struct vcpu *v, unsigned long va, uint64_t *entry)
{
    struct page_info *table;
    uint64_t *slot = lock_l1e(v, v->arch.kernel_root, va, &table);

    if (!slot)
        return false;
    *entry = READ_ONCE(*slot);
    page_unlock_table(table);
    page_put(table);
    return *entry & PTE_P;
}

/* --- arguments that several hypercalls have --- */

struct domain *pv_frame_owner_get(domid_t id, int *err)
{
    struct domain *self = current->domain, *d;

    if (id == DOMID_SELF)
        return self;
    if (id != DOMID_IO && !self->privileged) {
        *err = -EPERM;
        return NULL;
    }
    if (id == DOMID_IO)
        d = domain_get(dom_io) ? dom_io : NULL;
    else if (id == DOMID_XEN)
        d = domain_get(dom_xen) ? dom_xen : NULL;
    else /* the ABI has one name for oneself here */
        d = id == self->id ? NULL : domain_get_by_id(id);
    if (!d)
        *err = -ESRCH;
    return d;
}

void pv_frame_owner_put(struct domain *d)
{
    if (d != current->domain)
        domain_put(d);
}

bool pv_vcpumask_to_cpus(struct domain *d, const void *bitmap, cpumask_t *cpus)
{
    uint8_t bytes[MAX_VCPUS / 8] = { 0 };

    *cpus = CPUMASK_NONE;
    if (arch_copy_from_guest(bytes, bitmap, ROUND_DIV(min(d->max_vcpus, MAX_VCPUS), 8u)))
        return false;
    for (unsigned int i = 0; i < d->max_vcpus && i < MAX_VCPUS; i++) {
        uint32_t cpu = bytes[i / 8] >> i % 8 & 1 && d->vcpu[i] ? READ_ONCE(d->vcpu[i]->arch.loaded_on) : NR_CPUS;

        if (cpu < NR_CPUS)
            *cpus = cpumask_or(*cpus, cpumask_of(cpu));
    }
    return true;
}
