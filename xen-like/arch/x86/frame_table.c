/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The frame table (32 bytes a frame) and the M2P (8 bytes a frame). Both are made of 2 MiB pieces, and only
 * where there is RAM, so that holes in the memory map cost nothing; a frame without RAM inside such a piece
 * belongs to DOMID_IO and is not "valid". All of the first MiB counts as I/O memory: firmware and devices
 * live there.
 *
 * The M2P at M2P_VIRT is readable by guests; hv writes it through the direct map.
 */
#include <arch/boot.h>
#include <arch/frame_table.h>
#include <arch/paging.h>
#include <hv/console.h>
#include <hv/string.h>

#define PIECE 0x200000ul
#define NR_M2P_CHUNKS (MAX_FRAMES >> M2P_CHUNK_SHIFT)

mfn_t max_mfn;
uint64_t frame_chunk_present[(MAX_FRAMES >> FRAME_CHUNK_SHIFT) / 64];
static uint32_t m2p_chunk[NR_M2P_CHUNKS]; /* frame number of the piece, in units of 2 MiB; 0 = hole */

/* The frames of a RAM range that count; false: none. */
static bool ram_frames(const struct boot_memory *m, uint64_t *first, uint64_t *end)
{
    *first = max(ALIGN_UP(m->start, PAGE_SIZE) >> PAGE_SHIFT, 0x100ul);
    *end = min(m->end >> PAGE_SHIFT, MAX_FRAMES);
    return m->type == BOOT_RAM && *first < *end;
}

static void add_frame_chunk(uint64_t chunk)
{
    struct page_info *pg = frame_table + (chunk << FRAME_CHUNK_SHIFT);

    if (frame_chunk_present[chunk / 64] >> (chunk % 64) & 1)
        return;
    paging_map((unsigned long)pg, boot_alloc(PIECE, PIECE, ~0ul).v, PIECE, PTE_HV_RW);
    frame_chunk_present[chunk / 64] |= 1ull << (chunk % 64);
    for (uint64_t i = 0; i < 1ul << FRAME_CHUNK_SHIFT; i++)
        pg[i].owner = DOMID_IO;
}

static void add_m2p_chunk(uint64_t chunk)
{
    maddr_t piece;

    if (m2p_chunk[chunk])
        return;
    piece = boot_alloc(PIECE, PIECE, ~0ul);
    memset((void *)(DIRECT_MAP_VIRT + piece.v), 0xff, PIECE);
    m2p_chunk[chunk] = piece.v / PIECE;
    /* not global, or a guest's user programs would find it in the TLB */
    paging_map(M2P_VIRT + chunk * PIECE, piece.v, PIECE, (PTE_HV_RO & ~PTE_G) | PTE_US);
}

static void allow_users_through(void)
{
    uint64_t *l3 = (uint64_t *)(DIRECT_MAP_VIRT + (hv_root[pt_index(M2P_VIRT, 4)] & PTE_ADDR_MASK));

    for (unsigned int i = 0; i < 512; i++)
        if (l3[i] & PTE_P)
            l3[i] |= PTE_US;
}

void frame_table_init(void)
{
    uint64_t first, end;

    for (unsigned int i = 0; i < boot_info.nr_memory; i++) {
        if (!ram_frames(&boot_info.memory[i], &first, &end))
            continue;
        for (uint64_t c = first >> FRAME_CHUNK_SHIFT; c <= (end - 1) >> FRAME_CHUNK_SHIFT; c++)
            add_frame_chunk(c);
        for (uint64_t c = first >> M2P_CHUNK_SHIFT; c <= (end - 1) >> M2P_CHUNK_SHIFT; c++)
            add_m2p_chunk(c);
        for (uint64_t f = first; f < end; f++)
            frame_table[f].owner = DOMID_INVALID;
        max_mfn = MFN(max(max_mfn.v, end));
    }
    allow_users_through();
}

mfn_t virt_to_mfn(const void *va)
{
    uintptr_t v = (uintptr_t)va;

    if (v >= DIRECT_MAP_VIRT)
        return MFN((v - DIRECT_MAP_VIRT) >> PAGE_SHIFT);
    return MFN((v - HV_IMAGE_VIRT + HV_IMAGE_PHYS) >> PAGE_SHIFT);
}

uint64_t frame_table_bytes(void)
{
    uint64_t pieces = 0;

    for (unsigned int i = 0; i < ARRAY_SIZE(frame_chunk_present); i++)
        pieces += __builtin_popcountll(frame_chunk_present[i]);
    for (unsigned int i = 0; i < ARRAY_SIZE(m2p_chunk); i++)
        pieces += m2p_chunk[i] != 0;
    return pieces * PIECE;
}

unsigned int m2p_nr_chunks(void) { return (max_mfn.v + (1ul << M2P_CHUNK_SHIFT) - 1) >> M2P_CHUNK_SHIFT; }

mfn_t m2p_chunk_mfn(unsigned int i)
{
    if (i >= NR_M2P_CHUNKS || !m2p_chunk[i])
        return MFN_INVALID;
    return MFN((uint64_t)m2p_chunk[i] * (PIECE >> PAGE_SHIFT));
}

uint64_t *m2p_entry(mfn_t mfn)
{
    uint64_t chunk = mfn.v >> M2P_CHUNK_SHIFT;

    if (mfn.v >= max_mfn.v || !m2p_chunk[chunk])
        return NULL;
    return (uint64_t *)(DIRECT_MAP_VIRT + m2p_chunk[chunk] * PIECE) +
           (mfn.v & ((1ul << M2P_CHUNK_SHIFT) - 1));
}
