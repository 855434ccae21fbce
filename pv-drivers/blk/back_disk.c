// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkback: the block device behind a disk, and what the store says of it.
 */
#include "back.h"
#include "keep.h"
#include "keys.h"

/* How often the device's size is looked at: nobody tells when it changes. */
#define RESIZE_SECONDS 2

static bool key_is(struct blk_back *back, const char *key, const char *value)
{
    char *found = xenbus_read(XBT_NIL, back->dev->nodename, key, NULL);
    bool is = !IS_ERR(found) && !strcmp(found, value);

    if (!IS_ERR(found))
        kfree(found);
    return is;
}

int back_disk_open(struct blk_back *back)
{
    struct xenbus_device *dev = back->dev;
    unsigned int major, minor;
    struct block_device *bdev;
    int err;

    err = xenbus_scanf(XBT_NIL, dev->nodename, "physical-device", "%x:%x", &major, &minor);
    if (err != 2)
        return -EAGAIN;
    back->limits.readonly = !key_is(back, "mode", "w");
    back->mode = FMODE_READ | (back->limits.readonly ? 0 : FMODE_WRITE);
    bdev = blkdev_get_by_dev(MKDEV(major, minor), back->mode, NULL);
    if (IS_ERR(bdev)) {
        err = PTR_ERR(bdev);
        xenbus_dev_fatal(dev, err, "cannot open block device %x:%x", major, minor);
        return err;
    }
    back->bdev = bdev;
    pv_keep_end(&dev->dev);
    back->limits.sectors = bdev_nr_sectors(bdev);
    back->limits.block_sectors = bdev_logical_block_size(bdev) >> SECTOR_SHIFT;
    back->limits.max_indirect = back_max_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST ? back_max_segments : 0;
    back->limits.discard = bdev_max_discard_sectors(bdev) &&
                           xenbus_read_unsigned(dev->nodename, "discard-enable", 1);
    back->secure = bdev_max_secure_erase_sectors(bdev);
    return 0;
}

void back_disk_close(struct blk_back *back)
{
    struct xenbus_device *dev = back->dev;

    if (!back->bdev)
        return;
    /* If the device stays, another driver will come for it. */
    if (xenbus_dev_is_online(dev))
        pv_keep(&dev->dev, back->bdev, back->mode);
    else
        blkdev_put(back->bdev, back->mode);
    back->bdev = NULL;
}

struct pair {
    const char *key;
    unsigned long long value;
};

static int write_pairs(struct blk_back *back, struct xenbus_transaction transaction, const struct pair *pairs,
                       unsigned int count)
{
    unsigned int i;
    int err = 0;

    for (i = 0; i < count && !err; i++)
        err = xenbus_printf(transaction, back->dev->nodename, pairs[i].key, "%llu", pairs[i].value);
    return err;
}

static int write_offer(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data)
{
    struct blk_back *back = data;
    const struct pair pairs[] = {
        { "multi-queue-max-queues", back_max_queues },
        { "max-ring-page-order", back_max_ring_page_order },
        { "feature-persistent", back_persistent },
        { "feature-max-indirect-segments", back_max_segments },
    };
    /* Fewer than fit in an ordinary request need no indirect ones. */
    unsigned int count = ARRAY_SIZE(pairs) - (back_max_segments <= BLKIF_MAX_SEGMENTS_PER_REQUEST);

    return write_pairs(back, transaction, pairs, count);
}

int back_write_offer(struct blk_back *back)
{
    return pv_keys_write(back->dev, write_offer, back);
}

static int write_disk(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data)
{
    struct blk_back *back = data;
    struct block_device *bdev = back->bdev;
    bool cdrom = key_is(back, "device-type", "cdrom");
    const struct pair pairs[] = {
        { "feature-flush-cache", !back->limits.readonly },
        { "feature-barrier", !back->limits.readonly },
        { "sectors", back->limits.sectors },
        { "sector-size", bdev_logical_block_size(bdev) },
        { "physical-sector-size", bdev_physical_block_size(bdev) },
        { "info", (cdrom ? VDISK_CDROM : 0) | (key_is(back, "removable", "1") ? VDISK_REMOVABLE : 0) |
                  (back->limits.readonly ? VDISK_READONLY : 0) },
        { "feature-discard", 1 },
        { "discard-granularity", bdev_discard_granularity(bdev) },
        { "discard-alignment", max(bdev_discard_alignment(bdev), 0) },
        { "discard-secure", back->secure },
    };

    return write_pairs(back, transaction, pairs, ARRAY_SIZE(pairs) - (back->limits.discard ? 0 : 4));
}

int back_write_disk(struct blk_back *back)
{
    return pv_keys_write(back->dev, write_disk, back);
}

static int write_size(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data)
{
    struct blk_back *back = data;
    int err = xenbus_printf(transaction, dev->nodename, "sectors", "%llu", back->limits.sectors);

    /* Said once more, the state tells the front-end to look. */
    return err ?: xenbus_printf(transaction, dev->nodename, "state", "%d", XenbusStateConnected);
}

void back_resize(struct work_struct *work)
{
    struct blk_back *back = container_of(to_delayed_work(work), struct blk_back, resize);

    mutex_lock(&back->mutex);
    if (back->connected) {
        u64 sectors = bdev_nr_sectors(back->bdev);

        if (sectors != back->limits.sectors) {
            dev_info(&back->dev->dev, "%llu sectors become %llu\n", back->limits.sectors, sectors);
            WRITE_ONCE(back->limits.sectors, sectors);
            pv_keys_write(back->dev, write_size, back);
        }
        schedule_delayed_work(&back->resize, RESIZE_SECONDS * HZ);
    }
    mutex_unlock(&back->mutex);
}
