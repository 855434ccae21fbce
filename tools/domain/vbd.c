/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks in the store and in dom0's kernel.
 */
#include "vbd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "image.h"
#include "limits.h"
#include "loop.h"

/* Opens a block device just to see that it can be; xen-blkback opens it by number. */
static int check_block(const char *path, bool readonly, struct hv_error *err)
{
    int fd = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);

    if (fd < 0)
        return hv_error_set(err, errno, NULL, "cannot open the disk %s: %s", path, strerror(errno));
    close(fd);
    return 0;
}

int vbd_prepare(const struct hv_disk *disk, unsigned domid, struct vbd *vbd, struct hv_error *err)
{
    struct stat st;
    int ret;

    *vbd = (struct vbd){ .disk = disk, .fd = -1 };
    if (image_is_served(disk) || disk->type == HV_DISK_FILE) {
        ret = image_is_served(disk) ? image_open(disk, domid, vbd->node, err)
                                    : loop_open(disk->source, disk->readonly, vbd->node, err);
        if (ret < 0)
            return ret;
        vbd->fd = ret;
    } else {
        snprintf(vbd->node, sizeof(vbd->node), "%s", disk->source);
        ret = check_block(vbd->node, disk->readonly, err);
        if (ret < 0)
            return ret;
    }
    if (stat(vbd->node, &st) < 0) {
        ret = hv_error_set(err, errno, NULL, "cannot look at %s: %s", vbd->node, strerror(errno));
        vbd_release(vbd);
        return ret;
    }
    vbd->major = major(st.st_rdev);
    vbd->minor = minor(st.st_rdev);
    return 0;
}

void vbd_release(struct vbd *vbd)
{
    if (vbd->fd >= 0)
        close(vbd->fd);
    vbd->fd = -1;
}

static struct device vbd_device(const struct vbd *vbd, unsigned domid)
{
    return (struct device){ .kind = "vbd", .domid = domid, .number = vbd->disk->number };
}

void vbd_nodes(struct store_batch *batch, const struct vbd *vbd, unsigned domid)
{
    const struct hv_disk *disk = vbd->disk;
    struct device device = vbd_device(vbd, domid);
    char back[STORE_PATH_MAX], front[STORE_PATH_MAX], text[32];
    const char *kind = disk->cdrom ? "cdrom" : "disk";

    device_backend(&device, back);
    device_frontend(&device, front);
    device_nodes(batch, &device, disk->driver);
    snprintf(text, sizeof(text), "%u", disk->number);
    store_batch_write(batch, text, "%s/virtual-device", front);
    store_batch_write(batch, kind, "%s/device-type", front);
    store_batch_write(batch, disk->target, "%s/dev", back);
    store_batch_write(batch, kind, "%s/device-type", back);
    store_batch_write(batch, "phy", "%s/type", back);
    store_batch_write(batch, disk->readonly ? "r" : "w", "%s/mode", back);
    store_batch_write(batch, "0", "%s/removable", back);
    store_batch_write(batch, vbd->node, "%s/params", back);
    store_batch_write(batch, disk->source, "%s/source", back);
    if (disk->shareable)
        store_batch_write(batch, "1", "%s/shareable", back);
    snprintf(text, sizeof(text), "%x:%x", vbd->major, vbd->minor);
    store_batch_write(batch, text, "%s/physical-device", back);
    store_batch_write(batch, "connected", "%s/hotplug-status", back);
    limits_disk_nodes(batch, &device, disk);
}

int vbd_wait(struct tools *tools, const struct vbd *vbd, unsigned domid, struct hv_error *err)
{
    struct device device = vbd_device(vbd, domid);
    char what[PATH_MAX + 64];
    int ret;

    snprintf(what, sizeof(what), "the disk %s (%s)", vbd->disk->target, vbd->disk->source);
    ret = device_wait_served(tools, &device, "physical_device", what, err);
    return !ret && hv_disk_is_limited(vbd->disk) ? limits_check_served(&device, what, err) : ret;
}
