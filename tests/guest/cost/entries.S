/* SPDX-License-Identifier: GPL-2.0-only */
/* The shortest kernel there can be around a user program's loop: each entry goes straight back by iret. */
#include <public/xen.h>

#define IRET hypercall_page + __HYPERVISOR_iret * 32

    .section .note.GNU-stack, "", @progbits
    .text
    .globl cost_syscall, cost_page_fault, cost_event, cost_user_syscalls, cost_user_faults
cost_syscall:
    popq %rcx
    popq %r11
    pushq $0
    jmp IRET

    .globl cost_syscall_sysret
cost_syscall_sysret:
    popq %rcx
    popq %r11
    pushq $256
    jmp IRET

    .globl cost_breakpoint
cost_breakpoint:
    popq %rcx
    popq %r11
    pushq $0
    jmp IRET

cost_page_fault:
    popq %rcx
    popq %r11
    addq $8, %rsp
    addq $2, (%rsp)             /* the load is two bytes long */
    pushq $0
    jmp IRET

    /* The upcall: takes the event back, so that the next one makes another. */
cost_event:
    pushq %rax
    movq cost_info, %rax
    movb $0, (%rax)
    movq $0, 8(%rax)
    movq cost_word, %rax
    movq $0, (%rax)
    incl cost_upcalls
    popq %rax
    popq %rcx
    popq %r11
    pushq $0
    jmp IRET

    /* rdi times; rax: ticks */
cost_user_syscalls:
    rdtsc
    movl %eax, %r8d
1:  syscall
    decq %rdi
    jnz 1b
    rdtsc
    subl %r8d, %eax
    int $0x80
    ud2

    /* rsi times a load at rdi, where nothing is */
cost_user_faults:
    rdtsc
    movl %eax, %r8d
1:  movb (%rdi), %al
    decq %rsi
    jnz 1b
    rdtsc
    subl %r8d, %eax
    int $0x80
    ud2
