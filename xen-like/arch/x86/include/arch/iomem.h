/* SPDX-License-Identifier: GPL-2.0-only */
/* Device memory that a domain may read but not write. (Which it may map at all: arch_iomem_frame_ok.) */
#ifndef ARCH_IOMEM_H
#define ARCH_IOMEM_H

#include <hv/domain.h>

/* From now on new mappings of it are read-only. Never undone; too many are left unprotected. */
void iomem_protect_table(uint64_t start, uint64_t size);
/*
 * A guest's write fault at va, in its kernel: true when it was such a page, and the write is done or dropped.
 */
bool iomem_write_fault(struct vcpu *v, unsigned long va, struct cpu_user_regs *regs);

#endif
