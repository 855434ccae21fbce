// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/bus/xen-backend/devices/vbd-X-Y/: physical_device and mode, by which tool stacks see that a disk is
 * served, and statistics/, added up over the rings.
 */
#include <linux/device.h>

#include "back.h"

static ssize_t physical_device_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    struct blk_back *back = dev_get_drvdata(dev);

    return sysfs_emit(buffer, "%x:%x\n", MAJOR(back->bdev->bd_dev), MINOR(back->bdev->bd_dev));
}
static DEVICE_ATTR_RO(physical_device);

static ssize_t mode_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    struct blk_back *back = dev_get_drvdata(dev);

    return sysfs_emit(buffer, "%s\n", back->limits.readonly ? "r" : "w");
}
static DEVICE_ATTR_RO(mode);

struct counter {
    struct device_attribute attribute;
    size_t offset;      /* of a u64 in struct back_statistics */
};

static ssize_t show_counter(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    size_t offset = container_of(attribute, struct counter, attribute)->offset;
    struct blk_back *back = dev_get_drvdata(dev);
    u64 sum = 0;
    unsigned int i;

    mutex_lock(&back->mutex);
    for (i = 0; i < back->nr_rings; i++)
        sum += *(u64 *)((char *)&back->rings[i].statistics + offset);
    mutex_unlock(&back->mutex);
    return sysfs_emit(buffer, "%llu\n", sum);
}

static ssize_t kept_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    struct blk_back *back = dev_get_drvdata(dev);
    unsigned int i, sum = 0;

    mutex_lock(&back->mutex);
    for (i = 0; i < back->nr_rings; i++)
        sum += back->rings[i].cache.count;
    mutex_unlock(&back->mutex);
    return sysfs_emit(buffer, "%u\n", sum);
}
static DEVICE_ATTR_RO(kept);

static ssize_t spare_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    struct blk_back *back = dev_get_drvdata(dev);
    unsigned int i, sum = 0;

    mutex_lock(&back->mutex);
    for (i = 0; i < back->nr_rings; i++)
        sum += READ_ONCE(back->rings[i].cache.spare.num_pages);
    mutex_unlock(&back->mutex);
    return sysfs_emit(buffer, "%u\n", sum);
}
static DEVICE_ATTR_RO(spare);

/* The first seven are named as Linux's own back-end names them. */
#define COUNTER(name, member) \
    static struct counter counter_##name = { \
        __ATTR(name, 0444, show_counter, NULL), offsetof(struct back_statistics, member) \
    }

COUNTER(rd_req, requests[BLKIF_OP_READ]);
COUNTER(wr_req, requests[BLKIF_OP_WRITE]);
COUNTER(f_req, requests[BLKIF_OP_FLUSH_DISKCACHE]);
COUNTER(ds_req, requests[BLKIF_OP_DISCARD]);
COUNTER(rd_sect, sectors_read);
COUNTER(wr_sect, sectors_written);
COUNTER(barriers, requests[BLKIF_OP_WRITE_BARRIER]);
COUNTER(indirect, indirect);
COUNTER(errors, errors);
COUNTER(notifications, notifications);
COUNTER(interrupts, interrupts);
COUNTER(map_calls, map_calls);
COUNTER(unmap_calls, unmap_calls);
COUNTER(mapped, mapped);
COUNTER(unmapped, unmapped);

static struct attribute *statistics[] = {
    &counter_rd_req.attribute.attr,
    &counter_wr_req.attribute.attr,
    &counter_f_req.attribute.attr,
    &counter_ds_req.attribute.attr,
    &counter_rd_sect.attribute.attr,
    &counter_wr_sect.attribute.attr,
    &counter_barriers.attribute.attr,
    &counter_indirect.attribute.attr,
    &counter_errors.attribute.attr,
    &counter_notifications.attribute.attr,
    &counter_interrupts.attribute.attr,
    &counter_map_calls.attribute.attr,
    &counter_unmap_calls.attribute.attr,
    &counter_mapped.attribute.attr,
    &counter_unmapped.attribute.attr,
    &dev_attr_kept.attr,
    &dev_attr_spare.attr,
    NULL,
};

static struct attribute *attributes[] = {
    &dev_attr_physical_device.attr,
    &dev_attr_mode.attr,
    NULL,
};

static const struct attribute_group group = { .attrs = attributes };
static const struct attribute_group statistics_group = { .name = "statistics", .attrs = statistics };
static const struct attribute_group *groups[] = { &statistics_group, &group, NULL };

int back_attributes_add(struct blk_back *back)
{
    int err = sysfs_create_groups(&back->dev->dev.kobj, groups);

    back->attributes = !err;
    return err;
}

void back_attributes_remove(struct blk_back *back)
{
    if (back->attributes)
        sysfs_remove_groups(&back->dev->dev.kobj, groups);
    back->attributes = false;
}
