/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening the hypervisor and the store, and the lock between tools.
 */
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "paths.h"
#include "store.h"

int tools_open(struct tools *tools, struct hv_error *err)
{
    tools->xs = NULL;
    tools->hv = hv_open(err);
    if (!tools->hv)
        return -EIO;
    tools->xs = store_open(err);
    if (tools->xs)
        return 0;
    tools_close(tools);
    return -EIO;
}

void tools_close(struct tools *tools)
{
    if (tools->xs)
        xs_close(tools->xs);
    if (tools->hv)
        hv_close(tools->hv);
    *tools = (struct tools){ 0 };
}

int tools_lock(struct hv_error *err)
{
    char path[PATH_MAX];
    int fd, ret;

    path_in(PATH_RUN, path, "lock");
    ret = path_make_parent(path, err);
    if (ret < 0)
        return ret;
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return hv_error_set(err, errno, "be root", "cannot open the lock %s: %s", path, strerror(errno));
    while (flock(fd, LOCK_EX) < 0)
        if (errno != EINTR) {
            ret = hv_error_set(err, errno, NULL, "cannot lock %s: %s", path, strerror(errno));
            close(fd);
            return ret;
        }
    return fd;
}

void tools_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}
