/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * People who look at a console: connections to its socket. Each sees what the guest writes from then on; what
 * any of them types goes to the guest.
 *
 * A viewer who does not read loses output, and is told so, rather than holding up the guest or filling the
 * daemon's memory.
 */
#ifndef HVD_VIEWER_H
#define HVD_VIEWER_H

#include <stdbool.h>
#include <stddef.h>

#include "loop.h"

#define VIEWERS_MAX     16
#define VIEWER_OUT_MAX  (64UL << 10)
#define VIEWER_IN_MAX   1024

struct viewers;

/* Called when a viewer has typed something, or room is wanted: take from viewers_input(). */
typedef void viewers_typed_fn(void *arg);

/* Listens at `path`. NULL and errno on failure. */
struct viewers *viewers_new(struct loop *loop, const char *path, viewers_typed_fn *typed, void *arg);
/* Sends what is waiting as far as that is possible at once, and hangs up. */
void viewers_free(struct viewers *viewers);

/* Shows output to all. */
void viewers_show(struct viewers *viewers, const char *data, size_t size);

/* What was typed and not taken yet; viewers_take() removes `size` bytes from its front. */
const char *viewers_input(const struct viewers *viewers, size_t *size);
void viewers_take(struct viewers *viewers, size_t size);

unsigned viewers_count(const struct viewers *viewers);

#endif
