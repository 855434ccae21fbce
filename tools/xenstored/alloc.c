/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation that cannot fail; see alloc.h for why aborting is the right answer.
 */
#include "alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
    if (!p) {
        fputs("hv-xenstored: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *alloc_zeroed(size_t size)
{
    return checked(calloc(1, size));
}

void *alloc_resize(void *old, size_t size)
{
    return checked(realloc(old, size));
}

char *alloc_string(const char *bytes, size_t len)
{
    char *copy = checked(malloc(len + 1));

    memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}
