/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cache of decompressed kernels: a directory that only its owner can write to.
 *
 * An entry appears by rename(), so it is complete or absent, and whoever has it open keeps it when it is
 * removed. The directory is $HV_CACHE_DIR, or /var/cache/hv for root, or $XDG_CACHE_HOME/hv, or ~/.cache/hv.
 * An entry's modification time is when it was last used.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "blake2b.h"
#include "image_cache.h"

#define CACHE_BYTES_MAX (512LL << 20)
#define PREFIX "kernel-"
#define TEMPORARY ".new-"
#define TEMPORARY_AGE 3600 /* seconds after which an unfinished entry was left by a process that died */

static bool find_directory(char path[PATH_MAX])
{
    const char *own = secure_getenv("HV_CACHE_DIR"), *xdg = secure_getenv("XDG_CACHE_HOME");
    const char *home = secure_getenv("HOME");
    int length;

    if (own && own[0])
        length = snprintf(path, PATH_MAX, "%s", own);
    else if (geteuid() == 0)
        length = snprintf(path, PATH_MAX, "/var/cache/hv");
    else if (xdg && xdg[0] == '/')
        length = snprintf(path, PATH_MAX, "%s/hv", xdg);
    else if (home && home[0] == '/')
        length = snprintf(path, PATH_MAX, "%s/.cache/hv", home);
    else
        return false;
    return length > 0 && length < PATH_MAX;
}

/* mkdir -p, in place; existing parts are no error. */
static void make_directories(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
    mkdir(path, 0700);
}

/* Opens the directory if it is ours alone to write; -1 otherwise. */
int image_cache_directory(bool make)
{
    char path[PATH_MAX];
    struct stat st;
    int dir;

    if (!find_directory(path))
        return -1;
    if (make)
        make_directories(path);
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return -1;
    if (fstat(dir, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 022)) {
        close(dir);
        return -1;
    }
    return dir;
}

void image_cache_name(const void *payload, size_t size, char name[CACHE_NAME_SIZE])
{
    uint8_t digest[BLAKE2B_DIGEST];
    size_t at = sizeof(PREFIX) - 1;

    blake2b(payload, size, digest);
    memcpy(name, PREFIX, sizeof(PREFIX));
    for (size_t i = 0; i < sizeof(digest); i++, at += 2)
        snprintf(name + at, CACHE_NAME_SIZE - at, "%02x", digest[i]);
}

bool image_cache_is_name(const char *name)
{
    size_t prefix = sizeof(PREFIX) - 1;

    return !strncmp(name, PREFIX, prefix) && strlen(name) == prefix + 2 * BLAKE2B_DIGEST &&
           strspn(name + prefix, "0123456789abcdef") == 2 * BLAKE2B_DIGEST;
}

int image_cache_open(const char *name)
{
    int dir = image_cache_directory(false), fd;
    struct stat st;

    if (dir < 0)
        return -1;
    fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    close(dir);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022)) {
        close(fd);
        return -1;
    }
    futimens(fd, NULL);
    return fd;
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t done = write(fd, data, size);

        if (done <= 0)
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

/*
 * One pass over the directory: sums up sizes, finds the least recently used entry, removes what a dead
 * process left.
 */
static long long scan(int dir, char oldest[NAME_MAX + 1])
{
    int copy = dup(dir);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    struct timespec age = { 0 };
    long long total = 0;
    struct dirent *entry;
    struct stat st;

    oldest[0] = 0;
    if (!list) {
        if (copy >= 0)
            close(copy);
        return 0;
    }
    rewinddir(list);
    while ((entry = readdir(list))) {
        if (fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
            continue;
        if (!strncmp(entry->d_name, TEMPORARY, sizeof(TEMPORARY) - 1)) {
            if (st.st_mtime < time(NULL) - TEMPORARY_AGE)
                unlinkat(dir, entry->d_name, 0);
            continue;
        }
        if (strncmp(entry->d_name, PREFIX, sizeof(PREFIX) - 1))
            continue;
        total += st.st_size;
        if (!oldest[0] || st.st_mtim.tv_sec < age.tv_sec ||
            (st.st_mtim.tv_sec == age.tv_sec && st.st_mtim.tv_nsec < age.tv_nsec)) {
            age = st.st_mtim;
            snprintf(oldest, NAME_MAX + 1, "%s", entry->d_name);
        }
    }
    closedir(list);
    return total;
}

static void trim(int dir)
{
    char oldest[NAME_MAX + 1];

    while (scan(dir, oldest) > CACHE_BYTES_MAX && oldest[0])
        if (unlinkat(dir, oldest, 0) < 0)
            return;
    image_cache_forget(dir);
}

void image_cache_add(const char *name, const void *data, size_t size)
{
    int dir = image_cache_directory(true), fd;
    char temporary[64];

    if (dir < 0)
        return;
    snprintf(temporary, sizeof(temporary), TEMPORARY "%d", (int)getpid());
    fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        goto close_directory;
    if (!write_all(fd, data, size) || renameat(dir, temporary, dir, name) < 0)
        unlinkat(dir, temporary, 0);
    close(fd);
    trim(dir);
close_directory:
    close(dir);
}
