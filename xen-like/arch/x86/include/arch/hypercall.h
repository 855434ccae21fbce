/* SPDX-License-Identifier: GPL-2.0-only */
/* What core/multicall.c needs of the way in: the table that current's calls go through, and its registers. */
#ifndef ARCH_HYPERCALL_H
#define ARCH_HYPERCALL_H

#include <arch/pv.h>
#include <hv/domain.h>
#include <hv/hypercall.h>

/* Who handles that number, which is below NR_HYPERCALLS: on a CPU that only guessed so, number 0. */
static inline hypercall_fn *arch_hypercall_handler(unsigned long nr)
{
    unsigned long mask;

    __asm__ volatile("cmp %1, %2; sbb %0, %0" : "=r"(mask) : "i"(NR_HYPERCALLS), "r"(nr) : "cc");
    return cpu_info()->hypercalls[nr & mask];
}

static inline void arch_hypercall_set_register(unsigned int n, unsigned long value)
{
    struct cpu_user_regs *regs = guest_regs();
    uint64_t *const argument[] = { &regs->rdi, &regs->rsi, &regs->rdx, &regs->r10, &regs->r8, &regs->r9 };

    *argument[n - 1] = value;
}

static inline bool arch_in_guest_kernel(const struct vcpu *v) { return v->arch.guest_kernel; }

#endif
