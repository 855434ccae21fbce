/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changing page tables costs: entries that move between two frames, and a full level-1 table pinned and
 * unpinned.
 */
#include "cost.h"

#define ENTRIES 128u

static struct mmu_update req[ENTRIES];
static uint64_t mfn[2];
static unsigned int turn;

/* Point n entries of an L1 table at the frame that they do not map now. */
static void update(unsigned int n)
{
    turn ^= 1;
    for (unsigned int i = 0; i < n; i++)
        req[i].val = mfn[turn] << 12 | 0x63;
    if (hyp_mmu_update(req, n, NULL, DOMID_SELF))
        bail("mmu_update");
}

static void update_va(unsigned long va)
{
    turn ^= 1;
    if (hyp_update_va_mapping(va, mfn[turn] << 12 | 0x63, UVMF_INVLPG))
        bail("update_va_mapping");
}

static void pin_and_unpin(void *table)
{
    if (pin(1, table) || unpin(table))
        bail("pin");
}

void cost_tables(void)
{
    unsigned long va;
    uint64_t *table = new_window(&va), *full = page_alloc();
    void *page = page_alloc();

    mfn[0] = va_to_mfn(page);
    mfn[1] = va_to_mfn(page_alloc());
    for (unsigned int i = 0; i < ENTRIES; i++)
        req[i].ptr = entry_machine(&table[i]) | MMU_NORMAL_PT_UPDATE;
    COST("mmu_update, 1 entry", update(1));
    COST("mmu_update, 32 entries", update(32));
    COST_OF("mmu_update, 128 entries", 200, update(128));
    COST("update_va_mapping", update_va(va));

    for (unsigned int i = 0; i < 512; i++)
        full[i] = mfn[0] << 12 | 0x63;
    if (map_ro(full))
        bail("map_ro");
    COST_OF("pin and unpin of a full L1", 50, pin_and_unpin(full));
}
