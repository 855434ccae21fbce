/* SPDX-License-Identifier: GPL-2.0-only */
/* Small objects of hv's own, carved from hv's frames. Zeroed when given out; NULL when there is no memory. */
#ifndef HV_HEAP_H
#define HV_HEAP_H

#include <hv/types.h>

void *heap_alloc(size_t size, size_t align); /* zeroed; align a power of two up to PAGE_SIZE */
void heap_free(void *object);                /* NULL is fine */
void heap_forget_all(void);                  /* for tests that start with new RAM */

#define heap_new(type) ((type *)heap_alloc(sizeof(type), __alignof__(type)))
#define heap_new_array(type, n)                                                                              \
    ({ size_t bytes_; __builtin_mul_overflow(sizeof(type), (size_t)(n), &bytes_) ? NULL                      \
          : (type *)heap_alloc(bytes_, __alignof__(type)); })

#endif
