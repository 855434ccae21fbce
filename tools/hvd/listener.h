/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A listening Unix socket that only root may connect to.
 */
#ifndef HVD_LISTENER_H
#define HVD_LISTENER_H

/* Replaces a socket that an earlier daemon left at `path`. Non-blocking. -1 and errno on failure. */
int listener_open(const char *path);

#endif
