/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * BLAKE2b with a digest of 32 bytes (RFC 7693): names the cache's entries by what they were made from.
 */
#ifndef LIBHV_SRC_BLAKE2B_H
#define LIBHV_SRC_BLAKE2B_H

#include <stddef.h>
#include <stdint.h>

#define BLAKE2B_DIGEST 32

void blake2b(const void *data, size_t size, uint8_t digest[BLAKE2B_DIGEST]);

#endif
