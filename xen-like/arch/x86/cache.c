/* SPDX-License-Identifier: GPL-2.0-only */
/* Data caches, for the few who must not leave anything in them. CLFLUSH works on lines (SDM 2A) of 64 bytes on all CPUs here. */
#include <hv/arch.h>

#define LINE 64ul

void arch_cache_flush(const void *va, size_t n)
{
    const char *end = (const char *)va + n;

    __asm__ volatile("mfence" ::: "memory");
    for (const char *p = (const char *)((unsigned long)va & ~(LINE - 1)); p < end; p += LINE)
        __asm__ volatile("clflush %0" ::"m"(*p) : "memory");
    __asm__ volatile("mfence" ::: "memory");
}
