/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading a guest's page tables without locks. A table may stop being one while it is read, and its frame be
 * anything by then; so what is found is only a number, and may name no RAM at all. Reading there then faults,
 * and gives 0: an entry that is not present. (An address that lies so far beyond the direct map that it is
 * the guest's own reads the guest's own memory.)
 */
#ifndef ARCH_TABLE_PEEK_H
#define ARCH_TABLE_PEEK_H

#include <arch/entry.h>
#include <arch/layout.h>
#include <hv/types.h>

/* The entry at `offset` bytes in the table at a machine address. */
static inline uint64_t table_peek(maddr_t table, unsigned int offset)
{
    const uint64_t *at = (const uint64_t *)(DIRECT_MAP_VIRT + table.v + offset);
    uint64_t entry;

    __asm__ volatile("1: mov %[at], %[entry]\n"
                     "2:\n\t"
                     ".pushsection .text.unlikely, \"ax\"\n"
                     "3: xor %k[entry], %k[entry]\n\t"
                     "jmp 2b\n\t"
                     ".popsection\n\t" EXTABLE(1b, 3b)
                     : [entry] "=r"(entry) : [at] "m"(*at));
    return entry;
}

#endif
