/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XENMEM_exchange: a domain gives frames and gets as many others, contiguous or at low addresses, for devices
 * that want them so. It is done in chunks, each all or nothing: a chunk is the larger of an extent given and
 * one got.
 *
 * The frames of a chunk are taken from the domain first (nothing else may refer to them), the new ones are
 * allocated and assigned, and only then are the old ones freed: up to there, everything can be put back.
 */
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/memory_op.h>
#include <hv/page_alloc.h>
#include <public/memory.h>

struct exchange {
    struct xen_memory_exchange op;
    struct domain *d;
    unsigned int flags;
    unsigned int in_extents, out_extents; /* of a chunk */
    struct page_list given; /* not assigned any more; each keeps its PFN in the M2P */
    struct page_list got;   /* the first frame of each block, not yet assigned */
};

/* --- taking and putting back --- */

static void put_back(struct exchange *x)
{
    struct page_info *pg;

    while ((pg = page_list_pop(&x->got)))
        page_free(pg, x->op.out.extent_order);
    while ((pg = page_list_pop(&x->given)))
        if (page_assign(pg, x->d)) /* dying, or over its limit by its own doing meanwhile */
            page_free_stolen(pg);
}

static int steal_extent(struct exchange *x, unsigned long i)
{
    xen_pfn_t mfn;

    if (!copy_from_guest_offset(&mfn, x->op.in.extent_start, i, 1))
        return -EFAULT;
    for (uint64_t j = 0; j < 1ull << x->op.in.extent_order; j++) {
        struct page_info *pg;

        if (!mfn_valid(MFN(mfn + j)))
            return -EINVAL;
        pg = mfn_to_page(MFN(mfn + j));
        if (page_steal(pg, x->d))
            return -EINVAL;
        page_list_push(&x->given, pg);
    }
    return 0;
}

/* Memory first: that there is none so low is the usual failure, for guests try one address limit after another. */
static int take_chunk(struct exchange *x, unsigned long chunk)
{
    for (unsigned int i = 0; i < x->out_extents; i++) {
        struct page_info *pg;
        xen_pfn_t pfn;

        if (!copy_from_guest_offset(&pfn, x->op.out.extent_start, chunk * x->out_extents + i, 1))
            return -EFAULT; /* nowhere to say what it got: it must not lose what it gives */
        pg = page_alloc(x->op.out.extent_order, x->flags);
        if (!pg)
            return -ENOMEM;
        page_list_push_back(&x->got, pg);
    }
    for (unsigned int i = 0; i < x->in_extents; i++) {
        int rc = steal_extent(x, chunk * x->in_extents + i);

        if (rc)
            return rc;
    }
    return 0;
}

/* --- giving --- */

static int give_extent(struct exchange *x, struct page_info *pg, unsigned long i)
{
    xen_pfn_t pfn, mfn = page_to_mfn(pg).v;
    bool has_pfn = copy_from_guest_offset(&pfn, x->op.out.extent_start, i, 1);

    for (uint64_t j = 0; j < 1ull << x->op.out.extent_order; j++) {
        if (page_assign(pg + j, x->d)) {
            for (; j < 1ull << x->op.out.extent_order; j++)
                page_free(pg + j, 0);
            return -EINVAL; /* dying: it will not miss them */
        }
        if (has_pfn)
            m2p_set(MFN(mfn + j), PFN(pfn + j));
    }
    return has_pfn && copy_to_guest_offset(x->op.out.extent_start, i, &mfn, 1) ? 0 : -EFAULT;
}

static int one_chunk(struct exchange *x, unsigned long chunk)
{
    int rc = take_chunk(x, chunk);
    struct page_info *pg;

    if (rc) {
        put_back(x);
        return rc;
    }
    for (unsigned int i = 0; (pg = page_list_pop(&x->got)); i++) {
        int failed = give_extent(x, pg, chunk * x->out_extents + i);

        rc = rc ? rc : failed;
    }
    while ((pg = page_list_pop(&x->given)))
        page_free_stolen(pg);
    return rc;
}

/* --- the operation --- */

static int check(struct exchange *x)
{
    const struct xen_memory_reservation *in = &x->op.in, *out = &x->op.out;
    unsigned int order = max(in->extent_order, out->extent_order);

    if (order > memory_op_max_order(current->domain))
        return -EPERM;
    if (in->nr_extents > ~0ul >> (in->extent_order + 6) ||
        out->nr_extents > ~0ul >> (out->extent_order + 6) ||
        in->nr_extents << in->extent_order != out->nr_extents << out->extent_order)
        return -EINVAL;
    x->in_extents = 1u << (order - in->extent_order);
    x->out_extents = 1u << (order - out->extent_order);
    if (in->domid != out->domid || x->op.nr_exchanged > in->nr_extents ||
        x->op.nr_exchanged % x->in_extents ||
        in->nr_extents % x->in_extents || out->nr_extents % x->out_extents)
        return -EINVAL;
    return memory_op_alloc_flags(out->mem_flags, &x->flags) ? 0 : -ENOMEM;
}

long memory_exchange(unsigned long arg)
{
    struct exchange x = { .flags = 0 };
    unsigned long first, chunk;
    int rc;

    if (!copy_arg_in(&x.op, arg))
        return -EFAULT;
    rc = check(&x);
    if (rc)
        return rc;
    x.d = memory_op_domain_get(x.op.in.domid, &rc);
    if (!x.d)
        return rc;
    rc = 0;
    first = chunk = x.op.nr_exchanged / x.in_extents;
    for (; chunk < x.op.in.nr_extents / x.in_extents && !rc; chunk++) {
        if (chunk != first && preempt_check()) {
            rc = -ERESTART; /* nr_exchanged says where to go on */
            break;
        }
        rc = one_chunk(&x, chunk);
        if (rc)
            break;
    }
    domain_put(x.d);
    x.op.nr_exchanged = chunk * x.in_extents;
    if (!copy_field_out(arg, &x.op, nr_exchanged))
        return -EFAULT;
    return rc;
}
