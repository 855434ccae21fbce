/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The iret hypercall, in full: a guest's kernel goes back to what it interrupted, its user mode or itself.
 * entry.S does the usual cases alone and comes here with the rest; here, as there, the frame is read whole
 * before anything changes. A frame that cannot be used crashes the guest: it has nowhere to return to.
 * The same by the vCPU's area: hv_sysret and hv_iret.
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/pv.h>
#include <hv/console.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <public/hv.h>

void pv_iret(struct cpu_user_regs *regs)
{
    struct vcpu *v = current;
    struct iret_context c;
    bool to_user;

    if (!copy_arg_in(&c, regs->rsp)) {
        domain_crash(v->domain, "vCPU %u: iret frame at %lx cannot be read", v->id, regs->rsp);
        return;
    }
    to_user = (c.cs & 3) == 3;
    if (to_user && !v->arch.user_root.v) {
        domain_crash(v->domain, "vCPU %u: iret to user mode, which has no page tables", v->id);
        return;
    }
    if (to_user)
        pv_toggle_mode(v);
    if (v->domain->vm_assist & (1ul << VMASST_TYPE_architectural_iopl)) {
        v->arch.iopl = c.rflags >> 12 & 3;
        v->arch.shown_iopl = c.rflags & RFLAGS_IOPL;
    }
    regs->rax = c.rax;
    regs->rip = c.rip;
    regs->cs = c.cs | 3;
    regs->rflags = (c.rflags & ~(RFLAGS_IOPL | RFLAGS_VM)) | RFLAGS_IF;
    regs->rsp = c.rsp;
    regs->ss = c.ss | 3;
    regs->rcx = c.rcx;
    regs->r11 = c.r11;
    regs->entry_vector = 0;
    if (c.flags & VGCF_in_syscall) {
        regs->rcx = regs->rip;
        regs->r11 = regs->rflags;
        if (regs->cs == FLAT_USER_CS64 && regs->ss == FLAT_USER_SS64)
            regs->entry_vector = ENTRY_SYSCALL;
    }
    v->info->evtchn_upcall_mask = !(c.rflags & RFLAGS_IF);
    v->arch.nmi_masked = false;
}

/* Within a multicall, whose result then goes into rax. */
HYPERCALL(do_iret)
{
    HYPERCALL_UNUSED(a1, a2, a3, a4, a5, a6);
    pv_iret(guest_regs());
    return 0;
}

void pv_area_return(struct cpu_user_regs *regs, bool all_registers)
{
    struct vcpu *v = current;
    const struct hv_vcpu_area *a = v->arch.area;

    if (!a) {
        regs->rax = -ENOSYS;
        return;
    }
    if (!v->arch.user_root.v) {
        domain_crash(v->domain, "vCPU %u: return to user mode, which has no page tables", v->id);
        return;
    }
    regs->rip = READ_ONCE(a->rip);
    regs->rflags = READ_ONCE(a->rflags) & ~(RFLAGS_IOPL | RFLAGS_VM);
    regs->rsp = READ_ONCE(a->rsp);
    regs->rax = READ_ONCE(a->rax);
    v->info->evtchn_upcall_mask = !(regs->rflags & RFLAGS_IF);
    regs->rflags |= RFLAGS_IF;
    if (all_registers) {
        regs->rcx = READ_ONCE(a->rcx);
        regs->r11 = READ_ONCE(a->r11);
        regs->cs = (uint16_t)READ_ONCE(a->cs) | 3;
        regs->ss = (uint16_t)READ_ONCE(a->ss) | 3;
        regs->entry_vector = 0;
    } else {
        regs->rcx = regs->rip;
        regs->r11 = regs->rflags;
        regs->cs = FLAT_USER_CS64;
        regs->ss = FLAT_USER_SS64;
        regs->entry_vector = ENTRY_SYSCALL;
    }
    v->arch.nmi_masked = false;
    pv_toggle_mode(v);
}
