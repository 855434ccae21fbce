/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Block devices of dom0's kernel that are served over a socket: /dev/nbd0, ...
 *
 * Each is marked with whose disk it is (the kernel keeps the mark as long as it is connected), so that who cleans up needs
 * no other record, and they disconnect themselves when the last one who has them open closes them, as loop devices do. That
 * is set only after the device was opened here: else whoever looks at a new device (udev) would end it.
 */
#ifndef TOOLS_DOMAIN_NBD_H
#define TOOLS_DOMAIN_NBD_H

#include <stdbool.h>

#include "nbd_handshake.h"

/* A request that the server has not answered by then fails, and with it the connection. hvctl(1) names it. */
#define NBD_SECONDS 60

#define NBD_MARK_MAX 64

/*
 * Gives a socket, over which the handshake is done, to the kernel. Returns an open descriptor of the device, and its name in
 * `node` of 32 bytes; -errno with a message. The socket may be closed then.
 */
int nbd_attach(int sock, const struct nbd_export *export, bool readonly, const char *mark, char *node,
               struct hv_error *err);

/* Is a device with this mark connected? */
bool nbd_is_attached(const char *mark);

/* Disconnects the device with this mark, if there is one. What it is doing fails. */
void nbd_detach(const char *mark);

#endif
