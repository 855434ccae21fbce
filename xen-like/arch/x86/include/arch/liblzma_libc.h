/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The little of a C library that Debian's static liblzma calls. Its code is ordinary user-space code: it uses
 * SSE and the stack protector's word at FS:0x28, so it may only run between these two calls, before any
 * domain exists.
 */
#ifndef ARCH_LIBLZMA_LIBC_H
#define ARCH_LIBLZMA_LIBC_H

#include <hv/types.h>

/* what its malloc() gives out, from the start; free() does nothing */
void liblzma_begin(void *memory, size_t size);
void liblzma_end(void);

#endif
