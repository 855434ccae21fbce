/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of files, and writing them whole: a temporary file beside the old one, synced, then renamed over it.
 */
#include "paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libhv/error.h>

static const struct {
    const char *variable, *folder;
} roots[] = {
    [PATH_RUN] = { "HV_RUN_DIR", "/run/hv" },
    [PATH_STATE] = { "HV_STATE_DIR", "/var/lib/hv" },
    [PATH_LOG] = { "HV_LOG_DIR", "/var/log/hv" },
};

char *path_in(enum path_root root, char *buf, const char *fmt, ...)
{
    const char *folder = getenv(roots[root].variable);
    va_list args;
    int used;

    used = snprintf(buf, PATH_MAX / 2, "%s/", folder && *folder ? folder : roots[root].folder);
    va_start(args, fmt);
    vsnprintf(buf + used, PATH_MAX - used, fmt, args);
    va_end(args);
    return buf;
}

int path_make_parent(const char *path, struct hv_error *err)
{
    char part[PATH_MAX];

    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return hv_error_set(err, errno, NULL, "cannot make the folder %s: %s", part, strerror(errno));
        *slash = '/';
    }
    return 0;
}

#define UNFINISHED ".new"

static int write_all(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left) {
        ssize_t n = write(fd, text, left);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            text += n;
            left -= (size_t)n;
        }
    }
    return fsync(fd) < 0 ? -errno : 0;
}

int path_write_whole(const char *path, const char *text, struct hv_error *err)
{
    char part[PATH_MAX + 16];
    int fd, ret = path_make_parent(path, err);

    if (ret < 0)
        return ret;
    snprintf(part, sizeof(part), "%s.%d" UNFINISHED, path, (int)getpid());
    fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return hv_error_set(err, errno, NULL, "cannot write %s: %s", part, strerror(errno));
    ret = write_all(fd, text);
    if (close(fd) < 0 && !ret)
        ret = -errno;
    if (!ret && rename(part, path) < 0)
        ret = -errno;
    if (ret) {
        unlink(part);
        return hv_error_set(err, -ret, NULL, "cannot write %s: %s", path, strerror(-ret));
    }
    return 0;
}

void path_remove_unfinished(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    if (!dir)
        return;
    while ((entry = readdir(dir))) {
        size_t length = strlen(entry->d_name);

        if (length > strlen(UNFINISHED) && !strcmp(entry->d_name + length - strlen(UNFINISHED), UNFINISHED))
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
}
