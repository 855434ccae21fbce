/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is done when a guest stops, and what is done at the machine's start.
 *
 * Work that waits (for the lock, for dom0's kernel) is done in child processes with connections of their own,
 * so consoles go on meanwhile. A child looks again, under the lock, whether its reason still holds: hvctl may
 * have been faster.
 */
#ifndef HVD_LIFECYCLE_H
#define HVD_LIFECYCLE_H

#include "guest.h"

/* The guest has stopped for this reason. */
void lifecycle_stopped(struct daemon *d, const struct guest *g, unsigned reason);

/* Removes what dead domains left. */
void lifecycle_sweep(struct daemon *d);

/* Finishes the restarts that a former daemon was killed in. */
void lifecycle_take_up(struct daemon *d);

/* Once after each boot: starts the definitions that are marked for it; also when the first attempt was killed. */
void lifecycle_autostart(struct daemon *d);

/* Children have ended. */
void lifecycle_reap(struct daemon *d);

#endif
