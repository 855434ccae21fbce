/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's free frames: a buddy allocator. Free blocks of 2^order frames, aligned to their size, are on
 * lists by order and zone; zone n holds the frames whose number has n bits, so that "below 2^b bytes" is a
 * range of zones and no block straddles two.
 *
 * Each list exists twice: clean blocks are all zeros, dirty ones hold what their last user left. Only blocks
 * of one kind merge. Clearing is done by idle CPUs a frame at a time, or at the last moment when a dirty
 * block is given out; before it, every CPU that may still have a stale translation of the frame flushes.
 *
 * A free block's head has PGC_FREE in count, its order and kind in type, and its links in next and prev; each
 * frame of a dirty block has `validated` set if a domain had it (a TLB may know it until after tlb_stamp): to that
 * domain's mark, for what a domain itself has left there need not be cleared for it.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/page_alloc.h>
#include <hv/string.h>

#define NR_ZONES 41u
#define LOW_ZONE (32u - PAGE_SHIFT) /* the highest zone below 4 GiB: what 32-bit devices reach */
#define PGC_FREE (1ull << 60)
#define FREE_DIRTY (1u << 8)

enum kind { CLEAN, DIRTY, NR_KINDS };

static spinlock_t heap_lock = SPINLOCK(LOCK_ALLOC);
static struct page_list blocks[NR_KINDS][NR_ZONES][PAGE_ORDER_MAX + 1];
/* Which of these lists are not empty: bit o of orders[kind][zone], and bit z of zones[kind] if any of that zone is. */
static uint32_t orders[NR_KINDS][NR_ZONES];
static uint64_t zones[NR_KINDS];
static uint64_t free_pages, low_free_pages, dirty_pages, total_pages, total_claims, low_reserve;

static unsigned int zone_of(uint64_t frame) { return frame ? 64 - __builtin_clzll(frame) : 0; }

static struct page_info *page_at(uint64_t frame) { return mfn_to_page(MFN(frame)); }

/* --- lists of free blocks; heap_lock is held --- */

static void block_link(struct page_info *pg, unsigned int order, enum kind kind)
{
    unsigned int zone = zone_of(page_to_mfn(pg).v);

    pg->count = PGC_FREE;
    pg->type = order | (kind == DIRTY ? FREE_DIRTY : 0);
    if (kind == DIRTY)
        dirty_pages += 1ull << order;
    page_list_push(&blocks[kind][zone][order], pg);
    orders[kind][zone] |= 1u << order;
    zones[kind] |= 1ull << zone;
}

static void block_unlink(struct page_info *pg, unsigned int order, enum kind kind)
{
    unsigned int zone = zone_of(page_to_mfn(pg).v);

    page_list_remove(&blocks[kind][zone][order], pg);
    if (!page_list_first(&blocks[kind][zone][order])) {
        orders[kind][zone] &= ~(1u << order);
        if (!orders[kind][zone])
            zones[kind] &= ~(1ull << zone);
    }
    pg->count = 0;
    pg->type = 0;
    if (kind == DIRTY)
        dirty_pages -= 1ull << order;
}

static bool is_free_block(uint64_t frame, unsigned int order, enum kind kind)
{
    const struct page_info *pg;

    if (!frame || !mfn_valid(MFN(frame)))
        return false;
    pg = page_at(frame);
    return pg->count == PGC_FREE && pg->type == (order | (kind == DIRTY ? FREE_DIRTY : 0u));
}

static void block_insert(struct page_info *pg, unsigned int order, enum kind kind)
{
    uint64_t frame = page_to_mfn(pg).v;

    while (order < PAGE_ORDER_MAX && is_free_block(frame ^ 1ull << order, order, kind)) {
        block_unlink(page_at(frame ^ 1ull << order), order, kind);
        frame &= ~(1ull << order);
        order++;
    }
    block_link(page_at(frame), order, kind);
}

static void count_free(uint64_t frame, unsigned int order, int sign)
{
    int64_t n = sign * (1ll << order);

    free_pages += n;
    if (zone_of(frame) <= LOW_ZONE)
        low_free_pages += n;
}

/* Take a block of that order from one zone and kind, splitting a larger one. */
static struct page_info *take_from(enum kind kind, unsigned int zone, unsigned int order)
{
    uint32_t large_enough = orders[kind][zone] >> order << order;
    struct page_info *pg;
    unsigned int o;

    if (!large_enough)
        return NULL;
    o = __builtin_ctz(large_enough);
    pg = page_list_first(&blocks[kind][zone][o]);
    block_unlink(pg, o, kind);
    while (o > order) { /* keep the lower half, which leaves higher addresses whole */
        o--;
        block_link(page_at(page_to_mfn(pg).v + (1ull << o)), o, kind);
    }
    return pg;
}

/* The highest zone all below 2^bits bytes; 0 bits: any. Zone 0 is frame 0, which nobody gets. */
static unsigned int top_zone(unsigned int bits)
{
    if (!bits)
        return NR_ZONES - 1;
    return bits <= PAGE_SHIFT ? 0 : min(bits - PAGE_SHIFT, NR_ZONES - 1);
}

static struct page_info *take(unsigned int order, unsigned int bits, bool dirty_first, bool spare_low,
                              enum kind *kind)
{
    uint64_t left = (zones[CLEAN] | zones[DIRTY]) & ((2ull << top_zone(bits)) - 1) & ~1ull;

    while (left) {
        unsigned int zone = 63 - __builtin_clzll(left);

        left &= ~(1ull << zone);
        if (spare_low && zone <= LOW_ZONE && low_free_pages < low_reserve + (1ull << order))
            return NULL;
        for (unsigned int i = 0; i < NR_KINDS; i++) {
            struct page_info *pg;

            *kind = dirty_first ? NR_KINDS - 1 - i : i;
            pg = take_from(*kind, zone, order);
            if (pg)
                return pg;
        }
    }
    return NULL;
}

/*
 * No block is large enough: some may be, if clean frames merge with dirty ones. What was cleared of small blocks is
 * cleared again then. True: try again.
 */
static bool mix_kinds(unsigned int order, unsigned int bits)
{
    bool any = false;

    if (!dirty_pages || !order || (bits && bits < 32)) /* who wants lower ones asks again for higher ones */
        return false;
    for (unsigned int zone = top_zone(bits); zone > 0; zone--) {
        for (unsigned int o = 0; o < order; o++) {
            struct page_info *pg;

            while ((pg = page_list_first(&blocks[CLEAN][zone][o]))) {
                block_unlink(pg, o, CLEAN);
                block_insert(pg, o, DIRTY);
                any = true;
            }
        }
    }
    return any;
}

/* --- clearing --- */

static void forget_translations(struct page_info *pg)
{
    if (!pg->validated)
        return;
    tlb_flush_since(arch_online_cpus(), pg->tlb_stamp);
    pg->validated = 0;
}

static void scrub(struct page_info *pg)
{
    forget_translations(pg);
    memset(page_to_virt(pg), 0, PAGE_SIZE);
}

static bool was_its(const struct page_info *pg, const struct domain *d)
{
    return pg->validated && pg->validated == d->frame_mark && pg->validated != FRAME_MARK_NONE;
}

#define SCRUB_ORDER 4u /* so much at once: 64 KiB is as long as an interrupt may have to wait */

/* A block to clear, or NULL; it counts as used until it is put back. */
static struct page_info *take_dirty(unsigned int *order)
{
    struct page_info *pg = NULL;

    if (!dirty_pages || !spin_trylock(&heap_lock)) /* whoever has it works; idle time can wait */
        return NULL;
    for (*order = SCRUB_ORDER;; *order = 0) {
        for (unsigned int zone = NR_ZONES - 1; zone > 0 && !pg; zone--)
            pg = take_from(DIRTY, zone, *order);
        if (pg || !*order)
            break;
    }
    if (pg)
        count_free(page_to_mfn(pg).v, *order, -1);
    spin_unlock(&heap_lock);
    return pg;
}

bool page_alloc_scrub_step(void)
{
    static bool busy; /* one CPU is enough: more would only queue up for the lock, before those who need it */
    unsigned int order;
    struct page_info *pg;

    if (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE))
        return false;
    pg = take_dirty(&order);
    if (pg) {
        for (unsigned int i = 0; i < 1u << order; i++)
            scrub(pg + i);
        spin_lock(&heap_lock);
        count_free(page_to_mfn(pg).v, order, 1);
        block_insert(pg, order, CLEAN);
        spin_unlock(&heap_lock);
    }
    __atomic_store_n(&busy, false, __ATOMIC_RELEASE);
    return pg;
}

/* --- giving out and taking back --- */

static struct page_info *alloc(struct domain *d, unsigned int order, unsigned int flags)
{
    unsigned int bits = flags >> 8;
    uint64_t n = 1ull << order, claimed;
    enum kind kind = CLEAN;
    struct page_info *pg = NULL;

    if (order > PAGE_ORDER_MAX)
        return NULL;
    spin_lock(&heap_lock);
    claimed = total_claims - (d ? d->outstanding_claim : 0);
    if (free_pages >= n && free_pages - n >= (d ? claimed : 0)) {
        do {
            pg = take(order, bits, flags & PAGE_NO_SCRUB, !bits, &kind);
            if (!pg && !bits && !(flags & PAGE_EXACT_BITS))
                pg = take(order, bits, flags & PAGE_NO_SCRUB, false, &kind);
        } while (!pg && mix_kinds(order, bits));
    }
    if (pg) {
        count_free(page_to_mfn(pg).v, order, -1);
        if (d) {
            uint64_t used = min(d->outstanding_claim, n);

            d->outstanding_claim -= used;
            total_claims -= used;
        }
    }
    spin_unlock(&heap_lock);
    if (!pg)
        return NULL;
    for (uint64_t i = 0; i < n; i++) {
        struct page_info *one = pg + i;

        if (kind == DIRTY) {
            if (flags & PAGE_NO_SCRUB || (d && was_its(one, d)))
                forget_translations(one);
            else
                scrub(one);
        }
        *one = (struct page_info){ .owner = DOMID_INVALID, .tlb_stamp = one->tlb_stamp };
    }
    return pg;
}

struct page_info *page_alloc(unsigned int order, unsigned int flags) { return alloc(NULL, order, flags); }

struct page_info *page_alloc_for(struct domain *d, unsigned int order, unsigned int flags)
{
    return alloc(d, order, flags);
}

void page_free(struct page_info *pg, unsigned int order)
{
    spin_lock(&heap_lock);
    for (uint64_t i = 0; i < 1ull << order; i++) {
        BUG_ON(pg[i].count || pg[i].owner != DOMID_INVALID);
        pg[i].type = 0;
    }
    count_free(page_to_mfn(pg).v, order, 1);
    block_insert(pg, order, DIRTY);
    spin_unlock(&heap_lock);
}

void *page_alloc_virt(unsigned int order)
{
    struct page_info *pg = page_alloc(order, PAGE_ANY);

    return pg ? page_to_virt(pg) : NULL;
}

void page_free_virt(void *va, unsigned int order)
{
    struct page_info *pg;

    if (!va)
        return;
    pg = mfn_to_page(virt_to_mfn(va));
    for (uint64_t i = 0; i < 1ull << order; i++)
        pg[i].validated = 0;
    page_free(pg, order);
}

/* --- boot and accounting --- */

void page_alloc_init(void)
{
    memset(blocks, 0, sizeof(blocks));
    memset(orders, 0, sizeof(orders));
    memset(zones, 0, sizeof(zones));
    free_pages = low_free_pages = dirty_pages = total_pages = total_claims = low_reserve = 0;
}

void page_alloc_add(maddr_t start, maddr_t end)
{
    uint64_t frame = max(ROUND_DIV(start.v, PAGE_SIZE), (uint64_t)1), last = end.v >> PAGE_SHIFT;

    spin_lock(&heap_lock);
    while (frame < last) {
        unsigned int order = min((unsigned int)__builtin_ctzll(frame), PAGE_ORDER_MAX);

        while (frame + (1ull << order) > last)
            order--;
        for (uint64_t i = 0; i < 1ull << order; i++)
            *page_at(frame + i) = (struct page_info){ .owner = DOMID_INVALID };
        count_free(frame, order, 1);
        total_pages += 1ull << order;
        block_insert(page_at(frame), order, DIRTY);
        frame += 1ull << order;
    }
    low_reserve = min(total_pages / 64, (uint64_t)(64ul << 20) / PAGE_SIZE);
    spin_unlock(&heap_lock);
}

uint64_t page_alloc_free_pages(void) { return READ_ONCE(free_pages); }
uint64_t page_alloc_total_pages(void) { return READ_ONCE(total_pages); }

int page_alloc_claim(struct domain *d, uint64_t pages)
{
    uint64_t have = d->tot_pages;
    int rc = 0;

    spin_lock(&heap_lock);
    if (!pages) {
        total_claims -= d->outstanding_claim;
        d->outstanding_claim = 0;
        goto out;
    }
    rc = -EINVAL;
    if (d->outstanding_claim || pages <= have || pages > d->max_pages)
        goto out;
    rc = -ENOMEM;
    if (pages - have > free_pages - min(free_pages, total_claims))
        goto out;
    d->outstanding_claim = pages - have;
    total_claims += pages - have;
    rc = 0;
out:
    spin_unlock(&heap_lock);
    return rc;
}
