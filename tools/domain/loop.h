/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loop devices: image files as block devices.
 *
 * They are made to clear themselves when the last one who has them open closes them. So the descriptor
 * returned here is closed after the back-end has opened the device, and nothing ever has to be cleaned up,
 * whoever dies when.
 */
#ifndef TOOLS_DOMAIN_LOOP_H
#define TOOLS_DOMAIN_LOOP_H

#include <stdbool.h>
#include <sys/types.h>

struct hv_error;

/*
 * Binds a free loop device to `file`, with direct I/O where the file system can do it. Returns an open
 * descriptor of the device, and its name ("/dev/loop3") in `device` of 32 bytes; -errno with a message.
 */
int loop_open(const char *file, bool readonly, char *device, struct hv_error *err);

/* The file a loop device serves, as text of at most `size` bytes (cut if longer); false if it serves none. */
bool loop_file(const char *device, char *file, size_t size);

/*
 * The loop device that serves this file (by device and inode) now: true with its name in `device`, and
 * whether it may write. A device that only reads is reported only if there is no other.
 */
bool loop_serving(dev_t dev, ino_t inode, char *device, bool *writes);

#endif
