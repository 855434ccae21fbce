/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tool stack's operations that know x86 or PV: hypercall pages, what type a frame has, and that a domU has no
 * hardware of its own.
 */
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/domctl.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <public/domctl.h>

#define INFO_BATCH_MAX 1024u /* what one call may take without a break */

static long hypercall_init(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    mfn_t mfn = MFN(op->u.hypercall_init.gmfn);
    struct page_info *pg;

    (void)arg;
    (void)copyback;
    if (!mfn_valid(mfn))
        return -EACCES;
    pg = mfn_to_page(mfn);
    if (page_get_and_type(pg, d, PGT_WRITABLE))
        return -EACCES;
    pv_hypercall_page_init(page_to_virt(pg));
    page_put_and_type(pg);
    return 0;
}

static long set_address_size(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)d;
    (void)arg;
    (void)copyback;
    return op->u.address_size.size == 64 ? 0 : -EINVAL;
}

static long get_address_size(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)d;
    (void)arg;
    op->u.address_size.size = 64;
    *copyback = true;
    return 0;
}

static xen_pfn_t frame_kind(struct domain *d, mfn_t mfn)
{
    struct page_info *pg;
    xen_pfn_t kind = XEN_DOMCTL_PFINFO_NOTAB;
    uint64_t type;

    if (!mfn_valid(mfn))
        return XEN_DOMCTL_PFINFO_XTAB;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, d))
        return XEN_DOMCTL_PFINFO_XTAB;
    type = READ_ONCE(pg->type);
    if ((type & PGT_COUNT_MASK) && type >> PGT_TYPE_SHIFT >= PGT_L1_TABLE && type >> PGT_TYPE_SHIFT <= PGT_L4_TABLE)
        kind = (type >> PGT_TYPE_SHIFT) << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
    if (type & PGT_PINNED)
        kind |= XEN_DOMCTL_PFINFO_LPINTAB;
    page_put(pg);
    return kind;
}

static long frame_info(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct xen_domctl_getpageframeinfo3 *info = &op->u.getpageframeinfo3;

    (void)arg;
    (void)copyback;
    if (info->num > INFO_BATCH_MAX)
        return -E2BIG;
    for (uint64_t i = 0; i < info->num; i++) {
        xen_pfn_t frame;

        if (!copy_from_guest_offset(&frame, info->array, i, 1))
            return -EFAULT;
        frame = frame_kind(d, MFN(frame));
        if (!copy_to_guest_offset(info->array, i, &frame, 1))
            return -EFAULT;
    }
    return 0;
}

static long no_devices(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)d;
    (void)op;
    (void)arg;
    (void)copyback;
    return -EOPNOTSUPP;
}

static long tsc_info(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    op->u.tsc_info = (struct xen_domctl_tsc_info){ .tsc_mode = d->arch.tsc_mode };
    *copyback = true;
    return 0;
}

static const struct {
    uint32_t cmd;
    domctl_fn *handler;
} rows[] = {
    { XEN_DOMCTL_hypercall_init, hypercall_init },
    { XEN_DOMCTL_set_address_size, set_address_size },
    { XEN_DOMCTL_get_address_size, get_address_size },
    { XEN_DOMCTL_getpageframeinfo3, frame_info },
    { XEN_DOMCTL_iomem_permission, no_devices },
    { XEN_DOMCTL_irq_permission, no_devices },
    { XEN_DOMCTL_ioport_permission, no_devices },
    { XEN_DOMCTL_gettscinfo, tsc_info },
};

long arch_domctl(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].cmd == op->cmd)
            return rows[i].handler(d, op, arg, copyback);
    return -ENOSYS;
}
