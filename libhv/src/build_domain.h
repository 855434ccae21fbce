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

/*
 * Maps the window, and fills it: kernel, initramfs, P2M list, page tables, start_info (build_load.c).
 * Afterwards it is not mapped any more.
 */
int load_in_child(struct building *b, struct hv_error *err);

/* Writes the initial page tables (build_tables.c) through the mapped window. */
void tables_write(struct building *b);

/*
 * What makes a filled memory a domain that can run (build_start.c): event channels, known before start_info
 * is written through the mapped window; then, nothing being mapped any more, shared_info, grants, pinned
 * tables, vCPU 0.
 */
int start_ports(struct building *b, struct hv_error *err);
void start_write(struct building *b);
int start_finish(struct building *b, struct hv_error *err);

#endif
