/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNTTABOP_copy: bytes from within one page to within another, each either granted or the caller's own. hv copies through its own
 * mapping, so neither side's tables change and nothing is flushed. Each page is held, the target with the writable type,
 * while it is copied.
 */
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/grant_internal.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/string.h>

struct end {
    struct domain *granter;  /* NULL: the caller's own frame */
    grant_ref_t ref;
    struct page_info *page;
    bool readonly;
};

static int16_t open_granted(const struct gnttab_copy_ptr *ptr, struct end *end)
{
    struct domain *granter = domain_get_remote_or_self(ptr->domid);
    int16_t status;

    if (!granter)
        return GNTST_bad_domain;
    spin_lock(&granter->grants->lock);
    status = grant_acquire(granter, ptr->u.ref, current->domain->id, end->readonly, &end->page);
    spin_unlock(&granter->grants->lock);
    if (status) {
        domain_put(granter);
        return status;
    }
    end->granter = granter;
    end->ref = ptr->u.ref;
    return GNTST_okay;
}

static int16_t open_own(const struct gnttab_copy_ptr *ptr, struct end *end)
{
    struct domain *d = current->domain;
    struct page_info *pg;

    if (ptr->domid != DOMID_SELF && ptr->domid != d->id)
        return GNTST_permission_denied;
    if (!mfn_valid(MFN(ptr->u.gmfn)))
        return GNTST_general_error;
    pg = mfn_to_page(MFN(ptr->u.gmfn));
    if (end->readonly ? !page_get(pg, d) : page_get_and_type(pg, d, PGT_WRITABLE))
        return GNTST_general_error;
    end->page = pg;
    return GNTST_okay;
}

static int16_t open_end(const struct gnttab_copy_ptr *ptr, bool granted, bool readonly, struct end *end)
{
    *end = (struct end){ .readonly = readonly };
    return granted ? open_granted(ptr, end) : open_own(ptr, end);
}

static void close_end(struct end *end)
{
    grant_page_put(end->page, end->readonly);
    if (!end->granter)
        return;
    spin_lock(&end->granter->grants->lock);
    grant_release(end->granter, end->ref, end->readonly);
    spin_unlock(&end->granter->grants->lock);
    domain_put(end->granter);
}

static int16_t copy_one(const struct gnttab_copy *op)
{
    struct end source, dest;
    int16_t status;

    if (op->flags & ~(GNTCOPY_source_gref | GNTCOPY_dest_gref))
        return GNTST_general_error;
    if ((uint32_t)op->source.offset + op->len > PAGE_SIZE || (uint32_t)op->dest.offset + op->len > PAGE_SIZE)
        return GNTST_bad_copy_arg;
    status = open_end(&op->source, op->flags & GNTCOPY_source_gref, true, &source);
    if (status)
        return status;
    status = open_end(&op->dest, op->flags & GNTCOPY_dest_gref, false, &dest);
    if (status)
        goto close_source;
    memmove((char *)page_to_virt(dest.page) + op->dest.offset, (char *)page_to_virt(source.page) + op->source.offset,
            op->len);
    close_end(&dest);
close_source:
    close_end(&source);
    return status;
}

long grant_copy_batch(unsigned long uop, unsigned int count, unsigned int *done)
{
    XEN_GUEST_HANDLE(struct gnttab_copy) ops = { (void *)uop };
    struct gnttab_copy op;

    for (*done = 0; *done < count; ++*done) {
        if (*done && preempt_check())
            return -ERESTART;
        if (!copy_from_guest_offset(&op, ops, *done, 1))
            return -EFAULT;
        op.status = copy_one(&op);
        if (!arch_put_guest(&ops.p[*done].status, &op.status, sizeof(op.status)))
            return -EFAULT;
    }
    return 0;
}
