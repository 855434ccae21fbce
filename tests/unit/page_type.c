/* SPDX-License-Identifier: GPL-2.0-only */
/* Types of frames: what excludes what, what holds what, and what an interruption leaves behind. */
#include "pv_guest.h"

#include "harness.h"

static struct domain *d;
static struct vcpu *v;

static void begin(void)
{
    host_reset(4096);
    d = host_domain_new(1, false, 2, 4096);
    v = d->vcpu[0];
    host_current = v;
}

/* Whatever a test did: its domain can be taken apart, and every frame comes back. */
static void end(void)
{
    host_preempt_after = -1;
    relinquish(d);
    CU_ASSERT_EQUAL(d->tot_pages, 0);
    CU_ASSERT_EQUAL(d->refcount, 1);
}

static void every_pair_of_types(void)
{
    static const enum page_type types[] = { PGT_L1_TABLE, PGT_L2_TABLE, PGT_L3_TABLE, PGT_L4_TABLE, PGT_SEG_DESC,
                                            PGT_WRITABLE };
    struct page_info *pg;

    begin();
    d->dirty_cpus = cpumask_of(0);
    for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
        for (unsigned int j = 0; j < ARRAY_SIZE(types); j++) {
            unsigned int flushes;

            pg = new_page(d);
            CU_ASSERT_EQUAL(page_get_type(pg, types[i]), 0);
            CU_ASSERT_EQUAL(page_get_type(pg, types[j]), i == j ? 0 : -EINVAL);
            CU_ASSERT_EQUAL(typed(pg), i == j ? 2 : 1);
            if (i == j)
                page_put_type(pg);
            page_put_type(pg);
            CU_ASSERT_EQUAL(typed(pg), 0);
            memset(entries(pg), 0, PAGE_SIZE); /* hv's slots, if it was a root */
            flushes = host_counters.full_flushes;
            CU_ASSERT_EQUAL(page_get_type(pg, types[j]), 0); /* unused: may become anything, after a flush */
            CU_ASSERT_EQUAL(host_counters.full_flushes, flushes + (i != j));
            page_put_type(pg);
            CU_ASSERT_EQUAL(general(pg), 1);
        }
    }
    end();
}

static void flush_is_left_out_when_done(void)
{
    struct page_info *a, *b;

    begin();
    a = new_page(d);
    b = new_page(d);
    CU_ASSERT_EQUAL(page_get_type(a, PGT_WRITABLE), 0);
    CU_ASSERT_EQUAL(page_get_type(b, PGT_WRITABLE), 0);
    page_put_type(a);
    page_put_type(b);
    CU_ASSERT_EQUAL(page_get_type(a, PGT_L1_TABLE), 0);
    CU_ASSERT_EQUAL(page_get_type(b, PGT_L1_TABLE), 0);
    CU_ASSERT_EQUAL(host_counters.full_flushes, 1); /* one for both */
    CU_ASSERT_EQUAL(host_counters.last_flush.bits, 1);
    page_put_type(a);
    page_put_type(b);
    /* Another domain had it: then any CPU may know it. */
    host_online = (cpumask_t){ 7 };
    __atomic_fetch_or(&a->count, PGC_FOREIGN, __ATOMIC_RELAXED);
    CU_ASSERT_EQUAL(page_get_type(a, PGT_WRITABLE), 0);
    CU_ASSERT_EQUAL(host_counters.last_flush.bits, 7);
    page_put_type(a);
    end();
}

static void a_table_holds_what_it_maps(void)
{
    struct page_info *leaf, *ro;
    struct chain c;

    begin();
    leaf = new_page(d);
    ro = new_page(d);
    c = new_chain(d, 0x1000, leaf, RW);
    entries(c.table[1])[7] = entry_for(ro, RO);
    entries(c.table[1])[8] = entry_for(c.table[1], RO); /* itself, read-only: fine */
    CU_ASSERT_EQUAL(pin(4, c.table[4]), 0);
    CU_ASSERT_EQUAL(general(leaf), 2);
    CU_ASSERT_EQUAL(typed(leaf), 1);
    CU_ASSERT_EQUAL(page_type_of(leaf->type), PGT_WRITABLE);
    CU_ASSERT_EQUAL(general(ro), 2);
    CU_ASSERT_EQUAL(typed(ro), 0);
    CU_ASSERT_EQUAL(page_get_type(c.table[2], PGT_WRITABLE), -EINVAL);
    CU_ASSERT_EQUAL(page_get_type(leaf, PGT_L1_TABLE), -EINVAL);
    for (unsigned int level = 1; level <= 4; level++)
        CU_ASSERT_EQUAL(page_type_of(c.table[level]->type), level);
    for (unsigned int i = HV_ROOT_SLOT_FIRST; i <= HV_ROOT_SLOT_LAST; i++)
        CU_ASSERT_EQUAL(entries(c.table[4])[i], i == HV_ROOT_SLOT_M2P ? 0 : hv_root[i]); /* a kernel's gets it */
    CU_ASSERT_EQUAL(pin(4, c.table[4]), -EINVAL); /* pinned already */
    CU_ASSERT_EQUAL(pin(3, c.table[4]), -EINVAL);
    CU_ASSERT_EQUAL(unpin(c.table[4]), 0);
    CU_ASSERT_EQUAL(unpin(c.table[4]), -EINVAL);
    CU_ASSERT_EQUAL(general(leaf), 1);
    CU_ASSERT_EQUAL(typed(leaf), 0);
    CU_ASSERT_EQUAL(general(ro), 1);
    for (unsigned int level = 1; level <= 4; level++) {
        CU_ASSERT_EQUAL(typed(c.table[level]), 0);
        CU_ASSERT_EQUAL(general(c.table[level]), 1);
    }
    end();
}

struct bad_entry {
    unsigned int level;
    uint64_t bits;
    const char *what;
};

static void bad_entries_are_refused(void)
{
    static const struct bad_entry bad[] = {
        { 1, RW | PTE_PCD, "uncached without devices" },
        { 1, RW | PTE_PAT, "PAT without devices" },
        { 2, RW | PTE_PSE, "superpage" },
        { 3, RW | PTE_PSE, "superpage of 1 GiB" },
        { 2, RW | PTE_G, "global table" },
        { 2, RW | PTE_PCD, "uncached table" },
        { 4, RW | PTE_PWT, "write-through table" },
    };
    struct page_info *leaf;

    begin();
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        struct chain c;

        leaf = new_page(d);
        c = new_chain(d, 0x1000, leaf, RW);
        /* A good entry before the bad one: its references must be dropped again. */
        entries(c.table[1])[0] = entry_for(leaf, RW);
        entries(c.table[bad[i].level])[100] =
            entry_for(bad[i].level > 1 ? c.table[bad[i].level - 1] : leaf, bad[i].bits);
        CU_ASSERT_NOT_EQUAL(pin(4, c.table[4]), 0);
        CU_ASSERT_EQUAL(general(leaf), 1);
        for (unsigned int level = 1; level <= 4; level++)
            CU_ASSERT_EQUAL(c.table[level]->type & (PGT_COUNT_MASK | PGT_PARTIAL | PGT_LOCKED | PGT_KEPT), 0);
    }
    leaf = new_page(d);
    entries(leaf)[3] = entry_for(leaf, RW); /* a table that maps itself writable */
    CU_ASSERT_NOT_EQUAL(pin(1, leaf), 0);
    entries(leaf)[3] = 0;
    entries(leaf)[4] = 0x0000000000001000ull | RW; /* no such RAM */
    CU_ASSERT_EQUAL(pin(1, leaf), -EPERM);
    entries(leaf)[4] = mfn_to_maddr(MFN(host_iomem_first)).v | RW; /* a device, which it has not */
    CU_ASSERT_EQUAL(pin(1, leaf), -EPERM);
    d->arch.has_devices = true;
    CU_ASSERT_EQUAL(pin(1, leaf), -EPERM * (entries(leaf)[4] == 0));
    CU_ASSERT_EQUAL(entries(leaf)[4] & PTE_UC, PTE_UC);
    CU_ASSERT_EQUAL(unpin(leaf), 0);
    end();
}

static void bits_are_adjusted(void)
{
    struct page_info *leaf, *l1;

    begin();
    leaf = new_page(d);
    l1 = new_page(d);
    entries(l1)[0] = entry_for(leaf, PTE_P | PTE_RW | PTE_G | PTE_A | PTE_SOFT);
    CU_ASSERT_EQUAL(pin(1, l1), 0);
    CU_ASSERT_EQUAL(entries(l1)[0], entry_for(leaf, RW | PTE_A | PTE_SOFT));
    end();
}

static void others_frames_are_refused(void)
{
    struct domain *other;
    struct page_info *theirs, *l1;

    begin();
    other = host_domain_new(2, false, 1, 16);
    theirs = new_page(other);
    l1 = new_page(d);
    entries(l1)[0] = entry_for(theirs, RO);
    CU_ASSERT_EQUAL(pin(1, l1), -EBUSY);
    CU_ASSERT_EQUAL(pin(1, theirs), -EINVAL);
    CU_ASSERT_EQUAL(general(theirs), 1);
    end();
}

static void non_present_entries_can_be_checked(void)
{
    struct page_info *l1;

    begin();
    l1 = new_page(d);
    entries(l1)[0] = 0x123000;
    CU_ASSERT_EQUAL(pin(1, l1), 0);
    CU_ASSERT_EQUAL(unpin(l1), 0);
    pv_l1tf_limit = mfn_to_maddr(max_mfn).v;
    CU_ASSERT_EQUAL(pin(1, l1), -EINVAL);
    entries(l1)[0] = ~0x123000ull & ~PTE_P; /* inverted, as a guest does that knows */
    CU_ASSERT_EQUAL(pin(1, l1), 0);
    CU_ASSERT_EQUAL(unpin(l1), 0);
    pv_l1tf_limit = 0;
    end();
}

/* A root with several tables of each level below it, all distinct. */
static struct page_info *big_tree(struct page_info *leaf, unsigned int width)
{
    struct page_info *l4 = new_page(d);

    for (unsigned int i = 0; i < width; i++) {
        struct page_info *l3 = new_page(d);

        entries(l4)[i * 300] = entry_for(l3, RW); /* on both sides of hv's slots */
        for (unsigned int j = 0; j < width; j++) {
            struct page_info *l2 = new_page(d);

            entries(l3)[j * 3] = entry_for(l2, RW);
            for (unsigned int k = 0; k < width; k++) {
                struct page_info *l1 = new_page(d);

                entries(l2)[511 - k] = entry_for(l1, RW);
                entries(l1)[5] = entry_for(leaf, RW);
                entries(l1)[6] = entry_for(l1, RO);
            }
        }
    }
    return l4;
}

/* Interrupt pinning and unpinning at each place where that can be, and go on. */
static void interruptions_lose_nothing(void)
{
    struct page_info *leaf, *root;

    begin();
    leaf = new_page(d);
    root = big_tree(leaf, 2);
    for (long after = 0; after < 24; after++) {
        unsigned int restarts = 0;

        for (;;) {
            long rc;

            host_preempt_after = restarts ? 1 : after;
            rc = pin(4, root);
            if (rc != -ERESTART) {
                CU_ASSERT_EQUAL_FATAL(rc, 0);
                break;
            }
            CU_ASSERT_FATAL(restarts++ < 100);
            CU_ASSERT_FALSE(has(root, PGT_LOCKED));
        }
        CU_ASSERT_EQUAL(typed(leaf), 8);
        CU_ASSERT_EQUAL(general(root), 2);
        CU_ASSERT_EQUAL(typed(root), 1);
        CU_ASSERT_FALSE(has(root, PGT_PARTIAL | PGT_KEPT));
        restarts = 0;
        for (;;) {
            long rc;

            host_preempt_after = restarts ? 1 : after;
            rc = unpin(root);
            if (rc != -ERESTART) {
                CU_ASSERT_EQUAL_FATAL(rc, 0);
                break;
            }
            CU_ASSERT_FATAL(restarts++ < 100);
        }
        CU_ASSERT_EQUAL(typed(leaf), 0);
        CU_ASSERT_EQUAL(general(leaf), 1);
        CU_ASSERT_EQUAL(general(root), 1);
    }
    end();
}

/* The guest does not come back after an interruption: the frame keeps itself, and death takes it apart. */
static void abandoned_work(void)
{
    struct page_info *leaf, *root;

    begin();
    leaf = new_page(d);
    root = big_tree(leaf, 2);
    host_preempt_after = 4;
    CU_ASSERT_EQUAL(pin(4, root), -ERESTART);
    CU_ASSERT(has(root, PGT_KEPT));
    CU_ASSERT(typed(leaf) > 0);
    end();

    begin();
    leaf = new_page(d);
    root = big_tree(leaf, 2);
    CU_ASSERT_EQUAL(pin(4, root), 0);
    host_preempt_after = 3;
    CU_ASSERT_EQUAL(unpin(root), -ERESTART);
    CU_ASSERT(has(root, PGT_PINNED));
    end();

    /* Wanted as something else: what was left is undone first. */
    begin();
    leaf = new_page(d);
    root = big_tree(leaf, 2);
    host_preempt_after = 12;
    CU_ASSERT_EQUAL(pin(4, root), -ERESTART);
    CU_ASSERT(root->validated > 1);
    host_preempt_after = 0;
    CU_ASSERT_EQUAL(page_get_type(root, PGT_WRITABLE), -EINVAL);
    CU_ASSERT_EQUAL(page_get_type_undoing(root, PGT_WRITABLE), -ERESTART);
    host_preempt_after = -1;
    CU_ASSERT_EQUAL_FATAL(page_get_type_undoing(root, PGT_WRITABLE), 0);
    CU_ASSERT_EQUAL(general(root), 1);
    page_put_type(root);
    end();
}

/*
 * Found by fuzzing: an L2 table that is being written got an entry whose frame was left half validated as an
 * L4 table; undoing that led to the L2 table itself, and waited for its lock for ever.
 */
static void undoing_does_not_meet_a_lock(void)
{
    struct page_info *l1, *l2, *l3, *l4;

    begin();
    l1 = new_page(d);
    l2 = new_page(d);
    l3 = new_page(d);
    l4 = new_page(d);
    entries(l2)[0] = entry_for(l1, RW);
    entries(l3)[0] = entry_for(l2, RW);
    entries(l4)[0] = entry_for(l3, RW);
    entries(l4)[1] = entry_for(l3, RW);
    host_preempt_after = 2;
    CU_ASSERT_EQUAL(pin(4, l4), -ERESTART);
    CU_ASSERT(has(l4, PGT_KEPT));
    host_preempt_after = -1;
    CU_ASSERT_EQUAL(mmu_update(entry_address(l2, 1), entry_for(l4, RW), DOMID_SELF), -EINVAL);
    CU_ASSERT_EQUAL(unpin(l4), -EINVAL); /* not pinned, but nothing is left of it now */
    CU_ASSERT_EQUAL(typed(l4), 0);
    CU_ASSERT_EQUAL(typed(l2), 0);
    end();
}

/*
 * Half taken apart, then wanted again as the same: every entry must hold its references again, to the bottom.
 */
static void taken_up_in_the_other_direction(void)
{
    for (long after = 0; after < 12; after++) {
        struct page_info *leaf, *root;

        begin();
        leaf = new_page(d);
        root = big_tree(leaf, 2);
        CU_ASSERT_EQUAL(pin(4, root), 0);
        host_preempt_after = after;
        if (unpin(root) == -ERESTART) {
            host_preempt_after = -1;
            CU_ASSERT(has(root, PGT_PARTIAL));
            CU_ASSERT_EQUAL(page_get_type(root, PGT_L4_TABLE), 0);
            CU_ASSERT_EQUAL(typed(root), 2);
            CU_ASSERT_FALSE(has(root, PGT_PARTIAL));
            CU_ASSERT_EQUAL(typed(leaf), 8);
            CU_ASSERT_EQUAL(general(leaf), 9);
            page_put_type(root);
            CU_ASSERT_EQUAL(unpin(root), 0);
        }
        CU_ASSERT_EQUAL(typed(leaf), 0);
        end();
    }
}

/* A bad entry deep down, found after interruptions, undone with interruptions. */
static void bad_entry_after_interruptions(void)
{
    for (long after = 0; after < 16; after++) {
        struct page_info *leaf, *root;
        long rc;

        begin();
        leaf = new_page(d);
        root = big_tree(leaf, 2);
        entries(root)[400] = entry_for(leaf, RW | PTE_PSE);
        do {
            host_preempt_after = after;
            rc = pin(4, root);
        } while (rc == -ERESTART);
        CU_ASSERT_EQUAL(rc, -EINVAL);
        CU_ASSERT_FALSE(has(root, PGT_LOCKED));
        end();
    }
}

static struct page_info *raced;
static unsigned int race_runs;

/* "Another CPU", while this one flushes before it validates: must see neither the old nor the new type. */
static void look_from_elsewhere(void)
{
    enum page_type type;

    race_runs++;
    CU_ASSERT(has(raced, PGT_LOCKED));
    CU_ASSERT_FALSE(has(raced, PGT_VALIDATED));
    CU_ASSERT_EQUAL(typed(raced), 1);
    CU_ASSERT_EQUAL(page_get_type(raced, PGT_WRITABLE), -EINVAL);
    (void)type;
}

static void type_is_taken_before_the_flush(void)
{
    begin();
    raced = new_page(d);
    CU_ASSERT_EQUAL(page_get_type(raced, PGT_WRITABLE), 0);
    page_put_type(raced);
    race_runs = 0;
    host_flush_hook = look_from_elsewhere;
    CU_ASSERT_EQUAL(page_get_type(raced, PGT_L2_TABLE), 0);
    host_flush_hook = NULL;
    CU_ASSERT_EQUAL(race_runs, 1);
    page_put_type(raced);
    end();
}

/* "Another CPU" that holds the lock of a table lets go of it while we wait. */
static void unlock_raced(void) { page_unlock_table(raced); }

static void waits_for_the_lock(void)
{
    enum page_type type;

    begin();
    raced = new_page(d);
    CU_ASSERT_EQUAL(page_get_type(raced, PGT_L1_TABLE), 0);
    CU_ASSERT(page_lock_table(raced, d->id, &type));
    CU_ASSERT_EQUAL(type, PGT_L1_TABLE);
    CU_ASSERT_EQUAL(page_get_type(raced, PGT_L1_TABLE), 0); /* more references are no problem */
    page_put_type(raced);
    host_relax_hook = unlock_raced;
    page_put_type(raced); /* the last one is */
    host_relax_hook = NULL;
    CU_ASSERT_EQUAL(typed(raced), 0);
    CU_ASSERT_FALSE(page_lock_table(raced, d->id, &type));
    end();
}

static void counters_do_not_overflow(void)
{
    struct page_info *pg;
    uint64_t was;

    begin();
    pg = new_page(d);
    CU_ASSERT_EQUAL(page_get_type(pg, PGT_WRITABLE), 0);
    was = pg->type;
    pg->type |= PGT_COUNT_MASK;
    CU_ASSERT_EQUAL(page_get_type(pg, PGT_WRITABLE), -EINVAL);
    pg->type = was;
    was = pg->count;
    pg->count |= PGC_COUNT_MASK;
    CU_ASSERT_FALSE(page_get(pg, d));
    pg->count = was;
    page_put_type(pg);
    end();
}

static void descriptors_are_checked(void)
{
    struct page_info *pg;

    begin();
    pg = new_page(d);
    entries(pg)[1] = 0x00af9b000000ffffull; /* ring-0 code */
    CU_ASSERT_EQUAL(page_get_type(pg, PGT_SEG_DESC), 0);
    CU_ASSERT_EQUAL(entries(pg)[1], 0x00affb000000ffffull); /* ring 3 now */
    page_put_type(pg);
    CU_ASSERT_EQUAL(page_get_type(pg, PGT_WRITABLE), 0);
    page_put_type(pg);
    entries(pg)[2] = 0x0000ee000000ffffull; /* a gate */
    CU_ASSERT_EQUAL(page_get_type(pg, PGT_SEG_DESC), -EINVAL);
    CU_ASSERT_EQUAL(typed(pg), 0);
    end();
}

static void shared_pages_stay_what_they_are(void)
{
    struct page_info *rw, *ro, *l1;

    begin();
    rw = page_alloc(0, PAGE_ANY);
    ro = page_alloc(0, PAGE_ANY);
    page_share_with_guest(rw, d, false);
    page_share_with_guest(ro, d, true);
    l1 = new_page(d);
    entries(l1)[0] = entry_for(rw, RW);
    entries(l1)[1] = entry_for(ro, RO);
    CU_ASSERT_EQUAL(pin(1, l1), 0);
    CU_ASSERT_EQUAL(mmu_update(entry_address(l1, 2), entry_for(ro, RW), DOMID_SELF), -EBUSY);
    CU_ASSERT_EQUAL(pin(1, rw), -EINVAL);
    CU_ASSERT_EQUAL(pin(1, ro), -EINVAL);
    CU_ASSERT_FALSE(page_unshare(rw));
    CU_ASSERT_EQUAL(unpin(l1), 0);
    CU_ASSERT(page_unshare(ro));
    CU_ASSERT_EQUAL(d->xenheap_list.count, 0);
    end();
}

const struct unit_test unit_tests[] = {
    { "types exclude each other, and change only with a flush", every_pair_of_types },
    { "no flush where one has been since", flush_is_left_out_when_done },
    { "a validated table holds what it maps", a_table_holds_what_it_maps },
    { "bad entries are refused, and nothing stays held", bad_entries_are_refused },
    { "user is forced on and global off", bits_are_adjusted },
    { "frames of others are refused", others_frames_are_refused },
    { "non-present entries are checked where the CPU leaks", non_present_entries_can_be_checked },
    { "validation and its undoing can be interrupted anywhere", interruptions_lose_nothing },
    { "work that is never continued is not lost", abandoned_work },
    { "undoing abandoned work does not meet a table's lock", undoing_does_not_meet_a_lock },
    { "a table half taken apart can be validated again", taken_up_in_the_other_direction },
    { "a bad entry after interruptions", bad_entry_after_interruptions },
    { "the type is taken before flushing and validating", type_is_taken_before_the_flush },
    { "the last reference waits for the table's lock", waits_for_the_lock },
    { "reference counters do not overflow", counters_do_not_overflow },
    { "descriptor pages are checked and forced to ring 3", descriptors_are_checked },
    { "hv's shared pages are never page tables", shared_pages_stay_what_they_are },
    { NULL, NULL },
};
