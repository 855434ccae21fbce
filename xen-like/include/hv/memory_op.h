/* SPDX-License-Identifier: GPL-2.0-only */
/* What core/memory_op.c and core/memory_exchange.c share. */
#ifndef HV_MEMORY_OP_H
#define HV_MEMORY_OP_H

#include <hv/types.h>

struct domain;

/* The domain that a memory operation is about, referenced; others than the caller only with privilege. */
struct domain *memory_op_domain_get(domid_t id, int *err);
/* How large an extent a domain may ask for at once. */
unsigned int memory_op_max_order(const struct domain *caller);
/* XENMEMF_* to PAGE_*; false: no frame can be below so few bits. */
bool memory_op_alloc_flags(uint32_t mem_flags, unsigned int *flags);

/* XENMEM_exchange, of the structure at guest address arg. */
long memory_exchange(unsigned long arg);

#endif
