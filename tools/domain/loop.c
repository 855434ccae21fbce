/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loop devices through their own ioctls, without losetup.
 */
#include "loop.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libhv/error.h>

#define TRIES 16 /* another process may take the free device first */

static int open_free(int control, bool readonly, char *device, struct hv_error *err)
{
    int number = ioctl(control, LOOP_CTL_GET_FREE), fd;

    if (number < 0)
        return hv_error_set(err, errno, NULL, "no loop device is free: %s", strerror(errno));
    snprintf(device, 32, "/dev/loop%d", number);
    fd = open(device, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0)
        return hv_error_set(err, errno, NULL, "cannot open %s: %s", device, strerror(errno));
    return fd;
}

/* Binds to a device, or tells by -EBUSY that somebody was faster. */
static int bind_one(int control, int backing, const char *file, bool readonly, char *device,
                    struct hv_error *err)
{
    struct loop_config config = { .fd = (unsigned)backing };
    int fd = open_free(control, readonly, device, err), error;

    if (fd < 0)
        return fd;
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO | (readonly ? LO_FLAGS_READ_ONLY : 0);
    snprintf((char *)config.info.lo_file_name, sizeof(config.info.lo_file_name), "%s", file);
    if (!ioctl(fd, LOOP_CONFIGURE, &config))
        return fd;
    error = errno;
    close(fd);
    return hv_error_set(err, error, NULL, "cannot make %s serve %s: %s", device, file, strerror(error));
}

int loop_open(const char *file, bool readonly, char *device, struct hv_error *err)
{
    int control, backing, fd = -EBUSY;

    backing = open(file, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (backing < 0)
        return hv_error_set(err, errno, NULL, "cannot open the image %s: %s", file, strerror(errno));
    control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0) {
        fd = hv_error_set(err, errno, "load the module `loop`", "cannot open /dev/loop-control: %s",
                          strerror(errno));
        goto close_backing;
    }
    for (int i = 0; i < TRIES && fd == -EBUSY; i++)
        fd = bind_one(control, backing, file, readonly, device, err);
    close(control);
close_backing:
    close(backing);
    return fd;
}

bool loop_file(const char *device, char *file, size_t size)
{
    char path[64];
    size_t length;
    FILE *in;

    if (strncmp(device, "/dev/loop", 9))
        return false;
    snprintf(path, sizeof(path), "/sys/block/%.16s/loop/backing_file", device + 5);
    in = fopen(path, "re");
    if (!in)
        return false;
    length = fread(file, 1, size - 1, in);
    file[length] = '\0';
    fclose(in);
    return length > 0;
}

static bool serves(const char *device, dev_t dev, ino_t inode, bool *writes)
{
    struct loop_info64 info;
    int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool found;

    if (fd < 0)
        return false;
    found = !ioctl(fd, LOOP_GET_STATUS64, &info) && info.lo_device == dev && info.lo_inode == inode;
    *writes = !(info.lo_flags & LO_FLAGS_READ_ONLY);
    close(fd);
    return found;
}

bool loop_serving(dev_t dev, ino_t inode, char *device, bool *writes)
{
    DIR *dir = opendir("/sys/block");
    struct dirent *entry;
    bool found = false, this_writes;
    char bound[PATH_MAX], path[32];

    if (!dir)
        return false;
    *writes = false;
    while (!*writes && (entry = readdir(dir))) {
        if (strncmp(entry->d_name, "loop", 4) || strlen(entry->d_name) > 16)
            continue;
        snprintf(bound, sizeof(bound), "/sys/block/%s/loop", entry->d_name);
        snprintf(path, sizeof(path), "/dev/%.16s", entry->d_name);
        if (access(bound, F_OK) || !serves(path, dev, inode, &this_writes))
            continue;
        found = true;
        *writes = this_writes;
        snprintf(device, 32, "%s", path);
    }
    closedir(dir);
    return found;
}
