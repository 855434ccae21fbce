/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest copies with their range checked: a guest's pointer must not wrap, nor reach into hv's hole. What lies
 * elsewhere is the guest's own page tables' affair, and a fault ends the copy.
 */
#include <arch/guest_range.h>
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/guest_copy.h>

size_t guest_copy(void *to, const void *from, size_t n);
size_t guest_clear(void *to, size_t n);

bool arch_guest_range_ok(const void *guest, size_t n)
{
    return guest_range_ok(guest, n);
}

size_t arch_copy_from_guest(void *to, const void *guest, size_t n)
{
    return arch_guest_range_ok(guest, n) ? guest_copy(to, guest_clamped(guest), n) : n;
}

size_t arch_copy_to_guest(void *guest, const void *from, size_t n)
{
    return arch_guest_range_ok(guest, n) ? guest_copy(guest, from, n) : n;
}

size_t arch_clear_guest(void *guest, size_t n)
{
    return arch_guest_range_ok(guest, n) ? guest_clear(guest, n) : n;
}

size_t arch_copy_to_guest_kernel(void *guest, const void *from, size_t n)
{
    struct vcpu *v = current;
    bool in_kernel = v->arch.guest_kernel;
    size_t left;

    if (in_kernel)
        return arch_copy_to_guest(guest, from, n);
    v->arch.guest_kernel = true;
    pv_load_root(v);
    left = arch_copy_to_guest(guest, from, n);
    v->arch.guest_kernel = false;
    pv_load_root(v);
    return left;
}
