/* SPDX-License-Identifier: GPL-2.0-only */
/* As arch/x86's: copies of a size that is known beforehand. Here they are like all others. */
#ifndef ARCH_GUEST_ACCESS_H
#define ARCH_GUEST_ACCESS_H

#include <hv/types.h>

#define GUEST_ACCESS_MAX 128u

size_t arch_copy_from_guest(void *to, const void *guest, size_t n);
size_t arch_copy_to_guest(void *guest, const void *from, size_t n);

static inline bool arch_get_guest(void *to, const void *guest, size_t n) { return !arch_copy_from_guest(to, guest, n); }
static inline bool arch_put_guest(void *guest, const void *from, size_t n) { return !arch_copy_to_guest(guest, from, n); }

#endif
