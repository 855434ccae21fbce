/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables: the table that a domain shares with hv, and who uses which entry of it.
 *
 * The shared entry is the granter's memory and may change under hv's eyes: flags and domid are read as one word, and
 * marked in use by a compare-and-exchange against what was checked. From then on hv goes by its own record, the active
 * entry; what the granter writes does not change whose page is mapped or who must be let go of.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/grant_internal.h>
#include <hv/heap.h>
#include <hv/page_alloc.h>
#include <hv/string.h>

#define MARK_TRIES 8u

void grant_lock_both(struct grant_table *a, struct grant_table *b)
{
    spin_lock(a < b ? &a->lock : &b->lock);
    if (a != b)
        spin_lock(a < b ? &b->lock : &a->lock);
}

void grant_unlock_both(struct grant_table *a, struct grant_table *b)
{
    spin_unlock(&a->lock);
    if (a != b)
        spin_unlock(&b->lock);
}

/* --- the entries --- */

/* Flags and domid are one aligned 32-bit word of the entry. */
static uint32_t *header(struct grant_entry_v1 *e) { return (uint32_t *)(void *)e; }

static int16_t mark_in_use(struct grant_entry_v1 *e, domid_t user, bool readonly)
{
    uint32_t seen = __atomic_load_n(header(e), __ATOMIC_SEQ_CST);

    for (unsigned int i = 0; i < MARK_TRIES; i++) {
        uint16_t flags = seen;
        uint32_t want = seen | GTF_reading | (readonly ? 0 : GTF_writing);

        if ((flags & GTF_type_mask) != GTF_permit_access || (flags & GTF_sub_page) || seen >> 16 != user)
            return GNTST_general_error;
        if (!readonly && (flags & GTF_readonly))
            return GNTST_general_error;
        if (__atomic_compare_exchange_n(header(e), &seen, want, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return GNTST_okay;
    }
    return GNTST_general_error; /* the granter keeps changing it */
}

static void unmark(struct grant_entry_v1 *e, const struct grant_active *act)
{
    uint16_t gone = (act->writers ? 0 : GTF_writing) | (act->writers || act->readers ? 0 : GTF_reading);

    __atomic_fetch_and(&e->flags, (uint16_t)~gone, __ATOMIC_SEQ_CST);
}

static int16_t take_page(struct domain *granter, mfn_t mfn, bool readonly, struct page_info **page)
{
    struct page_info *pg;

    if (!mfn_valid(mfn))
        return GNTST_bad_page;
    pg = mfn_to_page(mfn);
    if (readonly ? !page_get(pg, granter) : page_get_and_type(pg, granter, PGT_WRITABLE))
        return GNTST_bad_page;
    *page = pg;
    return GNTST_okay;
}

void grant_page_put(struct page_info *page, bool readonly)
{
    if (readonly)
        page_put(page);
    else
        page_put_and_type(page);
}

int16_t grant_acquire(struct domain *granter, grant_ref_t ref, domid_t user, bool readonly, struct page_info **page)
{
    struct grant_table *t = granter->grants;
    struct grant_entry_v1 *e;
    struct grant_active *act;
    int16_t rc;

    if (!grant_ref_valid(t, ref) || t->retired || granter->dying)
        return GNTST_bad_gntref;
    ref = grant_ref_clamp(t, ref);
    e = grant_shared(t, ref);
    act = grant_active(t, ref);
    if ((act->readers || act->writers) && act->user != user)
        return GNTST_general_error;
    if (act->readers == UINT32_MAX || act->writers == UINT32_MAX)
        return GNTST_general_error;
    rc = mark_in_use(e, user, readonly);
    if (rc)
        return rc;
    if (!act->readers && !act->writers) {
        act->user = user;
        act->mfn = MFN(READ_ONCE(e->frame));
    }
    rc = take_page(granter, act->mfn, readonly, page);
    if (rc) {
        unmark(e, act);
        return rc;
    }
    if (readonly)
        act->readers++;
    else
        act->writers++;
    t->uses++;
    return rc;
}

static void revoke_frames(struct grant_table *t)
{
    for (uint32_t i = 0; i < t->nr_frames; i++) {
        page_unshare(mfn_to_page(virt_to_mfn(t->shared[i])));
        heap_free(t->active[i]);
    }
    t->nr_frames = 0;
}

void grant_release(struct domain *granter, grant_ref_t ref, bool readonly)
{
    struct grant_table *t = granter->grants;
    struct grant_active *act = grant_active(t, ref);

    if (readonly)
        act->readers--;
    else
        act->writers--;
    unmark(grant_shared(t, ref), act);
    t->uses--;
    if (t->retired && !t->uses)
        revoke_frames(t);
}

void grant_table_retire(struct domain *d)
{
    struct grant_table *t = d->grants;

    spin_lock(&t->lock);
    t->retired = true;
    if (!t->uses)
        revoke_frames(t);
    spin_unlock(&t->lock);
}

static bool is_used(const struct grant_table *t, grant_ref_t ref)
{
    const struct grant_active *act = grant_active(t, ref);

    return act->readers || act->writers;
}

static int16_t swap_locked(struct grant_table *t, grant_ref_t a, grant_ref_t b)
{
    struct grant_entry_v1 was_a;

    if (!grant_ref_valid(t, a) || !grant_ref_valid(t, b))
        return GNTST_bad_gntref;
    a = grant_ref_clamp(t, a);
    b = grant_ref_clamp(t, b);
    if (is_used(t, a) || is_used(t, b))
        return GNTST_eagain;
    was_a = *grant_shared(t, a);
    *grant_shared(t, a) = *grant_shared(t, b);
    *grant_shared(t, b) = was_a;
    return GNTST_okay;
}

int16_t grant_swap(struct domain *d, grant_ref_t a, grant_ref_t b)
{
    int16_t rc;

    spin_lock(&d->grants->lock);
    rc = swap_locked(d->grants, a, b);
    spin_unlock(&d->grants->lock);
    return rc;
}

/* --- the table --- */

static int add_frame(struct domain *d)
{
    struct grant_table *t = d->grants;
    struct grant_entry_v1 *shared;
    struct grant_active *active;

    active = heap_new_array(struct grant_active, GRANTS_PER_FRAME);
    if (!active)
        return -ENOMEM;
    shared = page_alloc_virt(0);
    if (!shared) {
        heap_free(active);
        return -ENOMEM;
    }
    page_share_with_guest(mfn_to_page(virt_to_mfn(shared)), d, false);
    t->shared[t->nr_frames] = shared;
    t->active[t->nr_frames] = active;
    t->nr_frames++;
    return 0;
}

int grant_table_grow(struct domain *d, uint32_t frames)
{
    struct grant_table *t = d->grants;
    int rc;

    spin_lock(&t->lock);
    rc = frames > t->max_frames || t->retired ? -EINVAL : 0;
    while (!rc && t->nr_frames < frames)
        rc = add_frame(d);
    spin_unlock(&t->lock);
    return rc;
}

int grant_table_frame(struct domain *d, uint32_t index, mfn_t *mfn)
{
    int rc = index < d->grants->max_frames ? grant_table_grow(d, index + 1) : -EINVAL;

    if (!rc)
        *mfn = virt_to_mfn(d->grants->shared[index]);
    return rc;
}

void grant_table_size(struct domain *d, uint32_t *frames, uint32_t *max)
{
    *frames = READ_ONCE(d->grants->nr_frames);
    *max = d->grants->max_frames;
}

void grant_table_count(struct domain *d, struct grant_counts *counts)
{
    struct grant_table *t = d->grants;

    *counts = (struct grant_counts){ 0 };
    spin_lock(&t->lock);
    for (grant_ref_t ref = 0; grant_ref_valid(t, ref); ref++)
        counts->granted += (READ_ONCE(grant_shared(t, ref)->flags) & GTF_type_mask) == GTF_permit_access;
    for (uint32_t handle = 0; handle < t->nr_track_frames * TRACKS_PER_FRAME; handle++)
        counts->mapped += t->track[handle / TRACKS_PER_FRAME][handle % TRACKS_PER_FRAME].flags != 0;
    counts->used = t->uses;
    spin_unlock(&t->lock);
}

int grant_table_seed(struct domain *d, grant_ref_t ref, domid_t to, pfn_t frame)
{
    struct grant_table *t = d->grants;
    struct grant_entry_v1 *e;
    int rc = -EINVAL;

    spin_lock(&t->lock);
    if (grant_ref_valid(t, ref) && frame.v <= UINT32_MAX) {
        e = grant_shared(t, ref);
        e->frame = frame.v;
        __atomic_store_n(header(e), (uint32_t)to << 16 | GTF_permit_access, __ATOMIC_SEQ_CST);
        rc = 0;
    }
    spin_unlock(&t->lock);
    return rc;
}

int grant_table_create(struct domain *d, uint32_t max_frames, uint32_t max_track_frames)
{
    struct grant_table *t = heap_new(struct grant_table);
    int rc;

    if (!t)
        return -ENOMEM;
    spin_lock_init(&t->lock, LOCK_GRANT);
    t->max_frames = max_frames;
    t->max_track_frames = max_track_frames;
    t->free_track = TRACK_NONE;
    t->shared = heap_new_array(struct grant_entry_v1 *, max_frames + 1);
    t->active = heap_new_array(struct grant_active *, max_frames + 1);
    t->track = heap_new_array(struct grant_track *, max_track_frames + 1);
    d->grants = t;
    rc = -ENOMEM;
    if (t->shared && t->active && t->track)
        rc = max_frames ? grant_table_grow(d, 1) : 0;
    if (rc)
        grant_table_destroy(d);
    return rc;
}

void grant_table_destroy(struct domain *d)
{
    struct grant_table *t = d->grants;

    if (!t)
        return;
    revoke_frames(t); /* none, but for a domain that never lived */
    for (uint32_t i = 0; i < t->nr_track_frames; i++)
        heap_free(t->track[i]);
    heap_free(t->shared);
    heap_free(t->active);
    heap_free(t->track);
    heap_free(t);
    d->grants = NULL;
}
