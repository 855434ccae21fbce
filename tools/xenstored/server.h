/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The main loop: rounds in which each connection that has a request is served once.
 */
#ifndef XENSTORED_SERVER_H
#define XENSTORED_SERVER_H

#include <stdbool.h>

struct store;

/*
 * One turn: some rounds over the connections that are ready, the commit, the output. False if nobody has
 * another request waiting already.
 */
bool server_turn(struct store *s);

/*
 * Serves until a signal read from `signal_fd`. `event_fd` is the hypervisor's, -1 without. Returns 0, or
 * -errno if the loop could not be set up.
 */
int server_run(struct store *s, int listen_fd, int event_fd, int signal_fd);

#endif
