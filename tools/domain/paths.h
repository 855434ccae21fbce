/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the tools keep things: files, and nodes of the store that have no domain in their name.
 *
 * Three folders, each to be moved by a variable of the environment (tests do): what lives until the next boot
 * ($HV_RUN_DIR, /run/hv), what stays ($HV_STATE_DIR, /var/lib/hv), and consoles' logs ($HV_LOG_DIR,
 * /var/log/hv).
 */
#ifndef TOOLS_DOMAIN_PATHS_H
#define TOOLS_DOMAIN_PATHS_H

#include <limits.h>

struct hv_error;

enum path_root { PATH_RUN, PATH_STATE, PATH_LOG };

/* "ROOT/" and the formatted rest into `buf` of PATH_MAX bytes; returns buf. */
char *path_in(enum path_root root, char *buf, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Makes the folder that `path` is in, and those above it. 0 or -errno with a message. */
int path_make_parent(const char *path, struct hv_error *err);

/*
 * Replaces a file by `text`, so that a reader, or the next boot after a crash, sees the old or the new one
 * whole.
 */
int path_write_whole(const char *path, const char *text, struct hv_error *err);

/*
 * Removes what path_write_whole() left in a folder when it was killed. Whoever writes there has to hold the lock, and so
 * has the caller.
 */
void path_remove_unfinished(const char *folder);

#endif
