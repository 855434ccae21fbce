/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three domains that grant each other pages, map, copy, overwrite what they mapped, rewrite their grants under hv's
 * eyes, and die in any order, interrupted anywhere. After every few steps every use of a grant, every reference of a page and
 * every reference of a domain is counted anew from the tracks and page tables that hold one. When all are dead no
 * frame is missing.
 */
#include "fuzz.h"

#include <hv/grant_internal.h>
#include <hv/heap.h>
#include <public/domctl.h>
#include <public/memory.h>

#define FRAMES 400u
#define DOMAINS 3u
#define CHECK_EVERY 4u /* steps: checking takes longer than they do */
#define PAGES 4u
#define VA 0x40000000ul
#define SLOTS 6u /* of a domain's one L1 table, for mappings */
#define BATCH 3u

static struct domain *domain[DOMAINS];        /* NULL: dead, as far as its number is free again */
static struct page_info *page[DOMAINS][PAGES];
static struct chain tables[DOMAINS];
static grant_handle_t handle[8];              /* the latest that were given out, whoever got them */
static unsigned int nr_handles, me;
static struct { uint64_t general, typed; } want[HOST_FIRST_MFN + FRAMES];

/* --- counting anew --- */

static bool halves(const struct grant_track *track, unsigned int *n)
{
    *n = !!(track->flags & GNTMAP_host_map) + !!(track->flags & GNTMAP_device_map);
    return *n;
}

static struct grant_track *track_at(const struct grant_table *t, uint32_t i)
{
    return &t->track[i / TRACKS_PER_FRAME][i % TRACKS_PER_FRAME];
}

static void check_free_tracks(const struct grant_table *t)
{
    uint32_t all = t->nr_track_frames * TRACKS_PER_FRAME, used = 0, unused = 0;

    for (uint32_t i = 0; i < all; i++)
        used += track_at(t, i)->flags != 0;
    for (uint32_t i = t->free_track; i != TRACK_NONE; i = track_at(t, i)->ref) {
        CHECK(i < all && !track_at(t, i)->flags && ++unused <= all, "free track %u", i);
    }
    CHECK(used + unused == all, "%u tracks used, %u free of %u", used, unused, all);
}

/* Uses of each entry by tracks against what its table says. The arrays hold one count for each entry of a table. */
static void check_uses(unsigned int granter)
{
    static struct { uint32_t readers, writers; } uses[2 * GRANTS_PER_FRAME];
    const struct grant_table *t = domain[granter]->grants;
    uint64_t all = 0, tracks = 0;
    unsigned int n;

    memset(uses, 0, sizeof(uses));
    for (unsigned int i = 0; i < DOMAINS; i++) {
        const struct grant_table *g = domain[i] ? domain[i]->grants : NULL;

        for (uint32_t k = 0; g && k < g->nr_track_frames * TRACKS_PER_FRAME; k++) {
            const struct grant_track *track = track_at(g, k);

            if (!halves(track, &n) || track->granter != granter + 1)
                continue;
            tracks++;
            all += n;
            CHECK(grant_ref_valid(t, track->ref), "track of reference %u", track->ref);
            CHECK(grant_active(t, track->ref)->user == i + 1, "used by %u", grant_active(t, track->ref)->user);
            if (track->flags & GNTMAP_readonly)
                uses[track->ref].readers += n;
            else
                uses[track->ref].writers += n;
            if (track->flags & GNTMAP_device_map) {
                uint64_t mfn = grant_active(t, track->ref)->mfn.v;

                want[mfn].general++;
                want[mfn].typed += !(track->flags & GNTMAP_readonly);
            }
        }
    }
    CHECK(t->uses == all, "domain %u: %lu uses, %lu held", granter + 1, t->uses, all);
    for (uint32_t ref = 0; ref < t->nr_frames * GRANTS_PER_FRAME; ref++)
        CHECK(grant_active(t, ref)->readers == uses[ref].readers && grant_active(t, ref)->writers == uses[ref].writers,
              "domain %u, reference %u: %u readers and %u writers, held %u and %u", granter + 1, ref,
              grant_active(t, ref)->readers, grant_active(t, ref)->writers, uses[ref].readers, uses[ref].writers);
    n = domain[granter]->dying != DOMAIN_DEAD;
    n += domain[granter]->tot_pages || domain[granter]->xenheap_list.count;
    CHECK(domain[granter]->refcount == n + tracks, "domain %u: %u references, %lu held", granter + 1,
          domain[granter]->refcount, n + tracks);
}

static bool is_table(const struct page_info *pg, unsigned int owner)
{
    return pg->owner == owner + 1 && page_type_of(pg->type) == PGT_L1_TABLE && typed(pg);
}

static void want_mappings(unsigned int i)
{
    struct page_info *l1 = tables[i].table[1];

    for (unsigned int slot = 0; is_table(l1, i) && slot < 512; slot++) {
        uint64_t e = entries(l1)[slot];

        if (e & PTE_P && mfn_valid(MFN((e & PTE_ADDR_MASK) >> PAGE_SHIFT))) {
            want[(e & PTE_ADDR_MASK) >> PAGE_SHIFT].general++;
            want[(e & PTE_ADDR_MASK) >> PAGE_SHIFT].typed += !!(e & PTE_RW);
        }
    }
}

/* A dead domain's page may be a table by now, or one that hv shares with a guest. */
static void check_page(const struct page_info *pg)
{
    uint64_t mfn = page_to_mfn(pg).v;

    if (pg->owner >= DOMID_FIRST_RESERVED || pg->count & PGC_XENHEAP ||
        (page_type_of(pg->type) != PGT_WRITABLE && typed(pg)))
        return;
    CHECK(general(pg) == want[mfn].general + !!(pg->count & PGC_ALLOCATED), "frame %lx: %lu references, %lu held", mfn,
          general(pg), want[mfn].general + !!(pg->count & PGC_ALLOCATED));
    CHECK(typed(pg) == want[mfn].typed, "frame %lx: %lu writers, %lu held", mfn, typed(pg), want[mfn].typed);
}

static void check_all(void)
{
    memset(want, 0, sizeof(want));
    for (unsigned int i = 0; i < DOMAINS; i++) {
        if (!domain[i])
            continue;
        check_free_tracks(domain[i]->grants);
        check_uses(i);
        want_mappings(i);
    }
    for (unsigned int i = 0; i < DOMAINS; i++)
        for (unsigned int k = 0; k < PAGES; k++)
            check_page(page[i][k]);
}

/* --- the domains --- */

static void make(unsigned int i)
{
    const struct xen_domctl_createdomain config = { .max_vcpus = 1, .max_evtchn_port = 15, .max_grant_frames = 2,
                                                    .max_maptrack_frames = 1 };
    int rc;

    domain[i] = domain_create(i + 1, &config, false, &rc);
    CHECK(domain[i], "%d", rc);
    domain[i]->max_pages = 16;
    vcpu_create(domain[i], 0);
    for (unsigned int k = 0; k < PAGES; k++)
        page[i][k] = new_page(domain[i]);
    tables[i] = new_chain(domain[i], VA, page[i][0], RO);
    do /* what may be interrupted is, if the input says so */
        rc = run_on(domain[i]->vcpu[0], tables[i].table[4]);
    while (rc == -ERESTART);
    CHECK(!rc, "%d", rc);
}

static void bury(unsigned int i)
{
    struct domain *d = domain_get_by_id(i + 1);

    if (d)
        domain_put(d);
    else
        domain[i] = NULL;
}

static void kill_one(unsigned int i)
{
    if (!domain[i] || domain[i]->dying == DOMAIN_DEAD)
        return;
    host_current = NULL;
    domain_kill(domain[i]); /* or the beginning of it: the next steps meet it dying */
    for (unsigned int k = 0; k < DOMAINS; k++)
        bury(k);
}

static bool become(unsigned int i)
{
    me = i;
    if (!domain[i] || domain[i]->dying)
        return false;
    host_current = domain[i]->vcpu[0];
    host_current->arch.loaded_on = 0;
    return true;
}

static grant_ref_t any_ref(void)
{
    static const grant_ref_t refs[] = { 0, 1, 8, 9, 511, 512, 1023, 1024, UINT32_MAX };

    return one_of(refs);
}

static struct page_info *any_page(void)
{
    uint8_t b = byte();

    return page[b % DOMAINS][b / DOMAINS % PAGES];
}

static domid_t any_domain(void)
{
    static const domid_t ids[] = { 1, 2, 3, 1, 2, 3, DOMID_SELF, 4, 0 };

    return one_of(ids);
}

static uint64_t any_address(uint32_t *flags)
{
    uint8_t b = byte();

    if (b & 0x80)
        *flags |= GNTMAP_contains_pte;
    return b & 0x80 ? entry_address(tables[me].table[1], b % SLOTS) : VA + (b % SLOTS) * PAGE_SIZE;
}

static void write_entry(void)
{
    static const uint16_t flags[] = { GTF_permit_access, GTF_permit_access | GTF_readonly, 0, GTF_accept_transfer,
                                      GTF_permit_access | GTF_sub_page, GTF_permit_access | GTF_reading | GTF_writing };
    struct grant_table *t = domain[me]->grants;
    grant_ref_t ref = any_ref();
    struct grant_entry_v1 e = { .flags = one_of(flags), .domid = any_domain(), .frame = page_to_mfn(any_page()).v };

    if (grant_ref_valid(t, ref))
        *grant_shared(t, ref) = e;
}

static long call(unsigned int cmd, void *ops, unsigned int n)
{
    return do_grant_table_op(cmd, (unsigned long)ops, n, 0, 0, 0);
}

static void map(void)
{
    static const uint32_t kinds[] = { GNTMAP_host_map, GNTMAP_device_map, GNTMAP_host_map | GNTMAP_device_map,
                                      GNTMAP_host_map | GNTMAP_readonly, GNTMAP_device_map | GNTMAP_readonly, 0 };
    struct gnttab_map_grant_ref op[BATCH] = { 0 };
    unsigned int n = 1 + byte() % BATCH;

    for (unsigned int i = 0; i < n; i++) {
        op[i].status = 99;
        op[i].flags = one_of(kinds);
        op[i].host_addr = any_address(&op[i].flags);
        op[i].ref = any_ref();
        op[i].dom = any_domain();
    }
    call(GNTTABOP_map_grant_ref, op, n);
    for (unsigned int i = 0; i < n; i++)
        if (op[i].status == GNTST_okay)
            handle[nr_handles++ % ARRAY_SIZE(handle)] = op[i].handle;
}

static void unmap(void)
{
    struct gnttab_unmap_grant_ref op[BATCH] = { 0 };
    unsigned int n = 1 + byte() % BATCH;
    uint32_t unused;

    for (unsigned int i = 0; i < n; i++) {
        uint8_t parts = byte();

        op[i].handle = parts & 0x40 ? byte() : one_of(handle);
        op[i].host_addr = parts & 1 ? any_address(&unused) : 0;
        op[i].dev_bus_addr = parts & 2 ? mfn_to_maddr(page_to_mfn(any_page())).v : 0;
    }
    call(GNTTABOP_unmap_grant_ref, op, n);
}

static void replace(void)
{
    uint32_t unused;
    struct gnttab_unmap_and_replace op = { .host_addr = any_address(&unused), .new_addr = any_address(&unused),
                                           .handle = one_of(handle) };

    call(GNTTABOP_unmap_and_replace, &op, 1);
}

static void any_end(struct gnttab_copy_ptr *ptr, bool granted)
{
    if (granted)
        ptr->u.ref = any_ref();
    else
        ptr->u.gmfn = page_to_mfn(any_page()).v;
    ptr->domid = any_domain();
    ptr->offset = byte() * 17;
}

static void copy(void)
{
    struct gnttab_copy op[BATCH] = { 0 };
    unsigned int n = 1 + byte() % BATCH;

    for (unsigned int i = 0; i < n; i++) {
        op[i].flags = byte() % 5;
        op[i].len = byte() * 16;
        any_end(&op[i].source, op[i].flags & GNTCOPY_source_gref);
        any_end(&op[i].dest, op[i].flags & GNTCOPY_dest_gref);
    }
    call(GNTTABOP_copy, op, n);
}

static void swap(void)
{
    struct gnttab_swap_grant_ref op = { any_ref(), any_ref(), 0 };

    call(GNTTABOP_swap_grant_ref, &op, 1);
}

static void set_up(void)
{
    xen_pfn_t frames[4];
    struct gnttab_setup_table op = { .dom = any_domain(), .nr_frames = byte() % 4, .frame_list = { frames } };

    call(GNTTABOP_setup_table, &op, 1);
}

/* What it mapped it overwrites, so that the entry goes and the handle stays. */
static void overwrite(void)
{
    static const uint64_t bits[] = { 0, RO, RW };
    uint64_t b = one_of(bits);

    mmu_update(entry_address(tables[me].table[1], byte() % SLOTS), b ? entry_for(any_page(), b) : 0, DOMID_SELF);
}

static void give_back(void)
{
    unsigned int k = 1 + byte() % (PAGES - 1);
    xen_pfn_t frame = page_to_mfn(page[me][k]).v;
    struct xen_memory_reservation r = { .extent_start.p = &frame, .nr_extents = 1, .domid = DOMID_SELF };

    if (page[me][k]->owner != domain[me]->id)
        return;
    if (do_memory_op(XENMEM_decrease_reservation, (unsigned long)&r, 0, 0, 0, 0) == 1 &&
        !(page[me][k]->count & PGC_COUNT_MASK))
        page[me][k] = new_page(domain[me]);
}

static void (*const steps[])(void) = { write_entry, write_entry, write_entry, map, map, map, unmap, unmap,
                                       replace, copy, swap, set_up, overwrite, give_back };

static void step(void)
{
    uint8_t what = byte() % (ARRAY_SIZE(steps) + 3);
    unsigned int who = byte() % DOMAINS;

    if (what == ARRAY_SIZE(steps))
        host_preempt_after = byte() % 8 - 1;
    else if (what == ARRAY_SIZE(steps) + 1)
        kill_one(who);
    else if (what == ARRAY_SIZE(steps) + 2 && !domain[who])
        make(who);
    else if (what < ARRAY_SIZE(steps) && become(who))
        steps[what]();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned int first;

    fuzz_begin(data, size);
    host_reset(FRAMES);
    sched_init();
    sched_cpu_online(0);
    timers_init();
    memset(handle, 0, sizeof(handle));
    nr_handles = 0;
    for (unsigned int i = 0; i < DOMAINS; i++)
        make(i);
    first = byte();
    for (unsigned int n = 1; fuzz_left; n++) {
        step();
        if (n % CHECK_EVERY == 0)
            check_all();
    }
    check_all();
    host_preempt_after = -1;
    for (unsigned int i = 0; i < DOMAINS; i++)
        for (unsigned int k = (first + i) % DOMAINS; domain[k] && domain[k]->dying != DOMAIN_DEAD;)
            kill_one(k);
    CHECK(!domain_next(0), "a domain stays");
    CHECK(page_alloc_free_pages() == FRAMES - 1, "%lu frames are missing", FRAMES - 1 - page_alloc_free_pages());
    return 0;
}
