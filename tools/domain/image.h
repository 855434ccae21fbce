/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks that dom0's kernel reaches over a socket: images in a format that only QEMU's programs read, and exports of other
 * machines.
 *
 *   image (qcow2) <- qemu-nbd <- socket <- /dev/nbdN <- back-end       server <- TCP <- /dev/nbdN <- back-end
 *
 * The chain ends from the right: the back-end closes the device, that disconnects, qemu-nbd writes what it holds and ends. Where it
 * was never complete, or is broken, image_end() takes it apart. The file /run/hv/images/DOMID-NUMBER is there from before the
 * first step until after the last, so nothing of a tool that was killed is overlooked.
 */
#ifndef TOOLS_DOMAIN_IMAGE_H
#define TOOLS_DOMAIN_IMAGE_H

#include <libhv.h>

/* Is it such a disk? */
bool image_is_served(const struct hv_disk *disk);

/*
 * Makes the chain up to the block device. Returns an open descriptor, which keeps it up until the back-end has it open, and the
 * device's name in `node` of 32 bytes; -errno with a message, and then nothing is left.
 */
int image_open(const struct hv_disk *disk, unsigned domid, char *node, struct hv_error *err);

/*
 * Ends what is left of a disk's chain, if it has one, and waits until it has gone. `patient`: the back-end may
 * still be finishing; it gets a few seconds. -ETIMEDOUT with a message.
 */
int image_end(unsigned domid, unsigned number, bool patient, struct hv_error *err);

/* The same for all disks of a domain, of which the store may know nothing. */
int image_end_all(unsigned domid, struct hv_error *err);

/* The domains that have some: malloc'ed numbers. Returns how many. */
unsigned image_domains(unsigned **domids);

#endif
