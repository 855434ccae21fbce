/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking back the memory of a domain that will not run again. What holds a frame is dropped: roots, pins,
 * work that was left half done, the domain's own reference. As tables cannot refer to tables of their own
 * level or above, everything then comes apart by itself. Frames that others still map stay until these let
 * go.
 *
 * The list is walked by moving its first frame to its end; relinquish_cursor counts frames in a row with
 * nothing left to drop, and a last look decides.
 */
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/hypercall.h>

#define FRAMES_PER_CHECK 64u

static bool is_held_by_domain(const struct page_info *pg)
{
    return READ_ONCE(pg->count) & PGC_ALLOCATED || READ_ONCE(pg->type) & (PGT_PINNED | PGT_KEPT);
}

static int drop_pin(struct page_info *pg)
{
    if (!(__atomic_fetch_and(&pg->type, ~PGT_PINNED, __ATOMIC_ACQ_REL) & PGT_PINNED))
        return 0;
    if (page_put_type_preemptible(pg)) {
        __atomic_fetch_or(&pg->type, PGT_PINNED, __ATOMIC_ACQ_REL);
        return -ERESTART;
    }
    page_put(pg);
    return 0;
}

/* One frame, on which the caller has a reference. */
static int release(struct page_info *pg)
{
    int rc = drop_pin(pg);

    if (!rc)
        rc = page_drop_kept(pg);
    if (!rc && __atomic_fetch_and(&pg->count, ~PGC_ALLOCATED, __ATOMIC_ACQ_REL) & PGC_ALLOCATED)
        page_put(pg);
    return rc;
}

/* The next frame to look at, referenced. NULL: it is just being freed. */
static struct page_info *next_frame(struct domain *d)
{
    struct page_info *pg;

    spin_lock(&d->page_lock);
    pg = page_list_pop(&d->page_list);
    if (pg) {
        page_list_push_back(&d->page_list, pg);
        if (!page_get(pg, d))
            pg = NULL;
    }
    spin_unlock(&d->page_lock);
    return pg;
}

static bool all_released(struct domain *d)
{
    struct page_info *pg;
    bool done = true;

    spin_lock(&d->page_lock);
    for (pg = page_list_first(&d->page_list); pg && done; pg = page_list_next(&d->page_list, pg))
        done = !is_held_by_domain(pg);
    spin_unlock(&d->page_lock);
    return done;
}

static int release_frames(struct domain *d)
{
    for (unsigned int n = 1; d->arch.relinquish_cursor < READ_ONCE(d->page_list.count); n++) {
        struct page_info *pg = next_frame(d);

        if (pg) {
            int rc = release(pg);

            page_put(pg);
            if (rc)
                return rc;
        }
        d->arch.relinquish_cursor++;
        if (pg && READ_ONCE(pg->owner) != d->id) /* that was the last reference: the list is shorter now */
            d->arch.relinquish_cursor--;
        if (n % FRAMES_PER_CHECK == 0 && preempt_check())
            return -ERESTART;
    }
    return 0;
}

int arch_relinquish_memory(struct domain *d)
{
    struct vcpu *v;
    int rc;

    for_each_vcpu(d, v) {
        pv_ldt_drop(v);
        pv_area_drop(v);
        rc = pv_drop_roots(v);
        if (rc)
            return rc;
    }
    rc = release_frames(d);
    if (rc)
        return rc;
    d->arch.relinquish_cursor = 0;
    return all_released(d) ? 0 : -ERESTART;
}
