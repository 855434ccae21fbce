/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's disks: a back-end on a block device, which for a raw image is a loop device, for others and for exports of
 * other machines a network block device (image.h).
 *
 *   vbd_prepare   opens the source, by such a device
 *   vbd_nodes     describes it in the store
 *   vbd_wait      the kernel has opened it too: the descriptor may be closed
 */
#ifndef TOOLS_DOMAIN_VBD_H
#define TOOLS_DOMAIN_VBD_H

#include <limits.h>

#include "backend.h"

struct vbd {
    const struct hv_disk *disk;
    int fd;              /* keeps the device alive until the back-end has it; -1: none */
    char node[PATH_MAX]; /* the block device */
    unsigned major, minor;
};

/*
 * Whether the disk's source exists and nobody else uses it in a way that clashes: two may read, one alone may
 * write, unless all say they share. `file` is the XML for messages, or NULL. `tools` may lack a store: dom0's
 * own use is checked even then.
 */
int vbd_check(struct tools *tools, const struct hv_disk *disk, const char *file, struct hv_error *err);

int vbd_prepare(const struct hv_disk *disk, unsigned domid, struct vbd *vbd, struct hv_error *err);
void vbd_nodes(struct store_batch *batch, const struct vbd *vbd, unsigned domid);
int vbd_wait(struct tools *tools, const struct vbd *vbd, unsigned domid, struct hv_error *err);
/*
 * Closes what vbd_prepare() opened: if the back-end has not opened it, that is the end of a loop device; of what image_open()
 * made image_end() removes the rest.
 */
void vbd_release(struct vbd *vbd);

#endif
