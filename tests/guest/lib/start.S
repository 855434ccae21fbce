/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every way into a test kernel: the first instruction, the traps, the callbacks, and back out again.
 *
 * The hypervisor enters a guest kernel with rcx and r11 on top of the frame that a CPU would push, because
 * its own SYSCALL and SYSRET destroy them. Each stub takes them off again, so that one layout, struct regs
 * (trap.h), describes every entry. Invariant: whatever came in leaves through the iret hypercall, with the
 * slot of the error code reused for iret's flags.
 */
#include "vectors.h"

#define STACK_SIZE 0x4000

    .text
    .globl _start
_start:
    cld
    leaq boot_stack + STACK_SIZE, %rsp
    xorl %ebp, %ebp
    movq %rsi, %rdi
    call guest_start
    ud2

    /* A vCPU started by cpu_start() arrives here on its own stack, its struct cpu in rdi. */
    .globl secondary_start
secondary_start:
    cld
    xorl %ebp, %ebp
    call cpu_main
    ud2

    /* One page of code that the hypervisor fills: 32 bytes for each hypercall. */
    .balign 4096
    .globl hypercall_page
hypercall_page:
    .fill 4096, 1, 0xcc

/* Vectors whose frame has an error code: #DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP. */
#define WITH_ERROR ((1 << 8) | (1 << 10) | (1 << 11) | (1 << 12) | (1 << 13) | (1 << 14) | (1 << 17) | (1 << 21))

    .balign 16
    .globl trap_stubs
trap_stubs:
    .set vector, 0
    .rept 256
    .balign TRAP_STUB_SIZE
    popq %rcx
    popq %r11
    .if vector >= 32
    pushq $0
    .elseif ((WITH_ERROR >> vector) & 1) == 0
    pushq $0
    .endif
    pushq $vector
    jmp trap_common
    .set vector, vector + 1
    .endr

.macro callback name, number
    .balign 16
    .globl \name
\name:
    popq %rcx
    popq %r11
    pushq $0
    pushq $\number
    jmp trap_common
.endm

    callback event_entry, VECTOR_EVENT
    callback syscall_entry, VECTOR_SYSCALL
    callback syscall32_entry, VECTOR_SYSCALL32
    callback sysenter_entry, VECTOR_SYSENTER
    callback nmi_entry, VECTOR_NMI

    /* The failsafe frame also holds the selectors that could not be loaded: ds, es, fs, gs. */
    .balign 16
    .globl failsafe_entry
failsafe_entry:
    popq %rcx
    popq %r11
    popq failsafe_selectors
    popq failsafe_selectors + 8
    popq failsafe_selectors + 16
    popq failsafe_selectors + 24
    pushq $0
    pushq $VECTOR_FAILSAFE
    jmp trap_common

.macro save_registers
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
.endm

.macro restore_registers
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rbp
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rbx
    popq %rax
.endm

    .globl trap_common
trap_common:
    save_registers
    cld
    movq %rsp, %rdi
    /* The frame may sit at any alignment that the interrupted code had. */
    movq %rsp, %rbx
    andq $~15, %rsp
    call trap_entry
    movq %rbx, %rsp
trap_return:
    restore_registers
    addq $8, %rsp                                   /* the vector; the error slot now holds iret's flags */
    jmp hypercall_page + 23 * 32

.macro save_callee
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
.endm

.macro restore_callee
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
.endm

    /* int catch_call(void (*fn)(void *), void *arg, uint64_t *landing): 0, or 1 when a trap landed here. */
    .globl catch_call
catch_call:
    save_callee
    movq %rsp, (%rdx)
    movq %rdi, %rax
    movq %rsi, %rdi
    subq $8, %rsp
    call *%rax
    addq $8, %rsp
    xorl %eax, %eax
    restore_callee
    ret

    /* The trap handler resumes here with the stack pointer that catch_call() saved. */
    .globl catch_landing
catch_landing:
    movl $1, %eax
    restore_callee
    ret

    /* void user_enter(struct regs *regs, uint64_t *kernel_sp): leaves through iret; user_leave() returns from it. */
    .globl user_enter
user_enter:
    save_callee
    movq %rsp, (%rsi)
    movq %rdi, %rsp
    jmp trap_return

    /* void user_leave(uint64_t kernel_sp): abandons the trap's stack and returns to user_enter()'s caller. */
    .globl user_leave
user_leave:
    movq %rdi, %rsp
    restore_callee
    ret

    /* void iret_raw(struct iret_context *frame): the iret hypercall on a frame of the caller's making. */
    .globl iret_raw
iret_raw:
    movq %rdi, %rsp
    movl $23, %eax
    syscall
    ud2

    .bss
    .balign STACK_SIZE
    .globl boot_stack
boot_stack:
    .skip STACK_SIZE
    .section .note.GNU-stack, "", @progbits
