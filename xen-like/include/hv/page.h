/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame table: for every frame of RAM its owner, how many references hold it (general count), and what
 * it is used as (exclusive type with its own count).
 *
 * Invariants: a general count above 0 implies an owner that does not change; a type count above 0 implies a
 * general reference held for each; two types never exclude each other's holders: a frame is writable or a
 * page table or a descriptor page, never two of these; a table type that is "validated" means that every
 * entry was checked and holds the references that it needs. The type reference is taken (PGT_validating)
 * before flushing and validating, so nobody sees a half-checked table as a table.
 */
#ifndef HV_PAGE_H
#define HV_PAGE_H

#include <hv/list.h>
#include <hv/types.h>
#include <public/xen.h>

struct domain;

enum page_type {
    PGT_NONE = 0,
    PGT_L1_TABLE = 1,
    PGT_L2_TABLE = 2,
    PGT_L3_TABLE = 3,
    PGT_L4_TABLE = 4,
    PGT_SEG_DESC = 5,
    PGT_WRITABLE = 7,
};

#define FRAME_MARK_NONE UINT16_MAX /* some domain's, nobody says whose */

/*
 * count: [63] PGC_ALLOCATED (the owner's own reference), [62] PGC_XENHEAP (hv's, shared with a guest), then
 * the count
 */
#define PGC_ALLOCATED (1ull << 63)
#define PGC_XENHEAP (1ull << 62)
#define PGC_EXTRA (1ull << 61) /* not counted in tot_pages */
#define PGC_FOREIGN (1ull << 59) /* another domain has or had it mapped: any CPU may have stale translations */
#define PGC_COUNT_MASK ((1ull << 54) - 1)

/*
 * type: [63:61] enum page_type, [60] pinned, [59] validated, [58] partial, [57] locked by a CPU that
 * validates it or writes entries, [56] kept: of the counts, one type and one general reference are the
 * frame's own, because an operation on it was interrupted and may never be taken up again. Then the count.
 */
#define PGT_TYPE_SHIFT 61
#define PGT_PINNED (1ull << 60)
#define PGT_VALIDATED (1ull << 59)
#define PGT_PARTIAL (1ull << 58)
#define PGT_LOCKED (1ull << 57)
#define PGT_KEPT (1ull << 56)
#define PGT_COUNT_MASK ((1ull << 48) - 1)

struct page_info { /* 32 bytes: 0.78 % of memory */
    uint64_t count;
    uint64_t type;
    domid_t owner;       /* DOMID_INVALID when free or hv's */
    uint16_t validated;  /* PGT_PARTIAL: entries [0, validated) hold references. Free: frame_mark of who had it, 0: no domain */
    uint32_t tlb_stamp;  /* tlb_clock when it was last freed or changed type */
    uint32_t next, prev; /* links by frame number (0 = none): d->page_list, or a free list (order in .type) */
};
_Static_assert(sizeof(struct page_info) == 32, "the frame table's share of memory depends on it");

extern mfn_t max_mfn; /* one past the highest frame of RAM */

/*
 * arch: frame number <-> frame table entry <-> hv's mapping of its contents.
 *
 *   bool mfn_valid(mfn_t mfn)      it is RAM, with a frame table entry; everything below needs that
 *   struct page_info *mfn_to_page(mfn_t mfn)
 *   mfn_t page_to_mfn(const struct page_info *pg)
 *   void *mfn_to_virt(mfn_t mfn)
 */
#include <arch/page.h>
mfn_t virt_to_mfn(const void *va);
static inline void *page_to_virt(const struct page_info *pg) { return mfn_to_virt(page_to_mfn(pg)); }

/*
 * The domain that owns the frame now, or NULL; only stable while a reference is held. No reference is taken.
 */
struct domain *page_owner(const struct page_info *pg);

/* Count one up unless nobody holds the frame (free, or being freed) or the counter is full. */
static inline bool page_count_up(struct page_info *pg)
{
    uint64_t seen = __atomic_load_n(&pg->count, __ATOMIC_RELAXED);

    do {
        if (unlikely((seen & PGC_COUNT_MASK) - 1 >= PGC_COUNT_MASK - 1))
            return false;
    } while (!__atomic_compare_exchange_n(&pg->count, &seen, seen + 1, true, __ATOMIC_ACQUIRE,
                                          __ATOMIC_RELAXED));
    return true;
}

void page_free_domain(struct page_info *pg); /* page_alloc.h */

/* Drop a general reference; the frame is freed with the last. */
static inline void page_put(struct page_info *pg)
{
    if (unlikely(!(__atomic_sub_fetch(&pg->count, 1, __ATOMIC_ACQ_REL) & PGC_COUNT_MASK)))
        page_free_domain(pg);
}

/*
 * Take a general reference if the frame is domain id's (false: not its, free, or the count would overflow).
 */
static inline bool page_get_id(struct page_info *pg, domid_t id)
{
    if (unlikely(!page_count_up(pg)))
        return false;
    if (likely(pg->owner == id))
        return true;
    page_put(pg);
    return false;
}
bool page_get(struct page_info *pg, struct domain *d); /* the same */
/* As page_get for whichever domain owns it; returns the owner or NULL. */
struct domain *page_get_owner_and_reference(struct page_info *pg);

static inline enum page_type page_type_of(uint64_t type) { return (enum page_type)(type >> PGT_TYPE_SHIFT); }

/*
 * Take a type reference (a general one must be held by the caller, who keeps it for as long): validates the
 * frame as that type if it is of another type with count 0. 0, -errno (contents or conflict) or -ERESTART
 * (partial; the state is kept in the frame, the caller got no reference; run again).
 */
int page_get_type_slow(struct page_info *pg, enum page_type type);
/* One more of a type that the frame has, is validated for, and is referenced as already. False: not so simple. */
static inline bool page_get_type_again(struct page_info *pg, enum page_type type)
{
    uint64_t seen = __atomic_load_n(&pg->type, __ATOMIC_RELAXED);
    uint64_t unused = (uint64_t)type << PGT_TYPE_SHIFT | PGT_VALIDATED;

    /* Of that type, validated, no other bit set, and with a count that is neither 0 nor full: one range of numbers. */
    if (unlikely((type == PGT_WRITABLE ? seen : seen & ~PGT_PINNED) - (unused + 1) >= PGT_COUNT_MASK - 1))
        return false;
    return likely(__atomic_compare_exchange_n(&pg->type, &seen, seen + 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
}
static inline int page_get_type(struct page_info *pg, enum page_type type)
{
    return page_get_type_again(pg, type) ? 0 : page_get_type_slow(pg, type);
}
/* L1 and non-table types: never partial. */
void page_put_type_slow(struct page_info *pg);
/* Drop a reference of any type unless it is the last. False: it is, or may be, and is still held. */
static inline bool page_put_type_not_last(struct page_info *pg)
{
    uint64_t seen = __atomic_load_n(&pg->type, __ATOMIC_RELAXED);

    if (unlikely((seen & PGT_COUNT_MASK) <= 1))
        return false;
    return likely(__atomic_compare_exchange_n(&pg->type, &seen, seen - 1, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}
static inline void page_put_type(struct page_info *pg)
{
    if (unlikely(!page_put_type_not_last(pg)))
        page_put_type_slow(pg);
}
int page_put_type_preemptible(struct page_info *pg); /* any type: 0, or -ERESTART: still held */
/*
 * Undo what an operation that will not be continued left of a type: 0 (also if there is nothing), or
 * -ERESTART.
 */
int page_drop_kept(struct page_info *pg);
/*
 * As page_get_type, but what is left of another type is undone first. The caller has no lock and no table
 * locked.
 */
int page_get_type_undoing(struct page_info *pg, enum page_type type);
/* page_get + page_get_type, undone in reverse on failure. */
int page_get_and_type(struct page_info *pg, struct domain *d, enum page_type type);
static inline void page_put_and_type(struct page_info *pg)
{
    page_put_type(pg);
    page_put(pg);
}

/*
 * Let a domain (or all, read-only) map one of hv's own frames: its shared info, grant table, status frames.
 */
void page_share_with_guest(struct page_info *pg, struct domain *d, bool readonly);
/* Revoke: drop the allocation reference; true when no guest mapping is left. */
bool page_unshare(struct page_info *pg);

/* A list of frames linked by number. */
struct page_list { uint32_t first, last; uint64_t count; };
void page_list_push(struct page_list *l, struct page_info *pg);
void page_list_push_back(struct page_list *l, struct page_info *pg);
void page_list_remove(struct page_list *l, struct page_info *pg);
struct page_info *page_list_pop(struct page_list *l);
struct page_info *page_list_first(const struct page_list *l);
struct page_info *page_list_next(const struct page_list *l, const struct page_info *pg);

#endif
