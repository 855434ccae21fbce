/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of the test kernel. All allocations come from a pool inside the image (so it lies in the boot mapping
 * and its pseudo-physical frame follows from its address). A pool page is mapped writable until a test changes it.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define VIRT_BASE  0xffffffff80000000ul
#define PTE_PRESENT 0x001ul
#define PTE_WRITE   0x002ul
#define PTE_USER    0x004ul
#define PTE_PWT     0x008ul
#define PTE_PCD     0x010ul
#define PTE_ACCESSED 0x020ul
#define PTE_DIRTY   0x040ul
#define PTE_PSE     0x080ul
#define PTE_GLOBAL  0x100ul
#define PTE_NX      (1ul << 63)
#define PTE_FRAME   0x000ffffffffff000ul
#define PTE_RW      (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY)
#define PTE_RO      (PTE_PRESENT | PTE_USER | PTE_ACCESSED)
#define PTE_TABLE   PTE_RW
#define BAD_MFN     0xfffffffffffffffful

void memory_init(void);

/* Zeroed, page-aligned, writable; never freed. Bails out when the pool is empty. */
void *page_alloc(void);
void *pages_alloc(unsigned int count);

/* Translations. va_ functions take addresses inside the boot mapping. */
unsigned long pfn_to_mfn(unsigned long pfn);
unsigned long mfn_to_pfn(unsigned long mfn);        /* through the machine-to-physical table */
void *mfn_to_va(unsigned long mfn);
unsigned long va_to_pfn(const void *va);
unsigned long va_to_mfn(const void *va);
uint64_t va_to_machine(const void *va);
unsigned long pfn_count(void);
void set_pfn_mfn(unsigned long pfn, unsigned long mfn);     /* the kernel's own table */

/* The entry at LEVEL (1..4) that maps VA in the tree with root ROOT (an address), or NULL. */
uint64_t *entry_in(uint64_t *root, unsigned long va, unsigned int level);
uint64_t *entry_of(const void *va, unsigned int level);     /* in the boot page tables */
uint64_t entry_machine(const uint64_t *entry);              /* what mmu_update wants as ptr */
uint64_t *boot_root(void);

/* One entry by mmu_update; 0 or a negative error. */
long set_entry(const uint64_t *entry, uint64_t value);
long set_entry_machine(uint64_t machine_address, uint64_t value, unsigned int type);

/* Changes how a page of the boot mapping is mapped, by update_va_mapping, with a flush. */
long map_ro(void *va);
long map_rw(void *va);
long map_none(void *va);
long map_mfn(void *va, unsigned long mfn, uint64_t flags);

/* mmuext operations with one argument. */
long mmuext(unsigned int cmd, unsigned long mfn);
long pin(unsigned int level, void *table);
long unpin(void *table);
void flush_tlb(void);

/* An address that the boot tables do not map, with an L3, L2 and L1 made for it: the L1 is returned, and is in use as
 * a page table (write it with set_entry). Each call gives another 512 GiB slot. */
uint64_t *new_window(unsigned long *va);

/* A root that maps what the boot root maps, pinned; used as user page table or switched to. */
uint64_t *clone_root(void);

/* Makes the user half usable: a cloned root, set by MMUEXT_NEW_USER_BASEPTR. Idempotent per vCPU. */
void user_space_init(void);

#endif
