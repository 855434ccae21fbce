/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which guards this machine's CPUs need against what they do on a guess, and what is to be changed in hv's text for them.
 *
 * What a CPU remembers of one domain's execution must not tell the next one, nor steer it: between domains, branch
 * prediction is barred (IBPB), the first-level data cache is emptied where loads may read it beyond permission
 * (L1TF), and buffers are overwritten where they leak (MDS), which is also done before each return to a guest. Where loads
 * read beyond permission, guests run on roots without hv's memory (Meltdown; pti.c). Where others can steer the targets of
 * hv's jumps through registers, none is guessed (Spectre's second variant; guards.S). Each only where CPUID says that the
 * CPU needs it, or where an option says so.
 *
 * The guards that lie on the ways in and out cost nothing where they are off: the places are patched, once, before any
 * guest runs.
 */
#include <arch/cpu.h>
#include <arch/desc.h>
#include <arch/layout.h>
#include <arch/paging.h>
#include <arch/pti.h>
#include <arch/speculation.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>

#define LEAF7_MD_CLEAR (1u << 10)
#define LEAF7_IBPB (1u << 26)
#define LEAF7_L1D_FLUSH (1u << 28)
#define LEAF7_ARCH_CAPABILITIES (1u << 29)
#define EXT8_IBPB (1u << 12)
#define EXT21_AUTOMATIC_IBRS (1u << 8)

#define MSR_PRED_CMD 0x49u
#define MSR_ARCH_CAPABILITIES 0x10au
#define MSR_FLUSH_CMD 0x10bu
#define CAP_RDCL_NO (1u << 0)
#define CAP_IBRS_ALL (1u << 1)
#define CAP_MDS_NO (1u << 5)

#define JUMP_BYTES 5u

struct guard_site { uint64_t at, to, guard; };
extern const struct guard_site _guard_sites_start[], _guard_sites_end[];

static enum option_switch pti_option, retpoline_option, clear_option;
OPTION_AUTO(pti_option, "pti");
OPTION_AUTO(retpoline_option, "retpoline");
OPTION_AUTO(clear_option, "clear-buffers");

static bool bar_branches, flush_cache, clear_buffers;
bool guard_clears_buffers;                        /* for guards.S: also before each return to a guest */
const uint16_t guard_data_segment = HV_DS;        /* what VERW is given */

static bool is_intel(void) { return !strcmp(cpu_features.vendor, "GenuineIntel") && cpu_features.family == 6; }

/* The text is writable in no mapping of hv's, so it gets another one for the moment. */
static void write_jump(uint64_t at, uint64_t to)
{
    uint8_t *p = vmap(MADDR(at - HV_IMAGE_VIRT + HV_IMAGE_PHYS), JUMP_BYTES, PTE_RW);
    int32_t distance = to - (at + JUMP_BYTES);

    if (!p)
        panic("no room to map hv's own text");
    p[0] = 0xe9;
    memcpy(p + 1, &distance, sizeof(distance));
    vunmap(p);
}

static void patch(uint64_t guard)
{
    for (const struct guard_site *s = _guard_sites_start; s < _guard_sites_end; s++)
        if (s->guard == guard)
            write_jump(s->at, s->to);
    cpuid(0); /* serializes: no instruction that was fetched before is executed */
}

static bool choose(enum option_switch option, bool needed)
{
    return option == SWITCH_AUTO ? needed : option == SWITCH_ON;
}

void speculation_init(void)
{
    uint32_t leaf7 = cpu_features.max_leaf >= 7 ? cpuid(7).d : 0;
    uint32_t ext8 = cpu_features.max_ext_leaf >= 0x80000008 ? cpuid(0x80000008).b : 0;
    uint32_t ext21 = cpu_features.max_ext_leaf >= 0x80000021 ? cpuid(0x80000021).a : 0;
    uint64_t caps = leaf7 & LEAF7_ARCH_CAPABILITIES ? rdmsr(MSR_ARCH_CAPABILITIES) : 0;
    bool guard_jumps = choose(retpoline_option, !(caps & CAP_IBRS_ALL) && !(ext21 & EXT21_AUTOMATIC_IBRS));

    bar_branches = (leaf7 & LEAF7_IBPB) || (ext8 & EXT8_IBPB);
    flush_cache = (leaf7 & LEAF7_L1D_FLUSH) && !(caps & CAP_RDCL_NO);
    clear_buffers = choose(clear_option, (leaf7 & LEAF7_MD_CLEAR) && !(caps & CAP_MDS_NO));
    guard_clears_buffers = clear_buffers;
    if (choose(pti_option, is_intel() && !(caps & CAP_RDCL_NO)))
        pti_init();
    if (pti || guard_clears_buffers)
        patch(GUARD_ROOTS);
    if (guard_jumps)
        patch(GUARD_JUMPS);
    printk(LOG_INFO, "speculation: between domains%s%s%s%s; for guests%s%s%s; for hv%s\n",
           bar_branches ? " IBPB" : "", flush_cache ? " L1D flush" : "", clear_buffers ? " VERW" : "",
           bar_branches || flush_cache || clear_buffers ? "" : " nothing", pti ? " PTI" : "",
           guard_clears_buffers ? " VERW" : "", pti || guard_clears_buffers ? "" : " nothing",
           guard_jumps ? " retpolines" : " nothing");
}

void speculation_switch_domain(void)
{
    if (bar_branches)
        wrmsr(MSR_PRED_CMD, 1);
    if (flush_cache)
        wrmsr(MSR_FLUSH_CMD, 1);
    if (clear_buffers)
        __asm__ volatile("verw %0" : : "m"(guard_data_segment) : "cc");
}
