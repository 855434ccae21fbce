// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkback: a ring's thread, and answers.
 *
 * There are as many slots as the ring has, and ring_back_pending() never claims more requests than slots
 * without an answer: so there is always a free slot for a request that can be taken.
 */
#include <linux/sched/clock.h>
#include <xen/events.h>

#include "back.h"

irqreturn_t back_interrupt(int irq, void *data)
{
    struct back_ring *ring = data;

    ring->statistics.interrupts++;
    set_bit(0, &ring->event);
    wake_up(&ring->wake);
    return IRQ_HANDLED;
}

/* Shows what was answered. Under the lock, which it gives up; notifying is a hypercall. */
static void show_and_unlock(struct back_ring *ring, unsigned long flags)
{
    bool notify = ring_back_push(&ring->ring);

    ring->statistics.notifications += notify;
    spin_unlock_irqrestore(&ring->lock, flags);
    if (notify)
        notify_remote_via_irq(ring->irq);
}

/* Puts the response and frees the slot. Under the lock. */
static void respond(struct back_slot *slot)
{
    struct back_ring *ring = slot->ring;
    struct blkif_response response = {
        .id = slot->request.id, .operation = slot->request.operation, .status = slot->status,
    };

    ring->statistics.errors += slot->status != BLKIF_RSP_OKAY;
    ring_back_put(&ring->ring, &response, sizeof(response));
    list_add(&slot->list, &ring->free);
    ring->busy--;
}

/* What was put has not been shown for long enough. */
enum hrtimer_restart back_held_long_enough(struct hrtimer *timer)
{
    struct back_ring *ring = container_of(timer, struct back_ring, timer);
    unsigned long flags;

    spin_lock_irqsave(&ring->lock, flags);
    ring->timed = false;
    show_and_unlock(ring, flags);
    return HRTIMER_NORESTART;
}

/* True if the answers that were not shown can wait a little for others. Under the lock. */
static bool may_wait(struct back_ring *ring)
{
    u32 held = ring->ring.rsp_prod - ring->ring.rsp_pushed;
    u64 limit = (u64)READ_ONCE(back_hold_us) * NSEC_PER_USEC;

    if (!blk_hold(&ring->hold, ring->busy ? local_clock() : 0, held, ring->busy, limit))
        return false;
    /* It may be running for what was shown meanwhile; then it comes too early, at worst. */
    if (!ring->timed)
        hrtimer_start(&ring->timer, ns_to_ktime(limit), HRTIMER_MODE_REL);
    ring->timed = true;
    return true;
}

/* The last answer lets the ring's thread end; the ring itself stays until whoever gave that answer is out of here, too. */
void back_answer(struct back_slot *slot)
{
    struct back_ring *ring = slot->ring;
    unsigned long flags;

    rcu_read_lock();
    spin_lock_irqsave(&ring->lock, flags);
    if (slot->nr_transient) {
        list_add_tail(&slot->list, &ring->done);
        wake_up(&ring->wake);
        spin_unlock_irqrestore(&ring->lock, flags);
    } else {
        respond(slot);
        if (ring->draining)
            wake_up(&ring->wake);
        if (!ring->collect && !may_wait(ring))
            show_and_unlock(ring, flags);
        else
            spin_unlock_irqrestore(&ring->lock, flags);
    }
    rcu_read_unlock();
}

/* What is done, but was mapped for its request alone. */
static void unmap_done(struct back_ring *ring)
{
    LIST_HEAD(done);
    struct back_slot *slot, *next;
    unsigned long flags;

    if (list_empty_careful(&ring->done))
        return;
    spin_lock_irqsave(&ring->lock, flags);
    list_splice_init(&ring->done, &done);
    spin_unlock_irqrestore(&ring->lock, flags);
    list_for_each_entry(slot, &done, list)
        back_unmap(slot);
    spin_lock_irqsave(&ring->lock, flags);
    list_for_each_entry_safe(slot, next, &done, list)
        respond(slot);
    show_and_unlock(ring, flags);
}

/* Waits until no more than `left` slots are in use. */
static void drain_to(struct back_ring *ring, unsigned int left)
{
    spin_lock_irq(&ring->lock);
    ring->draining = true;
    spin_unlock_irq(&ring->lock);
    while (READ_ONCE(ring->busy) > left) {
        /* Sleeping sends off what is plugged. */
        wait_event(ring->wake, READ_ONCE(ring->busy) <= left || !list_empty_careful(&ring->done));
        unmap_done(ring);
    }
    ring->draining = false;
}

void back_drain(struct back_ring *ring)
{
    drain_to(ring, 1);
}

void back_pause(struct back_ring *ring, unsigned long timeout)
{
    unsigned long flags;

    spin_lock_irqsave(&ring->lock, flags);
    ring->collect = false;
    show_and_unlock(ring, flags);
    wait_event_timeout(ring->wake, kthread_should_stop() || !list_empty_careful(&ring->done), timeout);
    unmap_done(ring);
    WRITE_ONCE(ring->collect, true);
}

static struct back_slot *take_slot(struct back_ring *ring)
{
    struct back_slot *slot;

    spin_lock_irq(&ring->lock);
    slot = list_first_entry(&ring->free, struct back_slot, list);
    list_del(&slot->list);
    ring->busy++;
    spin_unlock_irq(&ring->lock);
    return slot;
}

static void break_ring(struct back_ring *ring)
{
    ring->broken = true;
    /* It may connect again and do the same, without end. */
    dev_err_ratelimited(&ring->back->dev->dev,
                        "domain %d puts more requests on its ring than fit: closing its disk\n",
                        ring->back->dev->otherend_id);
    schedule_work(&ring->back->broken);
}

/* Serves `count` requests; whatever is answered meanwhile is shown at once, at the end. */
static void serve_batch(struct back_ring *ring, int count)
{
    struct blk_plug plug;
    unsigned long flags;

    WRITE_ONCE(ring->collect, true);
    blk_start_plug(&plug);
    while (count-- > 0 && !kthread_should_stop()) {
        struct back_slot *slot = take_slot(ring);
        union blkif_slot raw;

        ring_back_take(&ring->ring, &raw, sizeof(raw));
        back_serve(slot, &raw);
    }
    blk_finish_plug(&plug);
    unmap_done(ring);
    spin_lock_irqsave(&ring->lock, flags);
    ring->collect = false;
    show_and_unlock(ring, flags);
}

/* Until the ring is empty and the front-end knows that it has to notify. False if there was nothing to do. */
static bool serve_all(struct back_ring *ring)
{
    int count = ring_back_pending(&ring->ring);
    bool any = false;

    while (!kthread_should_stop() && !ring->broken) {
        if (!count)
            count = ring_back_rearm(&ring->ring);
        if (!count)
            break;
        any = true;
        if (count < 0) {
            break_ring(ring);
            break;
        }
        serve_batch(ring, count);
        cond_resched();
        count = ring_back_pending(&ring->ring);
    }
    return any;
}

static bool has_work(struct back_ring *ring)
{
    return test_bit(0, &ring->event) || !list_empty_careful(&ring->done) || kthread_should_stop();
}

int back_thread(void *data)
{
    struct back_ring *ring = data;

    while (!kthread_should_stop()) {
        bool notified, any = false;

        wait_event_interruptible(ring->wake, has_work(ring));
        notified = test_and_clear_bit(0, &ring->event);
        unmap_done(ring);
        if (notified && !ring->broken)
            any = serve_all(ring);
        /* Who notifies for nothing is heard less and less often. */
        if (notified)
            xen_irq_lateeoi(ring->irq, any ? 0 : XEN_EOI_FLAG_SPURIOUS);
    }
    /* What was taken is answered; what was not stays for whoever comes next. */
    drain_to(ring, 0);
    return 0;
}
