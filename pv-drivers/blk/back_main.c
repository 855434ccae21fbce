// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkback: from the store to a served disk and back.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/xen.h>

#include "back.h"

unsigned int back_max_queues = 4;
module_param_named(max_queues, back_max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues, "rings of a disk at most, 1 to 16 (4)");
unsigned int back_max_ring_page_order = BACK_MAX_RING_ORDER;
module_param_named(max_ring_page_order, back_max_ring_page_order, uint, 0444);
MODULE_PARM_DESC(max_ring_page_order, "pages of a ring at most, as a power of two, 0 to 4 (4)");
unsigned int back_max_segments = BACK_MAX_SEGMENTS;
module_param_named(max_segments, back_max_segments, uint, 0444);
MODULE_PARM_DESC(max_segments, "pages of a request at most, 11 to 256; 11: no indirect requests (256)");
unsigned int back_max_kept = 4352;
module_param_named(max_kept, back_max_kept, uint, 0444);
MODULE_PARM_DESC(max_kept, "pages of a ring that stay mapped at most (4352)");
unsigned int back_hold_us = 500;
module_param_named(hold_us, back_hold_us, uint, 0644);
MODULE_PARM_DESC(hold_us,
                 "microseconds that an answer waits at most for others, if many are under way; 0: never (500)");
bool back_persistent = true;
module_param_named(persistent, back_persistent, bool, 0444);
MODULE_PARM_DESC(persistent, "keep pages mapped for front-ends that reuse them (Y)");

static int back_prepare(struct xenbus_device *dev)
{
    return back_write_offer(dev_get_drvdata(&dev->dev));
}

static int back_connect(struct xenbus_device *dev)
{
    struct blk_back *back = dev_get_drvdata(&dev->dev);
    int err;

    if (!back->bdev)
        return -EAGAIN;
    mutex_lock(&back->mutex);
    back->limits.sectors = bdev_nr_sectors(back->bdev);
    err = back_write_disk(back);
    if (!err)
        err = back_rings_open(back);
    back->connected = !err;
    mutex_unlock(&back->mutex);
    if (!err)
        schedule_delayed_work(&back->resize, HZ);
    return err;
}

static void back_disconnect(struct xenbus_device *dev)
{
    struct blk_back *back = dev_get_drvdata(&dev->dev);

    mutex_lock(&back->mutex);
    back->connected = false;
    back_rings_close(back);
    mutex_unlock(&back->mutex);
    cancel_delayed_work_sync(&back->resize);
}

static const struct pv_back_ops back_ops = {
    .prepare = back_prepare,
    .connect = back_connect,
    .disconnect = back_disconnect,
};

static void back_otherend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    pv_back_changed(dev, state, &back_ops);
}

/* physical-device is there, or has been looked at before. */
static void back_device_named(struct xenbus_watch *watch, const char *path, const char *token)
{
    struct blk_back *back = container_of(watch, struct blk_back, watch);

    if (back->bdev || back_disk_open(back))
        return;
    if (back_attributes_add(back)) {
        back_disk_close(back);
        return;
    }
    pv_back_retry(back->dev, &back_ops);
}

static void back_broken(struct work_struct *work)
{
    struct blk_back *back = container_of(work, struct blk_back, broken);

    back_disconnect(back->dev);
    xenbus_switch_state(back->dev, XenbusStateClosing);
}

static void back_remove(struct xenbus_device *dev)
{
    struct blk_back *back = dev_get_drvdata(&dev->dev);

    if (back->watching) {
        unregister_xenbus_watch(&back->watch);
        kfree(back->watch.node);
    }
    back_limits_stop(back);
    back_attributes_remove(back);
    back_disconnect(dev);
    cancel_work_sync(&back->broken);
    back_disk_close(back);
    kfree(back);
}

static int back_probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    struct blk_back *back;
    int err;

    if (!pv_is_ours(dev, dev->nodename))
        return -ENODEV;
    back = kzalloc(sizeof(*back), GFP_KERNEL);
    if (!back)
        return -ENOMEM;
    back->dev = dev;
    mutex_init(&back->mutex);
    INIT_DELAYED_WORK(&back->resize, back_resize);
    INIT_WORK(&back->broken, back_broken);
    dev_set_drvdata(&dev->dev, back);
    err = back_limits_start(back);
    if (!err)
        err = pv_back_start(dev, &back_ops);
    if (err)
        goto remove;
    err = xenbus_watch_pathfmt(dev, &back->watch, NULL, back_device_named, "%s/%s", dev->nodename,
                               "physical-device");
    if (err)
        goto remove;
    back->watching = true;
    return 0;

remove:
    back_remove(dev);
    return err;
}

static const struct xenbus_device_id back_ids[] = { { "vbd" }, { "" } };

static struct xenbus_driver back_driver = {
    .name = "hv-blkback",
    .ids = back_ids,
    .probe = back_probe,
    .remove = back_remove,
    .otherend_changed = back_otherend_changed,
};

static int __init back_init(void)
{
    if (!xen_domain())
        return -ENODEV;
    back_max_queues = clamp(back_max_queues, 1u, (unsigned int)BACK_MAX_QUEUES);
    back_max_ring_page_order = min(back_max_ring_page_order, (unsigned int)BACK_MAX_RING_ORDER);
    back_max_segments = clamp(back_max_segments, (unsigned int)BLKIF_MAX_SEGMENTS_PER_REQUEST,
                              (unsigned int)BACK_MAX_SEGMENTS);
    return xenbus_register_backend(&back_driver);
}
module_init(back_init);

static void __exit back_exit(void)
{
    xenbus_unregister_driver(&back_driver);
}
module_exit(back_exit);

MODULE_DESCRIPTION("hv's block back-end");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen-backend:vbd");
