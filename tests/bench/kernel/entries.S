/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shortest kernel there can be around an exception, an event or a system call: each goes straight back by iret. And the user
 * programs that provoke them and measure.
 */
#include <public/xen.h>

#define IRET hypercall_page + __HYPERVISOR_iret * 32

    .section .note.GNU-stack, "", @progbits
    .text

    /* Traps without an error code whose frame is already behind the instruction; system calls. */
    .globl bench_return
bench_return:
    popq %rcx
    popq %r11
    pushq $0
    jmp IRET

    .globl bench_return_sysret
bench_return_sysret:
    popq %rcx
    popq %r11
    pushq $VGCF_in_syscall
    jmp IRET

    /* Faults at an instruction of two bytes: behind it. */
    .globl bench_skip
bench_skip:
    popq %rcx
    popq %r11
    addq $2, (%rsp)
    pushq $0
    jmp IRET

    .globl bench_skip_error
bench_skip_error:
    popq %rcx
    popq %r11
    addq $8, %rsp
    addq $2, (%rsp)
    pushq $0
    jmp IRET

.macro upcall n
    .globl bench_event_\n
bench_event_\n:
    pushq %rax
    movq bench_upcalls + \n * 24, %rax
    movb $0, (%rax)
    movq $0, 8(%rax)
    movq bench_upcalls + \n * 24 + 8, %rax
    movq $0, (%rax)
    incl bench_upcalls + \n * 24 + 16
    popq %rax
    popq %rcx
    popq %r11
    pushq $0
    jmp IRET
.endm
    upcall 0
    upcall 1

    /* void bench_iret(void): to the instruction behind itself, events masked. */
    .globl bench_iret
bench_iret:
    movq %rsp, %rax
    pushq $FLAT_KERNEL_SS64
    pushq %rax
    pushq $2
    pushq $FLAT_KERNEL_CS64 & ~3
    pushq $1f
    pushq $0
    jmp IRET
1:  ret

/*
 * edi rounds; then ebx is the minimum and ebp the sum, and #DE ends it. The same source serves 64-bit and 32-bit code; r11 and rcx
 * are lost.
 */
.macro program name, insn:vararg
    .globl \name
\name:
    movl $-1, %ebx
    xorl %ebp, %ebp
1:  rdtsc
    movl %eax, %esi
    \insn
    rdtsc
    subl %esi, %eax
    addl %eax, %ebp
    cmpl %eax, %ebx
    cmova %eax, %ebx
    decl %edi
    jnz 1b
    divl %edi               /* by zero: #DE */
.endm

    program user_nothing
    program user_syscall, syscall
    program user_int3, int3
    program user_ud, ud2
    program user_load, movb (%rcx), %cl     /* rcx: where nothing is, or no address at all */

    .code32
    .globl user32_start, user32_end
user32_start:
    program user32_int80, int $0x80
    program user32_syscall, syscall
    /* Returns where the kernel's handler says; it finds the address in edx. */
    .globl user32_sysenter
user32_sysenter:
    movl $-1, %ebx
    xorl %ebp, %ebp
1:  rdtsc
    movl %eax, %esi
    call 2f
2:  popl %edx
    addl $3f - 2b, %edx
    sysenter
3:  rdtsc
    subl %esi, %eax
    addl %eax, %ebp
    cmpl %eax, %ebx
    cmova %eax, %ebx
    decl %edi
    jnz 1b
    divl %edi               /* by zero: #DE */
user32_end:
    .code64

    /* SYSENTER saves neither where to return to nor the stack pointer: edx says the one, the other is the program's only one. */
    .globl bench_sysenter
bench_sysenter:
    popq %rcx
    popq %r11
    movq %rdx, (%rsp)
    movl $FLAT_RING3_CS32, 8(%rsp)
    movq bench_stack32, %rcx
    movq %rcx, 24(%rsp)
    movl $FLAT_RING3_SS32, 32(%rsp)
    pushq $0
    jmp IRET
