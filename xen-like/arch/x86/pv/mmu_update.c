/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mmu_update: a batch of writes to page tables. Guests send runs of entries for one table, so the table stays
 * locked from one request to the next as long as they agree; it is released before anything may interrupt.
 */
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

#include "leaf.h"

#define PREEMPTED 0x80000000u /* in count: this call continues one, whose progress is at *done already */
#define CHUNK 32u

struct batch {
    struct vcpu *v;
    struct domain *table_owner, *frame_owner;
    struct page_info *pg; /* the frame that is open, or NULL */
    uint64_t mfn;
    uint64_t *entries;    /* its contents */
    enum page_type type;  /* a table, locked; or PGT_WRITABLE, with both references held: plain data */
};

static inline void close_table(struct batch *b)
{
    if (!b->pg)
        return;
    if (b->type == PGT_WRITABLE)
        page_put_and_type(b->pg);
    else
        page_unlock_table(b->pg);
    b->pg = NULL;
}

static int open_table(struct batch *b, uint64_t mfn)
{
    struct page_info *pg;
    int rc;

    close_table(b);
    pg = mfn_to_page_or_null(MFN(mfn)); /* device memory among RAM has counts of 0 */
    if (!pg)
        return -EINVAL;
    if (!page_lock_table(pg, b->table_owner->id, &b->type)) {
        if (!page_get_id(pg, b->table_owner->id))
            return -EINVAL;
        rc = page_get_type_undoing(pg, PGT_WRITABLE);
        if (rc) {
            page_put(pg);
            return rc;
        }
        b->type = PGT_WRITABLE;
    }
    b->pg = pg;
    b->mfn = mfn;
    b->entries = page_to_virt(pg);
    return 0;
}

static int write_table(struct batch *b, uint64_t ptr, uint64_t val, enum pv_write_mode mode)
{
    unsigned int slot = (ptr & ~PAGE_MASK) / sizeof(uint64_t);
    uint64_t *entry;

    if (!b->pg || b->mfn != ptr >> PAGE_SHIFT) {
        int rc = open_table(b, ptr >> PAGE_SHIFT);

        if (rc)
            return rc;
    }
    entry = &b->entries[slot];
    if (likely(b->type == PGT_L1_TABLE))
        return leaf_write(b->table_owner, b->frame_owner, entry, READ_ONCE(*entry), val, mode);
    if (b->type == PGT_WRITABLE) {
        WRITE_ONCE(*entry, val);
        return 0;
    }
    if (b->type == PGT_L4_TABLE && !pv_root_slot_is_guests(slot))
        return -EINVAL;
    return pv_write_entry(b->v, b->table_owner, b->frame_owner, b->type, entry, val, mode);
}

static int write_m2p(struct batch *b, uint64_t ptr, uint64_t pfn)
{
    mfn_t mfn = MFN(ptr >> PAGE_SHIFT);

    if (!mfn_valid(mfn) || !page_get(mfn_to_page(mfn), b->frame_owner))
        return -EINVAL;
    m2p_set(mfn, PFN(pfn));
    page_put(mfn_to_page(mfn));
    return 0;
}

static int one_request(struct batch *b, const struct mmu_update *req)
{
    unsigned int cmd = req->ptr & 7;

    switch (cmd) {
    case MMU_NORMAL_PT_UPDATE:
    case MMU_PT_UPDATE_NO_TRANSLATE:
        return write_table(b, req->ptr - cmd, req->val, PV_WRITE);
    case MMU_PT_UPDATE_PRESERVE_AD:
        return write_table(b, req->ptr - cmd, req->val, PV_WRITE_KEEP_AD);
    case MMU_MACHPHYS_UPDATE:
        return write_m2p(b, req->ptr, req->val);
    default:
        return -ENOSYS;
    }
}

/*
 * Requests of one chunk, as many as could be read. *done counts those that succeeded. A table that the last
 * one let go of is finished before the next, which could let go of another.
 */
static int one_chunk(struct batch *b, unsigned long guest, unsigned int n, unsigned int *done)
{
    struct mmu_update req[CHUNK];
    unsigned int readable = n;
    size_t missing = 0;
    int rc = 0;

    if (n > 1 || unlikely(!arch_get_guest(req, (const void *)guest, sizeof(*req)))) {
        missing = arch_copy_from_guest(req, (const void *)guest, n * sizeof(*req));
        readable = (n * sizeof(*req) - missing) / sizeof(*req);
    }

    for (unsigned int i = 0; i < readable && !rc; i++) {
        rc = one_request(b, &req[i]);
        if (!rc) {
            (*done)++;
            if (unlikely(b->v->arch.old_root)) {
                close_table(b);
                rc = pv_finish_release(b->v);
            }
        }
    }
    close_table(b);
    return rc ? rc : missing ? -EFAULT : 0;
}

/* The domain whose tables are written: the high half of foreigndom is its number plus 1, 0 is the caller. */
static struct domain *table_owner_get(struct domain *self, uint32_t which, int *err)
{
    struct domain *d;

    if (!which || which - 1 == self->id)
        return self;
    d = domain_get_by_id(which - 1);
    *err = d ? -EPERM : -ESRCH;
    if (!d || self->privileged)
        return d;
    domain_put(d);
    return NULL;
}

static int get_owners(struct batch *b, uint32_t foreign)
{
    int rc;

    b->frame_owner = pv_frame_owner_get(b->v->domain, foreign, &rc);
    if (!b->frame_owner)
        return rc;
    b->table_owner = table_owner_get(b->v->domain, foreign >> 16, &rc);
    if (b->table_owner)
        return 0;
    pv_frame_owner_put(b->v->domain, b->frame_owner);
    return rc;
}

HYPERCALL(do_mmu_update)
{
    struct batch b;
    uint32_t count = a2 & ~PREEMPTED, i = 0, before = 0, total;
    XEN_GUEST_HANDLE(uint32_t) done = { (uint32_t *)a3 };
    int rc;

    HYPERCALL_UNUSED(a5, a6);
    b.v = current;
    b.pg = NULL;
    rc = pv_finish_release(b.v);
    if (rc)
        return rc; /* the very same call again */
    if (a2 & PREEMPTED && done.p && !copy_from_guest(&before, done, 1))
        return -EFAULT;
    rc = get_owners(&b, a4);
    if (rc)
        goto report; /* callers go by *done even then */
    while (i < count) {
        unsigned int did = 0;

        rc = one_chunk(&b, a1 + i * sizeof(struct mmu_update), min(count - i, CHUNK), &did);
        i += did;
        if (!rc && i < count && preempt_check())
            rc = -ERESTART;
        if (rc)
            break;
    }
    pv_frame_owner_put(b.v->domain, b.table_owner);
    pv_frame_owner_put(b.v->domain, b.frame_owner);
report:
    total = before + i;
    if (done.p && !copy_to_guest(done, &total, 1))
        rc = rc && rc != -ERESTART ? rc : -EFAULT;
    if (rc == -ERESTART) {
        hypercall_set_arg(1, a1 + i * sizeof(struct mmu_update));
        hypercall_set_arg(2, (count - i) | PREEMPTED);
    }
    return rc;
}
