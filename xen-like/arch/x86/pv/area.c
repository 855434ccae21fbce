/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A vCPU's shared area (public/hv.h), by which user mode and the guest's kernel reach each other without
 * frames on the kernel's stack and the iret hypercall. entry_area.S has the usual ways in and out, bounce.c
 * and iret.c the rest.
 *
 * The area lies in a frame that its vCPU holds as writable, so it is there for hv through the direct map
 * whatever the guest does to its own mappings. What hv reads from it is read once, and is no more trusted
 * than an iret frame: it only ever becomes the state of user mode.
 */
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/errno.h>
#include <hv/vcpu_op.h>
#include <public/hv.h>

_Static_assert(sizeof(struct hv_vcpu_area) == 128, "the ABI's size");
_Static_assert(offsetof(struct hv_vcpu_area, timer_armed) - offsetof(struct hv_vcpu_area, timer_wanted) ==
               offsetof(struct vcpu_timer_share, armed), "the timer's part of it");

/* Where user mode enters by n; all of it where a guest may run. */
static bool entries_ok(uint64_t at)
{
    return pv_address_ok(at) && pv_address_ok(at + HV_USER_ENTRIES * HV_USER_ENTRY_SIZE - 1);
}

void pv_area_drop(struct vcpu *v)
{
    struct page_info *pg = v->arch.area_page;

    v->arch.area = NULL;
    v->arch.area_page = NULL;
    if (v->timer_share)
        vcpu_share_timer(v, NULL);
    if (pg)
        page_put_and_type(pg);
}

long pv_area_register(struct vcpu *v, unsigned long at, unsigned long user_entry, unsigned long unused)
{
    struct page_info *pg;
    int rc;

    (void)unused;
    if (!at) {
        pv_area_drop(v);
        return 0;
    }
    if (at % 64 || (at & ~PAGE_MASK) > PAGE_SIZE - sizeof(struct hv_vcpu_area) || !entries_ok(user_entry) ||
        !mfn_valid(MFN(at >> PAGE_SHIFT)))
        return -EINVAL;
    pg = mfn_to_page(MFN(at >> PAGE_SHIFT));
    rc = page_get_and_type(pg, v->domain, PGT_WRITABLE);
    if (rc)
        return rc;
    pv_area_drop(v);
    v->arch.area_page = pg;
    v->arch.area = (struct hv_vcpu_area *)((char *)page_to_virt(pg) + (at & ~PAGE_MASK));
    v->arch.user_entry = user_entry;
    if (pv_features() >> HV_FEATURE_timer & 1)
        vcpu_share_timer(v, (struct vcpu_timer_share *)&v->arch.area->timer_wanted);
    return 0;
}
