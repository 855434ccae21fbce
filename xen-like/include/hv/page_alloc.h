/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine's frames: a buddy allocator over the boot memory map. Frames leave it zeroed or scrubbed
 * before another domain can see them. Frames given to a domain are linked on its page_list and counted.
 */
#ifndef HV_PAGE_ALLOC_H
#define HV_PAGE_ALLOC_H

#include <hv/page.h>

#define PAGE_ORDER_MAX 18u /* 1 GiB */

struct domain;

enum page_alloc_flags {
    PAGE_ANY = 0,
    PAGE_NO_SCRUB = 1u << 0,  /* the caller overwrites every byte at once */
    PAGE_NO_REF = 1u << 1,    /* domain frames: the one reference is the caller's, not PGC_ALLOCATED */
    PAGE_EXACT_BITS = 1u << 2 /* never fall below the low reserve for an unrestricted request */
};
#define PAGE_ADDRESS_BITS(n) ((unsigned int)(n) << 8) /* machine address below 2^n; 0 = anywhere */

/* hv's own use: 2^order contiguous frames, or NULL. Not owned by a domain; mapped through the direct map. */
struct page_info *page_alloc(unsigned int order, unsigned int flags);
void page_free(struct page_info *pg, unsigned int order);
void *page_alloc_virt(unsigned int order); /* zeroed; NULL if none */
void page_free_virt(void *va, unsigned int order);

/*
 * For a domain: checks max_pages, assigns owner, links on d->page_list. NULL when over the limit, out of
 * memory, or the domain is dying. Takes d->page_lock.
 */
struct page_info *page_alloc_domain(struct domain *d, unsigned int order, unsigned int flags);
/* Called by page_put when the last reference of an owned frame goes: unlink, uncount, scrub, free. */
void page_free_domain(struct page_info *pg);
/*
 * Take a frame away from a domain that has nothing but its own reference on it: 0, -EINVAL (not its), -EBUSY
 * (in use). It is nobody's then, and goes back with page_assign() or away with page_free_stolen().
 */
int page_steal(struct page_info *pg, struct domain *d);
void page_free_stolen(struct page_info *pg);
/* Give an unowned frame (from page_alloc) to a domain / take it back (transfer); -errno. */
int page_assign(struct page_info *pg, struct domain *d);

/* As page_alloc, on d's claim; not yet assigned to it. */
struct page_info *page_alloc_for(struct domain *d, unsigned int order, unsigned int flags);

void page_alloc_init(void); /* no memory at all: only for tests, boot starts that way */
void page_owner_forget_all(void); /* as above: the table of owners */
void page_alloc_add(maddr_t start, maddr_t end); /* boot: hand over a range of usable RAM */
uint64_t page_alloc_free_pages(void);
uint64_t page_alloc_total_pages(void);
/*
 * Set aside what d lacks to `pages` in all; 0 gives it up. -EINVAL (has a claim, or over its maximum),
 * -ENOMEM.
 */
int page_alloc_claim(struct domain *d, uint64_t pages);
bool page_alloc_scrub_step(void); /* idle work: clear a few free frames; false: none, or others are at it */

#endif
