/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a guest's pointers may lead: they must not wrap, nor reach into hv's hole.
 *
 * A CPU that guesses this check wrong must not read hv's memory for the guest, and so bring it into registers: then
 * the address becomes 0.
 */
#ifndef ARCH_GUEST_RANGE_H
#define ARCH_GUEST_RANGE_H

#include <hv/types.h>
#include <public/xen.h>

static inline bool guest_range_ok(const void *guest, size_t n)
{
    unsigned long start = (unsigned long)guest, end = start + n;

    return end >= start && (end <= HYPERVISOR_VIRT_START || start >= HYPERVISOR_VIRT_END);
}

#define HOLE_SHIFT 43u
_Static_assert(HYPERVISOR_VIRT_END - HYPERVISOR_VIRT_START == 1ul << HOLE_SHIFT &&
               HYPERVISOR_VIRT_START % (1ul << HOLE_SHIFT) == 0, "one comparison tells");

/* The start decides: below hv's hole lie addresses that do not exist. */
static inline const void *guest_clamped(const void *guest)
{
    unsigned long address = (unsigned long)guest;
    int64_t distance;

    __asm__("" : "+r"(address)); /* the compiler must not know what was checked */
    distance = address >> HOLE_SHIFT ^ HYPERVISOR_VIRT_START >> HOLE_SHIFT; /* 0: in the hole */
    return (const void *)(address & (unsigned long)(-distance >> 63));
}

#endif
