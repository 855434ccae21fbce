/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mapping granted pages, and undoing exactly that.
 *
 * Invariant: the page-table entry owns the page's references (a general one, and the writable type if it is
 * writable), as every entry does; the track, found by its handle, says which use of which grant entry the mapping is. A
 * device mapping has references of its own. Unmapping takes the entry away, flushes once for a batch, and only then drops the
 * page and the use: so the granter cannot reuse a page that some CPU still reaches. A track holds a reference to the
 * granter: a guest may overwrite its entry and keep the handle, and the number must not become another domain's meanwhile.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/grant_internal.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/hypercall.h>

#define UNMAP_BATCH 32u
#define MAPPED (GNTMAP_host_map | GNTMAP_device_map)

/* --- tracks; the mapper's table is locked --- */

static struct grant_track *track_of(const struct grant_table *t, grant_handle_t handle)
{
    uint64_t end = (uint64_t)t->nr_track_frames * TRACKS_PER_FRAME;

    if (handle >= end)
        return NULL;
    handle = clamp_index(handle, end);
    return &t->track[handle / TRACKS_PER_FRAME][handle % TRACKS_PER_FRAME];
}

static int add_tracks(struct grant_table *t)
{
    uint32_t first = t->nr_track_frames * TRACKS_PER_FRAME;
    struct grant_track *tracks;

    if (t->nr_track_frames >= t->max_track_frames)
        return -ENOSPC;
    tracks = heap_new_array(struct grant_track, TRACKS_PER_FRAME);
    if (!tracks)
        return -ENOMEM;
    for (uint32_t i = 0; i < TRACKS_PER_FRAME; i++)
        tracks[i].ref = i + 1 < TRACKS_PER_FRAME ? first + i + 1 : t->free_track;
    t->free_track = first;
    t->track[t->nr_track_frames++] = tracks;
    return 0;
}

static struct grant_track *new_track(struct grant_table *t, grant_handle_t *handle)
{
    struct grant_track *track;

    if (t->free_track == TRACK_NONE && add_tracks(t))
        return NULL;
    *handle = t->free_track;
    track = track_of(t, *handle);
    t->free_track = track->ref;
    return track;
}

static void free_track(struct grant_table *t, grant_handle_t handle)
{
    struct grant_track *track = track_of(t, handle);

    track->flags = 0;
    track->ref = t->free_track;
    t->free_track = handle;
}

/* --- mapping --- */

/* The use of the entry that one half of a mapping is: counted, and its page held. */
static int16_t map_half(struct domain *granter, const struct gnttab_map_grant_ref *op, struct page_info **page)
{
    return grant_acquire(granter, op->ref, current->domain->id, op->flags & GNTMAP_readonly, page);
}

static void undo_half(struct domain *granter, const struct gnttab_map_grant_ref *op, struct page_info *page)
{
    bool readonly = op->flags & GNTMAP_readonly;

    grant_page_put(page, readonly);
    grant_release(granter, op->ref, readonly);
}

static int16_t map_locked(struct domain *granter, struct gnttab_map_grant_ref *op)
{
    struct grant_table *mine = current->domain->grants;
    struct page_info *host = NULL, *device = NULL;
    struct grant_track *track = new_track(mine, &op->handle);
    int16_t status;

    if (!track)
        return GNTST_no_device_space;
    if (op->flags & GNTMAP_device_map) {
        status = map_half(granter, op, &device);
        if (status)
            goto free_track;
        op->dev_bus_addr = mfn_to_maddr(page_to_mfn(device)).v;
    }
    if (op->flags & GNTMAP_host_map) {
        status = map_half(granter, op, &host);
        if (status)
            goto undo_device;
        op->dev_bus_addr = mfn_to_maddr(page_to_mfn(host)).v;
        status = arch_grant_map(current, op->host_addr, page_to_mfn(host), op->flags);
        if (status)
            goto undo_host;
    }
    track->ref = op->ref;
    track->granter = granter->id;
    track->flags = op->flags & (MAPPED | GNTMAP_readonly | GNTMAP_application_map | GNTMAP_contains_pte);
    return GNTST_okay;

undo_host:
    undo_half(granter, op, host);
undo_device:
    if (device)
        undo_half(granter, op, device);
free_track:
    free_track(mine, op->handle);
    return status;
}

static int16_t map_one(struct gnttab_map_grant_ref *op)
{
    struct domain *self = current->domain, *granter;
    int16_t status;

    if (!(op->flags & MAPPED))
        return GNTST_bad_gntref;
    if ((op->flags & GNTMAP_contains_pte) && !(op->flags & GNTMAP_host_map))
        return GNTST_general_error;
    granter = domain_get_remote_or_self(op->dom);
    if (!granter)
        return GNTST_bad_domain;
    grant_lock_both(self->grants, granter->grants);
    status = map_locked(granter, op);
    grant_unlock_both(self->grants, granter->grants);
    if (status)
        domain_put(granter); /* else it is the track's, until that is freed */
    return status;
}

long grant_map_batch(unsigned long uop, unsigned int count, unsigned int *done)
{
    XEN_GUEST_HANDLE(struct gnttab_map_grant_ref) ops = { (void *)uop };
    struct gnttab_map_grant_ref op;

    for (*done = 0; *done < count; ++*done) {
        if (*done && preempt_check())
            return -ERESTART;
        if (!copy_from_guest_offset(&op, ops, *done, 1))
            return -EFAULT;
        op.status = map_one(&op);
        if (!copy_to_guest_offset(ops, *done, &op, 1))
            return -EFAULT;
    }
    return 0;
}

/* --- unmapping --- */

struct unmap {
    uint64_t host_addr, dev_bus_addr, new_addr;
    grant_handle_t handle;
    /* for the second half, after the flush */
    struct domain *granter;      /* referenced; NULL: nothing left to do */
    grant_ref_t ref;
    bool readonly, undone_host, undone_device, last;
    mfn_t mfn;
};

/* Take the mapping away where it can be seen; what it held is kept until the flush. Both tables are locked. */
static int16_t detach_locked(struct grant_track *track, struct unmap *u)
{
    int rc;

    u->ref = track->ref;
    u->readonly = track->flags & GNTMAP_readonly;
    u->mfn = grant_active(u->granter->grants, u->ref)->mfn;
    if (u->dev_bus_addr && (track->flags & GNTMAP_device_map)) {
        if (u->dev_bus_addr >> PAGE_SHIFT != u->mfn.v)
            return GNTST_bad_dev_addr;
        u->undone_device = true;
    }
    if (u->host_addr && (track->flags & GNTMAP_host_map)) {
        rc = arch_grant_unmap(current, u->host_addr, u->mfn, u->new_addr, track->flags);
        if (rc) {
            u->undone_device = false;
            return rc;
        }
        u->undone_host = true;
    }
    track->flags &= ~((u->undone_host ? GNTMAP_host_map : 0) | (u->undone_device ? GNTMAP_device_map : 0));
    u->last = !(track->flags & MAPPED);
    return GNTST_okay;
}

static int16_t detach(struct unmap *u)
{
    struct grant_table *mine = current->domain->grants;
    struct grant_track *track;
    struct grant_track seen;
    int16_t status;

    spin_lock(&mine->lock);
    track = track_of(mine, u->handle);
    seen = track ? *track : (struct grant_track){ 0 };
    spin_unlock(&mine->lock);
    if (!(seen.flags & MAPPED))
        return GNTST_bad_handle;
    u->granter = domain_get_by_id(seen.granter);
    if (!u->granter)
        return GNTST_bad_domain;
    grant_lock_both(mine, u->granter->grants);
    if (!(track->flags & MAPPED) || track->granter != seen.granter || track->ref != seen.ref)
        status = GNTST_bad_handle; /* another vCPU was faster */
    else
        status = detach_locked(track, u);
    grant_unlock_both(mine, u->granter->grants);
    if (status) {
        domain_put(u->granter);
        u->granter = NULL;
    }
    return status;
}

static void finish(struct unmap *u)
{
    struct grant_table *mine = current->domain->grants;

    if (!u->granter)
        return;
    for (unsigned int halves = u->undone_host + u->undone_device; halves; halves--)
        grant_page_put(mfn_to_page(u->mfn), u->readonly);
    grant_lock_both(mine, u->granter->grants);
    for (unsigned int halves = u->undone_host + u->undone_device; halves; halves--)
        grant_release(u->granter, u->ref, u->readonly);
    if (u->last)
        free_track(mine, u->handle);
    grant_unlock_both(mine, u->granter->grants);
    if (u->last)
        domain_put(u->granter);
    domain_put(u->granter);
}

static void flush_and_finish(struct unmap *u, unsigned int n)
{
    bool any = false;

    for (unsigned int i = 0; i < n; i++)
        any |= u[i].undone_host;
    if (any)
        tlb_flush_guest_mask(cpumask_read(&current->domain->dirty_cpus));
    for (unsigned int i = 0; i < n; i++)
        finish(&u[i]);
}

/*
 * Both operations in one form: read gets element i in, write its status out. A batch is finished even when the
 * guest's array faults in the middle.
 */
static long unmap_batch(unsigned int count, unsigned int *done, unsigned long uop,
                        bool (*read)(unsigned long uop, unsigned int i, struct unmap *u),
                        bool (*write)(unsigned long uop, unsigned int i, int16_t status))
{
    struct unmap u[UNMAP_BATCH];
    long rc = 0;

    for (*done = 0; !rc && *done < count;) {
        unsigned int n;

        if (*done && preempt_check())
            return -ERESTART;
        for (n = 0; !rc && n < UNMAP_BATCH && *done < count; ++*done) {
            int16_t status;

            u[n] = (struct unmap){ 0 };
            if (!read(uop, *done, &u[n])) {
                rc = -EFAULT;
                break;
            }
            status = detach(&u[n++]);
            if (!write(uop, *done, status))
                rc = -EFAULT;
        }
        flush_and_finish(u, n);
    }
    return rc;
}

static bool read_unmap(unsigned long uop, unsigned int i, struct unmap *u)
{
    XEN_GUEST_HANDLE(struct gnttab_unmap_grant_ref) ops = { (void *)uop };
    struct gnttab_unmap_grant_ref op;

    if (!copy_from_guest_offset(&op, ops, i, 1))
        return false;
    u->host_addr = op.host_addr;
    u->dev_bus_addr = op.dev_bus_addr;
    u->handle = op.handle;
    return true;
}

static bool write_unmap(unsigned long uop, unsigned int i, int16_t status)
{
    struct gnttab_unmap_grant_ref *op = (struct gnttab_unmap_grant_ref *)uop + i;

    return arch_put_guest(&op->status, &status, sizeof(status));
}

static bool read_replace(unsigned long uop, unsigned int i, struct unmap *u)
{
    XEN_GUEST_HANDLE(struct gnttab_unmap_and_replace) ops = { (void *)uop };
    struct gnttab_unmap_and_replace op;

    if (!copy_from_guest_offset(&op, ops, i, 1))
        return false;
    u->host_addr = op.host_addr;
    u->new_addr = op.new_addr;
    u->handle = op.handle;
    return true;
}

static bool write_replace(unsigned long uop, unsigned int i, int16_t status)
{
    struct gnttab_unmap_and_replace *op = (struct gnttab_unmap_and_replace *)uop + i;

    return arch_put_guest(&op->status, &status, sizeof(status));
}

long grant_unmap_batch(unsigned long uop, unsigned int count, unsigned int *done)
{
    return unmap_batch(count, done, uop, read_unmap, write_unmap);
}

long grant_replace_batch(unsigned long uop, unsigned int count, unsigned int *done)
{
    return unmap_batch(count, done, uop, read_replace, write_replace);
}

/* --- death of the mapper --- */

/*
 * d will not run again. Its page tables still hold the pages that they map, and let go of them when they are taken apart;
 * what must be released here are the uses, and the pages of device mappings.
 */
static void release_track(struct domain *d, struct grant_track *track, grant_handle_t handle)
{
    struct domain *granter = domain_get_by_id(track->granter); /* found: the track has a reference */
    bool readonly = track->flags & GNTMAP_readonly;
    struct page_info *device = NULL;

    if (!granter)
        panic("a grant mapping of a domain that is gone");
    grant_lock_both(d->grants, granter->grants);
    if (track->flags & GNTMAP_device_map) {
        device = mfn_to_page(grant_active(granter->grants, track->ref)->mfn);
        grant_release(granter, track->ref, readonly);
    }
    if (track->flags & GNTMAP_host_map)
        grant_release(granter, track->ref, readonly);
    free_track(d->grants, handle);
    grant_unlock_both(d->grants, granter->grants);
    if (device)
        grant_page_put(device, readonly);
    domain_put(granter);
    domain_put(granter);
}

bool grant_table_release_mappings(struct domain *d)
{
    struct grant_table *t = d->grants;

    for (; t->release_cursor < t->nr_track_frames * TRACKS_PER_FRAME; t->release_cursor++) {
        struct grant_track *track = track_of(t, t->release_cursor);

        if (track->flags & MAPPED)
            release_track(d, track, t->release_cursor);
        if (t->release_cursor % TRACKS_PER_FRAME == TRACKS_PER_FRAME - 1 && preempt_check()) {
            t->release_cursor++;
            return false;
        }
    }
    return true;
}
