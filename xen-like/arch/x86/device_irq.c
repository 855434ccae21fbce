/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line that signals by level is masked when it fires and unmasked when the guest has acknowledged it: a
 * guest that never does so silences its line and nothing else. Edges and messages need no acknowledgement.
 *
 * Interrupts are spread over the CPUs when they get their vector and stay there; the event channel decides
 * which vCPU is told.
 */
#include <arch/acpi.h>
#include <arch/device_irq.h>
#include <arch/ioapic.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <arch/smp.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/event_channel.h>
#include <hv/heap.h>

#define MESSAGES_MAX 512u
#define ISA_LINES 16u

static struct irq *irqs; /* lines first, then messages */
static unsigned int nr_lines, nr_irqs;
static uint16_t irq_of_vector[NR_CPUS][256]; /* index + 1 */
static unsigned int next_cpu;
static spinlock_t irq_lock = SPINLOCK(LOCK_IRQ);

void device_irq_init(void)
{
    nr_lines = max(ioapic_nr_gsis(), ISA_LINES);
    nr_irqs = nr_lines + MESSAGES_MAX;
    irqs = heap_new_array(struct irq, nr_irqs);
    BUG_ON(!irqs);
    for (uint32_t gsi = 0; gsi < nr_lines; gsi++) {
        irqs[gsi].source = IRQ_LINE;
        irqs[gsi].gsi = gsi;
        irqs[gsi].level = irqs[gsi].active_low = gsi >= ISA_LINES; /* PCI's habit */
    }
    for (uint32_t isa = 0; isa < ISA_LINES; isa++) {
        bool level, low;
        uint32_t gsi = ioapic_isa_gsi(isa, &level, &low);

        if (gsi < nr_lines) {
            irqs[gsi].level = level;
            irqs[gsi].active_low = low;
        }
    }
}

unsigned int device_irq_nr_lines(void) { return nr_lines; }

/* --- vectors; under the irq lock --- */

static bool usable(unsigned int vector)
{
    return vector >= VECTOR_FIRST_DEVICE && vector <= VECTOR_LAST_DEVICE && vector != 0x80 && vector != 0x82;
}

/* count free vectors in a row, the first a multiple of count rounded up to a power of two. */
static unsigned int find_vectors(unsigned int cpu, unsigned int count)
{
    unsigned int step = 1;

    while (step < count)
        step *= 2;
    for (unsigned int first = ALIGN_UP(VECTOR_FIRST_DEVICE, step); first + count - 1 <= VECTOR_LAST_DEVICE;
         first += step) {
        unsigned int n = 0;

        while (n < count && usable(first + n) && !irq_of_vector[cpu][first + n])
            n++;
        if (n == count)
            return first;
    }
    return 0;
}

static int take_vectors(struct irq *irq, unsigned int count)
{
    for (unsigned int try = 0; try < nr_cpus; try++) {
        unsigned int cpu = next_cpu++ % nr_cpus, first = find_vectors(cpu, count);

        if (!first)
            continue;
        for (unsigned int i = 0; i < count; i++) {
            irq[i].cpu = cpu;
            irq[i].vector = first + i;
            irq_of_vector[cpu][first + i] = &irq[i] - irqs + 1;
        }
        return 0;
    }
    return -ENOSPC;
}

static void give_vector_back(struct irq *irq)
{
    if (irq->vector)
        irq_of_vector[irq->cpu][irq->vector] = 0;
    irq->vector = 0;
}

/* --- lines --- */

int irq_line_setup(uint32_t gsi, bool level, bool active_low)
{
    struct irq *irq;
    int rc = 0;

    if (gsi >= nr_lines || !ioapic_has(gsi))
        return -EINVAL;
    irq = &irqs[gsi];
    spin_lock(&irq_lock);
    if (irq->handler || (irq->port && (irq->level != level || irq->active_low != active_low)))
        rc = -EBUSY;
    else if (!irq->port) {
        irq->level = level;
        irq->active_low = active_low;
    }
    spin_unlock(&irq_lock);
    return rc;
}

int irq_line_own(uint32_t isa, void (*handler)(void))
{
    bool level, active_low;
    uint32_t gsi = ioapic_isa_gsi(isa, &level, &active_low);
    struct irq *irq;
    int rc;

    if (gsi >= nr_lines || !ioapic_has(gsi) || level)
        return -EINVAL;
    irq = &irqs[gsi];
    spin_lock(&irq_lock);
    rc = irq->domain || irq->handler ? -EBUSY : take_vectors(irq, 1);
    if (!rc) {
        irq->handler = handler;
        ioapic_route(gsi, irq->vector, cpu_apic_id[irq->cpu], false, active_low);
        ioapic_unmask(gsi);
    }
    spin_unlock(&irq_lock);
    return rc;
}

int irq_line_map(uint32_t gsi, struct domain *d, uint32_t pirq, struct irq **result)
{
    struct irq *irq;
    int rc = 0;

    if (gsi >= nr_lines || !ioapic_has(gsi))
        return -EINVAL;
    irq = &irqs[gsi];
    spin_lock(&irq_lock);
    if (irq->handler)
        rc = -EBUSY;
    else if (irq->domain)
        rc = -EEXIST;
    else if (!irq->vector)
        rc = take_vectors(irq, 1);
    if (!rc) {
        irq->domain = d;
        irq->pirq = pirq;
        *result = irq;
    }
    spin_unlock(&irq_lock);
    return rc;
}

/* --- messages --- */

static struct irq *find_free(unsigned int count)
{
    unsigned int run = 0;

    for (unsigned int i = nr_lines; i < nr_irqs; i++) {
        run = irqs[i].source == IRQ_FREE ? run + 1 : 0;
        if (run == count)
            return &irqs[i - count + 1];
    }
    return NULL;
}

static bool message_taken(const struct msi *m)
{
    for (unsigned int i = nr_lines; i < nr_irqs; i++)
        if (irqs[i].source == IRQ_MESSAGE && irqs[i].msi.bdf == m->bdf &&
            (irqs[i].msi.is_msix != m->is_msix || !m->is_msix || irqs[i].msi.entry == m->entry))
            return true;
    return false;
}

int irq_message_map(const struct msi *first, unsigned int count, struct domain *d, const uint32_t *pirqs,
                    struct irq **result)
{
    struct irq *irq;
    int rc;

    spin_lock(&irq_lock);
    rc = -EEXIST;
    if (message_taken(first))
        goto out;
    rc = -ENOSPC;
    irq = find_free(count);
    if (!irq)
        goto out;
    rc = take_vectors(irq, count);
    if (rc)
        goto out;
    for (unsigned int i = 0; i < count; i++) {
        irq[i].source = IRQ_MESSAGE;
        irq[i].msi = *first;
        irq[i].msi.entry += i;
        irq[i].level = false;
        irq[i].group_first = i == 0;
        irq[i].group_count = count;
        irq[i].domain = d;
        irq[i].pirq = pirqs[i];
        result[i] = &irq[i];
    }
    msi_program(first, count, cpu_apic_id[irq->cpu], irq->vector);
out:
    spin_unlock(&irq_lock);
    return rc;
}

static void unmap_messages(struct irq *irq)
{
    msi_disable(&irq->msi);
    msix_release(&irq->msi);
    for (unsigned int i = irq->group_count; i-- > 0;) {
        give_vector_back(&irq[i]);
        irq[i].domain = NULL;
        irq[i].source = IRQ_FREE;
    }
}

static void unmap_line(struct irq *irq)
{
    ioapic_mask(irq->gsi);
    give_vector_back(irq);
    irq->domain = NULL;
    irq->waits_for_eoi = false;
}

int irq_unmap(struct irq *irq)
{
    unsigned int count = irq->source == IRQ_MESSAGE ? irq->group_count : 1;
    int rc = -EBUSY;

    spin_lock(&irq_lock);
    for (unsigned int i = 0; i < count; i++)
        if (irq[i].port)
            goto out;
    if (irq->source == IRQ_MESSAGE)
        unmap_messages(irq);
    else
        unmap_line(irq);
    rc = 0;
out:
    spin_unlock(&irq_lock);
    return rc;
}

void irq_restore_messages(uint16_t bdf)
{
    spin_lock(&irq_lock);
    for (unsigned int i = nr_lines; i < nr_irqs; i++) {
        struct irq *irq = &irqs[i];

        if (irq->source != IRQ_MESSAGE || irq->msi.bdf != bdf)
            continue;
        if (irq->group_first)
            msi_program(&irq->msi, irq->group_count, cpu_apic_id[irq->cpu], irq->vector);
        msi_set_mask(&irq->msi, !irq->port);
    }
    spin_unlock(&irq_lock);
}

/* --- delivery --- */

int irq_bind(struct irq *irq, const struct domain *d, uint32_t pirq, uint32_t port)
{
    int rc = 0;

    spin_lock(&irq_lock);
    if (irq->source == IRQ_FREE || irq->domain != d || irq->pirq != pirq)
        rc = -EINVAL;
    else if (irq->port)
        rc = -EEXIST;
    if (rc)
        goto out;
    WRITE_ONCE(irq->port, port);
    if (irq->source == IRQ_MESSAGE) {
        msi_set_mask(&irq->msi, false);
    } else {
        irq->waits_for_eoi = false;
        ioapic_route(irq->gsi, irq->vector, cpu_apic_id[irq->cpu], irq->level, irq->active_low);
        ioapic_unmask(irq->gsi);
    }
out:
    spin_unlock(&irq_lock);
    return rc;
}

void irq_unbind(struct irq *irq)
{
    spin_lock(&irq_lock);
    if (irq->source == IRQ_MESSAGE)
        msi_set_mask(&irq->msi, true);
    else
        ioapic_mask(irq->gsi);
    WRITE_ONCE(irq->port, 0);
    spin_unlock(&irq_lock);
}

void irq_eoi(struct irq *irq)
{
    if (!irq->level || !__atomic_exchange_n(&irq->waits_for_eoi, false, __ATOMIC_SEQ_CST))
        return;
    if (READ_ONCE(irq->port))
        ioapic_unmask(irq->gsi);
}

void device_irq(unsigned int vector)
{
    unsigned int index = irq_of_vector[arch_cpu_id()][vector];
    struct irq *irq = index ? &irqs[index - 1] : NULL;
    struct domain *d = irq ? READ_ONCE(irq->domain) : NULL;
    uint32_t port = irq ? READ_ONCE(irq->port) : 0;

    if (irq && irq->source == IRQ_LINE && irq->level) {
        ioapic_mask(irq->gsi);
        __atomic_store_n(&irq->waits_for_eoi, true, __ATOMIC_SEQ_CST);
    }
    lapic_eoi();
    if (irq && irq->handler)
        irq->handler();
    else if (d && port)
        evtchn_send_pirq(d, port);
}
