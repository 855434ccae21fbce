// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkfront: from the store to a disk and back.
 *
 * A back-end that goes while its device stays online (its module is reloaded, its domain restarts) and a
 * guest that is resumed elsewhere are one case: the disk pauses, what was under way is kept, and is asked
 * again when a back-end has connected. Asking twice does no harm: a write that was not answered may have
 * happened or not. If nobody comes for `patience` seconds, requests fail, and the device is closed for good.
 */
#include <linux/blkdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/xen.h>

#include "front.h"

static unsigned int max_queues = 4;
module_param(max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues, "rings of a disk at most; never more than CPUs (4)");
static unsigned int ring_page_order = 1;
module_param(ring_page_order, uint, 0444);
MODULE_PARM_DESC(ring_page_order, "pages of a ring, as a power of two, 0 to 4; 0 has 32 slots, 1 has 64 (1)");
static unsigned int max_segments = 64;
module_param(max_segments, uint, 0444);
MODULE_PARM_DESC(max_segments,
                 "pages of a request at most, 11 to 256; more than 11 need indirect requests (64)");
static bool persistent = true;
module_param(persistent, bool, 0444);
MODULE_PARM_DESC(persistent, "let the back-end keep pages mapped (Y)");
static unsigned int patience = 60;
module_param(patience, uint, 0644);
MODULE_PARM_DESC(patience, "seconds that requests wait for a back-end that went away (60)");

/*
 * What of the offer is used. Rings are made before the back-end has said everything: the rest is chosen when
 * it is connected.
 */
static void choose_rings(struct blk_front *front)
{
    struct front_offer *offer = &front->offer;

    front->persistent = persistent;
    front->nr_rings = min3((unsigned int)offer->max_queues, max(max_queues, 1u), num_online_cpus());
    front->ring_order = min_t(unsigned int, offer->max_ring_order, ring_page_order);
    if (front->disk)
        return;
    front->tags.nr_hw_queues = front->nr_rings;
    front->tags.queue_depth = ring_slots(PAGE_SIZE << front->ring_order, sizeof(union blkif_slot));
}

static int choose_segments(struct blk_front *front)
{
    unsigned int wanted = clamp(max_segments, BLKIF_MAX_SEGMENTS_PER_REQUEST, FRONT_MAX_SEGMENTS);

    if (front->disk)    /* requests were made with room for so many */
        wanted = (front->tags.cmd_size - sizeof(struct front_request)) / sizeof(struct pv_grant *);
    front->max_segments = clamp_t(unsigned int, front->offer.max_indirect, BLKIF_MAX_SEGMENTS_PER_REQUEST,
                                  wanted);
    return front_rings_reserve(front);
}

static int front_publish(struct xenbus_device *dev)
{
    struct blk_front *front = dev_get_drvdata(&dev->dev);
    int err;

    mutex_lock(&front->mutex);
    err = -ESHUTDOWN;
    if (front->state == FRONT_DEAD)
        goto unlock;
    front->generation = pv_generation(dev);
    err = front_read_offer(front);
    if (err)
        goto unlock;
    choose_rings(front);
    err = front_rings_open(front);
    if (err)
        goto unlock;
    err = front_write_keys(front);
    if (err)
        front_rings_close(front, true);
unlock:
    mutex_unlock(&front->mutex);
    return err;
}

static void front_continue(struct blk_front *front)
{
    front_disk_limits(front);
    front->state = FRONT_READY;
    blk_mq_unquiesce_queue(front->disk->queue);
    blk_mq_kick_requeue_list(front->disk->queue);
    dev_info_ratelimited(&front->dev->dev, "%s goes on\n", front->disk->disk_name);
}

static int front_connected(struct xenbus_device *dev)
{
    struct blk_front *front = dev_get_drvdata(&dev->dev);
    int err;

    cancel_delayed_work_sync(&front->give_up);
    mutex_lock(&front->mutex);
    err = front_read_offer(front);
    if (!err && (front->state == FRONT_NEW || front->state == FRONT_PAUSED))
        err = choose_segments(front);
    if (err || front->state == FRONT_DEAD)
        goto unlock;
    if (front->state == FRONT_PAUSED)
        front_continue(front);
    if (front->state == FRONT_READY)
        front_disk_resize(front);
    if (front->state == FRONT_NEW)
        err = front_disk_make(front);
unlock:
    mutex_unlock(&front->mutex);
    return err;
}

/*
 * The rings go; what was on them waits for the next back-end, but not longer than `patience`, however many
 * come and go. False if nobody waits.
 */
static bool front_pause(struct blk_front *front)
{
    bool waits;

    mutex_lock(&front->mutex);
    if (front->state == FRONT_READY) {
        blk_mq_quiesce_queue(front->disk->queue);
        front->state = FRONT_PAUSED;
        dev_info_ratelimited(&front->dev->dev, "the back-end has gone, %s waits for another\n",
                             front->disk->disk_name);
    }
    front_rings_close(front, true);
    waits = front->state != FRONT_DEAD;
    if (front->state == FRONT_PAUSED)
        schedule_delayed_work(&front->give_up, patience * HZ);
    mutex_unlock(&front->mutex);
    return waits;
}

/* The rings go; what was on them, and what comes, fails. */
static void front_die(struct blk_front *front)
{
    enum front_state was;

    mutex_lock(&front->mutex);
    was = front->state;
    if (was == FRONT_READY)
        blk_mq_quiesce_queue(front->disk->queue);
    front->state = FRONT_DEAD;
    front_rings_close(front, false);
    if (was == FRONT_READY || was == FRONT_PAUSED) {
        blk_mq_unquiesce_queue(front->disk->queue);
        blk_mq_kick_requeue_list(front->disk->queue);
    }
    mutex_unlock(&front->mutex);
}

static void front_give_up(struct work_struct *work)
{
    struct blk_front *front = container_of(to_delayed_work(work), struct blk_front, give_up);

    dev_err_ratelimited(&front->dev->dev, "no back-end for %u seconds: requests fail\n", patience);
    front_die(front);
    xenbus_frontend_closed(front->dev);
}

static void front_broken(struct work_struct *work)
{
    struct blk_front *front = container_of(work, struct blk_front, broken);

    front_die(front);
    xenbus_frontend_closed(front->dev);
}

static bool front_gone(struct xenbus_device *dev)
{
    return front_pause(dev_get_drvdata(&dev->dev));
}

static void front_closing(struct xenbus_device *dev)
{
    struct blk_front *front = dev_get_drvdata(&dev->dev);

    if (front->disk)
        blk_mark_disk_dead(front->disk);
    front_die(front);
    xenbus_frontend_closed(dev);
}

static const struct pv_front_ops front_ops = {
    .published = XenbusStateInitialised,
    .publish = front_publish,
    .connected = front_connected,
    .closing = front_closing,
    .gone = front_gone,
};

static void front_otherend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    pv_front_changed(dev, state, &front_ops);
}

static int front_probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    struct blk_front *front;
    unsigned int number;

    if (!pv_is_ours(dev, dev->otherend))
        return -ENODEV;
    if (xenbus_scanf(XBT_NIL, dev->nodename, "virtual-device", "%u", &number) != 1 &&
        xenbus_scanf(XBT_NIL, dev->nodename, "virtual-device-ext", "%u", &number) != 1) {
        xenbus_dev_fatal(dev, -ENOENT, "no virtual-device in %s", dev->nodename);
        return -ENOENT;
    }
    front = kzalloc(sizeof(*front), GFP_KERNEL);
    if (!front)
        return -ENOMEM;
    front->dev = dev;
    front->handle = number;
    mutex_init(&front->mutex);
    INIT_WORK(&front->add, front_disk_add);
    INIT_WORK(&front->broken, front_broken);
    INIT_DELAYED_WORK(&front->give_up, front_give_up);
    dev_set_drvdata(&dev->dev, front);
    /* If another driver had the device before. */
    return xenbus_switch_state(dev, XenbusStateInitialising);
}

static void front_remove(struct xenbus_device *dev)
{
    struct blk_front *front = dev_get_drvdata(&dev->dev);

    cancel_delayed_work_sync(&front->give_up);
    if (front->disk)
        blk_mark_disk_dead(front->disk);
    front_die(front);
    flush_work(&front->add);
    cancel_work_sync(&front->broken);
    front_disk_remove(front);
    pv_generation_forget(dev);
    kfree(front);
}

/* The guest runs again, perhaps elsewhere: neither grants nor ports are what they were. */
static int front_resume(struct xenbus_device *dev)
{
    struct blk_front *front = dev_get_drvdata(&dev->dev);

    front_pause(front);
    return 0;
}

static const struct xenbus_device_id front_ids[] = { { "vbd" }, { "" } };

static struct xenbus_driver front_driver = {
    .name = "hv-blkfront",
    .ids = front_ids,
    .probe = front_probe,
    .remove = front_remove,
    .resume = front_resume,
    .otherend_changed = front_otherend_changed,
};

static int __init front_init(void)
{
    return xen_domain() ? xenbus_register_frontend(&front_driver) : -ENODEV;
}
module_init(front_init);

static void __exit front_exit(void)
{
    xenbus_unregister_driver(&front_driver);
}
module_exit(front_exit);

MODULE_DESCRIPTION("hv's block front-end");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen:vbd");
