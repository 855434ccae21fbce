// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disk that hv-blkfront shows to its guest: name, size, limits.
 */
#include <linux/blkdev.h>
#include <linux/major.h>

#include "front.h"

#define EXTENDED_NUMBER (1u << 28)

/*
 * The store numbers disks in several ways, by history: extended numbers (bits 8 up are the disk, 0 to 7 the
 * partition), and the device numbers of Linux's xvd, IDE and SCSI disks.
 */
static const struct {
    unsigned int major;
    unsigned int first;     /* the number of its first disk */
    unsigned int shift;     /* so many low bits of the minor are the partition */
} majors[] = {
    { XENVBD_MAJOR, 0, 4 },
    { IDE0_MAJOR, 0, 6 },
    { IDE1_MAJOR, 2, 6 },
    { SCSI_DISK0_MAJOR, 0, 4 },
};

static int number_to_disk(unsigned int number, unsigned int *disk, unsigned int *partition)
{
    unsigned int i;

    if (number & EXTENDED_NUMBER) {
        *disk = (number & ~EXTENDED_NUMBER) >> 8;
        *partition = number & 0xff;
        return 0;
    }
    for (i = 0; i < ARRAY_SIZE(majors); i++) {
        if (number >> 8 != majors[i].major)
            continue;
        *disk = majors[i].first + ((number & 0xff) >> majors[i].shift);
        *partition = number & ((1u << majors[i].shift) - 1);
        return 0;
    }
    return -ENODEV;
}

/*
 * xvda to xvdz, xvdaa, ...; a number behind it if the whole disk is what the guest shall see as a partition.
 */
static void name_disk(char *name, size_t size, unsigned int disk, unsigned int partition)
{
    char letters[8];
    int at = sizeof(letters) - 1;

    letters[at] = '\0';
    do {
        letters[--at] = 'a' + disk % 26;
        disk /= 26;
    } while (disk--);
    if (partition)
        snprintf(name, size, "xvd%s%u", letters + at, partition);
    else
        snprintf(name, size, "xvd%s", letters + at);
}

static const struct block_device_operations front_operations = {
    .owner = THIS_MODULE,
};

void front_disk_limits(struct blk_front *front)
{
    const struct front_offer *offer = &front->offer;
    struct request_queue *queue = front->disk->queue;

    blk_queue_logical_block_size(queue, offer->sector_size);
    blk_queue_physical_block_size(queue, offer->physical_sector_size);
    /* Data are packed into pages of our own, so only their amount counts. */
    blk_queue_max_hw_sectors(queue, front->max_segments * BLK_SECTORS_PER_PAGE);
    blk_queue_max_segments(queue, USHRT_MAX);
    blk_queue_dma_alignment(queue, SECTOR_SIZE - 1);
    blk_queue_write_cache(queue, offer->flush || offer->barrier, offer->barrier);
    blk_queue_max_discard_sectors(queue, offer->discard ? UINT_MAX >> SECTOR_SHIFT : 0);
    blk_queue_max_secure_erase_sectors(queue, offer->discard && offer->discard_secure ?
                                                  UINT_MAX >> SECTOR_SHIFT : 0);
    queue->limits.discard_granularity = offer->discard_granularity;
    queue->limits.discard_alignment = offer->discard_alignment;
}

void front_disk_resize(struct blk_front *front)
{
    if (get_capacity(front->disk) == front->offer.sectors)
        return;
    dev_info(&front->dev->dev, "%s has %lu sectors now\n", front->disk->disk_name, front->offer.sectors);
    set_capacity_and_notify(front->disk, front->offer.sectors);
}

int front_disk_make(struct blk_front *front)
{
    unsigned int number, partition;
    struct gendisk *disk;
    int err = number_to_disk(front->handle, &number, &partition);

    if (err) {
        pv_dev_error(front->dev, err, "cannot name a disk of number %u", front->handle);
        return err;
    }
    front->tags.ops = &front_mq_ops;
    front->tags.numa_node = NUMA_NO_NODE;
    front->tags.flags = BLK_MQ_F_SHOULD_MERGE;
    front->tags.cmd_size = sizeof(struct front_request) + front->max_segments * sizeof(struct pv_grant *);
    front->tags.driver_data = front;
    err = blk_mq_alloc_tag_set(&front->tags);
    if (err)
        return err;
    disk = blk_mq_alloc_disk(&front->tags, front);
    if (IS_ERR(disk)) {
        err = PTR_ERR(disk);
        goto free_tags;
    }
    front->disk = disk;
    name_disk(disk->disk_name, sizeof(disk->disk_name), number, partition);
    disk->fops = &front_operations;
    disk->private_data = front;
    disk->flags |= partition ? GENHD_FL_NO_PART : 0;
    disk->flags |= front->offer.info & VDISK_REMOVABLE ? GENHD_FL_REMOVABLE : 0;
    blk_queue_flag_set(QUEUE_FLAG_VIRT, disk->queue);
    blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
    front_disk_limits(front);
    set_disk_ro(disk, !!(front->offer.info & VDISK_READONLY));
    set_capacity(disk, front->offer.sectors);
    front->state = FRONT_READY;
    schedule_work(&front->add);
    return 0;

free_tags:
    blk_mq_free_tag_set(&front->tags);
    return err;
}

void front_disk_add(struct work_struct *add)
{
    struct blk_front *front = container_of(add, struct blk_front, add);
    int err = device_add_disk(&front->dev->dev, front->disk, front_attribute_groups);

    front->added = !err;
    if (err)
        xenbus_dev_fatal(front->dev, err, "cannot add %s", front->disk->disk_name);
}

void front_disk_remove(struct blk_front *front)
{
    if (!front->disk)
        return;
    if (front->added)
        del_gendisk(front->disk);
    put_disk(front->disk);
    blk_mq_free_tag_set(&front->tags);
    front->disk = NULL;
}
