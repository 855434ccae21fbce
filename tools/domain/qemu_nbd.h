/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qemu-nbd, QEMU's program that serves an image (qcow2, with all its backing files) over a socket: one process a disk.
 *
 * It ends by itself when its client, dom0's kernel, has gone. A process is known by the socket on its command line, so
 * whoever clears up finds it whatever has become of who started it.
 */
#ifndef TOOLS_DOMAIN_QEMU_NBD_H
#define TOOLS_DOMAIN_QEMU_NBD_H

#include <stdbool.h>

struct hv_disk;
struct hv_error;

/*
 * What can be said before it is started: the program is there, and the image is one. `file` is the XML for messages, or
 * NULL.
 */
int qemu_nbd_check(const struct hv_disk *disk, const char *file, struct hv_error *err);

/*
 * Starts it on an image, and returns when it listens on `socket`. QEMU's own locks see to it that nobody else of QEMU's has a
 * file of the image open in a way that clashes; this looks besides whether a loop device may write to one.
 */
int qemu_nbd_start(const struct hv_disk *disk, const char *socket, struct hv_error *err);

/* Sends a signal (0: none) to those that serve this socket; returns how many there are. */
unsigned qemu_nbd_signal(const char *socket, int signal);

/*
 * Has a program of QEMU's the file open so that others may not write to it, or, if `readonly`, so that it writes itself?
 */
bool qemu_has_locked(const char *path, bool readonly);

#endif
