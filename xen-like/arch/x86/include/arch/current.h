/* SPDX-License-Identifier: GPL-2.0-only */
/* The vCPU whose guest frame is on this CPU's stack, and the CPU's work word; part of hv/arch.h. */
#ifndef ARCH_CURRENT_H
#define ARCH_CURRENT_H

#include <arch/cpu_info.h>

static inline struct vcpu *arch_current(void) { return cpu_info()->vcpu; }
static inline unsigned int arch_cpu_id(void) { return cpu_info()->cpu; }
static inline uint32_t arch_work(void) { return __atomic_load_n(&cpu_info()->work, __ATOMIC_RELAXED); }

#endif
