/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench-mark NUMBER: a mark in the record of hypercalls that tests/bench/io/calls.py reads, and the TSC, printed. The mark is what
 * the kernel makes of a new base of GS, in any domain: the hypercall set_segment_base with an address that nobody else sets,
 * 0x687600000000 + NUMBER.
 */
#include <asm/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#define MARK 0x687600000000ul

int main(int argc, char **argv)
{
    if (argc != 2 || syscall(SYS_arch_prctl, ARCH_SET_GS, MARK + strtoul(argv[1], NULL, 10))) {
        perror("bench-mark");
        return 1;
    }
    printf("%llu\n", (unsigned long long)__rdtsc());
    return 0;
}
