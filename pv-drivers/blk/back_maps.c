// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkback's mappings of the front-end's pages.
 *
 * A front-end that says feature-persistent uses the same pages again and again; these stay mapped, found by
 * their grant reference. When the cache is full, and for other front-ends, pages are mapped for one request.
 *
 * Invariant: a page is unmapped only when no request uses it. Those in the cache are unmapped when the ring
 * is closed, all others with the request that mapped them. Page frames without a mapping wait for the next one,
 * but no more than BACK_MAX_SPARE: what a guest once had under way must not cost dom0 for as long as its disk lives.
 */
#include <linux/slab.h>
#include <xen/page.h>

#include "back.h"

int back_cache_init(struct back_cache *cache, domid_t domain, unsigned int max)
{
    xa_init(&cache->kept);
    cache->count = cache->nr_fresh = 0;
    cache->max = max;
    cache->domain = domain;
    gnttab_page_cache_init(&cache->spare);
    cache->map_ops = kvmalloc_array(BACK_MAX_SEGMENTS, sizeof(*cache->map_ops), GFP_KERNEL);
    cache->unmap_ops = kvmalloc_array(BACK_MAX_SEGMENTS + 1, sizeof(*cache->unmap_ops), GFP_KERNEL);
    return cache->map_ops && cache->unmap_ops ? 0 : -ENOMEM;
}

static unsigned long address_of(struct page *page)
{
    return (unsigned long)pfn_to_kaddr(page_to_pfn(page));
}

/* Remembers a page that is about to be mapped, if there is room and memory for that. */
static struct back_map *new_kept(struct back_cache *cache, grant_ref_t ref)
{
    struct back_map *map;

    if (cache->count >= cache->max)
        return NULL;
    map = kzalloc(sizeof(*map), GFP_KERNEL);
    if (!map || xa_err(xa_store(&cache->kept, ref, map, GFP_KERNEL))) {
        kfree(map);
        return NULL;
    }
    cache->count++;
    map->kept = true;
    return map;
}

static void forget(struct back_cache *cache, struct back_map *map)
{
    if (map->page)
        gnttab_page_cache_put(&cache->spare, &map->page, 1);
    map->page = NULL;           /* of a transient one: nothing to unmap */
    if (!map->kept)
        return;
    xa_erase(&cache->kept, map->ref);
    cache->count--;
    kfree(map);
}

static struct back_map *new_map(struct back_slot *slot, grant_ref_t ref)
{
    struct back_cache *cache = &slot->ring->cache;
    struct back_map *map = new_kept(cache, ref);

    if (!map) {
        map = &slot->transient[slot->nr_transient++];
        map->kept = false;
    }
    map->ref = ref;
    map->page = NULL;
    if (gnttab_page_cache_get(&cache->spare, &map->page)) {
        map->page = NULL;
        forget(cache, map);
        return NULL;
    }
    return map;
}

/* The hypercall for all fresh maps, and what came of each. */
static int map_fresh(struct back_ring *ring)
{
    struct back_cache *cache = &ring->cache;
    unsigned int i;
    int err = gnttab_map_refs(cache->map_ops, NULL, cache->fresh_pages, cache->nr_fresh);

    ring->statistics.map_calls++;
    for (i = 0; i < cache->nr_fresh; i++) {
        if (cache->map_ops[i].status == GNTST_okay) {
            cache->fresh[i]->handle = cache->map_ops[i].handle;
            ring->statistics.mapped++;
        } else {
            forget(cache, cache->fresh[i]);
            err = -EFAULT;
        }
    }
    return err;
}

int back_map(struct back_slot *slot, const struct blk_segment *segments, unsigned int count, bool readonly,
             struct page **pages)
{
    struct back_cache *cache = &slot->ring->cache;
    unsigned int i;
    int err = 0;

    cache->nr_fresh = 0;
    for (i = 0; i < count; i++) {
        struct back_map *map = xa_load(&cache->kept, segments[i].ref);

        if (!map) {
            map = new_map(slot, segments[i].ref);
            if (!map) {
                err = -ENOMEM;
                break;
            }
            gnttab_set_map_op(&cache->map_ops[cache->nr_fresh], address_of(map->page),
                              GNTMAP_host_map | (readonly && !map->kept ? GNTMAP_readonly : 0), map->ref,
                              cache->domain);
            cache->fresh_pages[cache->nr_fresh] = map->page;
            cache->fresh[cache->nr_fresh++] = map;
        }
        pages[i] = map->page;
    }
    if (cache->nr_fresh && map_fresh(slot->ring))
        err = err ?: -EFAULT;
    return err;
}

/*
 * Unmaps what unmap_ops and fresh_pages hold, which no request uses. Waits for others that still look, such
 * as a network card.
 */
static void unmap_batch(struct back_ring *ring, unsigned int count)
{
    struct back_cache *cache = &ring->cache;
    struct gntab_unmap_queue_data data = {
        .unmap_ops = cache->unmap_ops, .pages = cache->fresh_pages, .count = count,
    };

    if (!count)
        return;
    BUG_ON(gnttab_unmap_refs_sync(&data));
    gnttab_page_cache_put(&cache->spare, cache->fresh_pages, count);
    gnttab_page_cache_shrink(&cache->spare, BACK_MAX_SPARE);
    ring->statistics.unmap_calls++;
    ring->statistics.unmapped += count;
}

static void add_unmap(struct back_cache *cache, unsigned int at, const struct back_map *map)
{
    gnttab_set_unmap_op(&cache->unmap_ops[at], address_of(map->page), GNTMAP_host_map, map->handle);
    cache->fresh_pages[at] = map->page;
}

void back_unmap(struct back_slot *slot)
{
    unsigned int i, count = 0;

    for (i = 0; i < slot->nr_transient; i++)
        if (slot->transient[i].page)
            add_unmap(&slot->ring->cache, count++, &slot->transient[i]);
    slot->nr_transient = 0;
    unmap_batch(slot->ring, count);
}

void back_cache_destroy(struct back_ring *ring)
{
    struct back_cache *cache = &ring->cache;
    struct back_map *map;
    unsigned long ref;
    unsigned int count = 0;

    xa_for_each(&cache->kept, ref, map) {
        add_unmap(cache, count++, map);
        if (count == BACK_MAX_SEGMENTS) {
            unmap_batch(ring, count);
            count = 0;
        }
        kfree(map);
    }
    unmap_batch(ring, count);
    xa_destroy(&cache->kept);
    gnttab_page_cache_shrink(&cache->spare, 0);
    kvfree(cache->map_ops);
    kvfree(cache->unmap_ops);
}
