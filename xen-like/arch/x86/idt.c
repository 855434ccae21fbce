/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt descriptor table, one for all CPUs, and the registers by which SYSCALL and SYSENTER enter.
 *
 * SYSCALL changes no stack. So each CPU has a page of code for itself, in its window, that knows the address
 * of its cpu_info, saves rax there, and goes on with rsp = &cpu_info.regs and rax = the guest's rsp. The page
 * is executable in the window and writable only through the direct map.
 */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/cpu_info.h>
#include <arch/desc.h>
#include <arch/entry.h>
#include <arch/paging.h>
#include <arch/pti.h>
#include <arch/speculation.h>
#include <arch/traps.h>
#include <hv/page.h>
#include <hv/string.h>

#define STUB_WINDOW_PAGE 32u
#define STUB_BYTES 64u
#define GATE_INTERRUPT 0x8e00ul /* present, interrupts off inside */
#define GATE_DPL3 0x6000ul

/* Cleared by SYSCALL: TF, IF, DF, IOPL, NT, RF, AC. */
#define SYSCALL_FLAGS_OFF                                                                                    \
    (RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT | RFLAGS_RF | RFLAGS_AC)

struct gate {
    uint64_t low, high;
};

static struct gate idt[256] __attribute__((aligned(16)));

static void set_gate(unsigned int vector, unsigned int ist, bool for_guests)
{
    uint64_t at = (uint64_t)(pti ? guarded_stubs : entry_stubs) + vector * ENTRY_STUB_SIZE;
    uint64_t type = GATE_INTERRUPT | (for_guests ? GATE_DPL3 : 0) | ist;

    idt[vector].low = (at & 0xffff) | (uint64_t)HV_CS64 << 16 | type << 32 | (at >> 16 & 0xffff) << 48;
    idt[vector].high = at >> 32;
}

void traps_init(void)
{
    speculation_init();
    for (unsigned int vector = 0; vector < 256; vector++)
        set_gate(vector, 0, vector == TRAP_BP || vector == TRAP_OF || vector == TRAP_INT80);
    set_gate(TRAP_DF, CPU_STACK_IST_DF + 1, false);
    set_gate(TRAP_NMI, CPU_STACK_IST_NMI + 1, false);
    set_gate(TRAP_MC, CPU_STACK_IST_MC + 1, false);
    set_gate(TRAP_DB, CPU_STACK_IST_DB + 1, false);
}

static uint8_t *emit(uint8_t *at, const char *opcode, size_t n, const void *operand)
{
    uint64_t value = (uint64_t)operand;

    memcpy(at, opcode, n);
    memcpy(at + n, &value, sizeof(value));
    return at + n + sizeof(value);
}

/* movabs %rax, regs.rax; mov %rsp, %rax; movabs $regs, %rsp; jmp *entry */
static void write_stub(uint8_t *at, struct cpu_info *info, const char *entry)
{
    static const char from_rsp[] = { 0x48, (char)0x89, (char)0xe0 };

    at = emit(at, "\x48\xa3", 2, &info->regs.rax);
    memcpy(at, from_rsp, sizeof(from_rsp));
    at = emit(at + sizeof(from_rsp), "\x48\xbc", 2, &info->regs);
    emit(at, "\xff\x25\0\0\0\0", 6, entry);
}

static void make_stubs(unsigned int cpu, struct cpu_info *info)
{
    maddr_t at = boot_alloc(PAGE_SIZE, PAGE_SIZE, ~0ul); /* CPUs come up while hv starts */
    uint8_t *page = mfn_to_virt(maddr_to_mfn(at));

    memset(page, 0xcc, PAGE_SIZE);
    write_stub(page, info, pti ? syscall_guarded : syscall_entry);
    write_stub(page + STUB_BYTES, info, pti ? syscall32_guarded : syscall32_entry);
    cpu_window_set(cpu, STUB_WINDOW_PAGE, at.v | PTE_HV_RX);
}

void traps_cpu_init(unsigned int cpu)
{
    const struct { uint16_t limit; uint64_t base; } __attribute__((packed)) idtr = {
        sizeof(idt) - 1, (uint64_t)idt,
    };
    struct cpu_info *info = cpu_info();
    uint64_t stubs = CPU_WINDOW_GDT(cpu) + STUB_WINDOW_PAGE * PAGE_SIZE;

    __asm__ volatile("lidt %0" : : "m"(idtr));
    make_stubs(cpu, info);
    if (pti)
        pti_cpu_init(info);
    wrmsr(MSR_STAR, (uint64_t)HV_CS64 << 32 | (uint64_t)HV_USER_CS32 << 48);
    wrmsr(MSR_LSTAR, stubs);
    wrmsr(MSR_CSTAR, stubs + STUB_BYTES);
    wrmsr(MSR_SYSCALL_MASK, SYSCALL_FLAGS_OFF);
    if (cpu_features.sep) {
        wrmsr(MSR_SYSENTER_CS, HV_CS64);
        wrmsr(MSR_SYSENTER_ESP, (uint64_t)&info->regs.es);
        wrmsr(MSR_SYSENTER_EIP, (uint64_t)(pti ? sysenter_guarded : sysenter_entry));
    }
}
