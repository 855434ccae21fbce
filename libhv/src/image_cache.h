/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decompressed kernels kept on disk, named by the digest of what they were decompressed from.
 *
 * The cache only saves time: every function may fail silently, and what is found is parsed again like any
 * file.
 */
#ifndef LIBHV_SRC_IMAGE_CACHE_H
#define LIBHV_SRC_IMAGE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#define CACHE_NAME_SIZE 80

/* The entry's name for this compressed payload. */
void image_cache_name(const void *payload, size_t size, char name[CACHE_NAME_SIZE]);

/* Is this the form of an entry's name? */
bool image_cache_is_name(const char *name);

/* The open directory, made if `make`; -1 if there is none that only its owner can write to. */
int image_cache_directory(bool make);

/* Opens an entry for reading; -1 if there is none, or it is not ours to trust. */
int image_cache_open(const char *name);

/* Adds an entry, then removes the oldest ones until the cache is within its bound. */
void image_cache_add(const char *name, const void *data, size_t size);

/*
 * The entry that was made from this very file, known by its identity and times, so that it need not be read;
 * false if there is none (image_cache_known.c).
 */
bool image_cache_known(const struct stat *file, char name[CACHE_NAME_SIZE]);

/* Remembers that the entry `name` was made from this file. `file` is from before it was read. */
void image_cache_remember(const struct stat *file, const char *name);

/* Removes what is remembered about entries that are gone. `dir` is the open directory. */
void image_cache_forget(int dir);

#endif
