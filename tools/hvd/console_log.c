/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Logs of consoles, and their rotation.
 */
#include "console_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <domain/paths.h>

#include "say.h"

static void move_to(const struct console_log *log, const char *suffix)
{
    char path[PATH_MAX + 8];

    snprintf(path, sizeof(path), "%s.%s", log->path, suffix);
    rename(log->path, path);
}

static void open_file(struct console_log *log)
{
    struct stat st;

    log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log->fd < 0)
        say("cannot write %s: %s", log->path, strerror(errno));
    log->size = log->fd >= 0 && !fstat(log->fd, &st) ? (size_t)st.st_size : 0;
}

void console_log_open(struct console_log *log, const char *name, bool fresh)
{
    char rotated[PATH_MAX + 8];

    path_in(PATH_LOG, log->path, "%s.log", name);
    path_make_parent(log->path, NULL);
    if (fresh) {
        move_to(log, "old");
        snprintf(rotated, sizeof(rotated), "%s.1", log->path);
        unlink(rotated);
    }
    open_file(log);
}

void console_log_write(struct console_log *log, const char *data, size_t size)
{
    ssize_t n;

    if (log->fd < 0)
        return;
    if (log->size + size > CONSOLE_LOG_MAX) {
        close(log->fd);
        move_to(log, "1");
        open_file(log);
    }
    n = log->fd < 0 ? -1 : write(log->fd, data, size);
    if (n > 0)
        log->size += (size_t)n;
}

void console_log_close(struct console_log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}
