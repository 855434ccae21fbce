// SPDX-License-Identifier: GPL-2.0-only
/*
 * Block devices that are kept open; see keep.h.
 */
#include "keep.h"

#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

struct kept {
    struct list_head list;
    struct device *dev;         /* only compared: REMOVED_DEVICE comes before its memory goes */
    struct block_device *bdev;
    fmode_t mode;
};

static DEFINE_MUTEX(mutex);     /* for both */
static LIST_HEAD(all);
static struct bus_type *watched;

void pv_keep_end(struct device *dev)
{
    struct kept *kept, *next;

    mutex_lock(&mutex);
    list_for_each_entry_safe(kept, next, &all, list) {
        if (dev && kept->dev != dev)
            continue;
        list_del(&kept->list);
        blkdev_put(kept->bdev, kept->mode);
        kfree(kept);
    }
    mutex_unlock(&mutex);
}
EXPORT_SYMBOL_GPL(pv_keep_end);

static int bus_changed(struct notifier_block *block, unsigned long action, void *dev)
{
    if (action == BUS_NOTIFY_REMOVED_DEVICE)
        pv_keep_end(dev);
    return NOTIFY_DONE;
}

static struct notifier_block notifier = { .notifier_call = bus_changed };

void pv_keep(struct device *dev, struct block_device *bdev, fmode_t mode)
{
    struct kept *kept = kmalloc(sizeof(*kept), GFP_KERNEL);

    if (!kept) {
        blkdev_put(bdev, mode);
        return;
    }
    *kept = (struct kept){ .dev = dev, .bdev = bdev, .mode = mode };
    mutex_lock(&mutex);
    if (!watched && !bus_register_notifier(dev->bus, &notifier))
        watched = dev->bus;
    list_add(&kept->list, &all);
    mutex_unlock(&mutex);
}
EXPORT_SYMBOL_GPL(pv_keep);

void pv_keep_exit(void)
{
    if (watched)
        bus_unregister_notifier(watched, &notifier);
    pv_keep_end(NULL);
}
