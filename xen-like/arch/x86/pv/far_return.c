/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IRETQ and far RETQ of a guest, carried out for it. The CPU does these itself; but some emulators (QEMU 7.2)
 * read the stack for them with supervisor rights, which SMAP then refuses: a page fault that says
 * "supervisor, present" though the code is ring 3's. No real access of ring 3 makes such a fault outside
 * descriptor tables, so it is safe to take as that, and hv need not do without SMAP there. Linux serialises
 * CPUs with an IRETQ to itself.
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/pv.h>
#include <hv/arch.h>
#include <hv/guest_copy.h>

#define FLAGS_OF_RING3                                                                                       \
    (0x8d5ul | RFLAGS_TF | RFLAGS_DF | RFLAGS_RF | RFLAGS_AC | RFLAGS_ID) /* arithmetic ones and these */

bool pv_emulate_far_return(struct vcpu *v, struct cpu_user_regs *regs)
{
    struct { uint64_t rip, cs, rflags, rsp, ss; } frame;
    uint8_t code[2];
    bool iret;

    if (arch_copy_from_guest(code, (const void *)regs->rip, sizeof(code)) || code[0] != 0x48 ||
        (code[1] != 0xcf && code[1] != 0xcb))
        return false;
    iret = code[1] == 0xcf;
    if (arch_copy_from_guest(&frame, (const void *)regs->rsp, iret ? sizeof(frame) : 2 * sizeof(uint64_t))) {
        pv_inject_page_fault(v, regs->rsp, 0);
        return true;
    }
    if ((frame.cs & 3) != 3 || (iret && (frame.ss & 3) != 3)) {
        pv_inject_trap(v, TRAP_GP, frame.cs & 0xfffc);
        return true;
    }
    regs->rip = frame.rip;
    regs->cs = frame.cs;
    regs->rsp = iret ? frame.rsp : regs->rsp + 2 * sizeof(uint64_t);
    if (iret) {
        regs->ss = frame.ss;
        regs->rflags = (frame.rflags & FLAGS_OF_RING3) | RFLAGS_IF | RFLAGS_MBS;
    }
    regs->entry_vector = 0; /* what the CPU thinks of cs and ss shows when hv returns to them */
    return true;
}
