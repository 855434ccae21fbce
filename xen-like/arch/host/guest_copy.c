/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's memory is the program's own, and faults where the test says. */
#include <string.h>

#include <hv/guest_copy.h>

#include "host.h"

/* How many of n bytes may still be copied; takes them off the limit. */
static size_t take(const void *guest, size_t n)
{
    size_t allowed = !guest ? 0 : n < host_copy_limit ? n : host_copy_limit;

    if (host_copy_limit != SIZE_MAX)
        host_copy_limit -= allowed;
    return allowed;
}

size_t arch_copy_from_guest(void *to, const void *guest, size_t n)
{
    size_t done = take(guest, n);

    if (done)
        memcpy(to, guest, done);
    memset((char *)to + done, 0, n - done);
    return n - done;
}

size_t arch_copy_to_guest(void *guest, const void *from, size_t n)
{
    size_t done = take(guest, n);

    if (done)
        memcpy(guest, from, done);
    return n - done;
}

size_t arch_copy_to_guest_kernel(void *guest, const void *from, size_t n)
{
    return arch_copy_to_guest(guest, from, n);
}

size_t arch_clear_guest(void *guest, size_t n)
{
    size_t done = take(guest, n);

    if (done)
        memset(guest, 0, done);
    return n - done;
}

bool arch_guest_range_ok(const void *guest, size_t n) { return (uintptr_t)guest + n >= (uintptr_t)guest; }
