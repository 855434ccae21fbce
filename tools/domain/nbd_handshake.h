/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the NBD protocol that comes before the kernel's: connecting to a server and choosing an export. What is
 * then said over the socket (requests and replies) is the kernel's business.
 */
#ifndef TOOLS_DOMAIN_NBD_HANDSHAKE_H
#define TOOLS_DOMAIN_NBD_HANDSHAKE_H

#include <stdint.h>

struct hv_error;
struct hv_nbd;

struct nbd_export {
    uint64_t size;
    uint16_t flags;  /* NBD_FLAG_* of <linux/nbd.h> */
    uint32_t block;  /* least size of a request, a power of two from 512 to 4096 */
};

/* Connected sockets: over TCP, or to a local server's socket. A descriptor, or -errno with a message. */
int nbd_dial(const struct hv_nbd *server, struct hv_error *err);
int nbd_dial_local(const char *path, struct hv_error *err);

/*
 * Asks the server at the other end for the export `name` ("" is its default one), and fills *export. The server is not
 * trusted: what it says is bounded and checked, and so is its time. 0 or -errno with a message.
 */
int nbd_handshake(int sock, const char *name, struct nbd_export *export, struct hv_error *err);

#endif
