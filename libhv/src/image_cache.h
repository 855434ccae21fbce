/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decompressed kernels kept on disk, named by the digest of what they were decompressed from.
 *
 * The cache only saves time: every function may fail silently, and what is found is parsed again like any
 * file.
 */
#ifndef LIBHV_SRC_IMAGE_CACHE_H
#define LIBHV_SRC_IMAGE_CACHE_H

#include <stddef.h>

#define CACHE_NAME_SIZE 80

/* The entry's name for this compressed payload. */
void image_cache_name(const void *payload, size_t size, char name[CACHE_NAME_SIZE]);

/* Opens an entry for reading; -1 if there is none, or it is not ours to trust. */
int image_cache_open(const char *name);

/* Adds an entry, then removes the oldest ones until the cache is within its bound. */
void image_cache_add(const char *name, const void *data, size_t size);

#endif
