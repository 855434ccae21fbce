/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A front-end's pages that stay granted to the back-end (persistent grants): the back-end maps each of them
 * once, and later requests that use the page again cost no grant operation, on either side.
 *
 * Invariant: a page in the pool belongs to the pool alone, so whatever the back-end does with its mapping,
 * and whenever, it can reach nothing but data that went through the device. A page that the back-end still
 * maps when the pool is destroyed is given to the kernel's own list of deferred grants, never to the page
 * allocator.
 *
 * The caller serializes: a pool belongs to one queue and its lock.
 */
#ifndef HV_PV_POOL_H
#define HV_PV_POOL_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <xen/grant_table.h>

struct pv_grant {
    struct list_head list;      /* in the pool's `free` while unused */
    struct page *page;
    void *data;                 /* the page's address */
    grant_ref_t ref;
};

struct pv_pool {
    struct list_head free;      /* last used first: these are in the cache, and mapped at the other end */
    domid_t other;
    unsigned int pages;         /* all, free or not */
    unsigned int max;           /* never more than this */
};

void pv_pool_init(struct pv_pool *pool, domid_t other, unsigned int max);

/*
 * A granted page, perhaps a new one; its old content is still in it. NULL: the pool is at its maximum, or no
 * memory or grant. Does not sleep.
 */
struct pv_grant *pv_pool_take(struct pv_pool *pool);

/* Makes sure that `count` pages are there, free. 0 or -ENOMEM. May sleep. */
int pv_pool_reserve(struct pv_pool *pool, unsigned int count);

/* The page is not in use any more; it stays granted. */
static inline void pv_pool_give(struct pv_pool *pool, struct pv_grant *grant)
{
    list_add(&grant->list, &pool->free);
}

/* Takes back all grants. All pages must have been given back. */
void pv_pool_destroy(struct pv_pool *pool);

#endif
