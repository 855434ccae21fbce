/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flushing the TLBs of guests' translations, and the clock that tells which flushes can be left out.
 *
 * Each full flush ticks the clock and notes the new time for its CPU. A frame that goes out of use notes the
 * time too; a CPU that has noted a later time than the frame cannot have a translation of it left. The clock
 * has 32 bits: times are compared by difference, so a CPU must not stay behind by half the range; every 2^30
 * ticks one CPU has all others flush.
 *
 * A CPU that idles keeps the root of the vCPU that ran last, for that is likely to run there next. When it has to flush
 * for a frame's sake, it changes to hv's own root instead, and need not be asked again until it loads a guest's.
 *
 * Guests' translations are never global; hv's all are, and are the same everywhere. So loading CR3 flushes
 * what must be flushed and nothing else.
 */
#include <arch/cpu.h>
#include <arch/paging.h>
#include <arch/pv_mm.h>
#include <arch/smp.h>
#include <hv/arch.h>

#define EPOCH_TICKS (1u << 30)

static uint32_t clock_ticks = 1;
static uint32_t cpu_stamp[NR_CPUS];

uint32_t tlb_clock_now(void) { return __atomic_load_n(&clock_ticks, __ATOMIC_ACQUIRE); }

/* Around each CR3 load: the time is taken before, and is the CPU's when the flush is done. */
void tlb_load_cr3(uint64_t cr3)
{
    uint32_t time = __atomic_add_fetch(&clock_ticks, 1, __ATOMIC_SEQ_CST);

    write_cr3(cr3);
    cpu_info()->count.cr3_loads++;
    __atomic_store_n(&cpu_stamp[arch_cpu_id()], time, __ATOMIC_RELEASE);
}

static void flush_here(void *unused)
{
    (void)unused;
    cpu_info()->count.flushes++;
    tlb_load_cr3(read_cr3());
}

/*
 * The same for a frame's sake, which a CPU that idles does for good. It is guestless from the moment on that hv's root
 * is loaded, until before it loads a guest's: so whoever finds it so has either a CPU without translations, or
 * one that is about to flush.
 */
static void flush_or_leave_here(void *unused)
{
    struct cpu_info *info = cpu_info();

    if (info->vcpu)
        return flush_here(unused);
    __atomic_store_n(&info->flush_due, 1, __ATOMIC_SEQ_CST);
    info->count.flushes++;
    tlb_load_cr3(paging_hv_cr3());
    __atomic_store_n(&info->guestless, 1, __ATOMIC_SEQ_CST);
}

static void flush_page_here(void *va)
{
    cpu_info()->count.page_flushes++;
    invlpg(va);
}

/* Called by the CPU that asks for a flush, so never from inside another CPU's request. */
static void keep_up(uint32_t before)
{
    if (unlikely((before ^ tlb_clock_now()) & EPOCH_TICKS))
        smp_call(arch_online_cpus(), flush_here, NULL);
}

static inline bool only_this_cpu(cpumask_t cpus) { return likely(cpus.bits == cpumask_of(arch_cpu_id()).bits); }

/* Run fn on those CPUs, of which this is not the only one. */
static void on_cpus(cpumask_t cpus, void (*fn)(void *), void *arg)
{
    unsigned int self = arch_cpu_id();

    if (cpumask_test(cpus, self))
        fn(arg);
    cpus = cpumask_andnot(cpus, cpumask_of(self));
    if (unlikely(!cpumask_empty(cpus))) {
        cpus = cpumask_and(cpus, arch_online_cpus());
        cpu_info()->count.flush_requests += cpumask_weight(cpus);
        smp_call(cpus, fn, arg);
    }
}

void tlb_flush_local(void)
{
    uint32_t before = tlb_clock_now();

    flush_here(NULL);
    keep_up(before);
}

static void flush_mask(cpumask_t cpus, void (*fn)(void *))
{
    uint32_t before = tlb_clock_now();

    if (only_this_cpu(cpus))
        flush_here(NULL);
    else
        on_cpus(cpus, fn, NULL);
    keep_up(before);
}

void tlb_flush_mask(cpumask_t cpus) { flush_mask(cpus, flush_here); }

/*
 * Which of them must be asked? One that idles takes note before it looks whether there is something to do,
 * and looks for flush_due after it has: so either it is asked, or it finds that.
 */
static cpumask_t not_idle(cpumask_t cpus)
{
    cpumask_t ask = CPUMASK_NONE;
    unsigned int cpu;

    cpumask_for_each(cpu, cpumask_and(cpus, arch_online_cpus())) {
        struct cpu_info *info = cpu_info_of(cpu);

        if (!__atomic_load_n(&info->vcpu, __ATOMIC_SEQ_CST)) {
            __atomic_store_n(&info->flush_due, 1, __ATOMIC_SEQ_CST);
            if (!__atomic_load_n(&info->vcpu, __ATOMIC_SEQ_CST)) {
                cpu_info()->count.flushes_spared++;
                continue;
            }
        }
        ask = cpumask_or(ask, cpumask_of(cpu));
    }
    return ask;
}

void tlb_flush_guest_mask(cpumask_t cpus)
{
    if (only_this_cpu(cpus))
        tlb_flush_local();
    else
        tlb_flush_mask(not_idle(cpus));
}

void tlb_flush_guest_page_mask(cpumask_t cpus, unsigned long va)
{
    if (only_this_cpu(cpus))
        flush_page_here((void *)va);
    else
        tlb_flush_page_mask(not_idle(cpus), va);
}

void tlb_flush_due(void)
{
    struct cpu_info *info = cpu_info();
    uint32_t before = tlb_clock_now();

    if (likely(!__atomic_exchange_n(&info->flush_due, 0, __ATOMIC_SEQ_CST)))
        return;
    __atomic_store_n(&info->guestless, 0, __ATOMIC_SEQ_CST);
    info->count.flushes++;
    tlb_load_cr3(info->loaded->arch.cr3_loaded);
    keep_up(before);
}

void tlb_flush_page_mask(cpumask_t cpus, unsigned long va)
{
    if (only_this_cpu(cpus))
        flush_page_here((void *)va);
    else
        on_cpus(cpus, flush_page_here, (void *)va);
}

/* The caller has changed the frame's state since, by a locked instruction: so a CPU that is found guestless sees that. */
static __attribute__((noinline)) void flush_for_frame(cpumask_t cpus)
{
    cpumask_t ask = cpus;
    unsigned int cpu;

    cpumask_for_each(cpu, cpumask_andnot(cpus, cpumask_of(arch_cpu_id()))) {
        if (__atomic_load_n(&cpu_info_of(cpu)->guestless, __ATOMIC_SEQ_CST)) {
            ask = cpumask_andnot(ask, cpumask_of(cpu));
            cpu_info()->count.flushes_spared++;
        }
    }
    if (!cpumask_empty(ask))
        flush_mask(ask, flush_or_leave_here);
}

void tlb_flush_since(cpumask_t cpus, uint32_t stamp)
{
    cpumask_t need = CPUMASK_NONE;
    unsigned int cpu;

    cpumask_for_each(cpu, cpus) {
        if ((int32_t)(stamp - __atomic_load_n(&cpu_stamp[cpu], __ATOMIC_ACQUIRE)) >= 0)
            need = cpumask_or(need, cpumask_of(cpu));
        else
            cpu_info()->count.flushes_spared++;
    }
    if (cpumask_empty(need))
        return;
    if (only_this_cpu(need))
        tlb_flush_local();
    else
        flush_for_frame(need);
}

/* --- caches --- */

static void flush_caches_here(void *unused)
{
    (void)unused;
    wbinvd();
}

void arch_cache_flush_all(cpumask_t cpus) { smp_call(cpus, flush_caches_here, NULL); }
