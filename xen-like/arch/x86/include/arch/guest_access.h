/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copies of a size that the compiler knows, between hv and guest memory, without a call or a loop: arguments of hypercalls,
 * nearly all of them. After a fault nothing is said about what was copied.
 */
#ifndef ARCH_GUEST_ACCESS_H
#define ARCH_GUEST_ACCESS_H

#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/guest_range.h>

#define GUEST_ACCESS_MAX 128u /* bytes; what is longer is worth a loop */

/* Words first, then the rest of a word; the assembler unrolls it. */
#define GUEST_MOVE(from, to)                                                                                 \
    "71: " from "\n\t" EXTABLE(71b, %l[fault]) "72: " to "\n\t" EXTABLE(72b, %l[fault])

/* True when all of it was copied. One side is the guest's, its range checked. */
static inline __attribute__((always_inline)) bool guest_move(void *to, const void *from, const size_t n)
{
    unsigned long word;

    if (cpu_features.smap)
        __asm__ volatile("stac" : : : "memory");
    __asm__ volatile goto(".set at, 0\n\t"
                          ".rept %c[n] / 8\n\t"
                          GUEST_MOVE("mov at(%[from]), %q[word]", "mov %q[word], at(%[to])")
                          ".set at, at + 8\n\t"
                          ".endr\n\t"
                          ".if %c[n] & 4\n\t"
                          GUEST_MOVE("mov at(%[from]), %k[word]", "mov %k[word], at(%[to])")
                          ".set at, at + 4\n\t"
                          ".endif\n\t"
                          ".if %c[n] & 2\n\t"
                          GUEST_MOVE("mov at(%[from]), %w[word]", "mov %w[word], at(%[to])")
                          ".set at, at + 2\n\t"
                          ".endif\n\t"
                          ".if %c[n] & 1\n\t"
                          GUEST_MOVE("mov at(%[from]), %b[word]", "mov %b[word], at(%[to])")
                          ".endif"
                          : [word] "=&q"(word)
                          : [from] "r"(from), [to] "r"(to), [n] "i"(n)
                          : "memory", "cc"
                          : fault);
    if (cpu_features.smap)
        __asm__ volatile("clac" : : : "memory");
    return true;
fault:
    if (cpu_features.smap)
        __asm__ volatile("clac" : : : "memory");
    return false;
}

static inline __attribute__((always_inline)) bool arch_get_guest(void *to, const void *guest, const size_t n)
{
    return likely(guest_few_clamped(&guest, n)) && likely(guest_move(to, guest, n));
}

static inline __attribute__((always_inline)) bool arch_put_guest(void *guest, const void *from, const size_t n)
{
    return likely(guest_few_ok(guest, n)) && likely(guest_move(guest, from, n));
}

#endif
