/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose a frame is, and general references to it.
 *
 * A domain that owns a frame of any kind is kept from being freed by one reference, taken with its first
 * frame and dropped with its last; so an owner's number found in a frame that is referenced always leads to a
 * structure. The way from number to structure is a table without locks, filled while a domain owns frames.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/page_alloc.h>

#define OWNERS_PER_PAGE (PAGE_SIZE / sizeof(struct domain *))

static struct domain **owners[DOMID_FIRST_RESERVED / OWNERS_PER_PAGE + 1];

/* --- the table of owners; writers hold the domain's page_lock --- */

static bool is_pseudo(const struct domain *d) { return d->id >= DOMID_FIRST_RESERVED; }

static bool owner_table_prepare(const struct domain *d)
{
    struct domain ***page = &owners[d->id / OWNERS_PER_PAGE], **made, **none = NULL;

    if (is_pseudo(d) || __atomic_load_n(page, __ATOMIC_ACQUIRE))
        return true;
    made = page_alloc_virt(0);
    if (!made)
        return false;
    if (!__atomic_compare_exchange_n(page, &none, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        page_free_virt(made, 0);
    return true;
}

void page_owner_forget_all(void)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(owners); i++)
        owners[i] = NULL;
}

struct domain *page_owner(const struct page_info *pg)
{
    domid_t id = READ_ONCE(pg->owner);

    if (id < DOMID_FIRST_RESERVED)
        return owners[id / OWNERS_PER_PAGE] ? READ_ONCE(owners[id / OWNERS_PER_PAGE][id % OWNERS_PER_PAGE])
                                            : NULL;
    return id == DOMID_XEN ? dom_xen : id == DOMID_IO ? dom_io : NULL;
}

static bool owns_frames(const struct domain *d)
{
    return d->tot_pages || d->extra_pages || d->xenheap_list.count;
}

/* page_lock held; call before the counts go up, and after they went down. */
static void owner_begin(struct domain *d)
{
    if (is_pseudo(d) || owns_frames(d))
        return;
    domain_get(d);
    owners[d->id / OWNERS_PER_PAGE][d->id % OWNERS_PER_PAGE] = d;
}

/* True: the caller drops the reference when it has released page_lock. */
static bool owner_end(struct domain *d)
{
    if (is_pseudo(d) || owns_frames(d))
        return false;
    owners[d->id / OWNERS_PER_PAGE][d->id % OWNERS_PER_PAGE] = NULL;
    return true;
}

/* --- general references --- */

bool page_get(struct page_info *pg, struct domain *d) { return page_get_id(pg, d->id); }

struct domain *page_get_owner_and_reference(struct page_info *pg)
{
    struct domain *d;

    if (!page_count_up(pg))
        return NULL;
    d = page_owner(pg);
    BUG_ON(!d);
    return d;
}

/* --- a domain's frames --- */

static void assign_locked(struct page_info *pg, struct domain *d, uint64_t count)
{
    pg->owner = d->id;
    pg->type = 0;
    pg->validated = 0;
    page_list_push(&d->page_list, pg);
    __atomic_store_n(&pg->count, count, __ATOMIC_RELEASE);
}

static int assign(struct page_info *pg, struct domain *d, unsigned int order, uint64_t count)
{
    uint32_t n = 1u << order;
    int rc = -E2BIG;

    if (!owner_table_prepare(d))
        return -ENOMEM;
    spin_lock(&d->page_lock);
    if (d->dying != DOMAIN_ALIVE) {
        rc = -EINVAL;
    } else if (d->tot_pages <= d->max_pages && n <= d->max_pages - d->tot_pages) {
        owner_begin(d);
        d->tot_pages += n;
        for (uint32_t i = n; i-- > 0;) /* the list is a stack: the lowest frame ends up first */
            assign_locked(pg + i, d, count);
        rc = 0;
    }
    spin_unlock(&d->page_lock);
    return rc;
}

struct page_info *page_alloc_domain(struct domain *d, unsigned int order, unsigned int flags)
{
    struct page_info *pg;

    if (order > PAGE_ORDER_MAX || READ_ONCE(d->tot_pages) + (1ull << order) > d->max_pages)
        return NULL; /* the usual refusal, before a block is split for nothing */
    pg = page_alloc_for(d, order, flags);
    if (!pg)
        return NULL;
    if (assign(pg, d, order, flags & PAGE_NO_REF ? 1 : PGC_ALLOCATED | 1)) {
        page_free(pg, order);
        return NULL;
    }
    return pg;
}

/*
 * A frame that comes back after page_steal() has no type any more that would remember what TLBs know of it.
 */
int page_assign(struct page_info *pg, struct domain *d)
{
    if (pg->validated)
        tlb_flush_since(arch_online_cpus(), pg->tlb_stamp);
    return assign(pg, d, 0, PGC_ALLOCATED | 1);
}

void page_free_stolen(struct page_info *pg)
{
    m2p_set(page_to_mfn(pg), PFN(~0ull));
    page_free(pg, 0);
}

/*
 * Nobody's any more; what TLBs know of it is flushed before it is somebody's again, and it is cleared unless
 * that is the same domain (page_alloc.c).
 */
static void disown(struct page_info *pg, uint16_t mark)
{
    pg->type = 0;
    pg->owner = DOMID_INVALID;
    pg->tlb_stamp = tlb_clock_now();
    pg->validated = mark ? mark : FRAME_MARK_NONE;
}

int page_steal(struct page_info *pg, struct domain *d)
{
    uint64_t seen;
    bool last = false;
    int rc = -EBUSY;

    if (!page_get(pg, d))
        return -EINVAL;
    spin_lock(&d->page_lock);
    seen = READ_ONCE(pg->count);
    /* The domain's reference and ours; with no other there is no type in use either. */
    if ((seen & ~PGC_FOREIGN) == (PGC_ALLOCATED | 2) &&
        __atomic_compare_exchange_n(&pg->count, &seen, 0, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        page_list_remove(&d->page_list, pg);
        d->tot_pages--;
        last = owner_end(d);
        disown(pg, d->frame_mark);
        rc = 0;
    }
    spin_unlock(&d->page_lock);
    if (rc)
        page_put(pg);
    if (last)
        domain_put(d);
    return rc;
}

void page_free_domain(struct page_info *pg)
{
    struct domain *d = page_owner(pg);
    uint16_t mark;
    bool last;

    BUG_ON(!d || pg->type & PGT_COUNT_MASK);
    mark = d->frame_mark;
    spin_lock(&d->page_lock);
    if (pg->count & PGC_XENHEAP) {
        mark = FRAME_MARK_NONE;
        page_list_remove(&d->xenheap_list, pg);
    } else {
        page_list_remove(&d->page_list, pg);
        if (pg->count & PGC_EXTRA)
            d->extra_pages--;
        else
            d->tot_pages--;
    }
    last = owner_end(d);
    spin_unlock(&d->page_lock);

    pg->count = 0;
    disown(pg, mark);
    page_free_stolen(pg);
    if (last)
        domain_put(d);
}

/* --- hv's own frames that a guest may map --- */

void page_share_with_guest(struct page_info *pg, struct domain *d, bool readonly)
{
    BUG_ON(pg->count || pg->owner != DOMID_INVALID);
    if (!owner_table_prepare(d))
        panic("out of memory for the table of owners");
    spin_lock(&d->page_lock);
    owner_begin(d);
    page_list_push(&d->xenheap_list, pg);
    pg->owner = d->id;
    /* One holder of the type for as long as it is shared keeps it from ever being a page table. */
    pg->type = (uint64_t)(readonly ? PGT_NONE : PGT_WRITABLE) << PGT_TYPE_SHIFT | PGT_VALIDATED | 1;
    __atomic_store_n(&pg->count, PGC_XENHEAP | PGC_ALLOCATED | 1, __ATOMIC_RELEASE);
    spin_unlock(&d->page_lock);
}

bool page_unshare(struct page_info *pg)
{
    uint64_t was = __atomic_fetch_and(&pg->count, ~PGC_ALLOCATED, __ATOMIC_ACQ_REL);
    bool alone = (was & PGC_COUNT_MASK) == 1;

    BUG_ON(!(was & PGC_XENHEAP));
    if (!(was & PGC_ALLOCATED))
        return alone;
    __atomic_sub_fetch(&pg->type, 1, __ATOMIC_ACQ_REL);
    page_put(pg);
    return alone;
}
