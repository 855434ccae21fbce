/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where everything lies in a new PV domain's memory. Pure arithmetic: it asks nobody and touches no memory.
 *
 * The ABI's order, each part beginning on a page:
 *
 *   virt_base ... kernel | initramfs* | P2M list* | start_info | store ring | console ring | page tables |
 * stack | slack
 *
 * all of it mapped one to one from PFN 0, up to the next 4 MiB with at least 512 KiB to spare. A kernel that
 * has the note MOD_START_PFN gets its initramfs behind that, unmapped; one with INIT_P2M gets the P2M list
 * and the page tables for it at the very end, mapped where the note says.
 */
#ifndef LIBHV_SRC_BUILD_LAYOUT_H
#define LIBHV_SRC_BUILD_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include <libhv/image.h>

/* Consecutive page frames of the domain. */
struct extent {
    uint64_t pfn, pages;
};

/*
 * One page table: level 4 is the root. `index` is the first address it maps, shifted down by what one table
 * spans.
 */
struct table {
    unsigned level;
    uint64_t index;
    uint64_t pfn;
};

/* Addresses [start, end) that show frames from `pfn` on. */
struct mapping {
    uint64_t start, end;
    uint64_t pfn;
};

struct layout {
    uint64_t virt_base, virt_end; /* the initial mapping */
    uint64_t pages;               /* of the domain */
    struct extent kernel, initrd, p2m, tables, p2m_tables;
    uint64_t start_info_pfn, store_pfn, console_pfn, stack_pfn;
    uint64_t initrd_vaddr;        /* 0: not mapped */
    uint64_t p2m_vaddr;
    struct mapping mapping[2];    /* the initial one, and the P2M list's if it is elsewhere */
    unsigned mappings;
    struct table *table;          /* the root first, parents before children; malloc'ed */
    unsigned table_count;
};

/*
 * Lays out a domain of `pages` frames. Returns 0, -ENOMEM, -ENOSPC (*needed: pages that would do), or -EFAULT
 * (the kernel wants to be where the hypervisor is). layout_free() in any case but failure.
 */
int layout_make(struct layout *layout, const struct hv_kernel *kernel, uint64_t initrd_size, uint64_t pages,
                uint64_t *needed);
void layout_free(struct layout *layout);

/* The virtual address of a frame in the initial mapping. */
static inline uint64_t layout_vaddr(const struct layout *layout, uint64_t pfn)
{
    return layout->virt_base + (pfn << 12);
}

#endif
