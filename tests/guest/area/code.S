/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways in and out by a vCPU's shared area. Each entry makes of it the frame that the runtime's traps have, and goes on
 * with them.
 */
#include "vectors.h"

#define AREA_rip 0
#define AREA_rflags 8
#define AREA_rsp 16
#define AREA_rax 24
#define AREA_rcx 32
#define AREA_r11 40
#define AREA_cs 48
#define AREA_ss 56
#define AREA_error_code 64

    .text
    .balign 128
    .globl area_entries
area_entries:
    .set n, 0
    .rept 37
    .balign 128
    .if n < 32
    pushq $n
    .elseif n == 32
    pushq $0x80
    .elseif n == 33
    pushq $VECTOR_SYSCALL
    .elseif n == 34
    pushq $VECTOR_SYSCALL32
    .elseif n == 35
    pushq $VECTOR_SYSENTER
    .else
    pushq $VECTOR_EVENT
    .endif
    jmp area_common
    .set n, n + 1
    .endr

area_common:
    popq vector
    movq %rsp, area_stack
    incq area_entered
    pushq area + AREA_ss
    pushq area + AREA_rsp
    pushq area + AREA_rflags
    pushq area + AREA_cs
    pushq area + AREA_rip
    pushq area + AREA_error_code
    pushq vector
    movq area + AREA_rcx, %rcx
    movq area + AREA_r11, %r11
    jmp trap_common

    /* void area_leave(struct regs *regs, uint64_t *kernel_sp, uint64_t number): the area says the rest. */
    .globl area_leave
area_leave:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rsi)
    movq %rdx, 14 * 8(%rdi)
    movq %rdi, %rsp
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
    syscall
    ud2

    /* User programs. The first tells all its registers that a return may lose, and its flags. */
    .globl user_tell, user_call, user_call_back, user_calls, user_load, user_undefined, user_wait
user_tell:
    pushfq
    popq %rbx
    int $0x80
    ud2
user_call:
    movq $0x111, %rax
    movq $0x222, %rdi
    syscall
user_call_back:
    addq $1, %rax
    int $0x80
    ud2
user_calls:
    xorl %ebx, %ebx
1:  incq %rbx
    syscall
    jmp 1b
user_load:
    movq (%rdi), %rax
    int $0x80
    ud2
user_undefined:
    ud2
    /* Waits for the word at rdi to differ from esi. */
user_wait:
1:  pause
    cmpl %esi, (%rdi)
    je 1b
    int $0x80
    ud2

    .bss
    .balign 8
vector:
    .skip 8
    .globl area_stack, area_entered
area_stack:
    .skip 8
area_entered:
    .skip 8
    .balign 4096
    .globl area, area_page
area_page:
area:
    .skip 4096
    .section .note.GNU-stack, "", @progbits
