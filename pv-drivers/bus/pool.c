// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that stay granted; see pool.h.
 */
#include "pool.h"

#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/page.h>

void pv_pool_init(struct pv_pool *pool, domid_t other, unsigned int max)
{
    *pool = (struct pv_pool){ .other = other, .max = max };
    INIT_LIST_HEAD(&pool->free);
}
EXPORT_SYMBOL_GPL(pv_pool_init);

static struct pv_grant *pool_grow(struct pv_pool *pool, gfp_t gfp)
{
    struct pv_grant *grant;
    int ref;

    if (pool->pages == pool->max)
        return NULL;
    grant = kmalloc(sizeof(*grant), gfp | __GFP_NOWARN);
    if (!grant)
        return NULL;
    /* Zeroed: the other end may look at all of it. */
    grant->page = alloc_page(gfp | __GFP_NOWARN | __GFP_ZERO);
    if (!grant->page)
        goto free_grant;
    ref = gnttab_grant_foreign_access(pool->other, xen_page_to_gfn(grant->page), 0);
    if (ref < 0)
        goto free_page;
    grant->data = page_address(grant->page);
    grant->ref = ref;
    pool->pages++;
    return grant;

free_page:
    __free_page(grant->page);
free_grant:
    kfree(grant);
    return NULL;
}

struct pv_grant *pv_pool_take(struct pv_pool *pool)
{
    struct pv_grant *grant = list_first_entry_or_null(&pool->free, struct pv_grant, list);

    if (!grant)
        return pool_grow(pool, GFP_NOWAIT);
    list_del(&grant->list);
    return grant;
}
EXPORT_SYMBOL_GPL(pv_pool_take);

int pv_pool_reserve(struct pv_pool *pool, unsigned int count)
{
    while (count--) {
        struct pv_grant *grant = pool_grow(pool, GFP_KERNEL);

        if (!grant)
            return -ENOMEM;
        pv_pool_give(pool, grant);
    }
    return 0;
}
EXPORT_SYMBOL_GPL(pv_pool_reserve);

void pv_pool_destroy(struct pv_pool *pool)
{
    struct pv_grant *grant, *next;

    list_for_each_entry_safe(grant, next, &pool->free, list) {
        gnttab_end_foreign_access(grant->ref, grant->page);
        kfree(grant);
        pool->pages--;
    }
    INIT_LIST_HEAD(&pool->free);
    WARN_ON(pool->pages);
}
EXPORT_SYMBOL_GPL(pv_pool_destroy);
