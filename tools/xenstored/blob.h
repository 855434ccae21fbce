/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A node's value: immutable bytes with a reference count, so that a transaction keeps what it has read
 * without copying it.
 */
#ifndef XENSTORED_BLOB_H
#define XENSTORED_BLOB_H

#include <stddef.h>
#include <stdint.h>

struct blob {
    uint32_t refs;
    uint32_t len;
    char bytes[];
};

/* A new value with one reference. */
struct blob *blob_new(const void *bytes, size_t len);

/* One more reference to `b`. */
struct blob *blob_get(struct blob *b);

/* Drops a reference; NULL is fine. */
void blob_put(struct blob *b);

#endif
