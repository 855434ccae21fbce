// SPDX-License-Identifier: GPL-2.0-only
//
// seed-kernel: writes a kernel that is accepted to standard output, for the fuzzer to begin with.

#include <stdio.h>

#include "make_elf.h"

int main(void)
{
    static struct elf elf;

    elf_good(&elf);
    return fwrite(elf.data, 1, elf.size, stdout) != elf.size;
}
