/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmuext_op: pinning tables, changing roots, flushing TLBs and caches, the LDT, clearing and copying frames.
 */
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/string.h>

#define PREEMPTED 0x80000000u /* in count: this call continues one, whose progress is at *done already */
#define LDT_ENTRIES_MAX 8192u
#define BETWEEN_CHECKS 4u /* operations until interrupts are let in: what takes long lets them in by itself */

struct target {
    struct vcpu *v;
    struct domain *owner; /* of the frames; the caller's domain or, for some operations, another */
};

typedef int mmuext_fn(struct target *t, const struct mmuext_op *op);

static struct page_info *frame_get(struct target *t, uint64_t mfn)
{
    struct page_info *pg = mfn_to_page_or_null(MFN(mfn));

    return pg && page_get_id(pg, t->owner->id) ? pg : NULL;
}

/* --- pinning: one reference of either kind that belongs to the frame's PINNED bit --- */

static bool clear_pinned(struct page_info *pg)
{
    return __atomic_fetch_and(&pg->type, ~PGT_PINNED, __ATOMIC_ACQ_REL) & PGT_PINNED;
}

static bool set_pinned(struct page_info *pg)
{
    return __atomic_fetch_or(&pg->type, PGT_PINNED, __ATOMIC_ACQ_REL) & PGT_PINNED;
}

/* Drop the references of a pin that was just cleared; when interrupted it is a pin again. */
static int drop_pin(struct page_info *pg)
{
    int rc = page_put_type_preemptible(pg);

    if (rc)
        set_pinned(pg);
    else
        page_put(pg);
    return rc;
}

static int pin(struct target *t, const struct mmuext_op *op)
{
    struct page_info *pg = frame_get(t, op->arg1.mfn);
    int rc;

    if (!pg)
        return -EINVAL;
    rc = page_get_type_undoing(pg, op->cmd - MMUEXT_PIN_L1_TABLE + PGT_L1_TABLE);
    if (rc)
        goto put;
    if (set_pinned(pg)) {
        page_put_type(pg); /* not the last: the pin that is there has one */
        rc = -EINVAL;
        goto put;
    }
    /* A dying domain's frames may have been looked through for pins already. */
    if (READ_ONCE(t->owner->dying) != DOMAIN_ALIVE && clear_pinned(pg))
        return drop_pin(pg);
    return 0;
put:
    page_put(pg);
    return rc;
}

static int unpin(struct target *t, const struct mmuext_op *op)
{
    struct page_info *pg = frame_get(t, op->arg1.mfn);
    int rc = -EINVAL;

    if (!pg)
        return -EINVAL;
    if (clear_pinned(pg))
        rc = drop_pin(pg);
    else if (page_drop_kept(pg)) /* what is left of a pin that was not continued */
        rc = -ERESTART;
    page_put(pg);
    return rc;
}

/* --- roots --- */

static int new_kernel_root(struct target *t, const struct mmuext_op *op)
{
    struct vcpu *v = t->v;
    int rc;

    if (!op->arg1.mfn)
        return -EINVAL;
    if (op->arg1.mfn == v->arch.kernel_root.v) {
        tlb_flush_local();
        return 0;
    }
    rc = pv_set_root(v, false, MFN(op->arg1.mfn));
    if (rc)
        return rc;
    pv_ldt_drop(v); /* its frames were found through the old root */
    pv_load_root(v);
    return 0;
}

static int new_user_root(struct target *t, const struct mmuext_op *op)
{
    struct vcpu *v = t->v;

    return op->arg1.mfn == v->arch.user_root.v ? 0 : pv_set_root(v, true, MFN(op->arg1.mfn));
}

/* --- flushing --- */

static int flush_local(struct target *t, const struct mmuext_op *op)
{
    (void)t;
    if (op->cmd == MMUEXT_TLB_FLUSH_LOCAL)
        tlb_flush_local();
    else
        tlb_flush_page_mask(cpumask_of(arch_cpu_id()), op->arg1.linear_addr);
    return 0;
}

static int flush_multi(struct target *t, const struct mmuext_op *op)
{
    cpumask_t cpus;

    if (!pv_vcpumask_to_cpus(t->owner, op->arg2.vcpumask.p, &cpus))
        return -EINVAL;
    if (op->cmd == MMUEXT_TLB_FLUSH_MULTI)
        tlb_flush_guest_mask(cpus);
    else
        tlb_flush_guest_page_mask(cpus, op->arg1.linear_addr);
    return 0;
}

static int flush_all(struct target *t, const struct mmuext_op *op)
{
    cpumask_t cpus = cpumask_read(&t->owner->dirty_cpus);

    if (op->cmd == MMUEXT_TLB_FLUSH_ALL)
        tlb_flush_guest_mask(cpus);
    else
        tlb_flush_guest_page_mask(cpus, op->arg1.linear_addr);
    return 0;
}

static int flush_cache(struct target *t, const struct mmuext_op *op)
{
    if (!t->owner->arch.has_devices)
        return -EACCES;
    arch_cache_flush_all(op->cmd == MMUEXT_FLUSH_CACHE ? cpumask_of(arch_cpu_id()) : arch_online_cpus());
    return 0;
}

/* --- the LDT --- */

static int set_ldt(struct target *t, const struct mmuext_op *op)
{
    struct vcpu *v = t->v;
    uint64_t base = op->arg1.linear_addr;
    uint32_t entries = op->arg2.nr_ents;

    if (entries > LDT_ENTRIES_MAX || base & ~PAGE_MASK)
        return -EINVAL;
    if (!pv_address_ok(base) || !pv_address_ok(base + entries * 8ul))
        return -EINVAL;
    if (v->arch.ldt_base == base && v->arch.ldt_entries == entries)
        return 0;
    pv_ldt_drop(v);
    v->arch.ldt_base = base;
    v->arch.ldt_entries = entries;
    pv_load_ldt(v);
    return 0;
}

/* --- contents --- */

static struct page_info *writable_get(struct target *t, uint64_t mfn)
{
    struct page_info *pg = frame_get(t, mfn);

    if (pg && page_get_type(pg, PGT_WRITABLE)) {
        page_put(pg);
        return NULL;
    }
    return pg;
}

static int clear_page(struct target *t, const struct mmuext_op *op)
{
    struct page_info *to = writable_get(t, op->arg1.mfn);

    if (!to)
        return -EINVAL;
    memset(page_to_virt(to), 0, PAGE_SIZE);
    page_put_and_type(to);
    return 0;
}

static int copy_page(struct target *t, const struct mmuext_op *op)
{
    struct page_info *from = frame_get(t, op->arg2.src_mfn), *to;
    int rc = -EINVAL;

    if (!from)
        return -EINVAL;
    to = writable_get(t, op->arg1.mfn);
    if (to) {
        memmove(page_to_virt(to), page_to_virt(from), PAGE_SIZE);
        page_put_and_type(to);
        rc = 0;
    }
    page_put(from);
    return rc;
}

static int not_offered(struct target *t, const struct mmuext_op *op)
{
    (void)t;
    (void)op;
    return -EOPNOTSUPP;
}

/* --- the table --- */

static const struct {
    mmuext_fn *fn;
    bool foreign; /* may be about another domain's frames */
} ops[] = {
    [MMUEXT_PIN_L1_TABLE] = { pin, true },
    [MMUEXT_PIN_L2_TABLE] = { pin, true },
    [MMUEXT_PIN_L3_TABLE] = { pin, true },
    [MMUEXT_PIN_L4_TABLE] = { pin, true },
    [MMUEXT_UNPIN_TABLE] = { unpin, true },
    [MMUEXT_NEW_BASEPTR] = { new_kernel_root, false },
    [MMUEXT_TLB_FLUSH_LOCAL] = { flush_local, false },
    [MMUEXT_INVLPG_LOCAL] = { flush_local, false },
    [MMUEXT_TLB_FLUSH_MULTI] = { flush_multi, false },
    [MMUEXT_INVLPG_MULTI] = { flush_multi, false },
    [MMUEXT_TLB_FLUSH_ALL] = { flush_all, false },
    [MMUEXT_INVLPG_ALL] = { flush_all, false },
    [MMUEXT_FLUSH_CACHE] = { flush_cache, false },
    [MMUEXT_SET_LDT] = { set_ldt, false },
    [MMUEXT_NEW_USER_BASEPTR] = { new_user_root, false },
    [MMUEXT_CLEAR_PAGE] = { clear_page, true },
    [MMUEXT_COPY_PAGE] = { copy_page, true },
    [MMUEXT_FLUSH_CACHE_GLOBAL] = { flush_cache, false },
    [MMUEXT_MARK_SUPER] = { not_offered, true },
    [MMUEXT_UNMARK_SUPER] = { not_offered, true },
};

static int one_op(struct target *t, const struct mmuext_op *op)
{
    unsigned int cmd = clamp_index(op->cmd, ARRAY_SIZE(ops));

    if (op->cmd >= ARRAY_SIZE(ops) || !ops[cmd].fn)
        return -ENOSYS;
    if (!ops[cmd].foreign && t->owner != t->v->domain)
        return -EPERM;
    return ops[cmd].fn(t, op);
}

HYPERCALL(do_mmuext_op)
{
    struct target t = { .v = current };
    XEN_GUEST_HANDLE(const struct mmuext_op) list = { (const struct mmuext_op *)a1 };
    XEN_GUEST_HANDLE(uint32_t) done = { (uint32_t *)a3 };
    uint32_t count = a2 & ~PREEMPTED, i, before = 0, total;
    int rc = pv_finish_release(t.v);

    HYPERCALL_UNUSED(a5, a6);
    if (rc)
        return rc; /* the very same call again */
    if (a2 & PREEMPTED && done.p && !copy_from_guest(&before, done, 1))
        return -EFAULT;
    t.owner = pv_frame_owner_get(t.v->domain, a4, &rc);
    if (!t.owner)
        return rc;
    for (i = 0; i < count && !rc;) {
        struct mmuext_op op;

        if (i && (arch_work() || (!(i % BETWEEN_CHECKS) && preempt_check())))
            rc = -ERESTART;
        else if (!copy_from_guest_offset(&op, list, i, 1))
            rc = -EFAULT;
        else
            rc = one_op(&t, &op);
        if (rc)
            break;
        i++;
        rc = pv_finish_release(t.v);
    }
    pv_frame_owner_put(t.v->domain, t.owner);
    total = before + i;
    if (done.p && !copy_to_guest(done, &total, 1))
        rc = rc && rc != -ERESTART ? rc : -EFAULT;
    if (rc == -ERESTART) {
        hypercall_set_arg(1, a1 + i * sizeof(struct mmuext_op));
        hypercall_set_arg(2, (count - i) | PREEMPTED);
    }
    return rc;
}
