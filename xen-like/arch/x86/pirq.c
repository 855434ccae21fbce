/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pirqs: below device_irq_nr_lines() each names the line of that number, above they are given to messages.
 * Only a privileged domain has any. The table hangs off the domain, is made at first use and lives as long as
 * it.
 */
#include <arch/pirq.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/errno.h>
#include <hv/heap.h>

#define MESSAGE_PIRQS 512u
#define GROUP_MAX 32u

/* Under d->arch.lock. */
static struct pirq *table(struct domain *d)
{
    if (!d->privileged)
        return NULL;
    if (!d->arch.pirqs) {
        d->arch.pirqs = heap_new_array(struct pirq, device_irq_nr_lines() + MESSAGE_PIRQS);
        d->arch.nr_pirqs = d->arch.pirqs ? device_irq_nr_lines() + MESSAGE_PIRQS : 0;
    }
    return d->arch.pirqs;
}

static struct pirq *lookup(struct domain *d, uint32_t pirq)
{
    return pirq < d->arch.nr_pirqs ? &d->arch.pirqs[clamp_index(pirq, d->arch.nr_pirqs)] : NULL;
}

struct irq *pirq_irq(struct domain *d, uint32_t pirq)
{
    struct pirq *p = lookup(d, pirq);

    return p ? p->irq : NULL;
}

static void show_needs_eoi(struct domain *d, uint32_t pirq, bool needs)
{
    uint64_t *map = d->arch.pirq_eoi_map;

    if (!map || pirq >= PAGE_SIZE * 8)
        return;
    if (needs)
        __atomic_fetch_or(&map[pirq / 64], 1ull << (pirq % 64), __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_and(&map[pirq / 64], ~(1ull << (pirq % 64)), __ATOMIC_SEQ_CST);
}

int pirq_map_line(struct domain *d, uint32_t gsi, int32_t *pirq)
{
    uint32_t n = *pirq < 0 ? gsi : (uint32_t)*pirq;
    struct pirq *p;
    int rc = -EPERM;

    spin_lock(&d->arch.lock);
    if (!table(d))
        goto out;
    p = lookup(d, n);
    rc = -EINVAL;
    if (!p)
        goto out;
    rc = 0;
    if (p->irq) /* the same again is no error: ACPI and drivers both ask */
        rc = p->irq->source == IRQ_LINE && p->irq->gsi == gsi ? 0 : -EBUSY;
    else
        rc = irq_line_map(gsi, d, n, &p->irq);
    if (!rc)
        *pirq = n;
out:
    spin_unlock(&d->arch.lock);
    return rc;
}

/* count free ones in a row, from the top; under the lock. */
static int find_free(struct domain *d, unsigned int count, uint32_t *first)
{
    unsigned int run = 0;

    for (uint32_t n = d->arch.nr_pirqs; n-- > device_irq_nr_lines();) {
        run = d->arch.pirqs[n].irq || d->arch.pirqs[n].taken ? 0 : run + 1;
        if (run == count) {
            *first = n;
            return 0;
        }
    }
    return -ENOSPC;
}

int pirq_map_messages(struct domain *d, const struct msi *first, unsigned int count, int32_t *pirq)
{
    uint32_t numbers[GROUP_MAX], start;
    struct irq *irqs[GROUP_MAX];
    int rc = -EPERM;

    if (!count || count > GROUP_MAX || (*pirq >= 0 && count > 1))
        return -EINVAL;
    spin_lock(&d->arch.lock);
    if (!table(d))
        goto out;
    if (*pirq < 0) {
        rc = find_free(d, count, &start);
        if (rc)
            goto out;
    } else {
        start = *pirq;
        rc = !lookup(d, start) ? -EINVAL : pirq_irq(d, start) ? -EBUSY : 0;
        if (rc)
            goto out;
    }
    for (unsigned int i = 0; i < count; i++)
        numbers[i] = start + i;
    rc = irq_message_map(first, count, d, numbers, irqs);
    if (rc)
        goto out;
    for (unsigned int i = 0; i < count; i++) {
        d->arch.pirqs[start + i] = (struct pirq){ .irq = irqs[i] };
        show_needs_eoi(d, start + i, false);
    }
    *pirq = start;
out:
    spin_unlock(&d->arch.lock);
    return rc;
}

int pirq_unmap(struct domain *d, uint32_t pirq)
{
    unsigned int count = 1;
    struct irq *irq;
    int rc = -EINVAL;

    spin_lock(&d->arch.lock);
    irq = pirq_irq(d, pirq);
    if (!irq || (irq->source == IRQ_MESSAGE && !irq->group_first))
        goto out;
    if (irq->source == IRQ_MESSAGE)
        count = irq->group_count;
    rc = irq_unmap(irq);
    if (rc)
        goto out;
    for (unsigned int i = 0; i < count; i++)
        d->arch.pirqs[pirq + i] = (struct pirq){ 0 };
out:
    spin_unlock(&d->arch.lock);
    return rc;
}

int pirq_reserve(struct domain *d, uint32_t *pirq)
{
    int rc = -EPERM;

    spin_lock(&d->arch.lock);
    if (table(d))
        rc = find_free(d, 1, pirq);
    if (!rc)
        d->arch.pirqs[*pirq].taken = true;
    spin_unlock(&d->arch.lock);
    return rc;
}

int pirq_eoi(struct domain *d, uint32_t pirq)
{
    struct irq *irq = pirq_irq(d, pirq);

    if (!irq)
        return -EINVAL;
    if (d->arch.auto_unmask && READ_ONCE(irq->port))
        evtchn_unmask(d, irq->port);
    irq_eoi(irq);
    return 0;
}

int pirq_set_eoi_page(struct domain *d, uint64_t gfn, bool auto_unmask)
{
    struct page_info *pg;
    int rc = -EBUSY;

    if (!mfn_valid(MFN(gfn)))
        return -EINVAL;
    pg = mfn_to_page(MFN(gfn));
    if (page_get_and_type(pg, d, PGT_WRITABLE))
        return -EINVAL;
    spin_lock(&d->arch.lock);
    if (!d->arch.pirq_eoi_page) {
        d->arch.pirq_eoi_page = pg;
        d->arch.pirq_eoi_map = page_to_virt(pg);
        d->arch.auto_unmask = auto_unmask;
        for (uint32_t n = 0; n < d->arch.nr_pirqs; n++)
            show_needs_eoi(d, n, d->arch.pirqs[n].irq && d->arch.pirqs[n].irq->level);
        rc = 0;
    }
    spin_unlock(&d->arch.lock);
    if (rc)
        page_put_and_type(pg);
    return rc;
}

/* --- called by the event channels, under the domain's event lock --- */

int arch_pirq_bind(struct domain *d, uint32_t pirq, uint32_t port, bool share)
{
    struct irq *irq = pirq_irq(d, pirq);

    (void)share; /* every line has one owner */
    if (!irq)
        return -EINVAL;
    show_needs_eoi(d, pirq, irq->level);
    return irq_bind(irq, d, pirq, port);
}

void arch_pirq_unbind(struct domain *d, uint32_t pirq)
{
    struct irq *irq = pirq_irq(d, pirq);

    if (irq)
        irq_unbind(irq);
}
