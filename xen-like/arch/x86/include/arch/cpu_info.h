/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The block of stacks that each CPU owns, and the record at its top. hv finds its per-CPU record from the
 * stack pointer alone: no SWAPGS, hence no window in which GS is the wrong one, and the guest's FS and GS
 * stay untouched while hv runs.
 *
 * Block of CPU_STACK_SIZE, aligned to its size: four IST stacks (#DF, NMI, #MC, #DB) of a page each, a guard
 * page, then the main stack, and at the very top struct cpu_info, whose regs is where SYSCALL and exceptions
 * from the guest put the guest's frame (TSS.RSP0 points just past regs.ss).
 */
#ifndef ARCH_CPU_INFO_H
#define ARCH_CPU_INFO_H

#include <hv/hypercall.h>
#include <public/xen.h>

#define CPU_STACK_SIZE 0x8000ul
#define CPU_STACK_IST_DF 0u
#define CPU_STACK_IST_NMI 1u
#define CPU_STACK_IST_MC 2u
#define CPU_STACK_IST_DB 3u
#define CPU_STACK_GUARD 4u

struct vcpu;

/* What a CPU counts, for sysctl's perfc_op. They wrap. */
struct cpu_counters {
    uint32_t cr3_loads;        /* all but those of guards.S */
    uint32_t flushes;          /* of the whole TLB: those of these loads that were made for a flush */
    uint32_t page_flushes;     /* INVLPG for a guest */
    uint32_t flush_requests;   /* other CPUs that this one asked to flush */
    uint32_t flushes_spared;   /* CPUs that had flushed since, or idle, and were not asked */
};

struct cpu_info {
    uint64_t below_regs;            /* the stack's first word; it aligns regs.es, where the CPU pushes */
    struct cpu_user_regs regs;      /* guest frame; hardware pushes ss..rip so that they end at regs.ss */
    struct vcpu *vcpu;              /* whose frame it is; NULL in idle */
    struct vcpu *loaded;            /* whose CR3, FPU, segments, descriptors are in the CPU */
    hypercall_fn **hypercalls;      /* current's flat table */
    uint32_t work;                  /* softirq bits, atomic */
    uint32_t cpu;
    uint32_t gdt_frames;            /* guest GDT frames that are in this CPU's window, from page 0 */
    uint32_t ldt_frames;            /* bit n: something may be in page n of its LDT window */
    uint32_t last_domain;           /* id of the domain whose vCPU was loaded last, plus 1 */
    uint32_t flush_due;             /* set by others while this CPU idles: flush before the vCPU that is loaded runs on */
    uint32_t guestless;             /* on hv's own root, idle, and no translation of a guest's is left; flush_due is set then */
    struct cpu_counters count;
    uint64_t fault;                 /* the last fault in hv that had a fix-up: vector << 32 | error code */
    uint64_t guest_root;            /* with PTI: machine address of this CPU's root for guests (pti.c); else 0 */
    uint64_t *guest_root_entries;   /* the same, in the direct map */
    uint64_t full_root;             /* the root that guest_root was copied from, and that hv runs on */
    uint64_t full_root_version;     /* pti_version then */
} __attribute__((aligned(16)));
_Static_assert((offsetof(struct cpu_info, regs.es) & 15) == 0, "the CPU aligns TSS.RSP0 down to 16 bytes");
_Static_assert((sizeof(struct cpu_info) & 15) == 0, "nothing may lie above the record");

static inline struct cpu_info *cpu_info(void)
{
    unsigned long sp;

    __asm__("mov %%rsp, %0" : "=r"(sp));
    return (struct cpu_info *)((sp | (CPU_STACK_SIZE - 1)) + 1) - 1;
}

#endif
