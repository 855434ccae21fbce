/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions that are the hypervisor's to execute: it finds the instruction behind a #GP or #UD and does it. */
#include "bench.h"
#include <public/physdev.h>

#define MSR_EFER 0xc0000080u
#define MSR_FS_BASE 0xc0000100u
#define PORT 0x80

void bench_emulation(void)
{
    struct physdev_set_iopl iopl = { .iopl = 1 };

    MEASURE("CPUID, forced emulation, leaf 0", asm volatile(XEN_CPUID : : "a"(0), "c"(0) : "rbx", "rdx"));
    MEASURE("CPUID, forced emulation, leaf 1", asm volatile(XEN_CPUID : : "a"(1), "c"(0) : "rbx", "rdx"));
    MEASURE("RDMSR, EFER", asm volatile("rdmsr" : : "c"(MSR_EFER) : "rax", "rdx"));
    MEASURE("RDMSR, FS base", asm volatile("rdmsr" : : "c"(MSR_FS_BASE) : "rax", "rdx"));
    MEASURE("WRMSR, FS base", asm volatile("wrmsr" : : "c"(MSR_FS_BASE), "a"(0), "d"(0)));
    MEASURE("read of CR0", asm volatile("movq %%cr0, %%rax" : : : "rax"));
    MEASURE("read and write of CR4", asm volatile("movq %%cr4, %%rax; movq %%rax, %%cr4" : : : "rax"));
    MEASURE("read of DR6", asm volatile("movq %%dr6, %%rax" : : : "rax"));
    MEASURE("physdev_op, set_iopl", DO(hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl)));
    if (!is_dom0())
        return note("not the first domain: no ports");
    MEASURE("port write", asm volatile("outb %%al, %0" : : "i"(PORT), "a"(0)));
    MEASURE("port read", asm volatile("inb %0, %%al" : : "i"(PORT) : "rax"));
}
