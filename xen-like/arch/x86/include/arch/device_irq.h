/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of devices. Each has a descriptor that knows where it comes from (I/O APIC line, or message of a
 * PCI function), which CPU and vector it is sent to, and whose pirq and event channel it is delivered to.
 * Descriptors are never freed, so an interrupt that comes late finds a valid one.
 */
#ifndef ARCH_DEVICE_IRQ_H
#define ARCH_DEVICE_IRQ_H

#include <arch/msi.h>
#include <hv/types.h>

struct domain;

enum irq_source { IRQ_FREE, IRQ_LINE, IRQ_MESSAGE };

struct irq {                  /* irq lock, but for what is said */
    uint8_t source;           /* enum irq_source */
    uint8_t vector;           /* 0: none yet */
    uint16_t cpu;
    bool level, active_low;   /* a line's */
    bool waits_for_eoi;       /* level: came, is masked until the guest is done (atomic) */
    bool group_first;         /* first of several messages of one function, or the only one */
    uint8_t group_count;
    uint32_t gsi;
    struct msi msi;
    void (*handler)(void);    /* hv's own; no domain gets it */
    struct domain *domain;    /* NULL: not mapped to a pirq */
    uint32_t pirq;
    uint32_t port;            /* 0: not bound; read by the interrupt without the lock */
};

void device_irq_init(void);               /* after ioapic_init(); needs the heap */
unsigned int device_irq_nr_lines(void);   /* GSIs: pirqs below it name lines */

/* The calls below return 0 or -errno and take the irq lock. */
int irq_line_setup(uint32_t gsi, bool level, bool active_low);
/* an ISA interrupt for hv; handler runs in the interrupt */
int irq_line_own(uint32_t isa, void (*handler)(void));
int irq_line_map(uint32_t gsi, struct domain *d, uint32_t pirq, struct irq **irq);
/*
 * count messages with consecutive vectors and pirqs; first: MSI-X or MSI found by msi.h; owns its table
 * mapping on success.
 */
int irq_message_map(const struct msi *first, unsigned int count, struct domain *d, const uint32_t *pirqs,
                    struct irq **irqs);
int irq_unmap(struct irq *irq);           /* of a group all, by its first; -EBUSY while one is bound */
/* From now on it is delivered there. -EINVAL if it is not that pirq of d any more, -EEXIST if it is bound. */
int irq_bind(struct irq *irq, const struct domain *d, uint32_t pirq, uint32_t port);
void irq_unbind(struct irq *irq);
void irq_eoi(struct irq *irq);            /* the guest is done with a level line */
void irq_restore_messages(uint16_t bdf);  /* program a function's messages again, after it was reset */

void device_irq(unsigned int vector);     /* one came; acknowledges it */

#endif
