/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench-mark NUMBER, or bench-mark-NUMBER: a mark for both that count while it runs. For calls.py, which sees hypercalls, it
 * is what the kernel makes of a new base of GS, in any domain: set_segment_base with an address that nobody else sets,
 * 0x687600000000 + NUMBER. For count_plugin.c, which sees instructions, it is a nop that nobody else has.
 */
#include <asm/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MARK 0x687600000000ul

int main(int argc, char **argv)
{
    const char *number = argc > 1 ? argv[1] : strrchr(argv[0], '-') + 1;

    __asm__ volatile("nopl 0x68760001(%rax)");
    if (syscall(SYS_arch_prctl, ARCH_SET_GS, MARK + strtoul(number, NULL, 10))) {
        perror("bench-mark");
        return 1;
    }
    return 0;
}
