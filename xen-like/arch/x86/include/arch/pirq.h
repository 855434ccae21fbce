/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's numbers for the interrupts it was given. */
#ifndef ARCH_PIRQ_H
#define ARCH_PIRQ_H

#include <arch/device_irq.h>

struct domain;

struct pirq {
    struct irq *irq;    /* NULL: free */
    bool taken;         /* promised by get_free_pirq, or being mapped */
};

int pirq_map_line(struct domain *d, uint32_t gsi, int32_t *pirq);  /* pirq < 0: choose; -errno */
/* Messages: *pirq < 0 chooses, or names the one wanted when count is 1. */
int pirq_map_messages(struct domain *d, const struct msi *first, unsigned int count, int32_t *pirq);
int pirq_unmap(struct domain *d, uint32_t pirq);
int pirq_reserve(struct domain *d, uint32_t *pirq);                /* get_free_pirq */
struct irq *pirq_irq(struct domain *d, uint32_t pirq);             /* NULL: not mapped */
int pirq_eoi(struct domain *d, uint32_t pirq);
/* The page that shows which pirqs need an end of interrupt; auto_unmask as v1 of the call has it. */
int pirq_set_eoi_page(struct domain *d, uint64_t gfn, bool auto_unmask);

#endif
