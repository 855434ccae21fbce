/* SPDX-License-Identifier: GPL-2.0-only */
/* As arch/x86's: what the test says is current, on the CPU that it says runs. */
#ifndef ARCH_CURRENT_H
#define ARCH_CURRENT_H

#include <stdint.h>

struct vcpu;
uint32_t arch_work(void);
extern struct vcpu *host_current;
extern unsigned int host_cpu;

static inline struct vcpu *arch_current(void) { return host_current; }
static inline unsigned int arch_cpu_id(void) { return host_cpu; }

#endif
