/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant_table_op: version 1 of the table. The operations on many elements stop when something waits and are made again
 * with what is left of the array; the others take one element.
 */
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/grant_internal.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

/* Another domain's table is for the privileged. A reference, or NULL and *status. */
static struct domain *table_owner(domid_t id, int16_t *status)
{
    struct domain *self = current->domain, *d;

    *status = GNTST_permission_denied;
    if (id != DOMID_SELF && id != self->id && !self->privileged)
        return NULL;
    *status = GNTST_bad_domain;
    d = domain_get_remote_or_self(id);
    return d;
}

static long setup_table(unsigned long arg)
{
    struct gnttab_setup_table op;
    struct domain *d;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    d = table_owner(op.dom, &op.status);
    if (d) {
        op.status = grant_table_grow(d, op.nr_frames) ? GNTST_general_error : GNTST_okay;
        for (uint32_t i = 0; op.status == GNTST_okay && i < op.nr_frames; i++) {
            xen_pfn_t frame = virt_to_mfn(d->grants->shared[i]).v;

            if (!copy_to_guest_offset(op.frame_list, i, &frame, 1))
                op.status = GNTST_bad_virt_addr;
        }
        domain_put(d);
    }
    return copy_field_out(arg, &op, status) ? 0 : -EFAULT;
}

static long query_size(unsigned long arg)
{
    struct gnttab_query_size op;
    struct domain *d;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    d = table_owner(op.dom, &op.status);
    if (d) {
        grant_table_size(d, &op.nr_frames, &op.max_nr_frames);
        op.status = GNTST_okay;
        domain_put(d);
    }
    return copy_arg_out(arg, &op) ? 0 : -EFAULT;
}

static long set_version(unsigned long arg)
{
    struct gnttab_set_version op;
    long rc = 0;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.version == 2)
        rc = -ENOSYS;
    else if (op.version != 1)
        rc = -EINVAL;
    op.version = 1;
    return copy_arg_out(arg, &op) ? rc : -EFAULT;
}

static long get_version(unsigned long arg)
{
    struct gnttab_get_version op;
    struct domain *d;
    int16_t status;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    d = table_owner(op.dom, &status);
    if (!d)
        return status == GNTST_bad_domain ? -ESRCH : -EPERM;
    domain_put(d);
    op.version = 1;
    return copy_field_out(arg, &op, version) ? 0 : -EFAULT;
}

static long grant_swap_batch(unsigned long uop, unsigned int count, unsigned int *done)
{
    XEN_GUEST_HANDLE(struct gnttab_swap_grant_ref) ops = { (void *)uop };
    struct gnttab_swap_grant_ref op;

    for (*done = 0; *done < count; ++*done) {
        if (*done && preempt_check())
            return -ERESTART;
        if (!copy_from_guest_offset(&op, ops, *done, 1))
            return -EFAULT;
        op.status = grant_swap(current->domain, op.ref_a, op.ref_b);
        if (!copy_to_guest_offset(ops, *done, &op, 1))
            return -EFAULT;
    }
    return 0;
}

/* Part of one of the caller's own pages. The whole call fails with the first that does. */
static long cache_flush(const struct gnttab_cache_flush *op)
{
    struct domain *d = current->domain, *owner;
    struct page_info *pg;
    mfn_t mfn = MFN(op->a.dev_bus_addr >> PAGE_SHIFT);

    if ((uint32_t)op->offset + op->length > PAGE_SIZE || (op->op & GNTTAB_CACHE_SOURCE_GREF) ||
        (op->op & ~(GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL)))
        return op->op & GNTTAB_CACHE_SOURCE_GREF ? -EOPNOTSUPP : -EINVAL;
    if (!op->length || !op->op)
        return 0;
    if (!mfn_valid(mfn))
        return -EPERM;
    pg = mfn_to_page(mfn);
    owner = page_get_owner_and_reference(pg);
    if (!owner)
        return -EPERM;
    if (owner == d)
        arch_cache_flush((char *)page_to_virt(pg) + op->offset, op->length);
    page_put(pg);
    return owner == d ? 0 : -EPERM;
}

static long grant_cache_flush_batch(unsigned long uop, unsigned int count, unsigned int *done)
{
    XEN_GUEST_HANDLE(struct gnttab_cache_flush) ops = { (void *)uop };
    struct gnttab_cache_flush op;

    for (*done = 0; *done < count; ++*done) {
        long rc;

        if (*done && preempt_check())
            return -ERESTART;
        if (!copy_from_guest_offset(&op, ops, *done, 1))
            return -EFAULT;
        rc = cache_flush(&op);
        if (rc)
            return rc;
    }
    return 0;
}

static const struct {
    long (*batch)(unsigned long uop, unsigned int count, unsigned int *done);
    size_t size; /* of an element */
    long (*single)(unsigned long arg);
} rows[] = {
    [GNTTABOP_map_grant_ref] = { grant_map_batch, sizeof(struct gnttab_map_grant_ref), NULL },
    [GNTTABOP_unmap_grant_ref] = { grant_unmap_batch, sizeof(struct gnttab_unmap_grant_ref), NULL },
    [GNTTABOP_unmap_and_replace] = { grant_replace_batch, sizeof(struct gnttab_unmap_and_replace), NULL },
    [GNTTABOP_copy] = { grant_copy_batch, sizeof(struct gnttab_copy), NULL },
    [GNTTABOP_swap_grant_ref] = { grant_swap_batch, sizeof(struct gnttab_swap_grant_ref), NULL },
    [GNTTABOP_cache_flush] = { grant_cache_flush_batch, sizeof(struct gnttab_cache_flush), NULL },
    [GNTTABOP_setup_table] = { NULL, 0, setup_table },
    [GNTTABOP_query_size] = { NULL, 0, query_size },
    [GNTTABOP_set_version] = { NULL, 0, set_version },
    [GNTTABOP_get_version] = { NULL, 0, get_version },
};

HYPERCALL(do_grant_table_op)
{
    unsigned int count = a3, done = 0;
    long rc;

    HYPERCALL_UNUSED(a4, a5, a6);
    if ((int)count < 0)
        return -EINVAL;
    if (a1 >= ARRAY_SIZE(rows))
        return -ENOSYS;
    a1 = clamp_index(a1, ARRAY_SIZE(rows));
    if (!rows[a1].batch && !rows[a1].single)
        return -ENOSYS;
    if (rows[a1].single)
        return count == 1 ? rows[a1].single(a2) : -EINVAL;
    if (!arch_guest_range_ok((void *)a2, count * rows[a1].size))
        return -EFAULT;
    rc = rows[a1].batch(a2, count, &done);
    if (rc == -ERESTART) {
        hypercall_set_arg(2, a2 + done * rows[a1].size);
        hypercall_set_arg(3, count - done);
    }
    return rc;
}
