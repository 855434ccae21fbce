/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op: how much memory a domain has, and which frames. Long operations keep their progress in the upper
 * bits of the command (MEMOP_EXTENT_SHIFT), which the restarted call gives back and which is checked again
 * like the rest.
 */
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/grant_table.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/memory_op.h>
#include <hv/page_alloc.h>
#include <public/memory.h>

#define MEMOP_EXTENT_SHIFT 6u
#define MEMOP_CMD_MASK ((1u << MEMOP_EXTENT_SHIFT) - 1)
#define RESOURCE_CHUNK 32u

/* --- what several operations need --- */

struct domain *memory_op_domain_get(domid_t id, int *err)
{
    struct domain *self = current->domain, *d = domain_get_remote_or_self(id);

    *err = d ? -EPERM : -ESRCH;
    if (!d || d == self || self->privileged)
        return d;
    domain_put(d);
    return NULL;
}

/* An extent is cleared in one go, with interrupts off. */
unsigned int memory_op_max_order(const struct domain *caller) { return caller->privileged ? 12 : 9; }

bool memory_op_alloc_flags(uint32_t mem_flags, unsigned int *flags)
{
    unsigned int bits = XENMEMF_get_address_bits(mem_flags);

    *flags = PAGE_EXACT_BITS;
    if (!bits || max_mfn.v <= 1ull << (bits > PAGE_SHIFT ? min(bits - PAGE_SHIFT, 63u) : 0))
        return true; /* no limit, or one that all of RAM meets */
    *flags = PAGE_ADDRESS_BITS(bits);
    return bits > PAGE_SHIFT;
}

/* --- reservations: one extent each; false ends the operation with what was done before --- */

struct reservation {
    struct xen_memory_reservation r;
    struct domain *d;
    unsigned int flags;
};

typedef bool extent_fn(struct reservation *res, unsigned long i);

static void set_m2p(struct page_info *pg, unsigned int order, uint64_t pfn)
{
    for (uint64_t i = 0; i < 1ull << order; i++)
        m2p_set(mfn_add(page_to_mfn(pg), i), PFN(pfn == ~0ull ? pfn : pfn + i));
}

static bool increase_extent(struct reservation *res, unsigned long i)
{
    struct page_info *pg = page_alloc_domain(res->d, res->r.extent_order, res->flags);
    xen_pfn_t mfn;

    if (!pg)
        return false;
    mfn = page_to_mfn(pg).v;
    return !res->r.extent_start.p || copy_to_guest_offset(res->r.extent_start, i, &mfn, 1);
}

static bool populate_extent(struct reservation *res, unsigned long i)
{
    struct page_info *pg;
    xen_pfn_t pfn, mfn;

    if (!copy_from_guest_offset(&pfn, res->r.extent_start, i, 1))
        return false;
    pg = page_alloc_domain(res->d, res->r.extent_order, res->flags);
    if (!pg)
        return false;
    set_m2p(pg, res->r.extent_order, pfn);
    mfn = page_to_mfn(pg).v;
    return copy_to_guest_offset(res->r.extent_start, i, &mfn, 1);
}

/*
 * The domain's own reference goes; where the frame is still in use, it is freed with the last use. A frame of
 * hv's that is shared with the domain is not the domain's to give: its reference is hv's.
 */
static bool give_back(struct domain *d, uint64_t frame)
{
    struct page_info *pg;

    if (!mfn_valid(MFN(frame)))
        return false;
    pg = mfn_to_page(MFN(frame));
    if (!page_get(pg, d))
        return false;
    if (READ_ONCE(pg->count) & PGC_XENHEAP) {
        page_put(pg);
        return false;
    }
    m2p_set(MFN(frame), PFN(~0ull));
    if (__atomic_fetch_and(&pg->count, ~PGC_ALLOCATED, __ATOMIC_ACQ_REL) & PGC_ALLOCATED)
        page_put(pg);
    page_put(pg);
    return true;
}

static bool decrease_extent(struct reservation *res, unsigned long i)
{
    xen_pfn_t mfn;

    if (!copy_from_guest_offset(&mfn, res->r.extent_start, i, 1))
        return false;
    for (uint64_t j = 0; j < 1ull << res->r.extent_order; j++)
        if (!give_back(res->d, mfn + j))
            return false;
    return true;
}

static long reservation_op(unsigned long arg, unsigned long start, extent_fn *fn, unsigned long *progress)
{
    struct reservation res;
    unsigned long i;
    int err;

    if (!copy_arg_in(&res.r, arg))
        return start ? (long)start : -EFAULT;
    if (res.r.nr_extents > ~0ul >> MEMOP_EXTENT_SHIFT || start >= res.r.nr_extents)
        return start;
    if (res.r.extent_order > memory_op_max_order(current->domain) ||
        !memory_op_alloc_flags(res.r.mem_flags, &res.flags))
        return start;
    res.d = memory_op_domain_get(res.r.domid, &err);
    if (!res.d)
        return err;
    for (i = start; i < res.r.nr_extents; i++) {
        if (i != start && preempt_check()) {
            *progress = i;
            break;
        }
        if (!fn(&res, i))
            break;
    }
    domain_put(res.d);
    return i;
}

/* --- sizes --- */

static long domain_size_op(unsigned int cmd, unsigned long arg)
{
    struct xen_memory_domain who;
    struct domain *d;
    long rc;
    int err;

    if (!copy_arg_in(&who, arg))
        return -EFAULT;
    d = memory_op_domain_get(who.domid, &err);
    if (!d)
        return err;
    if (cmd == XENMEM_current_reservation)
        rc = d->tot_pages;
    else if (cmd == XENMEM_maximum_reservation)
        rc = d->max_pages;
    else
        rc = READ_ONCE(d->shared_info->arch.max_pfn) - 1;
    domain_put(d);
    return rc;
}

static long claim(unsigned long arg)
{
    struct xen_memory_reservation r;
    struct domain *d;
    int rc;

    if (!current->domain->privileged)
        return -EPERM;
    if (!copy_arg_in(&r, arg))
        return -EFAULT;
    if (r.extent_start.p || r.extent_order || r.mem_flags)
        return -EINVAL;
    d = memory_op_domain_get(r.domid, &rc);
    if (!d)
        return rc;
    rc = page_alloc_claim(d, r.nr_extents);
    domain_put(d);
    return rc;
}

/* --- resources --- */

/* Some frames of a grant table, from frame `first` on. */
static long grant_frames(struct domain *d, const struct xen_mem_acquire_resource *op, unsigned long done,
                         unsigned int n)
{
    xen_pfn_t list[RESOURCE_CHUNK];

    for (unsigned int i = 0; i < n; i++) {
        mfn_t mfn;
        int rc = grant_table_frame(d, op->frame + done + i, &mfn);

        if (rc)
            return rc;
        list[i] = mfn.v;
    }
    return copy_to_guest_offset(op->frame_list, done, list, n) ? 0 : -EFAULT;
}

static long acquire_frames(struct domain *d, const struct xen_mem_acquire_resource *op, unsigned long done,
                           unsigned long *progress)
{
    if (op->frame + op->nr_frames < op->frame || op->frame + op->nr_frames > UINT32_MAX ||
        op->nr_frames > UINT32_MAX >> MEMOP_EXTENT_SHIFT)
        return -EINVAL;
    while (done < op->nr_frames) {
        unsigned int n = min(op->nr_frames - done, (unsigned long)RESOURCE_CHUNK);
        long rc = grant_frames(d, op, done, n);

        if (rc)
            return rc;
        done += n;
        if (done < op->nr_frames && preempt_check()) {
            *progress = done;
            return 0;
        }
    }
    return 0;
}

static long acquire_resource(unsigned long arg, unsigned long done, unsigned long *progress)
{
    struct xen_mem_acquire_resource op;
    struct domain *d;
    long rc = -EINVAL;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (op.pad)
        return -EINVAL;
    if (!current->domain->privileged || op.domid == DOMID_SELF || op.domid == current->domain->id)
        return -EPERM;
    d = domain_get_by_id(op.domid);
    if (!d)
        return -ESRCH;
    if (op.type != XENMEM_resource_grant_table || op.id != XENMEM_resource_grant_table_id_shared) {
        rc = op.type == XENMEM_resource_grant_table ? -EINVAL : -EOPNOTSUPP;
    } else if (op.frame_list.p) {
        rc = acquire_frames(d, &op, done, progress);
    } else if (!op.nr_frames && !done) {
        uint32_t now;

        grant_table_size(d, &now, &op.nr_frames);
        rc = copy_field_out(arg, &op, nr_frames) ? 0 : -EFAULT;
    }
    domain_put(d);
    return rc;
}

/* --- for translated guests only --- */

static long remove_from_physmap(unsigned long arg)
{
    struct xen_remove_from_physmap op;
    struct page_info *pg;
    struct domain *d;
    int rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    d = memory_op_domain_get(op.domid, &rc);
    if (!d)
        return rc;
    pg = arch_get_page_from_gfn(d, op.gpfn);
    if (pg)
        page_put(pg);
    domain_put(d);
    return pg ? 0 : -ENOENT; /* nothing to take out: a PV guest's frame numbers are the machine's */
}

/* --- the call --- */

HYPERCALL(do_memory_op)
{
    unsigned int cmd = a1 & MEMOP_CMD_MASK;
    unsigned long start = (uint32_t)a1 >> MEMOP_EXTENT_SHIFT, progress = 0;
    long rc;

    HYPERCALL_UNUSED(a3, a4, a5, a6);
    switch (cmd) {
    case XENMEM_increase_reservation:
        rc = reservation_op(a2, start, increase_extent, &progress);
        break;
    case XENMEM_decrease_reservation:
        rc = reservation_op(a2, start, decrease_extent, &progress);
        break;
    case XENMEM_populate_physmap:
        rc = reservation_op(a2, start, populate_extent, &progress);
        break;
    case XENMEM_exchange:
        return memory_exchange(a2);
    case XENMEM_maximum_ram_page:
        return max_mfn.v - 1;
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
        return domain_size_op(cmd, a2);
    case XENMEM_claim_pages:
        return claim(a2);
    case XENMEM_acquire_resource:
        rc = acquire_resource(a2, start, &progress);
        break;
    case XENMEM_add_to_physmap:
    case XENMEM_add_to_physmap_batch:
        return -EACCES;
    case XENMEM_remove_from_physmap:
        return remove_from_physmap(a2);
    case XENMEM_get_vnumainfo:
        return -EOPNOTSUPP;
    default:
        return arch_memory_op(cmd, a2);
    }
    if (!progress)
        return rc;
    hypercall_set_arg(1, cmd | progress << MEMOP_EXTENT_SHIFT);
    return -ERESTART;
}
