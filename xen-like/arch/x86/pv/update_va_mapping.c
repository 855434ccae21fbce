/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * update_va_mapping: write the L1 entry of an address in the caller's own address space, and flush what is
 * asked for.
 */
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/hypercall.h>

#include "leaf.h"
#include "walk.h"

#define PAGES_MAX 8u /* more are not worth an INVLPG each */

bool pv_flush_as_asked(struct vcpu *v, unsigned long va, unsigned int n, unsigned long flags)
{
    unsigned long type = flags & UVMF_FLUSHTYPE_MASK, whom = flags & ~UVMF_FLUSHTYPE_MASK;
    cpumask_t cpus;

    if (type == UVMF_NONE)
        return true;
    if (whom == UVMF_LOCAL)
        cpus = cpumask_of(arch_cpu_id());
    else if (whom == UVMF_ALL)
        cpus = cpumask_read(&v->domain->dirty_cpus);
    else if (!pv_vcpumask_to_cpus(v->domain, (const void *)whom, &cpus))
        return false;
    if (type == UVMF_TLB_FLUSH || (type == UVMF_INVLPG && n > PAGES_MAX))
        tlb_flush_guest_mask(cpus);
    else if (type == UVMF_INVLPG)
        for (unsigned int i = 0; i < n; i++)
            tlb_flush_guest_page_mask(cpus, va + i * PAGE_SIZE);
    return true;
}

static long update(struct vcpu *v, unsigned long va, uint64_t entry, unsigned long flags,
                   struct domain *frame_owner)
{
    struct page_info *table;
    uint64_t *slot;
    int rc;

    slot = walk_and_lock(v, va, &table);
    if (!slot)
        return -EINVAL;
    rc = leaf_write(v->domain, frame_owner, slot, READ_ONCE(*slot), entry, PV_WRITE);
    page_unlock_table(table);
    if (rc)
        return rc;
    return pv_flush_as_asked(v, va, 1, flags) ? 0 : -EFAULT;
}

HYPERCALL(do_update_va_mapping)
{
    struct vcpu *v = current;

    HYPERCALL_UNUSED(a4, a5, a6);
    return update(v, a1, a2, a3, v->domain);
}

HYPERCALL(do_update_va_mapping_otherdomain)
{
    struct vcpu *v = current;
    struct domain *frame_owner;
    int err;
    long rc;

    HYPERCALL_UNUSED(a5, a6);
    frame_owner = pv_frame_owner_get(v->domain, a4, &err);
    if (!frame_owner)
        return err;
    rc = update(v, a1, a2, a3, frame_owner);
    pv_frame_owner_put(v->domain, frame_owner);
    return rc;
}
