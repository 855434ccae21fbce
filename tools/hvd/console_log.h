/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log of a guest's console: what it wrote, byte for byte, in /var/log/hv/NAME.log.
 *
 * Bounded: at CONSOLE_LOG_MAX the file becomes NAME.log.1, replacing the one before it. Each boot of a guest
 * begins a new log; the last one of the boot before is kept as NAME.log.old.
 */
#ifndef HVD_CONSOLE_LOG_H
#define HVD_CONSOLE_LOG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define CONSOLE_LOG_MAX (1UL << 20)

struct console_log {
    int fd; /* -1: cannot be written; the console works all the same */
    size_t size;
    char path[PATH_MAX];
};

/*
 * Opens the log of a domain of this name; `fresh`: the domain is new, else go on where the daemon was before
 * its restart.
 */
void console_log_open(struct console_log *log, const char *name, bool fresh);
void console_log_write(struct console_log *log, const char *data, size_t size);
void console_log_close(struct console_log *log);

#endif
