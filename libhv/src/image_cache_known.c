/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which file a cache entry was made from, so that a kernel that was seen before need not be hashed again:
 * hashing one costs as much as building a small guest.
 *
 * A symbolic link in the cache, named by the file's device, inode, size and times, points to the entry. Any
 * change of the content changes a time, except in the moment it was last changed: such a file is not
 * remembered yet.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "image_cache.h"

#define PREFIX "file-"
#define LINK_NAME_SIZE 160
#define SETTLED 2 /* seconds; longer than any file system's clock ticks */
#define LINKS_MAX 64

static void link_name(const struct stat *file, char name[LINK_NAME_SIZE])
{
    snprintf(name, LINK_NAME_SIZE, PREFIX "%llx-%llx-%llx-%llx.%lx-%llx.%lx",
             (unsigned long long)file->st_dev, (unsigned long long)file->st_ino,
             (unsigned long long)file->st_size, (unsigned long long)file->st_mtim.tv_sec,
             (unsigned long)file->st_mtim.tv_nsec, (unsigned long long)file->st_ctim.tv_sec,
             (unsigned long)file->st_ctim.tv_nsec);
}

bool image_cache_known(const struct stat *file, char name[CACHE_NAME_SIZE])
{
    int dir = image_cache_directory(false);
    char link[LINK_NAME_SIZE];
    ssize_t length;

    if (dir < 0)
        return false;
    link_name(file, link);
    length = readlinkat(dir, link, name, CACHE_NAME_SIZE - 1);
    close(dir);
    if (length < 0)
        return false;
    name[length] = 0;
    return image_cache_is_name(name);
}

void image_cache_remember(const struct stat *file, const char *name)
{
    time_t now = time(NULL);
    char link[LINK_NAME_SIZE];
    int dir;

    if (file->st_mtim.tv_sec > now - SETTLED || file->st_ctim.tv_sec > now - SETTLED)
        return;
    dir = image_cache_directory(false);
    if (dir < 0)
        return;
    link_name(file, link);
    if (symlinkat(name, dir, link) < 0)
        unlinkat(dir, link, 0); /* it led to an entry that is gone; the next time will make it anew */
    close(dir);
}

void image_cache_forget(int dir)
{
    int copy = dup(dir), links = 0;
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;

    if (!list) {
        if (copy >= 0)
            close(copy);
        return;
    }
    rewinddir(list);
    while ((entry = readdir(list)))
        if (!strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1) &&
            (faccessat(dir, entry->d_name, R_OK, 0) < 0 || ++links > LINKS_MAX))
            unlinkat(dir, entry->d_name, 0);
    closedir(list);
}
