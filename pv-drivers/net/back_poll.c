// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue's NAPI poll: both directions, one notification for what was done in both.
 *
 * Events are bound with a late EOI: a guest cannot raise another interrupt on a channel before the poll that the last one caused has
 * done all it found, and one that sends events for nothing is delayed by the kernel.
 */
#include "back.h"

#include <xen/events.h>
#include <asm/xen/hypercall.h>

enum { EOI_TX, EOI_RX };

irqreturn_t back_tx_interrupt(int irq, void *data)
{
    struct back_queue *queue = data;

    queue->stats.interrupts++;
    set_bit(EOI_TX, &queue->eoi);
    napi_schedule(&queue->napi);
    return IRQ_HANDLED;
}

irqreturn_t back_rx_interrupt(int irq, void *data)
{
    struct back_queue *queue = data;

    queue->stats.interrupts++;
    set_bit(EOI_RX, &queue->eoi);
    napi_schedule(&queue->napi);
    return IRQ_HANDLED;
}

static void release_events(struct back_queue *queue, bool worked)
{
    unsigned int flags = worked ? 0 : XEN_EOI_FLAG_SPURIOUS;

    if (!queue->eoi)
        return;
    if (test_and_clear_bit(EOI_TX, &queue->eoi))
        xen_irq_lateeoi(queue->tx_irq, flags);
    if (test_and_clear_bit(EOI_RX, &queue->eoi))
        xen_irq_lateeoi(queue->rx_irq, flags);
}

void back_broken(struct back_vif *vif, const char *why)
{
    if (cmpxchg(&vif->broken, NULL, why) == NULL)
        schedule_work(&vif->close_work);
}

bool back_copy(struct back_queue *queue)
{
    unsigned int count = queue->copies;

    queue->copies = 0;
    if (!count)
        return true;
    queue->stats.copies += count;
    queue->stats.copy_calls++;
    if (HYPERVISOR_grant_table_op(GNTTABOP_copy, queue->copy, count)) {
        back_broken(queue->vif, "the hypervisor refused to copy");
        return false;
    }
    for (unsigned int i = 0; i < count; i++)
        if (unlikely(queue->copy[i].status != GNTST_okay)) {
            back_broken(queue->vif, "it named a grant that cannot be copied");
            return false;
        }
    return true;
}

static void notify_guest(struct back_queue *queue, bool tx, bool rx)
{
    if (tx || (rx && queue->rx_irq == queue->tx_irq))
        notify_remote_via_irq(queue->tx_irq);
    if (rx && queue->rx_irq != queue->tx_irq)
        notify_remote_via_irq(queue->rx_irq);
    queue->stats.notifies += tx + (rx && !(tx && queue->rx_irq == queue->tx_irq));
}

/* True if there is something to do by now. Before the poll is complete: as soon as it is, another CPU may be at the rings. */
static bool rearm(struct back_queue *queue)
{
    /* What waits for a limit is known of: the timer comes for it, no event is wanted. */
    int pending = queue->held ? 0 : ring_back_rearm(&queue->tx);

    if (pending < 0)
        back_broken(queue->vif, "its tx ring claims more requests than fit");
    return pending > 0 || back_to_guest_rearm(queue);
}

int back_poll(struct napi_struct *napi, int budget)
{
    struct back_queue *queue = container_of(napi, struct back_queue, napi);
    bool notify_tx = false, notify_rx = false, more;
    int done;

    queue->stats.polls++;
    if (READ_ONCE(queue->vif->broken)) {
        /* Its events stay held back until they are unbound. */
        napi_complete_done(napi, 0);
        return 0;
    }
    /* In this order, so that what the stack answers at once goes with the event for what it answers. */
    done = back_from_guest(queue, budget, &notify_tx);
    more = back_to_guest(queue, &notify_rx);
    notify_guest(queue, notify_tx, notify_rx);
    if (more || done >= budget)
        return budget;
    more = rearm(queue);
    if (napi_complete_done(napi, done)) {
        release_events(queue, true);
        if (more)
            napi_schedule(napi);
    }
    return done;
}
