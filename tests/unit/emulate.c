/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decoding privileged instructions, and the CPUID view. What would touch the machine is replaced by records;
 * the instructions lie in the program's own memory, in the 64-bit code segment that it runs in.
 */
#include <stdlib.h>
#include <string.h>

#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/fpu.h>
#include <arch/pv.h>
#include <public/arch-x86/cpuid.h>

#include "harness.h"
#include "host.h"

struct cpu_features cpu_features;

static struct vcpu v;
static struct vcpu_info info;
static struct domain d;
static struct cpu_user_regs regs;
static uint8_t code[32];

static struct { unsigned int trap, traps; uint64_t fault_va; } injected;
static struct { uint16_t port; unsigned int bytes, reads, writes; uint32_t written; bool allowed; } io;
static struct { uint32_t msr; uint64_t value; bool exists; } msr;

void pv_inject_trap(struct vcpu *vcpu, unsigned int vector, uint32_t error_code)
{
    (void)vcpu;
    (void)error_code;
    injected.trap = vector;
    injected.traps++;
}

void pv_inject_page_fault(struct vcpu *vcpu, unsigned long va, uint32_t error_code)
{
    injected.fault_va = va;
    pv_inject_trap(vcpu, TRAP_PF, error_code);
}

bool pv_ioport_ok(struct vcpu *vcpu, const struct cpu_user_regs *r, uint16_t port, unsigned int bytes)
{
    (void)vcpu;
    (void)r;
    io.port = port;
    io.bytes = bytes;
    return io.allowed;
}

uint32_t pv_ioport_read(struct vcpu *vcpu, uint16_t port, unsigned int bytes)
{
    (void)vcpu;
    (void)port;
    io.reads++;
    return 0xa1b2c3d4u >> (32 - bytes * 8);
}

void pv_ioport_write(struct vcpu *vcpu, uint16_t port, unsigned int bytes, uint32_t value)
{
    (void)vcpu;
    (void)port;
    io.writes++;
    io.written = bytes == 4 ? value : value & ((1u << bytes * 8) - 1);
}

bool pv_rdmsr(struct vcpu *vcpu, uint32_t nr, uint64_t *value)
{
    (void)vcpu;
    msr.msr = nr;
    *value = msr.value;
    return msr.exists;
}

bool pv_wrmsr(struct vcpu *vcpu, uint32_t nr, uint64_t value)
{
    (void)vcpu;
    msr.msr = nr;
    msr.value = value;
    return msr.exists;
}

long pv_set_debugreg(struct vcpu *vcpu, unsigned int reg, uint64_t value)
{
    if (reg > 7)
        return -1;
    vcpu->arch.dr[reg] = value;
    return 0;
}

uint64_t pv_get_debugreg(const struct vcpu *vcpu, unsigned int reg) { return vcpu->arch.dr[reg]; }
void pv_load_cr4(const struct vcpu *vcpu) { (void)vcpu; }
bool xcr0_valid(uint64_t xcr0) { (void)xcr0; return false; }
uint32_t clock_tsc_khz(void) { return 2600000; }

static void begin(void)
{
    host_reset(64);
    memset(&v, 0, sizeof(v));
    memset(&d, 0, sizeof(d));
    memset(&regs, 0, sizeof(regs));
    memset(&injected, 0, sizeof(injected));
    memset(&io, 0, sizeof(io));
    memset(&msr, 0, sizeof(msr));
    memset(code, 0x90, sizeof(code));
    v.domain = &d;
    v.info = &info;
    v.arch.guest_kernel = true;
    host_current = &v;
    regs.rip = (uint64_t)code;
    regs.rflags = 0x202;
    __asm__("mov %%cs, %0" : "=r"(regs.cs));
}

static bool emulate(const char *bytes, size_t n)
{
    memset(code, 0x90, sizeof(code));
    memcpy(code, bytes, n);
    regs.rip = (uint64_t)code;
    return pv_emulate_privileged(&v, &regs);
}

#define EMULATE(bytes) emulate(bytes, sizeof(bytes) - 1)
#define LENGTH(n) CU_ASSERT_EQUAL(regs.rip, (uint64_t)code + (n))

static void ports(void)
{
    begin();
    CU_ASSERT(!EMULATE("\xec"));
    CU_ASSERT_EQUAL(io.reads, 0);
    LENGTH(0);
    io.allowed = true;
    regs.rdx = 0x123456;
    regs.rax = ~0ul;
    CU_ASSERT(EMULATE("\xec")); /* in (%dx), %al */
    CU_ASSERT(io.port == 0x3456 && io.bytes == 1 && regs.rax == 0xffffffffffffffa1);
    LENGTH(1);
    CU_ASSERT(EMULATE("\x66\xed"));
    CU_ASSERT(io.bytes == 2 && regs.rax == 0xffffffffffffa1b2);
    LENGTH(2);
    CU_ASSERT(EMULATE("\xe5\x70")); /* in $0x70, %eax: the upper half goes */
    CU_ASSERT(io.port == 0x70 && io.bytes == 4 && regs.rax == 0xa1b2c3d4);
    LENGTH(2);
    CU_ASSERT(EMULATE("\xe6\x80"));
    CU_ASSERT(io.port == 0x80 && io.written == 0xd4 && io.writes == 1);
}

static void string_ports(void)
{
    uint8_t memory[16] = { 0 };

    begin();
    io.allowed = true;
    regs.rdi = (uint64_t)memory;
    regs.rcx = 3;
    CU_ASSERT(EMULATE("\xf3\x66\x6d")); /* rep insw */
    CU_ASSERT(regs.rcx == 0 && regs.rdi == (uint64_t)memory + 6 && io.reads == 3);
    CU_ASSERT(memory[5] == 0xa1 && memory[6] == 0);
    LENGTH(3);
    regs.rsi = (uint64_t)memory + 8;
    regs.rcx = 2;
    regs.rflags |= RFLAGS_DF;
    CU_ASSERT(EMULATE("\xf3\x6f")); /* rep outsl, downwards */
    CU_ASSERT(regs.rcx == 0 && regs.rsi == (uint64_t)memory && io.writes == 2);
    host_copy_limit = 15 + 4; /* the instruction, one word, then a fault */
    regs.rflags &= ~RFLAGS_DF;
    regs.rcx = 4;
    CU_ASSERT(EMULATE("\xf3\x6f"));
    CU_ASSERT(regs.rcx == 3 && injected.trap == TRAP_PF && injected.fault_va == (uint64_t)memory + 4);
    LENGTH(0);
}

static void msrs(void)
{
    begin();
    regs.rcx = 0x1234567890;
    CU_ASSERT(!EMULATE("\x0f\x32"));
    msr.exists = true;
    msr.value = 0x1122334455667788;
    CU_ASSERT(EMULATE("\x0f\x32"));
    CU_ASSERT(msr.msr == 0x34567890 && regs.rax == 0x55667788 && regs.rdx == 0x11223344);
    LENGTH(2);
    regs.rax = 0xffffffff00000001;
    regs.rdx = 0xffffffff00000002;
    CU_ASSERT(EMULATE("\x0f\x30"));
    CU_ASSERT_EQUAL(msr.value, 0x200000001);
    v.arch.guest_kernel = false;
    CU_ASSERT(!EMULATE("\x0f\x30"));
}

static void registers(void)
{
    begin();
    v.arch.ctrlreg[2] = 0x1234;
    CU_ASSERT(EMULATE("\x41\x0f\x20\xd7")); /* mov %cr2, %r15 */
    CU_ASSERT_EQUAL(regs.r15, 0x1234);
    LENGTH(4);
    CU_ASSERT(!EMULATE("\x0f\x20\xc8")); /* cr1 */
    regs.rbx = CR4_LA57;
    CU_ASSERT(!EMULATE("\x0f\x22\xe3"));
    regs.rbx = CR4_TSD | CR4_PAE;
    CU_ASSERT(EMULATE("\x0f\x22\xe3"));
    CU_ASSERT_EQUAL(v.arch.ctrlreg[4], CR4_TSD);
    regs.rbx = CR0_PG;
    CU_ASSERT(!EMULATE("\x0f\x22\xc3")); /* cr0 without PE */
    v.arch.dr[3] = 77;
    CU_ASSERT(EMULATE("\x0f\x21\xde")); /* mov %dr3, %rsi */
    CU_ASSERT_EQUAL(regs.rsi, 77);
    CU_ASSERT(!EMULATE("\x44\x0f\x21\xde")); /* dr11 */
    regs.rbx = 0x5000;
    CU_ASSERT(!EMULATE("\x0f\x22\xdb")); /* cr3 by instruction: not a root that was checked */
}

static void not_ours(void)
{
    begin();
    io.allowed = true;
    CU_ASSERT(!EMULATE("\xf4"));                     /* hlt */
    CU_ASSERT(!EMULATE("\x0f\x01\xf8"));             /* swapgs */
    CU_ASSERT(!EMULATE("\x0f\x01\x10"));             /* lgdt */
    CU_ASSERT(!EMULATE("\x0f\x07"));                 /* sysret */
    CU_ASSERT(!EMULATE("\x0f\x01\xd1"));             /* xsetbv of nonsense */
    CU_ASSERT(!EMULATE("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\xec")); /* 16 bytes */
    host_copy_limit = 1;
    CU_ASSERT(!EMULATE("\x0f\x32"));                 /* cut off by a page that is not there */
    host_copy_limit = 0;
    CU_ASSERT(!EMULATE("\xec"));
    CU_ASSERT_EQUAL(injected.traps, 0);
}

static void single_step(void)
{
    begin();
    io.allowed = true;
    regs.rflags |= RFLAGS_TF;
    CU_ASSERT(EMULATE("\xec"));
    CU_ASSERT(injected.trap == TRAP_DB && v.arch.dr[6] == 1u << 14);
}

/*
 * Of a user program: ports and the interrupt flag, or nothing at all; never more than an instruction further.
 */
static void random_bytes(void)
{
    begin();
    srand(7);
    v.arch.guest_kernel = false;
    v.arch.iopl = 3;
    io.allowed = true;
    for (unsigned int n = 0; n < 300000; n++) {
        char bytes[16];
        bool done;

        for (unsigned int i = 0; i < sizeof(bytes); i++)
            bytes[i] = rand() % 3 ? rand() : "\x0f\x66\xf3\xec\x6c\xe4\x48\x01"[rand() % 8];
        regs.rcx = rand() % 4;
        host_copy_limit = 15; /* string instructions find no memory */
        done = emulate(bytes, sizeof(bytes));
        CU_ASSERT(regs.rip - (uint64_t)code <= 15);
        CU_ASSERT(done || regs.rip == (uint64_t)code);
    }
    CU_ASSERT_EQUAL(msr.msr, 0);
}

static void forced_cpuid(void)
{
    begin();
    memcpy(code, "\x0f\x0bxen\x0f\xa2", 7);
    regs.rax = XEN_CPUID_LEAF(0);
    CU_ASSERT(pv_emulate_forced(&v, &regs));
    CU_ASSERT(regs.rbx == XEN_CPUID_SIGNATURE_EBX && regs.rcx == XEN_CPUID_SIGNATURE_ECX);
    CU_ASSERT_EQUAL(regs.rax, XEN_CPUID_LEAF(5));
    LENGTH(7);
    memcpy(code, "\x0f\x0bxem\x0f\xa2", 7);
    regs.rip = (uint64_t)code;
    CU_ASSERT(!pv_emulate_forced(&v, &regs));
}

/*
 * Features that hv keeps to itself: PCID, x2APIC, TSC-deadline, VMX, MTRR, PSE, INVPCID, SMEP, SMAP, UMIP,
 * PKU, LA57, SVM, 1 GiB.
 */
static void cpuid_view(void)
{
    struct cpuid_regs r;

    begin();
    cpu_features.max_leaf = cpuid(0).a;
    cpu_features.max_ext_leaf = cpuid(0x80000000).a;
    r = pv_cpuid(&v, 1, 0);
    CU_ASSERT_EQUAL(r.c & (1u << 5 | 1u << 17 | 1u << 21 | 1u << 24), 0);
    CU_ASSERT_EQUAL(r.c >> 31, 1);
    CU_ASSERT_EQUAL(r.d & (1u << 3 | 1u << 12 | 1u << 13 | 1u << 17 | 1u << 28), 0);
    r = pv_cpuid(&v, 7, 0);
    CU_ASSERT_EQUAL(r.b & (1u << 7 | 1u << 10 | 1u << 20), 0);
    CU_ASSERT_EQUAL(r.c & (1u << 2 | 1u << 3 | 1u << 4 | 1u << 16), 0);
    r = pv_cpuid(&v, 0x80000001, 0);
    CU_ASSERT_EQUAL(r.c & 1u << 2, 0);
    CU_ASSERT_EQUAL(r.d & 1u << 26, 0);
    for (uint32_t leaf = 0xe; leaf < 0x40; leaf++) {
        r = pv_cpuid(&v, leaf, 0);
        CU_ASSERT_EQUAL(r.a | r.b | r.c | r.d, 0);
    }
    CU_ASSERT(pv_cpuid(&v, 0, 0).a <= 0xd);
    r = pv_cpuid(&v, 0x40000100, 0);
    CU_ASSERT_EQUAL(r.a, 0x40000101);
    r = pv_cpuid(&v, 0x40000042, 0);
    CU_ASSERT_EQUAL(r.a | r.b | r.c | r.d, 0);
}

const struct unit_test unit_tests[] = {
    { "IN and OUT, with the widths and registers of each form", ports },
    { "INS and OUTS, repeated, downwards, and stopped by a fault", string_ports },
    { "RDMSR and WRMSR use 32 bits of each register", msrs },
    { "control and debug registers", registers },
    { "what is not emulated stays a fault", not_ours },
    { "an emulated instruction is single-stepped", single_step },
    { "random bytes in user mode do nothing but ports", random_bytes },
    { "CPUID behind the forced-emulation prefix", forced_cpuid },
    { "CPUID shows nothing that hv keeps to itself", cpuid_view },
    { NULL, NULL },
};
