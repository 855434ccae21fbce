/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a guest's pointers may lead: they must not wrap, nor reach into hv's hole.
 *
 * A CPU that guesses this check wrong must not read hv's memory for the guest, and so bring it into
 * registers: then the address becomes 0.
 */
#ifndef ARCH_GUEST_RANGE_H
#define ARCH_GUEST_RANGE_H

#include <hv/types.h>
#include <public/xen.h>

/*
 * A guest's addresses follow on each other, modulo 2^64: from the end of hv's hole to the end of the lower
 * half, behind which no address is canonical.
 */
#define GUEST_ADDRESSES ((1ul << 47) - HYPERVISOR_VIRT_END)

/*
 * For a few bytes (more than none, and less than the lower half has), one comparison. What goes over the end
 * of the address space goes on at its start, where the guest's are as well.
 */
static inline bool guest_few_ok(const void *guest, size_t n)
{
    return (unsigned long)guest - HYPERVISOR_VIRT_END < GUEST_ADDRESSES - n + 1;
}

/* The same; then the address, and on a CPU that guesses otherwise than was found, 0. */
static inline bool guest_few_clamped(const void **guest, size_t n)
{
    unsigned long mask, address = (unsigned long)*guest;

    __asm__ volatile("cmp %2, %1; sbb %0, %0"
                     : "=r"(mask) : "r"(address - HYPERVISOR_VIRT_END), "er"(GUEST_ADDRESSES - n + 1) : "cc");
    *guest = (const void *)(address & mask);
    return mask;
}

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
