/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A block device between two drivers of its back-end.
 *
 * Tool stacks make a loop device for an image so that it goes with its last user. When the driver is taken from
 * the back-end's device, to be loaded anew, it is the last user, but the disk is not to go: it is kept open here
 * until the next driver has opened it, or the back-end's device is gone.
 */
#ifndef HV_PV_KEEP_H
#define HV_PV_KEEP_H

#include <linux/blkdev.h>
#include <linux/device.h>

/* Takes over the caller's reference of bdev, for dev; closes it at once if there is no memory. May sleep. */
void pv_keep(struct device *dev, struct block_device *bdev, fmode_t mode);

/* Closes what is kept for dev, if anything is. May sleep. */
void pv_keep_end(struct device *dev);

/* hv-bus goes. */
void pv_keep_exit(void);

#endif
