/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices of a domain, whatever their kind: the store's pair of folders for front-end and back-end, and
 * dom0's kernel that serves them.
 *
 * The nodes are the only record of a device. When the back-end's folder is removed, Linux drops everything
 * the device held: the grants, the open disk (and with it a loop device, which clears itself), the network
 * interface (which leaves its bridge). So taking a device away is removing its nodes and waiting for the
 * kernel to notice.
 */
#ifndef TOOLS_DOMAIN_BACKEND_H
#define TOOLS_DOMAIN_BACKEND_H

#include "store.h"
#include "tools.h"

/* A device: "vbd" 51712, "vif" 0. */
struct device {
    const char *kind;
    unsigned domid, number;
    char loop[32], file[256]; /* what it holds in dom0, for device_wait_gone(): set by device_remove() */
};

/* Paths of its two folders; `buf` holds STORE_PATH_MAX bytes. */
char *device_backend(const struct device *device, char *buf);
char *device_frontend(const struct device *device, char *buf);

/*
 * The nodes all kinds have in common, in state Initialising. `driver` is a <driver name=> or NULL: what it leaves open,
 * HVCTL_BACKEND in the environment says, or nobody.
 */
void device_nodes(struct store_batch *batch, const struct device *device, const char *driver);

/* Removes both folders, as far as they are there, and remembers in *device what the kernel has to let go of. */
int device_remove(struct xs_handle *xs, struct device *device, struct hv_error *err);

/*
 * Waits until dom0's kernel serves the device, that is until `file` exists below the device's folder in sysfs
 * or, if it begins with '/', that file. -ENODEV if it has no driver, what that complains of, or -ETIMEDOUT after two
 * minutes. `what` is for messages.
 */
int device_wait_served(struct tools *tools, const struct device *device, const char *file, const char *what,
                       struct hv_error *err);

/*
 * Waits until the kernel has let go of the device, and of the device behind a disk (loop, nbd): it closes that a while after the
 * disk has disappeared, and till then the image is in use. -ETIMEDOUT after two minutes.
 */
int device_wait_gone(const struct device *device, struct hv_error *err);

/*
 * Asks the guest to give the device back, and waits. -EBUSY if it has not after half a minute. With `force` a guest that uses
 * the device is asked too, as Linux's front-ends wait for ever for requests that no back-end answers any more; but only for ten
 * seconds, and without an answer it is well. Nodes stay for device_remove().
 */
int device_close(struct tools *tools, const struct device *device, bool force, struct hv_error *err);

/* All devices of a kind that a domain's back-ends in dom0 know: malloc'ed numbers. Returns how many. */
unsigned device_list(struct xs_handle *xs, const char *kind, unsigned domid, unsigned **numbers);

#endif
