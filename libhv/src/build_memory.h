/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A new domain's memory: getting it, and reaching it.
 */
#ifndef LIBHV_SRC_BUILD_MEMORY_H
#define LIBHV_SRC_BUILD_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <libhv/handle.h>

#include "build_layout.h"

/* Machine frames of PFNs 0 to pages - 1. malloc'ed; NULL and a message if memory is short. */
uint64_t *memory_populate(struct hv *hv, uint32_t domid, uint64_t pages, struct hv_error *err);

/* Some extents of the domain, mapped one after the other. */
#define WINDOW_EXTENTS 16
struct window {
    unsigned char *data; /* NULL until it is mapped */
    size_t pages;
    uint64_t *frames;    /* machine frames of all pages; malloc'ed, as is the other */
    int *errors;
    struct extent extent[WINDOW_EXTENTS];
    unsigned extents;
};

/* Adds an extent that window_map() will map; empty ones are skipped. */
void window_add(struct window *window, struct extent extent);
/* Lists the frames and gets what memory mapping them takes, so that window_map() allocates none. */
int window_prepare(struct window *window, const uint64_t *p2m);
int window_map(struct window *window, struct hv *hv, uint32_t domid, struct hv_error *err);
void window_free(struct window *window);

/* Where a frame of the window is mapped. The frame must be in one of the extents. */
void *window_page(const struct window *window, uint64_t pfn);

/*
 * Copies with 16-byte stores, which cost fewer instructions than a string instruction of the same length
 * where that is carried out byte by byte. window_zero() likewise. Areas do not overlap.
 */
void window_copy(void *to, const void *from, size_t size);
void window_zero(void *to, size_t size);

#endif
