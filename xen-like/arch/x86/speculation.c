/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a CPU remembers of one domain's execution must not tell the next one, nor steer it: between domains, branch
 * prediction is barred (IBPB), the first-level data cache is emptied where loads may read it beyond permission
 * (L1TF), and buffers are overwritten where they leak (MDS). Each only where CPUID says that the CPU needs and has it.
 */
#include <arch/cpu.h>
#include <arch/desc.h>
#include <arch/speculation.h>
#include <hv/console.h>
#include <hv/string.h>

#define LEAF7_MD_CLEAR (1u << 10)
#define LEAF7_IBPB (1u << 26)
#define LEAF7_L1D_FLUSH (1u << 28)
#define LEAF7_ARCH_CAPABILITIES (1u << 29)
#define EXT8_IBPB (1u << 12)

#define MSR_PRED_CMD 0x49u
#define MSR_ARCH_CAPABILITIES 0x10au
#define MSR_FLUSH_CMD 0x10bu
#define CAP_RDCL_NO (1u << 0)
#define CAP_MDS_NO (1u << 5)

/* hv maps all RAM in every address space, out of guests' reach only by permission. See docs/architecture.md. */
static bool reads_beyond_permission(uint64_t caps)
{
    return !strcmp(cpu_features.vendor, "GenuineIntel") && cpu_features.family == 6 && !(caps & CAP_RDCL_NO);
}

static bool bar_branches, flush_cache, clear_buffers;

void speculation_init(void)
{
    uint32_t leaf7 = cpu_features.max_leaf >= 7 ? cpuid(7).d : 0;
    uint32_t ext8 = cpu_features.max_ext_leaf >= 0x80000008 ? cpuid(0x80000008).b : 0;
    uint64_t caps = leaf7 & LEAF7_ARCH_CAPABILITIES ? rdmsr(MSR_ARCH_CAPABILITIES) : 0;

    bar_branches = (leaf7 & LEAF7_IBPB) || (ext8 & EXT8_IBPB);
    flush_cache = (leaf7 & LEAF7_L1D_FLUSH) && !(caps & CAP_RDCL_NO);
    clear_buffers = (leaf7 & LEAF7_MD_CLEAR) && !(caps & CAP_MDS_NO);
    printk(LOG_INFO, "between domains:%s%s%s\n", bar_branches ? " IBPB" : "", flush_cache ? " L1D flush" : "",
           clear_buffers ? " VERW" : bar_branches || flush_cache ? "" : " no barrier that this CPU offers");
    if (reads_beyond_permission(caps))
        printk(LOG_WARN, "this processor lets any program read hv's memory (Meltdown): run only guests that you trust\n");
}

void speculation_switch_domain(void)
{
    static const uint16_t selector = HV_DS;

    if (bar_branches)
        wrmsr(MSR_PRED_CMD, 1);
    if (flush_cache)
        wrmsr(MSR_FLUSH_CMD, 1);
    if (clear_buffers)
        __asm__ volatile("verw %0" : : "m"(selector) : "cc");
}
