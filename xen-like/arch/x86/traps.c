/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exceptions, after entry.S has saved the registers. A guest's go to its kernel, unless hv has something to
 * put right or to emulate. hv's own are fix-ups of guest accesses, or a bug. What is due before a guest runs
 * (softirqs, the scheduler, traps and events to deliver) happens in exit_work(), the one way out.
 */
#include <arch/cpu.h>
#include <arch/cpu_info.h>
#include <arch/entry.h>
#include <arch/iomem.h>
#include <arch/irq.h>
#include <arch/paging.h>
#include <arch/pv.h>
#include <arch/pv_mm.h>
#include <arch/traps.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/vcpu_op.h>

#define DR6_RESET 0xffff0ff0ul
#define LDT_IN_WINDOW (CPU_WINDOW_LDT(0) - CPU_WINDOW_GDT(0))
#define DESCRIPTOR_WINDOW (LDT_IN_WINDOW + LDT_GUEST_FRAMES * PAGE_SIZE)

static unsigned long read_dr6(void)
{
    unsigned long v;

    __asm__ volatile("mov %%dr6, %0" : "=r"(v));
    return v;
}

static void write_dr6(unsigned long v) { __asm__ volatile("mov %0, %%dr6" : : "r"(v)); }

void exit_work(void)
{
    struct vcpu *before = current;
    uint64_t since = before ? before->runstate.state_entry_time : 0; /* changed: it has waited or slept */

    frame_complete(guest_regs());
    for (;;) {
        struct vcpu *v;

        if (!before || (arch_work() & 1u << SOFTIRQ_SCHEDULE))
            schedule();
        softirq_run();
        v = current;
        if (v != before || v->runstate.state_entry_time != since) {
            time_update_vcpu(v);
            vcpu_publish_runstate(v);
            before = v;
            since = v->runstate.state_entry_time;
        }
        if (arch_work())
            continue;
        pv_deliver(v);
        if (!arch_work())
            return;
    }
}

/* A trap of v, which is current still, has been dealt with: mostly nothing is due but to enter the guest's kernel. */
static inline void exit_after_trap(struct vcpu *v)
{
    if (!arch_work() && (v->arch.bounce.address || v->nmi_pending || READ_ONCE(v->info->evtchn_upcall_pending)))
        pv_deliver(v);
    if (unlikely(arch_work()))
        exit_work();
}

bool preempt_check(void)
{
    arch_irq_window();
    return arch_work() != 0;
}

void irq_from_guest(struct cpu_user_regs *regs)
{
    irq_dispatch(regs->entry_vector);
    exit_work();
}

/* --- from a guest --- */

static void guest_debug(struct vcpu *v, struct cpu_user_regs *regs)
{
    unsigned long dr6 = read_dr6();

    (void)regs;
    write_dr6(DR6_RESET);
    v->arch.dr[6] |= dr6 & ~DR6_RESET;
    pv_inject_trap(v, TRAP_DB, 0);
}

static void guest_undefined(struct vcpu *v, struct cpu_user_regs *regs)
{
    if (!pv_emulate_forced(v, regs))
        pv_inject_trap(v, TRAP_UD, 0);
}

/* CR0.TS is only ever set because the guest asked for this. */
static void guest_no_device(struct vcpu *v, struct cpu_user_regs *regs)
{
    (void)regs;
    __asm__ volatile("clts");
    if (v->arch.ctrlreg[0] & CR0_TS) {
        v->arch.ctrlreg[0] &= ~CR0_TS;
        pv_inject_trap(v, TRAP_NM, 0);
    }
}

/*
 * A refused `int n` shows as an error code with the IDT bit. The instruction itself says which vector: some
 * emulators get the error code wrong.
 */
static bool guest_software_interrupt(struct vcpu *v, struct cpu_user_regs *regs)
{
    uint8_t code[2];

    if ((regs->error_code & 3) != 2 || arch_copy_from_guest(code, (const void *)regs->rip, 2) ||
        code[0] != 0xcd)
        return false;
    regs->rip += 2;
    if (pv_inject_software_interrupt(v, code[1]))
        return true;
    regs->rip -= 2;
    regs->error_code = code[1] * 8u + 2;
    return false;
}

static void guest_protection(struct vcpu *v, struct cpu_user_regs *regs)
{
    if (!guest_software_interrupt(v, regs) && !(regs->error_code == 0 && pv_emulate_privileged(v, regs)))
        pv_inject_trap(v, TRAP_GP, regs->error_code);
}

/* The CPU read a descriptor through this CPU's windows and found no page: a hole in the guest's own table. */
static void guest_descriptor_fault(struct vcpu *v, unsigned long offset, uint32_t error_code)
{
    if (offset < LDT_IN_WINDOW) {
        pv_inject_trap(v, TRAP_GP, offset & 0xfff8);
    } else if (!pv_ldt_fault(v, offset - LDT_IN_WINDOW)) {
        if (v->arch.guest_kernel)
            error_code &= ~PFEC_USER;
        pv_inject_page_fault(v, v->arch.ldt_base + (offset - LDT_IN_WINDOW), error_code);
    }
}

static void guest_page_fault(struct vcpu *v, struct cpu_user_regs *regs)
{
    unsigned long va = read_cr2(), window = va - CPU_WINDOW_GDT(arch_cpu_id());
    uint32_t error_code = regs->error_code;

    if (window < DESCRIPTOR_WINDOW && !(error_code & PFEC_USER))
        guest_descriptor_fault(v, window, error_code);
    else if ((error_code & (PFEC_USER | PFEC_PRESENT)) == PFEC_PRESENT && pv_emulate_far_return(v, regs))
        return;
    else if (!pv_fault_fixup(v, va, error_code, regs) &&
             !((error_code & PFEC_WRITE) && (error_code & PFEC_PRESENT) && iomem_write_fault(v, va, regs)))
        pv_inject_page_fault(v, va, error_code);
}

static void guest_int80(struct vcpu *v, struct cpu_user_regs *regs)
{
    if (!pv_inject_software_interrupt(v, TRAP_INT80)) {
        regs->rip -= 2;
        pv_inject_trap(v, TRAP_GP, TRAP_INT80 * 8 + 2);
    }
}

static void guest_other(struct vcpu *v, struct cpu_user_regs *regs)
{
    pv_inject_trap(v, regs->entry_vector, regs->error_code);
}

static void guest_callback(struct vcpu *v, struct cpu_user_regs *regs)
{
    switch (regs->entry_vector) {
    case ENTRY_SYSCALL:
        if (v->arch.callback[PV_CALLBACK_SYSCALL].address)
            return pv_inject_callback(v, PV_CALLBACK_SYSCALL);
        break;
    case ENTRY_SYSCALL32:
        if (v->arch.callback[PV_CALLBACK_SYSCALL32].address)
            return pv_inject_callback(v, PV_CALLBACK_SYSCALL32);
        break;
    default:
        if (v->arch.callback[PV_CALLBACK_SYSENTER].address)
            return pv_inject_callback(v, PV_CALLBACK_SYSENTER);
        return pv_inject_trap(v, TRAP_GP, 0);
    }
    regs->rip -= 2; /* no such instruction, as far as this guest goes */
    pv_inject_trap(v, TRAP_UD, 0);
}

static void (*const guest_trap[])(struct vcpu *v, struct cpu_user_regs *regs) = {
    [TRAP_DB] = guest_debug,   [TRAP_UD] = guest_undefined,  [TRAP_NM] = guest_no_device,
    [TRAP_GP] = guest_protection, [TRAP_PF] = guest_page_fault, [TRAP_INT80] = guest_int80,
};

void trap_from_guest(struct cpu_user_regs *regs)
{
    struct vcpu *v = current;
    uint32_t vector = regs->entry_vector;

    if (vector >= ENTRY_SYSCALL)
        guest_callback(v, regs);
    else if (vector < ARRAY_SIZE(guest_trap) && guest_trap[vector])
        guest_trap[vector](v, regs);
    else
        guest_other(v, regs);
    exit_after_trap(v);
}

/* The exception that IRET raised is the guest's own, at the place where it was to continue. */
void iret_fault(struct cpu_user_regs *regs)
{
    uint64_t fault = cpu_info()->fault;

    regs->entry_vector = fault >> 32;
    regs->error_code = (uint32_t)fault;
    if (regs->entry_vector == TRAP_PF)
        guest_page_fault(current, regs);
    else
        pv_inject_trap(current, regs->entry_vector, regs->error_code);
}

void bounce_fault(struct cpu_user_regs *regs)
{
    (void)regs;
    domain_crash(current->domain, "vCPU %u: its kernel stack at %lx cannot be written", current->id,
                 current->arch.kernel_sp);
}

/* --- from hv --- */

/* Loading a selector in hv on behalf of the guest may need a page of its LDT. */
static bool hv_descriptor_fault(void)
{
    unsigned long offset = read_cr2() - CPU_WINDOW_LDT(arch_cpu_id());

    return offset < LDT_GUEST_FRAMES * PAGE_SIZE && cpu_info()->loaded &&
           pv_ldt_fault(cpu_info()->loaded, offset);
}

/*
 * In hv a debug exception comes only of what a guest prepared: a breakpoint on its memory that hv touched for
 * it, one delayed by MOV SS into hv's first instruction, or TF across SYSENTER. None of it is hv's. TF goes on
 * until SYSENTER's entry has saved the flags, so that the guest's kernel finds it there.
 */
static void hv_debug(struct cpu_user_regs *regs)
{
    uint64_t rip = regs->rip;

    write_dr6(DR6_RESET);
    if ((rip >= (uint64_t)sysenter_entry && rip < (uint64_t)sysenter_flags_saved) ||
        (rip >= (uint64_t)sysenter_guarded && rip < (uint64_t)sysenter_guarded_end))
        return;
    regs->rflags &= ~RFLAGS_TF;
}

void trap_from_hv(struct cpu_user_regs *regs)
{
    unsigned long fix_up;

    switch (regs->entry_vector) {
    case TRAP_NMI:
        return nmi_dispatch(regs);
    case TRAP_DB:
        return hv_debug(regs);
    case TRAP_DF:
        panic_regs(regs, "double fault");
    case TRAP_MC:
        panic_regs(regs, "machine check");
    case TRAP_PF:
        if (hv_descriptor_fault())
            return;
        break;
    }
    fix_up = extable_find(regs->rip);
    if (!fix_up)
        panic_regs(regs, "exception %u, error code %x, address %lx", regs->entry_vector, regs->error_code,
                   regs->entry_vector == TRAP_PF ? read_cr2() : 0);
    cpu_info()->fault = (uint64_t)regs->entry_vector << 32 | regs->error_code; /* for iret_fault() */
    regs->rip = fix_up;
}
