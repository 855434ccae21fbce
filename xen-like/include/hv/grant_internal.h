/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of a grant table that its files share: grant_table.c (the table and its entries), grant_map.c (mappings and
 * the mapper's track list), grant_copy.c, grant_op.c (the hypercall).
 *
 * A table's lock protects all of it: the shared entries as far as hv writes them, the active entries, and the list of
 * what its domain has mapped of others'. Two tables are locked in the order of their addresses.
 */
#ifndef HV_GRANT_INTERNAL_H
#define HV_GRANT_INTERNAL_H

#include <hv/domain.h>
#include <hv/grant_table.h>
#include <hv/spinlock.h>

#define GRANTS_PER_FRAME (PAGE_SIZE / sizeof(struct grant_entry_v1))
#define TRACKS_PER_FRAME (PAGE_SIZE / sizeof(struct grant_track))
#define TRACK_NONE UINT32_MAX

/* The uses of one entry; all are of one domain and one frame while there is any. */
struct grant_active {
    uint32_t readers, writers; /* mappings and copies under way; a writer is not counted as a reader */
    domid_t user;
    mfn_t mfn;
};

/* One mapping that a domain has of another's page; its index is the handle. */
struct grant_track {
    uint32_t ref;     /* in use: the granter's reference; free: the next free track */
    domid_t granter;
    uint16_t flags;   /* GNTMAP_host_map, _device_map as far as not undone, and _readonly, _contains_pte ...; 0 = free */
};

struct grant_table {
    spinlock_t lock;
    uint32_t nr_frames, max_frames;
    uint64_t uses;                   /* of all entries together */
    bool retired;                    /* the domain is dead: no new uses, and no frames once uses is 0 */
    struct grant_entry_v1 **shared;  /* hv's mapping of each frame of the table */
    struct grant_active **active;    /* GRANTS_PER_FRAME each, beside it */
    uint32_t nr_track_frames, max_track_frames;
    struct grant_track **track;
    uint32_t free_track;
    uint32_t release_cursor;         /* progress of grant_table_release_mappings */
};

static inline struct grant_entry_v1 *grant_shared(const struct grant_table *t, grant_ref_t ref)
{
    return &t->shared[ref / GRANTS_PER_FRAME][ref % GRANTS_PER_FRAME];
}

static inline struct grant_active *grant_active(const struct grant_table *t, grant_ref_t ref)
{
    return &t->active[ref / GRANTS_PER_FRAME][ref % GRANTS_PER_FRAME];
}

static inline bool grant_ref_valid(const struct grant_table *t, grant_ref_t ref)
{
    return ref < (uint64_t)t->nr_frames * GRANTS_PER_FRAME;
}

static inline grant_ref_t grant_ref_clamp(const struct grant_table *t, grant_ref_t ref)
{
    return clamp_index(ref, (uint64_t)t->nr_frames * GRANTS_PER_FRAME);
}

void grant_lock_both(struct grant_table *a, struct grant_table *b);
void grant_unlock_both(struct grant_table *a, struct grant_table *b);

/*
 * Use an entry of granter for user: check it, mark it in the shared entry, count it. The granter's table is locked.
 * On GNTST_okay *page holds a general reference, and the writable type if !readonly, for this use; the caller passes
 * both on or drops them. Undone by grant_release().
 */
int16_t grant_acquire(struct domain *granter, grant_ref_t ref, domid_t user, bool readonly, struct page_info **page);
void grant_release(struct domain *granter, grant_ref_t ref, bool readonly);
void grant_page_put(struct page_info *page, bool readonly);

/* The operations on arrays: done counts the elements finished; 0, -EFAULT, or -ERESTART with the rest left. */
long grant_map_batch(unsigned long uop, unsigned int count, unsigned int *done);
long grant_unmap_batch(unsigned long uop, unsigned int count, unsigned int *done);
long grant_replace_batch(unsigned long uop, unsigned int count, unsigned int *done);
long grant_copy_batch(unsigned long uop, unsigned int count, unsigned int *done);

#endif
