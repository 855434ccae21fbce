/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing one entry of a table in use. The caller has locked the table, so only the CPU's own accessed and
 * dirty bits change under our hands. References for the new entry are taken first, then the entry is written,
 * then those of the old one are dropped: at no time does a CPU see an entry without its references.
 *
 * The write is a locked instruction: the TLB clock is read for the old frame's stamp after it, and a CPU that
 * flushes later than that must not find the old entry.
 */
#include <arch/pti.h>
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>

#include "leaf.h"

/* --- level 1 --- */

/* Both entries map the same frame of frame_owner, and differ in being writable. */
static int change_writable(struct page_info *pg, uint64_t *slot, uint64_t old, uint64_t entry,
                           enum pv_write_mode mode)
{
    if (entry & PTE_RW) {
        int rc = page_get_type(pg, PGT_WRITABLE);

        if (rc)
            return rc == -ERESTART ? rc : -EBUSY;
    }
    if (!entry_store(slot, old, entry, mode)) {
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
    mfn_t mfn = entry_mfn(old);

    return !((old ^ entry) & ~(HARMLESS_LEAF | PTE_RW | pte_nx)) && mfn_valid(mfn) &&
           mfn_to_page(mfn)->owner == frame_owner->id && frame_owner != dom_io;
}

int leaf_write_unusual(struct domain *table_owner, struct domain *frame_owner, uint64_t *slot, uint64_t old,
                       uint64_t entry, enum pv_write_mode mode)
{
    int rc;

    if (old & entry & PTE_P && only_writable_changes(old, entry, frame_owner))
        return change_writable(mfn_to_page(entry_mfn(old)), slot, old, (entry & ~PTE_G) | PTE_US, mode);
    rc = pv_get_entry(table_owner, frame_owner, 1, &entry);
    if (rc)
        return rc;
    if (!entry_store(slot, old, entry, mode)) {
        leaf_drop(table_owner, entry);
        return -EAGAIN;
    }
    leaf_drop(table_owner, old);
    return 0;
}

int pv_write_leaf(struct domain *table_owner, struct domain *frame_owner, uint64_t *slot, uint64_t old,
                  uint64_t entry, enum pv_write_mode mode)
{
    return leaf_write(table_owner, frame_owner, slot, old, entry, mode);
}

/* --- levels 2 to 4 --- */

static void drop_table(struct vcpu *v, struct domain *d, unsigned int level, uint64_t old)
{
    if (pv_put_entry(d, level, old, true))
        v->arch.old_root = entry_mfn(old).v;
}

int pv_write_entry(struct vcpu *v, struct domain *table_owner, struct domain *frame_owner, unsigned int level,
                   uint64_t *slot, uint64_t entry, enum pv_write_mode mode)
{
    uint64_t old = READ_ONCE(*slot);
    int rc;

    if (level == 1)
        return pv_write_leaf(table_owner, frame_owner, slot, old, entry, mode);
    if (old & entry & PTE_P && !((old ^ entry) & ~(HARMLESS_TABLE | pte_nx))) {
        entry_store(slot, old, entry | PTE_US, mode);
        old = 0;
    } else {
        rc = pv_get_entry(table_owner, frame_owner, level, &entry);
        if (rc)
            return rc;
        entry_store(slot, old, entry, mode);
    }
    if (level == 4)
        pti_root_written(table_owner);
    drop_table(v, table_owner, level, old);
    return 0;
}

/* --- arguments that several hypercalls have --- */

struct domain *pv_frame_owner_get_other(domid_t id, int *err)
{
    struct domain *self = current->domain, *d;

    *err = -ESRCH;
    if (id == self->id) /* the ABI has one name for oneself here */
        return NULL;
    if (id == DOMID_IO || id == DOMID_XEN) {
        d = id == DOMID_IO ? dom_io : dom_xen;
        domain_get(d);
    } else {
        d = domain_get_by_id(id);
    }
    if (d && d != dom_io && !self->privileged) {
        domain_put(d);
        *err = -EPERM;
        return NULL;
    }
    if (d)
        *err = 0;
    return d;
}

bool pv_vcpumask_to_cpus(struct domain *d, const void *bitmap, cpumask_t *cpus)
{
    uint64_t words[MAX_VCPUS / 64] = { 0 };
    unsigned int n = min(d->max_vcpus, MAX_VCPUS);

    *cpus = CPUMASK_NONE;
    if (n <= 8 ? !arch_get_guest(words, bitmap, 1) : arch_copy_from_guest(words, bitmap, ROUND_DIV(n, 8u)) != 0)
        return false;
    for (unsigned int w = 0; w < ARRAY_SIZE(words); w++) {
        for (uint64_t left = words[w]; left; left &= left - 1) {
            const struct vcpu *v = domain_vcpu(d, w * 64 + __builtin_ctzll(left));
            uint32_t cpu = v ? READ_ONCE(v->arch.loaded_on) : NR_CPUS;

            if (cpu < NR_CPUS)
                *cpus = cpumask_or(*cpus, cpumask_of(cpu));
        }
    }
    return true;
}
