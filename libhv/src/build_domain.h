/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The steps of building a PV domain share one structure.
 */
#ifndef LIBHV_SRC_BUILD_DOMAIN_H
#define LIBHV_SRC_BUILD_DOMAIN_H

#include <libhv/build.h>

#include "build_layout.h"
#include "build_memory.h"
#include "file_map.h"

struct building {
    struct hv *hv;
    const struct hv_build *wish;
    struct hv_image *image;
    const struct hv_kernel *kernel;
    struct file_map initrd;
    struct layout layout;
    uint32_t domid;
    uint64_t shared_info_mfn;
    uint64_t *p2m;
    struct window window; /* every frame that is written to */
    struct hv_built built;
};

/* Writes the initial page tables (build_tables.c). They need the P2M list and nothing else. */
void tables_write(struct building *b);

/* start_info, shared_info, grants, vCPU 0 (build_start.c): what makes a filled memory a domain that can run. */
int start_write(struct building *b, struct hv_error *err);

#endif
