/* SPDX-License-Identifier: GPL-2.0-only */
/* Roots for guests without hv's memory: see pti.c. */
#ifndef ARCH_PTI_H
#define ARCH_PTI_H

#include <hv/types.h>

struct cpu_info;
struct domain;

extern bool pti; /* fixed before the first guest runs */

void pti_init(void); /* from now on; boot CPU */
void pti_cpu_init(struct cpu_info *info);
void pti_roots_changed(void);
void pti_root_changed_in_use(const struct domain *d);

/* A root has just been made, or hv has changed its own part of it: copies of another table in that place are old. */
static inline void pti_root_made(void)
{
    if (unlikely(pti))
        pti_roots_changed();
}

/* An entry of one of d's roots has changed. Returns when no CPU can be using the old one any more. */
static inline void pti_root_written(const struct domain *d)
{
    if (unlikely(pti))
        pti_root_changed_in_use(d);
}

#endif
