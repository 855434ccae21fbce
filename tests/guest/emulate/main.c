/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions that a kernel in user mode may not execute, and that the hypervisor does for it: control and debug registers,
 * MSRs, CPUID with the forced-emulation prefix, ports. What is not on the list stays a #GP.
 */
#include <guest.h>
#include <public/physdev.h>

struct leaf {
    uint32_t a, b, c, d;
};

static struct leaf emulated_cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct leaf r = { .a = leaf, .c = subleaf };

    asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n\tcpuid" : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
    return r;
}

static void cpuid(void)
{
    struct leaf r = emulated_cpuid(0x40000000, 0);

    ok(r.b == 0x566e6558 && r.c == 0x65584d4d && r.d == 0x4d4d566e, "the ABI's signature at 0x40000000");
    ok(r.a >= 0x40000002 && r.a < 0x40000100, "its last leaf is %x", r.a);
    is(emulated_cpuid(0x40000001, 0).a, hyp_xen_version(0, NULL), "the version at 0x40000001");
    r = emulated_cpuid(1, 0);
    is(r.c & 1u << 31, 1u << 31, "a hypervisor is present");
    is(r.c & (1u << 5), 0, "no VMX");
    is(r.c & 1u << 17, 0, "no PCID");
    is(r.c & 1u << 24, 0, "no TSC-deadline timer");
    is(emulated_cpuid(0x80000001, 0).c & 1u << 2, 0, "no SVM");
    r = emulated_cpuid(7, 0);
    is(r.b & 1u << 20, 0, "no SMAP");
    is(r.b & 1u << 7, 0, "no SMEP");
    is(r.b & 1u << 10, 0, "no INVPCID");
    is(r.c & 1u << 2, 0, "no UMIP");
    is(r.c & 1u << 3, 0, "no PKU");
    is(r.c & 1u << 16, 0, "no LA57");
    if (running_on_hv()) {
        is(emulated_cpuid(1, 0).d & 1u << 12, 0, "no MTRR");
        is(emulated_cpuid(0x80000001, 0).d & 1u << 26, 0, "no 1 GiB pages");
    }
}

static uint64_t rdmsr(uint32_t msr, struct fault **fault)
{
    uint32_t low = 0, high = 0;

    *fault = try_insn("rdmsr", : "+a"(low), "+d"(high) : "c"(msr));
    return low | (uint64_t)high << 32;
}

static struct fault *wrmsr(uint32_t msr, uint64_t value)
{
    return try_insn("wrmsr", : : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr));
}

static void msrs(void)
{
    static uint64_t word = 0x1122;
    struct fault *f;
    uint64_t value = rdmsr(0xc0000080, &f);

    is(f->vector, NO_FAULT, "EFER can be read");
    is(value & 0x501, 0x501, "long mode and SYSCALL are on");
    value = rdmsr(0x277, &f);
    is(f->vector, NO_FAULT, "PAT can be read");
    is(value & 0xffffffff, 0x00070406, "and is what page tables are interpreted with");
    is(wrmsr(0xc0000100, (uint64_t)&word)->vector, NO_FAULT, "the FS base can be written");
    is(rdmsr(0xc0000100, &f), (uint64_t)&word, "and read");
    asm volatile("movq %%fs:0, %0" : "=r"(value));
    is(value, 0x1122, "and used");
    is(wrmsr(0xc0000100, 0x8000000000000000ul)->vector, VECTOR_GP, "not with a non-canonical address: #GP");
    is(wrmsr(0xc0000102, (uint64_t)&word)->vector, NO_FAULT, "the other GS base can be written");
    is(rdmsr(0xc0000102, &f), (uint64_t)&word, "and read");
    rdmsr(0x1b, &f);
    is(f->vector, NO_FAULT, "the APIC base can be read");
    rdmsr(0x12345, &f);
    is(f->vector, VECTOR_GP, "an unknown MSR: #GP");
    is(f->error, 0, "with error code 0");
    is(wrmsr(0x12345, 0)->vector, VECTOR_GP, "writing it: #GP");
    is(wrmsr(0xc0000082, 0x1000)->vector == NO_FAULT ? rdmsr(0xc0000082, &f) == 0x1000 : 0, 0,
       "the SYSCALL entry point is not the guest's");
}

static void control_registers(void)
{
    uint64_t value = 0;
    struct fault *f;

    f = try_insn("movq %%cr0, %0", : "=r"(value));
    is(f->vector, NO_FAULT, "CR0 can be read");
    is(value & 0x80000001, 0x80000001, "paging and protection are on");
    f = try_insn("movq %%cr3, %0", : "=r"(value));
    is(f->vector, NO_FAULT, "CR3 can be read");
    is(value, va_to_mfn(boot_root()) * PAGE_SIZE, "it is the root table's machine address");
    is(try_insn("movq %0, %%cr3", : : "r"(value))->vector, NO_FAULT, "and written with the same");
    f = try_insn("movq %%cr4, %0", : "=r"(value));
    is(f->vector, NO_FAULT, "CR4 can be read");
    is(value & 0x20, 0x20, "PAE is on");
    is(value & 1u << 20, 0, "SMEP is not the guest's business");
    is(try_insn("movq %0, %%cr4", : : "r"(value))->vector, NO_FAULT, "and written with the same");
    is(try_insn("movq %0, %%cr2", : : "r"(0x1234ul))->vector, NO_FAULT, "CR2 can be written");
    f = try_insn("movq %%cr2, %0", : "=r"(value));
    is(value, 0x1234, "and read");
    is(try_insn("wbinvd")->vector, NO_FAULT, "wbinvd");
    is(try_insn("invlpg (%0)", : : "r"(value))->vector, VECTOR_GP, "invlpg: #GP, there is a hypercall");
    is(try_insn("invd")->vector, VECTOR_GP, "invd: #GP");
    is(try_insn("rdpmc", : : "c"(0) : "eax", "edx")->vector, VECTOR_GP, "rdpmc: #GP");
    is(try_insn("swapgs")->vector, VECTOR_GP, "swapgs: #GP");
    is(try_insn("sysretq", : : : "rcx", "r11")->vector, VECTOR_GP, "sysret: #GP");
}

static void task_switched(void)
{
    uint64_t value = 0;

    is(hyp_fpu_taskswitch(1), 0, "fpu_taskswitch sets CR0.TS");
    is(try_insn("fnop")->vector, VECTOR_NM, "the FPU is off: #NM");
    is(try_insn("fnop")->vector, NO_FAULT, "#NM turns it on");
    hyp_fpu_taskswitch(1);
    is(try_insn("clts")->vector, NO_FAULT, "clts");
    is(try_insn("fnop")->vector, NO_FAULT, "turns it on");
    try_insn("movq %%cr0, %0", : "=r"(value));
    is(try_insn("movq %0, %%cr0", : : "r"(value | 8))->vector, NO_FAULT, "CR0.TS set by hand");
    is(try_insn("fnop")->vector, VECTOR_NM, "turns it off: #NM");
    hyp_fpu_taskswitch(1);
    is(hyp_fpu_taskswitch(0), 0, "fpu_taskswitch clears it");
    is(try_insn("fnop")->vector, NO_FAULT, "and the FPU is on");
}

static void debug_registers(void)
{
    static volatile uint64_t watched;
    uint64_t value = 0;
    struct fault *f;

    is(hyp_set_debugreg(0, (unsigned long)&watched), 0, "DR0 by hypercall");
    is(hyp_get_debugreg(0), (unsigned long)&watched, "is read back");
    f = try_insn("movq %%db0, %0", : "=r"(value));
    is(f->vector, NO_FAULT, "DR0 by instruction");
    is(value, (unsigned long)&watched, "the same");
    is(hyp_set_debugreg(7, 0xd0001 | 0x400), 0, "DR7: break on a write of 8 bytes");
    f = fault_reset();
    asm volatile("movq $2, %0\n.globl after_watch\nafter_watch: nop\n" EX_TABLE("after_watch", "after_watch") : "=m"(watched));
    is(f->vector, VECTOR_DB, "a write to it: #DB");
    is(hyp_get_debugreg(6) & 1, 1, "DR6 says which");
    is(hyp_set_debugreg(7, 0), 0, "off");
    fault_reset();
    watched = 3;
    is(f->vector, NO_FAULT, "no more #DB");
    is(hyp_set_debugreg(0, HYPERVISOR_VIRT_START), -XEN_EPERM, "not in the hypervisor's memory");
    is(hyp_set_debugreg(7, 0x2000), -XEN_EPERM, "no trap on the debug registers themselves");
    is(hyp_set_debugreg(9, 0), -XEN_ENODEV, "there is no DR9");
    is(try_insn("movq %0, %%db7", : : "r"(0x400ul))->vector, NO_FAULT, "DR7 by instruction");
    try_insn("movq %%db7, %0", : "=r"(value));
    is(value, 0x400, "is read back");
}

static void ports(void)
{
    struct physdev_set_iopl iopl = { .iopl = 1 };
    uint32_t value = 0x1234;

    is(try_insn("outb %b0, $0x80", : : "a"(0))->vector, VECTOR_GP, "out before IOPL is raised: #GP");
    is(try_insn("cli")->vector, VECTOR_GP, "cli too");
    if (!is_dom0())
        return;
    is(hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0, "set_iopl 1");
    is(try_insn("outb %b0, $0x80", : : "a"(0))->vector, NO_FAULT, "out of the first domain");
    is(try_insn("inb %%dx, %b0", : "+a"(value) : "d"(0x71))->vector, NO_FAULT, "in");
    is(try_insn("inl %%dx, %0", : "=a"(value) : "d"(0xcf8))->vector, NO_FAULT, "in of four bytes from CF8");
    value = 0;
    is(try_insn("inb %%dx, %b0", : "+a"(value) : "d"(0x21))->vector, NO_FAULT, "in from a port of the hypervisor's");
    is(value, 0xff, "reads ones");
    is(try_insn("cli")->vector, NO_FAULT, "cli");
    is(try_insn("sti")->vector, NO_FAULT, "sti");
    iopl.iopl = 4;
    is(hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl), -XEN_EINVAL, "IOPL 4");
    iopl.iopl = 0;
    hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl);
    is(try_insn("outb %b0, $0x80", : : "a"(0))->vector, VECTOR_GP, "out when IOPL is back at 0: #GP");
}

static void extended_state(void)
{
    uint32_t low, high;
    uint64_t cr4 = 0;

    if (!(emulated_cpuid(1, 0).c & 1u << 26)) {
        skip("no XSAVE");
        return;
    }
    try_insn("movq %%cr4, %0", : "=r"(cr4));
    is(try_insn("movq %0, %%cr4", : : "r"(cr4 | 1u << 18))->vector, NO_FAULT, "CR4.OSXSAVE can be set");
    is(emulated_cpuid(1, 0).c >> 27 & 1, 1, "and CPUID shows it");
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    is(try_insn("xsetbv", : : "a"(low), "d"(high), "c"(0))->vector, NO_FAULT, "xsetbv with what there is");
    is(try_insn("xsetbv", : : "a"(low & ~1u), "d"(high), "c"(0))->vector, VECTOR_GP, "without x87: #GP");
    is(try_insn("xsetbv", : : "a"(5), "d"(high), "c"(0))->vector, VECTOR_GP, "AVX without SSE: #GP");
    is(try_insn("xsetbv", : : "a"(low), "d"(0x10000000), "c"(0))->vector, VECTOR_GP, "an unknown component: #GP");
    is(try_insn("xsetbv", : : "a"(low), "d"(high), "c"(1))->vector, VECTOR_GP, "a register that is none: #GP");
}

void test_main(void)
{
    cpuid();
    msrs();
    control_registers();
    task_switched();
    debug_registers();
    ports();
    extended_state();
}
