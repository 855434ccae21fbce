/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocation that cannot fail: what a guest may make us allocate is bounded by quotas, so running out is a
 * fault of the host. The daemon then aborts and is restarted from its journal, which loses nothing.
 */
#ifndef XENSTORED_ALLOC_H
#define XENSTORED_ALLOC_H

#include <stddef.h>

/* Zeroed memory of `size` bytes; never NULL. Freed with free(). */
void *alloc_zeroed(size_t size);

/* realloc() that never returns NULL. */
void *alloc_resize(void *old, size_t size);

/* A copy of the `len` bytes at `bytes` with a NUL behind them. */
char *alloc_string(const char *bytes, size_t len);

#endif
