/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mapping files, for what is copied to a guest once: mapping saves a copy over reading.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_map.h"
#include "handle.h"

static int failed(struct hv_error *err, int code, const char *path, const char *what, const char *why,
                  const char *hint)
{
    return hv_error_set(err, code, hint, "cannot open %s %s: %s", what, path, why);
}

int file_map_fd(struct file_map *map, int fd, const char *path, const char *what, size_t max,
                struct hv_error *err)
{
    struct stat st;

    *map = (struct file_map) { 0 };
    if (fstat(fd, &st) < 0)
        return failed(err, errno, path, what, strerror(errno), NULL);
    if (!S_ISREG(st.st_mode))
        return failed(err, EINVAL, path, what, "it is not a file", NULL);
    if (st.st_size == 0)
        return failed(err, ENOEXEC, path, what, "it is empty", NULL);
    if ((size_t)st.st_size > max)
        return hv_error_set(err, EFBIG, NULL, "cannot open %s %s: it is larger than %zu MiB", what, path,
                            max >> 20);
    map->data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map->data == MAP_FAILED) {
        map->data = NULL;
        return failed(err, errno, path, what, strerror(errno), NULL);
    }
    map->size = (size_t)st.st_size;
    map->st = st;
    return 0;
}

int file_map(struct file_map *map, const char *path, const char *what, size_t max, const char *hint,
             struct hv_error *err)
{
    /* O_NONBLOCK: opening a pipe by mistake must not hang. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret;

    *map = (struct file_map) { 0 };
    if (fd < 0)
        return failed(err, errno, path, what, strerror(errno), errno == ENOENT ? hint : NULL);
    ret = file_map_fd(map, fd, path, what, max, err);
    close(fd);
    return ret;
}

void file_populate(const void *data, size_t size)
{
    uintptr_t from = (uintptr_t)data & ~(HV_PAGE_SIZE - 1), to = (uintptr_t)data + size;

    /* An old kernel that does not know the request takes a fault for each page instead. */
    if (size)
        madvise((void *)from, to - from, MADV_POPULATE_READ);
}

void file_unmap(struct file_map *map)
{
    if (map->data)
        munmap(map->data, map->size);
    *map = (struct file_map) { 0 };
}
