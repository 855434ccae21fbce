/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A whole file, mapped read-only.
 */
#ifndef LIBHV_SRC_FILE_MAP_H
#define LIBHV_SRC_FILE_MAP_H

#include <stddef.h>
#include <sys/stat.h>

#include <libhv/error.h>

struct file_map {
    void *data; /* NULL: nothing is mapped */
    size_t size;
    struct stat st; /* of when it was mapped */
};

/*
 * Maps a regular file of 1 to `max` bytes. `what` ("the kernel") is for messages, `hint` for the case that
 * the file is not there. The file must not shrink while it is mapped.
 */
int file_map(struct file_map *map, const char *path, const char *what, size_t max, const char *hint,
             struct hv_error *err);

/* The same with an open file, which stays open. */
int file_map_fd(struct file_map *map, int fd, const char *path, const char *what, size_t max,
                struct hv_error *err);

/*
 * Makes pages of a mapped file present that will all be read: one pass by the kernel is cheaper than many
 * faults.
 */
void file_populate(const void *data, size_t size);

void file_unmap(struct file_map *map);

#endif
