/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page-table entries, hv's own tables (layout.h), and mappings of device memory and firmware tables.
 */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include <arch/layout.h>
#include <hv/types.h>

#define PTE_P (1ul << 0)
#define PTE_RW (1ul << 1)
#define PTE_US (1ul << 2)
#define PTE_PWT (1ul << 3)
#define PTE_PCD (1ul << 4)
#define PTE_A (1ul << 5)
#define PTE_D (1ul << 6)
#define PTE_PSE (1ul << 7)  /* PAT in a leaf of level 1 */
#define PTE_PAT (1ul << 7)
#define PTE_G (1ul << 8)
#define PTE_AVAIL (7ul << 9)
#define PTE_NX (1ul << 63)
#define PTE_ADDR_MASK 0x000ffffffffff000ul
#define PTE_UC (PTE_PCD | PTE_PWT)

/* Leaves of hv's own: without NX in CPUs that lack it (pte_nx is 0 there). */
extern uint64_t pte_nx;
#define PTE_HV_RW (PTE_P | PTE_RW | PTE_A | PTE_D | PTE_G | pte_nx)
#define PTE_HV_RO (PTE_P | PTE_A | PTE_G | pte_nx)
#define PTE_HV_RX (PTE_P | PTE_A | PTE_G)
#define PTE_HV_TABLE (PTE_P | PTE_RW | PTE_A | PTE_D)

static inline unsigned int pt_index(unsigned long va, unsigned int level)
{
    return va >> (12 + 9 * (level - 1)) & 511;
}

/*
 * Entries HV_ROOT_SLOT_FIRST to _LAST go into every root table, and never change once paging_init() is done.
 */
extern uint64_t hv_root[512];

void paging_init(void);        /* boot CPU: hv's final tables, frame table, M2P; loads them */
uint64_t paging_hv_cr3(void);  /* CR3 for it */
void paging_load_root(void);   /* this CPU: hv_root into CR3 */

/* Boot only: map with the largest pages that fit. flags: one of PTE_HV_*, or others of a leaf. */
void paging_map(unsigned long va, uint64_t maddr, uint64_t size, uint64_t flags);
/* an entry that points to a new, empty table; any time after paging_init() */
uint64_t paging_new_table(void);

void vmap_init(void);
/*
 * Map [start, start + size) of machine addresses into the vmap area; cache is 0 (write-back) or PTE_UC, plus
 * PTE_RW for a writable mapping; never executable. NULL: no room. Any time after paging_init().
 */
void *vmap(maddr_t start, size_t size, uint64_t cache);
void vunmap(void *va);         /* what vmap returned; all CPUs' TLBs are flushed */

/* Per-CPU window (layout.h): make room for that CPU, and set one of its 64 pages (0: none). No flush. */
void cpu_window_init(unsigned int cpu);
void cpu_window_set(unsigned int cpu, unsigned int page, uint64_t pte);

/* M2P: machine frame of 2 MiB chunk i of the table (2^18 entries each), or MFN_INVALID in a hole. */
mfn_t m2p_chunk_mfn(unsigned int i);
unsigned int m2p_nr_chunks(void);
/* hv's writable view of frame's M2P entry (the mapping at M2P_VIRT is read-only); NULL in a hole. */
uint64_t *m2p_entry(mfn_t mfn);

#endif
