/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rest of arch/x86 and of arch/x86/pv call in each other, beyond the contract of hv/arch.h. */
#ifndef ARCH_PV_H
#define ARCH_PV_H

#include <hv/types.h>

struct vcpu;
struct cpu_user_regs;

/* Fill a page with hypercall stubs: 32 bytes for each number, that of iret special. */
void pv_hypercall_page_init(void *page);

#endif
