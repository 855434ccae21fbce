/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What hv_decompress() can do, for the library's own files.
 */
#ifndef LIBHV_SRC_DECOMPRESS_H
#define LIBHV_SRC_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>

/* Does this begin like compressed data of a known format? */
bool decompress_knows(const void *data, size_t size);

#endif
