/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the assembly files of the entry share. rsp is the address of regs in all macros that name a register
 * of the guest's.
 */
#ifndef ARCH_ENTRY_ASM_H
#define ARCH_ENTRY_ASM_H

#include <asm-offsets.h>
#include <arch/entry.h>
#include <arch/speculation.h>
#include <hv/errno.h>
#include <public/hv.h>
#include <public/xen.h>

#define R(reg) UREGS_##reg(%rsp)
#define INFO(field) (CPU_INFO_##field - CPU_INFO_REGS)(%rsp)

#define FLAG_TF (1 << 8)
#define FLAG_IF (1 << 9)
#define FLAG_DF (1 << 10)
#define FLAG_IOPL (3 << 12)
#define FLAG_NT (1 << 14)
#define FLAG_RF (1 << 16)
#define FLAG_VM (1 << 17)
#define FLAG_AC (1 << 18)

/*
 * Never in the flags that a guest continues with. NT is its own: it is in frames only, never in hv's flags, with which IRET would
 * fault, for SYSCALL (its mask), SYSENTER's entry and every gate clear it; and the guest's kernel is entered without it.
 */
#define FLAGS_FORCED_OFF (FLAG_IOPL | FLAG_VM)

/* Of what a guest's kernel interrupts it is told, but is not entered with; as SYSCALL does for a kernel without hypervisor. */
#define FLAGS_OFF_IN_KERNEL (FLAG_TF | FLAG_DF | FLAG_NT | FLAG_RF | FLAG_VM | FLAG_AC)

.macro USER_ACCESS_ON
    cmpb $0, cpu_features + CPU_FEATURES_smap(%rip)
    je 9f
    stac
9:
.endm

.macro USER_ACCESS_OFF
    cmpb $0, cpu_features + CPU_FEATURES_smap(%rip)
    je 9f
    clac
9:
.endm

.macro ON_FAULT to
    .pushsection .extable, "a"
    .balign 8
    .quad 8f, \to
    .popsection
8:
.endm

/*
 * What follows becomes a jump to `to` where a CPU needs that guard (speculation.c). It must take five bytes at least,
 * with nothing in them that is jumped to.
 */
.macro GUARD_SITE to, guard=GUARD_ROOTS
    .pushsection .guard_sites, "a"
    .balign 8
    .quad 8f, \to, \guard
    .popsection
8:
.endm

/* The end of each way out by SYSRET: all but rsp is the guest's. */
.macro LEAVE_BY_SYSRET
    GUARD_SITE leave_by_sysret
    mov R(rsp), %rsp
    sysretq
.endm

/*
 * The current vCPU, rbx, goes from user mode to its kernel, or back: its GS base and its root change with the mode, and
 * all three always together (pv_toggle_mode() is the same in C).
 */
.macro CHANGE_MODE kernel, root, scratch
    movb $\kernel, VCPU_guest_kernel(%rbx)
    swapgs
    mov \root(%rbx), %\scratch
    shl $12, %\scratch
    mov %\scratch, VCPU_cr3_loaded(%rbx)
    mov %\scratch, %cr3
    incl INFO(CR3_LOADS)
.endm

.macro TO_KERNEL_MODE scratch
    CHANGE_MODE kernel=1, root=VCPU_kernel_root, scratch=\scratch
.endm

.macro TO_USER_MODE scratch
    CHANGE_MODE kernel=0, root=VCPU_user_root, scratch=\scratch
.endm

/* The registers that the fast paths leave alone. */
.macro SAVE_REST
    mov %rbp, R(rbp)
    mov %r8, R(r8)
    mov %r9, R(r9)
    mov %r10, R(r10)
    mov %r12, R(r12)
    mov %r13, R(r13)
    mov %r14, R(r14)
    mov %r15, R(r15)
.endm

.macro SAVE_WORKING
    mov %rbx, R(rbx)
    SAVE_WORKING_BUT_RBX
.endm

.macro SAVE_WORKING_BUT_RBX
    mov %rax, R(rax)
    mov %rcx, R(rcx)
    mov %rdx, R(rdx)
    mov %rsi, R(rsi)
    mov %rdi, R(rdi)
    mov %r11, R(r11)
.endm

/* What the guest left there is no business of C's, nor of its speculation. */
.macro CLEAR_REST
    xor %ebp, %ebp
    xor %r10d, %r10d
    xor %r12d, %r12d
    xor %r13d, %r13d
    xor %r14d, %r14d
    xor %r15d, %r15d
.endm

.macro RESTORE_ALL_BUT_RAX_RCX_R11
    mov R(r15), %r15
    mov R(r14), %r14
    mov R(r13), %r13
    mov R(r12), %r12
    mov R(rbp), %rbp
    mov R(rbx), %rbx
    mov R(r10), %r10
    mov R(r9), %r9
    mov R(r8), %r8
    mov R(rdx), %rdx
    mov R(rsi), %rsi
    mov R(rdi), %rdi
.endm

.macro RESTORE_ALL_BUT_RCX_R11
    mov R(rax), %rax
    RESTORE_ALL_BUT_RAX_RCX_R11
.endm

/* What SYSCALL entered with, and a hypercall leaves out: see arch/entry.h. */
.macro COMPLETE_FRAME
    mov R(rip), %rcx
    mov R(rflags), %r11
    mov %rcx, R(rcx)
    mov %r11, R(r11)
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
.endm

/* From user mode to its kernel: by the vCPU's area, at this entry, if it has one; or by a frame (bounce_from_user). */
.macro FROM_USER number
    cmpq $0, VCPU_area(%rbx)
    je bounce_from_user
    mov \number, %esi
    jmp area_bounce
.endm

/*
 * The frame of the ABI on the kernel's stack at rax, which is aligned and checked: rcx, r11, (if bit 1 of cl:
 * error code,) rip, cs with the upcall mask above it, rflags, rsp, ss. rax moves down to it. rbx: current,
 * rdi: its vcpu_info.
 */
.macro WRITE_FRAME from_kernel
    movzbl VCPU_INFO_mask(%rdi), %esi
    mov R(rflags), %r11
    test %esi, %esi
    jz 7f
    and $~FLAG_IF, %r11d
7:  or VCPU_shown_iopl(%rbx), %r11
    shl $32, %rsi
    USER_ACCESS_ON
    ON_FAULT bounce_refused
    mov %r11, -24(%rax)
    movzwl R(cs), %r11d
    .if \from_kernel
    and $~3, %r11d              /* so the kernel knows that it interrupted itself */
    .endif
    or %r11, %rsi
    ON_FAULT bounce_refused
    mov %rsi, -32(%rax)
    movzwl R(ss), %r11d
    ON_FAULT bounce_refused
    mov %r11, -8(%rax)
    mov R(rsp), %r11
    ON_FAULT bounce_refused
    mov %r11, -16(%rax)
    mov R(rip), %r11
    ON_FAULT bounce_refused
    mov %r11, -40(%rax)
    test $2, %cl
    jz 7f
    mov R(error_code), %r11d
    ON_FAULT bounce_refused
    mov %r11, -48(%rax)
    sub $8, %rax
7:
    mov R(r11), %r11
    ON_FAULT bounce_refused
    mov %r11, -48(%rax)
    mov R(rcx), %r11
    ON_FAULT bounce_refused
    mov %r11, -56(%rax)
    USER_ACCESS_OFF
    sub $56, %rax
.endm

#endif
