// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue's NAPI poll. One event channel serves both rings: an interrupt for one looks after the other, too.
 */
#include "front.h"

#include <xen/events.h>

irqreturn_t front_interrupt(int irq, void *data)
{
    struct front_queue *queue = data;

    queue->stats.interrupts++;
    set_bit(0, &queue->eoi);
    napi_schedule(&queue->napi);
    return IRQ_HANDLED;
}

void front_broken(struct front_nic *nic, const char *why)
{
    if (cmpxchg(&nic->broken, NULL, why) == NULL)
        schedule_work(&nic->close_work);
}

void front_notify(struct front_queue *queue)
{
    queue->stats.notifies++;
    notify_remote_via_irq(queue->irq);
}

static void complete_sent(struct front_queue *queue)
{
    struct netdev_queue *stack = netdev_get_tx_queue(queue->nic->net, queue->id);

    if (READ_ONCE(queue->tx.shared->rsp_prod) == READ_ONCE(queue->tx.rsp_cons))
        return;
    spin_lock(&queue->tx_lock);
    front_send_complete(queue);
    if (netif_tx_queue_stopped(stack) && ring_front_room(&queue->tx) >= FRONT_SLOTS / 2 && queue->nic->online)
        netif_tx_wake_queue(stack);
    spin_unlock(&queue->tx_lock);
}

int front_poll(struct napi_struct *napi, int budget)
{
    struct front_queue *queue = container_of(napi, struct front_queue, napi);
    bool notify, idle;
    u32 seen;
    int done;

    queue->stats.polls++;
    if (READ_ONCE(queue->nic->broken)) {
        napi_complete_done(napi, 0);
        return 0;
    }
    WRITE_ONCE(queue->polled_by, smp_processor_id());
    complete_sent(queue);
    done = front_receive(queue, budget);
    notify = ring_front_push(&queue->rx);
    seen = queue->rx.rsp_cons;
    /* What GRO held back goes to the stack now, and may be answered. */
    idle = done < budget && napi_complete_done(napi, done);
    WRITE_ONCE(queue->polled_by, -1);
    notify |= front_send_show(queue);
    if (notify)
        front_notify(queue);
    if (idle) {
        if (test_and_clear_bit(0, &queue->eoi))
            xen_irq_lateeoi(queue->irq, 0);
        if (ring_front_rearm_after(&queue->rx, seen))
            napi_schedule(napi);
    }
    return done;
}
