/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The allocator: blocks split and merge, limits and claims hold, and nothing leaks from one user to the next.
 */
#include <string.h>

#include <hv/errno.h>
#include <hv/heap.h>
#include <hv/page_alloc.h>

#include "harness.h"
#include "host.h"

#define FRAMES 1024u

static void everything_comes_back(void)
{
    static struct page_info *got[FRAMES];
    unsigned int n = 0;

    host_reset(FRAMES);
    while (n < FRAMES && (got[n] = page_alloc(0, PAGE_ANY)))
        n++;
    CU_ASSERT_EQUAL(n, FRAMES);
    CU_ASSERT_EQUAL(page_alloc_free_pages(), 0);
    CU_ASSERT_PTR_NULL(page_alloc(0, PAGE_ANY));
    for (unsigned int i = 0; i < n; i++)
        page_free(got[(i * 7) % FRAMES], 0);
    CU_ASSERT_EQUAL(page_alloc_free_pages(), FRAMES);
    /* All merged again: the largest aligned block is there. RAM is frames 0x100 to 0x4ff. */
    CU_ASSERT_PTR_NOT_NULL(page_alloc(9, PAGE_ANY));
    CU_ASSERT_PTR_NULL(page_alloc(10, PAGE_ANY));
}

static void nothing_leaks_to_the_next_user(void)
{
    struct domain *a, *b;
    struct page_info *pg;
    mfn_t mfn;

    host_reset(64);
    host_online = (cpumask_t){ 3 };
    a = host_domain_new(1, false, 1, 64);
    b = host_domain_new(2, false, 1, 64);
    pg = page_alloc_domain(a, 0, PAGE_ANY);
    mfn = page_to_mfn(pg);
    memset(page_to_virt(pg), 0x55, PAGE_SIZE);
    CU_ASSERT_EQUAL(page_owner(pg), a);
    page_put(pg); /* the domain's own reference */
    CU_ASSERT_PTR_NULL(page_owner(pg));
    host_counters.full_flushes = 0;
    do {
        pg = page_alloc_domain(b, 0, PAGE_ANY);
        CU_ASSERT_PTR_NOT_NULL_FATAL(pg);
    } while (!mfn_eq(page_to_mfn(pg), mfn));
    CU_ASSERT_EQUAL(*(char *)page_to_virt(pg), 0);
    CU_ASSERT_EQUAL(host_counters.full_flushes, 1); /* a's translations are gone from both CPUs */
    CU_ASSERT_EQUAL(host_counters.last_flush.bits, 3);
}

static void idle_time_clears(void)
{
    unsigned int n = 0;

    host_reset(64);
    while (page_alloc_scrub_step())
        n++;
    CU_ASSERT_EQUAL(n, 4); /* 16 frames at a time */
    CU_ASSERT_PTR_NOT_NULL(page_alloc(6, PAGE_ANY));
}

/* Every other frame is clean, so neither kind has two that are neighbours. */
static void large_blocks_of_mixed_kinds(void)
{
    struct page_info *got[64];

    host_reset(64);
    while (page_alloc_scrub_step())
        ;
    for (unsigned int i = 0; i < 64; i++)
        got[i] = page_alloc(0, PAGE_ANY);
    for (unsigned int i = 0; i < 64; i++)
        if (page_to_mfn(got[i]).v & 1)
            page_free(got[i], 0);
    while (page_alloc_scrub_step())
        ;
    for (unsigned int i = 0; i < 64; i++) {
        if (!(page_to_mfn(got[i]).v & 1)) {
            memset(page_to_virt(got[i]), 0x55, PAGE_SIZE);
            page_free(got[i], 0);
        }
    }
    got[0] = page_alloc(6, PAGE_ANY);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got[0]);
    for (unsigned int i = 0; i < 64; i++)
        CU_ASSERT_EQUAL(*(char *)page_to_virt(got[0] + i), 0);
}

static void addresses_are_bounded(void)
{
    struct page_info *pg;

    host_reset(FRAMES);
    CU_ASSERT_PTR_NULL(page_alloc(0, PAGE_ADDRESS_BITS(12)));
    CU_ASSERT_PTR_NULL(page_alloc(0, PAGE_ADDRESS_BITS(20)));
    pg = page_alloc(4, PAGE_ADDRESS_BITS(21));
    CU_ASSERT_PTR_NOT_NULL_FATAL(pg);
    CU_ASSERT(page_to_mfn(pg).v + 16 <= 0x200);
    CU_ASSERT_EQUAL(page_to_mfn(pg).v & 15, 0);
}

static void limits_and_claims_hold(void)
{
    struct domain *a, *b;
    unsigned int n = 0;

    host_reset(FRAMES);
    a = host_domain_new(1, false, 1, 10);
    b = host_domain_new(2, false, 1, 2 * FRAMES);
    while (page_alloc_domain(a, 0, PAGE_ANY))
        n++;
    CU_ASSERT_EQUAL(n, 10);
    CU_ASSERT_EQUAL(a->tot_pages, 10);
    CU_ASSERT_EQUAL(page_alloc_claim(a, 20), -EINVAL);
    a->max_pages = 100;
    CU_ASSERT_EQUAL(page_alloc_claim(a, 60), 0);
    CU_ASSERT_EQUAL(page_alloc_claim(b, FRAMES), -ENOMEM);
    while (page_alloc_domain(b, 0, PAGE_ANY))
        ;
    for (n = 0; page_alloc_domain(a, 0, PAGE_ANY); n++)
        ;
    CU_ASSERT_EQUAL(n, 50);
    b->dying = DOMAIN_DYING;
    page_put(page_list_first(&a->page_list));
    CU_ASSERT_PTR_NULL(page_alloc_domain(b, 0, PAGE_ANY));
}

static void owner_outlives_its_frames(void)
{
    struct domain *a;
    struct page_info *pg;

    host_reset(64);
    a = host_domain_new(1, false, 1, 64);
    pg = page_alloc_domain(a, 2, PAGE_ANY);
    CU_ASSERT_EQUAL(a->refcount, 2);
    CU_ASSERT(page_get(pg, a));
    for (unsigned int i = 0; i < 4; i++)
        page_put(pg + i);
    CU_ASSERT_EQUAL(a->refcount, 2);
    CU_ASSERT_EQUAL(a->tot_pages, 1);
    page_put(pg);
    CU_ASSERT_EQUAL(a->refcount, 1);
    CU_ASSERT_FALSE(page_get(pg, a));
    host_domain_free(a);
}

static void small_objects(void)
{
    static void *got[2000];
    uint64_t before;

    host_reset(FRAMES);
    before = page_alloc_free_pages();
    for (unsigned int i = 0; i < ARRAY_SIZE(got); i++) {
        size_t size = 1 + i * 37 % 1900;

        got[i] = heap_alloc(size, 16);
        CU_ASSERT_PTR_NOT_NULL_FATAL(got[i]);
        CU_ASSERT(!((uintptr_t)got[i] & 15));
        for (size_t b = 0; b < size; b++)
            CU_ASSERT_EQUAL_FATAL(((char *)got[i])[b], 0);
        memset(got[i], i, size);
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(got); i++) {
        CU_ASSERT_EQUAL(*(unsigned char *)got[i], i & 255);
        heap_free(got[i]);
    }
    CU_ASSERT_EQUAL(page_alloc_free_pages(), before);
    got[0] = heap_alloc(5 * PAGE_SIZE, 8);
    CU_ASSERT_EQUAL(page_alloc_free_pages(), before - 8);
    heap_free(got[0]);
    CU_ASSERT_EQUAL(page_alloc_free_pages(), before);
    heap_free(NULL);
}

const struct unit_test unit_tests[] = {
    { "all frames can be had, and merge again when freed", everything_comes_back },
    { "a freed frame is cleared and flushed before the next domain has it", nothing_leaks_to_the_next_user },
    { "idle CPUs clear free memory", idle_time_clears },
    { "clean and dirty frames merge when nothing else is large enough", large_blocks_of_mixed_kinds },
    { "an address limit is kept", addresses_are_bounded },
    { "max_pages, claims and death limit what a domain gets", limits_and_claims_hold },
    { "a domain lives as long as it owns frames", owner_outlives_its_frames },
    { "small objects are zeroed, aligned, apart, and come back", small_objects },
    { NULL, NULL },
};
