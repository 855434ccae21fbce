/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running another program and waiting for its end.
 */
#ifndef TOOLS_DOMAIN_SPAWN_H
#define TOOLS_DOMAIN_SPAWN_H

#include <stddef.h>

/*
 * Runs argv[0], looked for in PATH, in the folder / with nothing of ours open. Returns its exit status, or -errno if it
 * could not be run, and what it said on standard error in `said`, as much as has a place.
 */
int spawn_wait(char *const argv[], char *said, size_t size);

#endif
