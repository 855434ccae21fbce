/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Values of nodes; see blob.h.
 */
#include "blob.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

struct blob *blob_new(const void *bytes, size_t len)
{
    struct blob *b = alloc_zeroed(sizeof(*b) + len);

    b->refs = 1;
    b->len = len;
    if (len)
        memcpy(b->bytes, bytes, len);
    return b;
}

struct blob *blob_get(struct blob *b)
{
    b->refs++;
    return b;
}

void blob_put(struct blob *b)
{
    if (b && --b->refs == 0)
        free(b);
}
