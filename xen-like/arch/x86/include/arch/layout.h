/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own part of every address space: root slots 256 to 271, the hole that the ABI reserves
 * (HYPERVISOR_VIRT_START to _END). The 16 root entries are fixed before the first domain exists and are the
 * same in every root table; all of hv's leaf entries are global and supervisor-only. The M2P's are neither, and
 * guests' user programs may be without it.
 *
 *   256  0xffff8000_00000000  M2P, read-only to guests (its place is ABI)
 *   257  0xffff8080_00000000  frame table
 *   258  0xffff8100_00000000  hv's image (text RX, rodata R, data RW+NX), at +1 GiB the vmap area (MMIO, firmware tables)
 *   259  0xffff8180_00000000  per-CPU windows: the current vCPU's GDT and LDT frames
 *   260  0xffff8200_00000000  direct map of all RAM (RW+NX; without hv's text), to the end of the hole: 6 TiB
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#define HV_ROOT_SLOT_FIRST 256u
#define HV_ROOT_SLOT_LAST 271u
#define HV_ROOT_SLOT_M2P 256u

#define M2P_VIRT 0xffff800000000000ul
#define FRAME_TABLE_VIRT 0xffff808000000000ul
#define HV_IMAGE_VIRT 0xffff810000000000ul
#define HV_IMAGE_PHYS 0x200000ul /* hv.elf is loaded here, 2 MiB aligned */
#define VMAP_VIRT 0xffff810040000000ul
#define VMAP_SIZE 0x40000000ul
#define CPU_WINDOW_VIRT 0xffff818000000000ul
#define CPU_WINDOW_SIZE 0x40000ul /* 64 pages: 0..15 GDT (14 guest, 1 hv), 16..31 LDT, rest spare */
#define CPU_WINDOW_GDT(cpu) (CPU_WINDOW_VIRT + (cpu) * CPU_WINDOW_SIZE)
#define CPU_WINDOW_LDT(cpu) (CPU_WINDOW_GDT(cpu) + 0x10000ul)
#define DIRECT_MAP_VIRT 0xffff820000000000ul
#define DIRECT_MAP_END 0xffff880000000000ul

/* hv's descriptors in the reserved part of the GDT: selectors 0xe000 and up, where the ABI has its flat ones. */

#endif
