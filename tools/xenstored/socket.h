/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Clients behind the Unix socket. Who can open the socket (its file belongs to root) has dom0's rights.
 */
#ifndef XENSTORED_SOCKET_H
#define XENSTORED_SOCKET_H

#include <stdint.h>

struct conn;
struct store;

/* Makes the listening socket, replacing a stale one. Its descriptor or -errno. */
int socket_listen(const char *path);

/* Accepts one client, if there is one, and adds it to `epoll_fd` with the conn as its data. */
void socket_accept(struct store *s, int listen_fd, int epoll_fd);

/* A client's descriptor is ready for these EPOLL* events. */
void socket_event(struct conn *c, uint32_t events);

/* Ends all socket connections. */
void socket_close_all(struct store *s);

#endif
