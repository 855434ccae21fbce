/* SPDX-License-Identifier: GPL-2.0-only */
/* As arch/x86's: a table that the test fills, and registers that it looks at. */
#ifndef ARCH_HYPERCALL_H
#define ARCH_HYPERCALL_H

#include <hv/domain.h>
#include <hv/hypercall.h>

extern hypercall_fn *host_hypercalls[NR_HYPERCALLS];
extern unsigned long host_hypercall_arg[7];

static inline hypercall_fn *arch_hypercall_handler(unsigned long nr) { return host_hypercalls[nr]; }

static inline void arch_hypercall_set_register(unsigned int n, unsigned long value)
{
    host_hypercall_arg[0]++;
    host_hypercall_arg[n] = value;
}

static inline bool arch_in_guest_kernel(const struct vcpu *v) { return v->arch.guest_kernel; }

#endif
