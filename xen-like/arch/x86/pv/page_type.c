/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a frame is used as. The type word of a frame changes only by compare and exchange; its states are:
 *
 *   unused      count 0. The last type stays noted, since changing it needs a flush of stale translations.
 *   locked      count 1, LOCKED, not VALIDATED: one CPU flushes and validates, or takes apart; others wait.
 *   in use      count > 0, VALIDATED; LOCKED only while entries of a table are written.
 *   partial     count 1, PARTIAL, not LOCKED: entries below `validated` hold their references, and perhaps the
 *               one at `validated` - 1 leads to a partial table. Whoever comes next takes up the work, in
 *               either direction: page_get_type() of that type validates the rest, the holder's
 *               page_put_type_preemptible() undoes the rest.
 *
 * A partial frame's one reference belongs to the caller who was dropping it, or with KEPT to the frame
 * itself: then nobody may come back, the frame keeps itself from being freed, and a later operation on it as
 * something else undoes it first. So an operation that its guest never continues loses nothing and breaks
 * nothing.
 *
 * Locks are taken from higher levels to lower ones. Undoing what was KEPT begins at any level, so it is never
 * done while a table is locked.
 */
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>

static uint64_t type_read(struct page_info *pg) { return __atomic_load_n(&pg->type, __ATOMIC_ACQUIRE); }

static bool type_swap(struct page_info *pg, uint64_t *seen, uint64_t to)
{
    return __atomic_compare_exchange_n(&pg->type, seen, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* Clear and set bits, the count included: for the CPU that has the frame locked. */
static uint64_t type_change(struct page_info *pg, uint64_t clear, uint64_t set)
{
    uint64_t seen = type_read(pg);

    while (!type_swap(pg, &seen, (seen & ~clear) | set))
        ;
    return seen;
}

static uint64_t wait_unlocked(struct page_info *pg)
{
    uint64_t seen;

    while ((seen = type_read(pg)) & PGT_LOCKED) {
        smp_poll();
        arch_relax();
    }
    return seen;
}

static bool is_table(uint64_t type)
{
    return page_type_of(type) >= PGT_L1_TABLE && page_type_of(type) <= PGT_L4_TABLE;
}

/* --- locked: validating and taking apart --- */

static void flush_stale(struct page_info *pg)
{
    bool foreign = READ_ONCE(pg->count) & PGC_FOREIGN;

    tlb_flush_since(foreign ? arch_online_cpus() : cpumask_read(&page_owner(pg)->dirty_cpus), pg->tlb_stamp);
}

static int validate(struct page_info *pg, enum page_type type)
{
    switch (type) {
    case PGT_WRITABLE:
        return 0;
    case PGT_SEG_DESC:
        return pv_validate_descriptors(pg);
    case PGT_L1_TABLE ... PGT_L4_TABLE:
        return pv_validate_table(page_owner(pg), pg, type);
    default:
        return -EINVAL;
    }
}

/* Nothing of it is validated any more and the one reference is given up: unlock as unused. */
static void finish_unused(struct page_info *pg)
{
    uint64_t was;

    pg->tlb_stamp = tlb_clock_now();
    was = type_change(pg, PGT_LOCKED | PGT_PARTIAL | PGT_VALIDATED | PGT_KEPT | PGT_COUNT_MASK, 0);
    if (was & PGT_KEPT)
        page_put(pg);
}

/* Unlock as partial; who has the one reference? Nobody else if fresh: then the frame keeps it. */
static void finish_partial(struct page_info *pg, bool fresh)
{
    if (fresh)
        BUG_ON(!page_get_owner_and_reference(pg)); /* the caller holds one, so there is an owner */
    type_change(pg, PGT_LOCKED, PGT_PARTIAL | (fresh ? PGT_KEPT : 0));
}

/*
 * The frame is locked with a count of 1: fresh, or partial from before. Validate (the rest of) it. On success
 * the caller has a type reference.
 */
static int validate_locked(struct page_info *pg, enum page_type type, bool fresh)
{
    int rc = validate(pg, type);
    uint64_t was;

    if (!rc) {
        pg->validated = 0;
        was = type_read(pg);
        /* The kept reference becomes the caller's; one that somebody is about to drop stays his. */
        type_change(pg, PGT_LOCKED | PGT_PARTIAL | PGT_KEPT | PGT_COUNT_MASK,
                    PGT_VALIDATED | (fresh || was & PGT_KEPT ? 1 : 2));
        if (was & PGT_KEPT)
            page_put(pg);
        return 0;
    }
    if (rc != -ERESTART && type <= PGT_L4_TABLE &&
        !pv_devalidate_table(page_owner(pg), pg, type, true) && (fresh || type_read(pg) & PGT_KEPT)) {
        finish_unused(pg);
        return rc;
    }
    if (type > PGT_L4_TABLE)
        finish_unused(pg);
    else
        finish_partial(pg, fresh);
    return rc;
}

/* Somebody left the frame partial as another type and may never come back: undo that. 0: try again. */
static int undo_kept(struct page_info *pg, uint64_t seen)
{
    if (!type_swap(pg, &seen, seen | PGT_LOCKED))
        return 0;
    if (pv_devalidate_table(page_owner(pg), pg, page_type_of(seen), true)) {
        type_change(pg, PGT_LOCKED, 0);
        return -ERESTART;
    }
    finish_unused(pg);
    return 0;
}

int page_drop_kept(struct page_info *pg)
{
    uint64_t seen;
    int rc = 0;

    while ((seen = wait_unlocked(pg)) & PGT_KEPT && !rc)
        rc = undo_kept(pg, seen);
    return rc;
}

/* --- taking --- */

/* From unused. Returns false if the word has changed meanwhile. */
static bool take_unused(struct page_info *pg, uint64_t *seen, enum page_type type, int *rc)
{
    enum page_type was = page_type_of(*seen);
    uint64_t to = (uint64_t)type << PGT_TYPE_SHIFT | 1;

    *rc = 0;
    if (was == type && *seen & PGT_VALIDATED) /* its contents cannot have changed since */
        return type_swap(pg, seen, *seen + 1);
    if (was == PGT_NONE && type == PGT_WRITABLE)
        return type_swap(pg, seen, to | PGT_VALIDATED);
    if (!type_swap(pg, seen, to | PGT_LOCKED))
        return false;
    if (was != PGT_NONE && was != type)
        flush_stale(pg);
    pg->validated = 0;
    *rc = validate_locked(pg, type, true);
    return true;
}

int page_get_type_slow(struct page_info *pg, enum page_type type)
{
    uint64_t seen = __atomic_load_n(&pg->type, __ATOMIC_RELAXED);
    int rc;

    for (;;) {
        if (!(seen & PGT_COUNT_MASK)) {
            if (take_unused(pg, &seen, type, &rc))
                return rc;
        } else if (page_type_of(seen) != type) {
            return -EINVAL;
        } else if (likely(seen & PGT_VALIDATED)) {
            if ((seen & PGT_COUNT_MASK) == PGT_COUNT_MASK)
                return -EINVAL;
            if (type_swap(pg, &seen, seen + 1))
                return 0;
        } else if (seen & PGT_LOCKED) {
            seen = wait_unlocked(pg);
        } else if (type_swap(pg, &seen, seen | PGT_LOCKED)) {
            return validate_locked(pg, type, false);
        }
    }
}

int page_get_type_undoing(struct page_info *pg, enum page_type type)
{
    int rc = page_get_type(pg, type);
    uint64_t seen = type_read(pg);

    if (rc != -EINVAL || !(seen & PGT_KEPT) || page_type_of(seen) == type)
        return rc;
    rc = page_drop_kept(pg);
    return rc ? rc : page_get_type(pg, type);
}

/* --- dropping --- */

/* The last reference of a table. False if the word has changed meanwhile. */
static bool put_last_table(struct page_info *pg, uint64_t *seen, bool preemptible, int *rc)
{
    bool whole = *seen & PGT_VALIDATED;

    if (!type_swap(pg, seen, (*seen & ~PGT_VALIDATED) | PGT_PARTIAL | PGT_LOCKED))
        return false;
    if (whole)
        pg->validated = PT_ENTRIES;
    *rc = pv_devalidate_table(page_owner(pg), pg, page_type_of(*seen), preemptible);
    if (*rc)
        type_change(pg, PGT_LOCKED, 0);
    else
        finish_unused(pg);
    return true;
}

static int put_type(struct page_info *pg, bool preemptible)
{
    uint64_t seen = __atomic_load_n(&pg->type, __ATOMIC_RELAXED);
    int rc;

    for (;;) {
        BUG_ON(!(seen & PGT_COUNT_MASK));
        if ((seen & PGT_COUNT_MASK) == 1) {
            if (seen & PGT_LOCKED) { /* entries are being written, or somebody validates the rest */
                seen = wait_unlocked(pg);
                continue;
            }
            if (is_table(seen)) {
                if (put_last_table(pg, &seen, preemptible, &rc))
                    return rc;
                continue;
            }
            pg->tlb_stamp = tlb_clock_now();
        }
        if (type_swap(pg, &seen, seen - 1))
            return 0;
    }
}

void page_put_type_slow(struct page_info *pg)
{
    int rc = put_type(pg, false);

    BUG_ON(rc);
}

int page_put_type_preemptible(struct page_info *pg) { return put_type(pg, true); }

/* --- both references --- */

int page_get_and_type(struct page_info *pg, struct domain *d, enum page_type type)
{
    int rc;

    if (!page_get_id(pg, d->id))
        return -EINVAL;
    rc = page_get_type(pg, type);
    if (rc)
        page_put(pg);
    return rc;
}

/* --- writing entries --- */

bool page_lock_table_slow(struct page_info *pg, enum page_type *type)
{
    uint64_t seen = __atomic_load_n(&pg->type, __ATOMIC_RELAXED);

    for (;;) {
        if (!is_table(seen) || !(seen & PGT_COUNT_MASK))
            return false;
        if (seen & PGT_LOCKED)
            seen = wait_unlocked(pg);
        else if (!(seen & PGT_VALIDATED))
            return false;
        else if (type_swap(pg, &seen, seen | PGT_LOCKED))
            break;
    }
    *type = page_type_of(seen);
    return true;
}

bool page_lock_l1_table_slow(struct page_info *pg)
{
    enum page_type type;

    if (!page_lock_table_slow(pg, &type))
        return false;
    if (type == PGT_L1_TABLE)
        return true;
    page_unlock_table(pg);
    return false;
}
