/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing entries of level-1 tables, in each way there is, and making tables of plain pages and pages of tables. Entries move
 * between two frames; "flags only" flips the accessed and dirty bits, which no count depends on.
 */
#include "bench.h"

#define ENTRIES 128u
#define FLAGS 0x63u

static struct mmu_update req[ENTRIES];
static uint64_t mfn[2], *window;
static unsigned long window_va;
static unsigned int turn;

static void update(unsigned int n, uint64_t value)
{
    for (unsigned int i = 0; i < n; i++)
        req[i].val = value;
    DO(hyp_mmu_update(req, n, NULL, DOMID_SELF));
}

static uint64_t other_frame(void)
{
    turn ^= 1;
    return mfn[turn] << 12 | FLAGS;
}

static uint64_t other_flags(void)
{
    turn ^= 1;
    return mfn[0] << 12 | (turn ? FLAGS : FLAGS & ~(PTE_ACCESSED | PTE_DIRTY));
}

static void clear_and_set(unsigned int n)
{
    update(n, 0);
    update(n, mfn[0] << 12 | FLAGS);
}

static void mmu_updates(void)
{
    for (unsigned int i = 0; i < ENTRIES; i++)
        req[i].ptr = entry_machine(&window[i]) | MMU_NORMAL_PT_UPDATE;
    update(ENTRIES, mfn[0] << 12 | FLAGS);
    MEASURE("mmu_update, 1 entry, nothing changes", update(1, mfn[0] << 12 | FLAGS));
    MEASURE("mmu_update, 32 entries, nothing changes", update(32, mfn[0] << 12 | FLAGS));
    MEASURE("mmu_update, 128 entries, nothing changes", update(128, mfn[0] << 12 | FLAGS));
    MEASURE("mmu_update, 1 entry, other frame", update(1, other_frame()));
    MEASURE("mmu_update, 32 entries, other frame", update(32, other_frame()));
    MEASURE("mmu_update, 128 entries, other frame", update(128, other_frame()));
    update(ENTRIES, mfn[0] << 12 | FLAGS);
    MEASURE("mmu_update, 1 entry, flags only", update(1, other_flags()));
    MEASURE("mmu_update, 32 entries, flags only", update(32, other_flags()));
    MEASURE("mmu_update, 128 entries, flags only", update(128, other_flags()));
    MEASURE("mmu_update, 1 entry, read-only and back",
            (update(1, mfn[0] << 12 | (FLAGS & ~PTE_WRITE)), update(1, mfn[0] << 12 | FLAGS)));
    MEASURE("mmu_update, 1 entry, clear and set", clear_and_set(1));
    MEASURE("mmu_update, 32 entries, clear and set", clear_and_set(32));
    MEASURE("mmu_update, 128 entries, clear and set", clear_and_set(128));
}

/* The same entries by hv's extension. */
static void at_once(unsigned int n, unsigned int mode, uint64_t value)
{
    static uint64_t words[ENTRIES];
    struct hv_update_ptes op = {
        .ptr = req[0].ptr, .count = n, .mode = mode, .entries = (uint64_t)words, .va = window_va,
    };

    if (mode == HV_PTES_SET || mode == HV_PTES_SET_KEEP_AD)
        for (unsigned int i = 0; i < n; i++)
            words[i] = value;
    DO(hyp_hv_op(HVOP_update_ptes, &op));
}

static void updates_at_once(void)
{
    uint64_t entry = mfn[0] << 12 | FLAGS;

    at_once(ENTRIES, HV_PTES_SET, entry);
    MEASURE("hv: update_ptes, 1 entry, other frame", at_once(1, HV_PTES_SET, other_frame()));
    MEASURE("hv: update_ptes, 32 entries, other frame", at_once(32, HV_PTES_SET, other_frame()));
    MEASURE("hv: update_ptes, 128 entries, other frame", at_once(128, HV_PTES_SET, other_frame()));
    at_once(ENTRIES, HV_PTES_SET, entry);
    MEASURE("hv: update_ptes, 128 entries, flags only", at_once(128, HV_PTES_SET_KEEP_AD, other_flags()));
    MEASURE("hv: update_ptes, 128 entries, read-only and back",
            (at_once(128, HV_PTES_PROTECT, 0), at_once(128, HV_PTES_SET_KEEP_AD, entry)));
    MEASURE("hv: update_ptes, 128 entries, clear and set",
            (at_once(128, HV_PTES_CLEAR, 0), at_once(128, HV_PTES_SET, entry)));
}

static void update_va_mappings(void)
{
    static uint64_t cpus_ = 1;

#define VA(name, flags) MEASURE("update_va_mapping, " name, DO(hyp_update_va_mapping(window_va, other_frame(), flags)))
    VA("no flush", UVMF_NONE);
    VA("this address, here", UVMF_INVLPG | UVMF_LOCAL);
    VA("this address, everywhere", UVMF_INVLPG | UVMF_ALL);
    VA("this address, a set of vCPUs", UVMF_INVLPG | (unsigned long)&cpus_);
    VA("whole TLB, here", UVMF_TLB_FLUSH | UVMF_LOCAL);
    VA("whole TLB, everywhere", UVMF_TLB_FLUSH | UVMF_ALL);
    VA("whole TLB, a set of vCPUs", UVMF_TLB_FLUSH | (unsigned long)&cpus_);
#undef VA
}

static void plain_writes(void)
{
    volatile uint64_t *pte = window;

    MEASURE("page-table write, emulated, other frame", *pte = other_frame());
    *pte = mfn[0] << 12 | FLAGS;
    MEASURE("page-table write, emulated, flags only", *pte = other_flags());
    MEASURE("page-table write, emulated, lock btr and bts",
            asm volatile("lock btrq $1, %0; lock btsq $1, %0" : "+m"(*pte) : : "cc"));
    MEASURE("page-table write, emulated, clear and set", (*pte = 0, *pte = mfn[0] << 12 | FLAGS));
}

static void pin_and_unpin(unsigned int level, void *table)
{
    DO(pin(level, table));
    DO(unpin(table));
}

/* A tree with one full level-1 table, every entry writable. */
static void pins(void)
{
    uint64_t *empty = page_alloc(), *full = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc(), *l4 = page_alloc();

    for (unsigned int i = 0; i < 512; i++)
        full[i] = mfn[0] << 12 | FLAGS;
    l2[0] = va_to_mfn(full) << 12 | PTE_TABLE;
    l3[0] = va_to_mfn(l2) << 12 | PTE_TABLE;
    l4[0] = va_to_mfn(l3) << 12 | PTE_TABLE;
    if (map_ro(empty) || map_ro(full) || map_ro(l2) || map_ro(l3) || map_ro(l4))
        bail("cannot make page tables read-only");
    MEASURE_TIMES("pin and unpin, an empty L1", 50, pin_and_unpin(1, empty));
    MEASURE_TIMES("pin and unpin, a full L1", 50, pin_and_unpin(1, full));
    MEASURE_TIMES("pin and unpin, a tree of four tables, full L1", 50, pin_and_unpin(4, l4));
}

void bench_tables(void)
{
    void *page = page_alloc();

    window = new_window(&window_va);
    mfn[0] = va_to_mfn(page);
    mfn[1] = va_to_mfn(page_alloc());
    mmu_updates();
    if (hv_offers(HV_FEATURE_update_ptes))
        updates_at_once();
    update_va_mappings();
    plain_writes();
    pins();
}
