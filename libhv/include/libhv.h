/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libhv: the library under hv's tool stack. This header is all of it.
 *
 * Rules that hold everywhere:
 *  - A function that can fail takes a `struct hv_error *err` last, which may be NULL. It returns 0 (or a
 * count, a port, ...) on success and a negative errno on failure, or a pointer and NULL. On failure `err`
 * holds a complete sentence for the user; on success it is not touched.
 *  - Nothing is printed, and no signal handler, locale or global state is changed.
 *  - A `struct hv *` may be used by one thread at a time; different handles are independent.
 *  - Memory is counted in KiB and frames in 4 KiB pages unless the name says otherwise; time in nanoseconds.
 *  - Works on hv and on Xen 4.17: only operations and layouts both have are used, unless a comment says so.
 */
#ifndef LIBHV_H
#define LIBHV_H

#include <libhv/error.h>
#include <libhv/handle.h>
#include <libhv/domain.h>
#include <libhv/host.h>
#include <libhv/sched.h>
#include <libhv/event.h>
#include <libhv/grant.h>
#include <libhv/foreign.h>
#include <libhv/image.h>
#include <libhv/build.h>
#include <libhv/config.h>
#include <libhv/device.h>

#endif
