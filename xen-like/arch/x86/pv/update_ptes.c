/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HVOP_update_ptes: many entries of one table of level 1 that follow on each other. They are copied in in
 * bulk and validated while the table stays locked, a chunk at a time; between chunks interrupts are let in,
 * and the table may become something else: it is locked anew, which looks. References are as for any other
 * write (write_entry.c).
 */
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <public/hv.h>

#include "leaf.h"

#define CHUNK 64u

_Static_assert(sizeof(struct hv_update_ptes) == 48, "the ABI's size");

/*
 * One pass over n locked entries; values are the new ones, or for the old ones. *did counts those that are
 * changed.
 */
typedef int pass_fn(struct domain *d, uint64_t *slot, uint64_t *values, unsigned int n, unsigned int *did);

/* The RAM of d's own that an entry maps, or NULL. */
static inline struct page_info *own_page(const struct domain *d, uint64_t entry)
{
    struct page_info *pg = mfn_to_page_or_null(entry_mfn(entry));

    return likely(pg && pg->owner == d->id) ? pg : NULL;
}

/* What maps the same as before with other flags is done here. */
static inline __attribute__((always_inline)) int set_one(struct domain *d, uint64_t *slot, uint64_t entry,
                                                         enum pv_write_mode mode)
{
    uint64_t old = READ_ONCE(*slot), changes = old ^ entry;
    struct page_info *pg;
    int rc;

    if (!(old & entry & PTE_P) || changes & ~(HARMLESS_LEAF | PTE_RW | pte_nx))
        return leaf_write(d, d, slot, old, entry, mode);
    entry = (entry & ~PTE_G) | PTE_US;
    if (!(changes & PTE_RW)) {
        entry_store(slot, old, entry, mode);
        return 0;
    }
    pg = own_page(d, entry);
    if (unlikely(!pg))
        return pv_write_leaf(d, d, slot, old, entry, mode);
    if (entry & PTE_RW) {
        rc = page_get_type(pg, PGT_WRITABLE);
        if (unlikely(rc))
            return rc == -ERESTART ? rc : -EBUSY;
    }
    entry_store(slot, old, entry, mode);
    if (old & PTE_RW)
        page_put_type(pg);
    return 0;
}

static inline __attribute__((always_inline)) int set_all(struct domain *d, uint64_t *slot, const uint64_t *values,
                                                         unsigned int n, unsigned int *did, enum pv_write_mode mode)
{
    int rc = 0;

    for (*did = 0; *did < n; ++*did) {
        rc = set_one(d, &slot[*did], values[*did], mode);
        if (unlikely(rc))
            break;
    }
    return rc;
}

static int set(struct domain *d, uint64_t *slot, uint64_t *values, unsigned int n, unsigned int *did)
{
    return set_all(d, slot, values, n, did, PV_WRITE);
}

static int set_keep_ad(struct domain *d, uint64_t *slot, uint64_t *values, unsigned int n, unsigned int *did)
{
    return set_all(d, slot, values, n, did, PV_WRITE_KEEP_AD);
}

static int clear(struct domain *d, uint64_t *slot, uint64_t *values, unsigned int n, unsigned int *did)
{
    for (*did = 0; *did < n; ++*did) {
        uint64_t old = READ_ONCE(slot[*did]);

        if (old)
            old = __atomic_exchange_n(&slot[*did], 0, __ATOMIC_SEQ_CST);
        values[*did] = old;
        if (old & PTE_P && unlikely(!leaf_put_ordinary(old)))
            pv_put_entry(d, 1, old, false);
    }
    return 0;
}

static int protect(struct domain *d, uint64_t *slot, uint64_t *values, unsigned int n, unsigned int *did)
{
    (void)values;
    for (*did = 0; *did < n; ++*did) {
        uint64_t old = READ_ONCE(slot[*did]);
        struct page_info *pg;
        int rc;

        if ((old & (PTE_P | PTE_RW)) != (PTE_P | PTE_RW))
            continue;
        pg = own_page(d, old);
        if (likely(pg)) {
            __atomic_fetch_and(&slot[*did], ~PTE_RW, __ATOMIC_SEQ_CST);
            page_put_type(pg);
            continue;
        }
        rc = pv_write_leaf(d, d, &slot[*did], old, old & ~PTE_RW, PV_WRITE_KEEP_AD);
        if (rc)
            return rc;
    }
    return 0;
}

static const struct {
    pass_fn *pass;
    bool reads, writes; /* the guest's array */
} modes[] = {
    [HV_PTES_SET] = { set, .reads = true },
    [HV_PTES_SET_KEEP_AD] = { set_keep_ad, .reads = true },
    [HV_PTES_CLEAR] = { clear, .writes = true },
    [HV_PTES_PROTECT] = { protect },
};

/* n entries from number `from` of the call on. */
static int one_chunk(struct domain *d, const struct hv_update_ptes *op, unsigned int from, unsigned int n,
                     unsigned int *did)
{
    struct page_info *pg = mfn_to_page(MFN(op->ptr >> PAGE_SHIFT));
    unsigned int mode = clamp_index(op->mode, ARRAY_SIZE(modes));
    unsigned int first = (op->ptr & ~PAGE_MASK) / sizeof(uint64_t) + from;
    uint64_t values[CHUNK], *array = (uint64_t *)op->entries + from;
    int rc;

    *did = 0;
    if (modes[mode].reads && arch_copy_from_guest(values, array, n * sizeof(values[0])))
        return -EFAULT;
    if (!page_lock_l1_table(pg, d->id))
        return -EINVAL;
    rc = modes[mode].pass(d, (uint64_t *)page_to_virt(pg) + first, values, n, did);
    page_unlock_table(pg);
    if (modes[mode].writes && op->entries && arch_copy_to_guest(array, values, n * sizeof(values[0])))
        return -EFAULT;
    return rc;
}

static bool op_ok(const struct hv_update_ptes *op, unsigned long done)
{
    unsigned int first = (op->ptr & ~PAGE_MASK) / sizeof(uint64_t);

    return !(op->ptr % sizeof(uint64_t)) && mfn_to_page_or_null(MFN(op->ptr >> PAGE_SHIFT)) &&
           op->mode < ARRAY_SIZE(modes) && !op->reserved && op->count && op->count <= PT_ENTRIES - first && done < op->count;
}

long pv_update_ptes(struct vcpu *v, unsigned long arg, unsigned long done, unsigned long unused)
{
    struct hv_update_ptes op;
    unsigned int did;
    int rc = 0;

    (void)unused;
    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    if (!op_ok(&op, done))
        return -EINVAL;
    while (done < op.count && !rc) {
        rc = one_chunk(v->domain, &op, done, min((unsigned int)(op.count - done), CHUNK), &did);
        done += did;
        if (!rc && done < op.count && preempt_check())
            rc = -ERESTART;
    }
    if (rc == -ERESTART) {
        hypercall_set_arg(3, done);
        return rc;
    }
    if (!pv_flush_as_asked(v, op.va, op.count, op.flush) && !rc)
        rc = -EFAULT;
    op.done = done;
    if (rc && !copy_field_out(arg, &op, done))
        rc = -EFAULT;
    return rc;
}
