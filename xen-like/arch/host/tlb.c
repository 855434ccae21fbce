/* SPDX-License-Identifier: GPL-2.0-only */
/* The TLB's clock as in arch/x86/tlb.c, with counters for flushes. */
#include "host.h"

void (*host_flush_hook)(void);

static uint32_t clock_ticks = 1, cpu_stamp[NR_CPUS];

uint32_t tlb_clock_now(void) { return clock_ticks; }

void tlb_flush_mask(cpumask_t cpus)
{
    unsigned int cpu;

    if (host_flush_hook)
        host_flush_hook();
    clock_ticks++;
    cpumask_for_each(cpu, cpus)
        cpu_stamp[cpu] = clock_ticks;
    host_counters.full_flushes++;
    host_counters.last_flush = cpus;
}

void tlb_flush_local(void) { tlb_flush_mask(cpumask_of(host_cpu)); }

void tlb_flush_page_mask(cpumask_t cpus, unsigned long va)
{
    host_counters.page_flushes++;
    host_counters.last_flush = cpus;
    host_counters.last_flush_va = va;
}

/* No CPU idles here. */
void tlb_flush_guest_mask(cpumask_t cpus) { tlb_flush_mask(cpus); }
void tlb_flush_guest_page_mask(cpumask_t cpus, unsigned long va) { tlb_flush_page_mask(cpus, va); }

void tlb_flush_since(cpumask_t cpus, uint32_t stamp)
{
    unsigned int cpu;
    cpumask_t need = CPUMASK_NONE;

    cpumask_for_each(cpu, cpus)
        if ((int32_t)(stamp - cpu_stamp[cpu]) >= 0)
            need = cpumask_or(need, cpumask_of(cpu));
    if (!cpumask_empty(need))
        tlb_flush_mask(need);
}

void arch_cache_flush(const void *va, size_t n)
{
    (void)va;
    (void)n;
    host_counters.cache_flushes++;
}

void arch_cache_flush_all(cpumask_t cpus)
{
    (void)cpus;
    host_counters.cache_flushes++;
}
