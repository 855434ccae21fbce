/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What struct hv holds, for the library's own files.
 */
#ifndef LIBHV_SRC_HANDLE_H
#define LIBHV_SRC_HANDLE_H

#include <stdbool.h>

#include <libhv/handle.h>

#define HV_PAGE_SHIFT 12
#define HV_PAGE_SIZE  4096UL
#define HV_PAGES(bytes) (((bytes) + HV_PAGE_SIZE - 1) >> HV_PAGE_SHIFT)
#define HV_KIB_TO_PAGES(kib) ((kib) / 4)
#define HV_PAGES_TO_KIB(pages) ((pages) * 4)

/* Holds any one argument structure; calls that need more allocate their own buffer. */
#define HV_SCRATCH_SIZE HV_PAGE_SIZE

struct hv {
    int privcmd;
    int hypercall; /* -1: memory is locked instead */
    void *scratch; /* one argument structure at a time */
};

/*
 * hv_hypercall() with `arg` (at most HV_SCRATCH_SIZE bytes) copied to the scratch page and back as argument
 * `index`.
 */
long call_with(struct hv *hv, unsigned op, uint64_t a1, uint64_t a2, void *arg, size_t size, unsigned index);

/* For messages about a hypercall that failed: what the number most likely means to a user. */
const char *call_hint(int code);

/* hv_foreign_map() without allocating memory: `errors` has `count` zeroes. */
void *foreign_map(struct hv *hv, uint32_t domid, int prot, size_t count, const uint64_t *frames, int *errors,
                  struct hv_error *err);

#endif
