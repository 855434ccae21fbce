// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/block/xvdX/hv/: what hv-blkfront has done for a disk since it connected, added up over the rings.
 */
#include <linux/blkdev.h>
#include <linux/device.h>

#include "front.h"

struct counter {
    struct device_attribute attribute;
    size_t offset;      /* of a u64 in struct front_statistics */
};

static ssize_t show_counter(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    size_t offset = container_of(attribute, struct counter, attribute)->offset;
    struct blk_front *front = dev_to_disk(dev)->private_data;
    u64 sum = 0;
    unsigned int i;

    mutex_lock(&front->mutex);
    for (i = 0; front->rings && i < front->nr_rings; i++)
        sum += *(u64 *)((char *)&front->rings[i].statistics + offset);
    mutex_unlock(&front->mutex);
    return sysfs_emit(buffer, "%llu\n", sum);
}

static ssize_t granted_pages_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    struct blk_front *front = dev_to_disk(dev)->private_data;
    unsigned int i, pages = 0;

    mutex_lock(&front->mutex);
    for (i = 0; front->rings && i < front->nr_rings; i++)
        pages += front->rings[i].pool.pages;
    mutex_unlock(&front->mutex);
    return sysfs_emit(buffer, "%u\n", pages);
}
static DEVICE_ATTR_RO(granted_pages);

static ssize_t connection_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    struct blk_front *front = dev_to_disk(dev)->private_data;
    static const char *const names[] = { "new", "ready", "paused", "dead" };
    ssize_t length;

    mutex_lock(&front->mutex);
    length = sysfs_emit(buffer, "%s rings=%u pages=%u segments=%u persistent=%u\n", names[front->state],
                        front->nr_rings, 1u << front->ring_order, front->max_segments,
                        front->persistent && front->offer.persistent);
    mutex_unlock(&front->mutex);
    return length;
}
static DEVICE_ATTR_RO(connection);

#define COUNTER(name, member) \
    static struct counter counter_##name = { \
        __ATTR(name, 0444, show_counter, NULL), offsetof(struct front_statistics, member) \
    }

COUNTER(reads, requests[BLKIF_OP_READ]);
COUNTER(writes, requests[BLKIF_OP_WRITE]);
COUNTER(barriers, requests[BLKIF_OP_WRITE_BARRIER]);
COUNTER(flushes, requests[BLKIF_OP_FLUSH_DISKCACHE]);
COUNTER(discards, requests[BLKIF_OP_DISCARD]);
COUNTER(indirect, indirect);
COUNTER(sectors_read, sectors_read);
COUNTER(sectors_written, sectors_written);
COUNTER(notifications, notifications);
COUNTER(interrupts, interrupts);
COUNTER(errors, errors);

static struct attribute *front_attributes[] = {
    &counter_reads.attribute.attr,
    &counter_writes.attribute.attr,
    &counter_barriers.attribute.attr,
    &counter_flushes.attribute.attr,
    &counter_discards.attribute.attr,
    &counter_indirect.attribute.attr,
    &counter_sectors_read.attribute.attr,
    &counter_sectors_written.attribute.attr,
    &counter_notifications.attribute.attr,
    &counter_interrupts.attribute.attr,
    &counter_errors.attribute.attr,
    &dev_attr_granted_pages.attr,
    &dev_attr_connection.attr,
    NULL,
};

static const struct attribute_group front_group = { .name = "hv", .attrs = front_attributes };
const struct attribute_group *front_attribute_groups[] = { &front_group, NULL };
