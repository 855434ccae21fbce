/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest memory, read and written once. A guest pointer may point anywhere: the range is checked against hv's
 * hole, and a fault on the way ends the copy and is reported. What was copied is hv's; it is checked after
 * copying, and the guest's memory is not read a second time.
 */
#ifndef HV_GUEST_COPY_H
#define HV_GUEST_COPY_H

#include <hv/types.h>

/* arch: bytes that could NOT be copied (0 = done). Current vCPU's address space; SMAP is lifted inside. */
size_t arch_copy_from_guest(void *to, const void *guest, size_t n);
size_t arch_copy_to_guest(void *guest, const void *from, size_t n);
size_t arch_clear_guest(void *guest, size_t n);
bool arch_guest_range_ok(const void *guest, size_t n); /* not wrapping, outside hv's hole */

/* arch: the same for a size that the compiler knows, up to GUEST_ACCESS_MAX, inline: true when all was copied. */
#include <arch/guest_access.h> /* arch_get_guest(to, guest, n), arch_put_guest(guest, from, n) */

#define guest_get_(to, guest, n)                                                                             \
    (__builtin_constant_p(n) && (n) <= GUEST_ACCESS_MAX ? arch_get_guest((to), (guest), (n))                 \
                                                        : !arch_copy_from_guest((to), (guest), (n)))
#define guest_put_(guest, from, n)                                                                           \
    (__builtin_constant_p(n) && (n) <= GUEST_ACCESS_MAX ? arch_put_guest((guest), (from), (n))               \
                                                        : !arch_copy_to_guest((guest), (from), (n)))

/* Typed forms over a XEN_GUEST_HANDLE (its member p): true when all was copied. Offsets count elements. */
#define copy_from_guest_offset(to, handle, off, n)                                                           \
    ({ __typeof__(*(to)) *to_ = (to); const __typeof__(*(handle).p) *p_ = (handle).p; size_t n_ = (n);       \
       (void)(to_ == (const void *)p_); _Static_assert(sizeof(*to_) == sizeof(*p_), "element sizes differ");  \
       n_ < (1ul << 40) / sizeof(*to_) && guest_get_(to_, p_ + (off), n_ * sizeof(*to_)); })
#define copy_to_guest_offset(handle, off, from, n)                                                           \
    ({ const __typeof__(*(from)) *f_ = (from); __typeof__((handle).p) p_ = (handle).p; size_t n_ = (n);       \
       _Static_assert(sizeof(*f_) == sizeof(*p_), "element sizes differ");                                   \
       n_ < (1ul << 40) / sizeof(*f_) && guest_put_((void *)(p_ + (off)), f_, n_ * sizeof(*f_)); })
#define copy_from_guest(to, handle, n) copy_from_guest_offset(to, handle, 0, n)
#define copy_to_guest(handle, from, n) copy_to_guest_offset(handle, 0, from, n)

/* Raw hypercall argument (a guest virtual address) to or from one structure. */
#define copy_arg_in(to, va) guest_get_((to), (const void *)(va), sizeof(*(to)))
#define copy_arg_out(va, from) guest_put_((void *)(va), (from), sizeof(*(from)))
/* Write back one field of the structure at guest address va. */
#define copy_field_out(va, from, field)                                                                      \
    guest_put_((char *)(va) + offsetof(__typeof__(*(from)), field), &(from)->field, sizeof((from)->field))

#endif
