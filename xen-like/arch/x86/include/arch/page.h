/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frame number <-> frame table entry <-> direct map: plain arithmetic on fixed addresses (layout.h). Part of
 * hv/page.h. The frame table has holes where there is no RAM; a bit for each 2 MiB of it tells.
 */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include <arch/entry.h>
#include <arch/layout.h>
#include <hv/types.h>

#define FRAME_CHUNK_SHIFT 16 /* 2 MiB of frame table describe that many frames */
#define MAX_FRAMES ((DIRECT_MAP_END - DIRECT_MAP_VIRT) >> PAGE_SHIFT)
#define frame_table ((struct page_info *)FRAME_TABLE_VIRT)

extern uint64_t frame_chunk_present[(MAX_FRAMES >> FRAME_CHUNK_SHIFT) / 64];

static inline struct page_info *mfn_to_page(mfn_t mfn) { return &frame_table[mfn.v]; }
static inline mfn_t page_to_mfn(const struct page_info *pg) { return MFN(pg - frame_table); }
static inline void *mfn_to_virt(mfn_t mfn) { return (void *)(DIRECT_MAP_VIRT + (mfn.v << PAGE_SHIFT)); }

/* There is a frame table entry, be it of RAM or of device memory between RAM. */
static inline bool mfn_has_entry(mfn_t mfn)
{
    uint64_t chunk = mfn.v >> FRAME_CHUNK_SHIFT;

    return mfn.v < max_mfn.v && frame_chunk_present[chunk / 64] >> (chunk % 64) & 1;
}

/*
 * The same where it has to be fast and nearly all are RAM: the entry of the frame table, or NULL. A hole in
 * the table is found by a fault, which is not for an NMI's handler.
 */
static inline __attribute__((always_inline)) struct page_info *mfn_to_page_or_null(mfn_t mfn)
{
    struct page_info *pg = mfn_to_page(mfn);

    if (unlikely(mfn.v >= max_mfn.v))
        return NULL;
    __asm__ volatile goto("1: testb $0, %0\n\t" EXTABLE(1b, %l[hole]) : : "m"(pg->owner) : "cc" : hole);
    return pg;
hole:
    return NULL;
}

static inline bool mfn_valid(mfn_t mfn) { return mfn_has_entry(mfn) && frame_table[mfn.v].owner != DOMID_IO; }

#endif
