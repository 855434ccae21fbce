/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User programs, each a few instructions that come back to the kernel in one known way. The 32-bit ones are copied
 * below 4 GiB before they run, so they are position independent.
 */
    .text
    .globl user_int80, user_syscall, user_int3, user_load, user_hlt, user_cli, user_spin, user_gs, user_loop_syscall
user_int80:
    leaq 1(%rdi), %rax
    int $0x80
    ud2

    /* Makes a system call with arguments, then another: the second proves that the kernel came back here. */
    .globl user_syscall_back
user_syscall:
    movq $0x111, %rax
    movq $0x222, %rdi
    syscall
user_syscall_back:
    addq $1, %rax
    syscall
    ud2

user_int3:
    int3
    ud2

user_load:
    movq (%rdi), %rax
    int $0x80
    ud2

user_hlt:
    hlt
    ud2

user_cli:
    cli
    ud2

    /* Waits for the word at rdi to differ from esi. */
user_spin:
1:  pause
    cmpl %esi, (%rdi)
    je 1b
    int $0x80
    ud2

user_gs:
    movq %gs:0, %rax
    movq %fs:0, %rbx
    int $0x80
    ud2

    /* Many system calls in a row, rdi of them, counting in rbx. */
user_loop_syscall:
    xorl %ebx, %ebx
1:  incq %rbx
    syscall
    cmpq %rdi, %rbx
    jb 1b
    int $0x80
    ud2

    .code32
    .globl user32_int80, user32_syscall, user32_sysenter, user32_sysenter_alone, user32_end, user32_push
user32_int80:
    movl $0x12345678, %eax
    movl $-1, %ecx
    int $0x80
    ud2
user32_syscall:
    movl $0x32, %eax
    syscall
    ud2
user32_sysenter:
    movl $0x33, %eax
    movl %esp, %ebp
user32_sysenter_alone:
    sysenter
    ud2
user32_push:
    movl $0xe02b, %eax
    movl %eax, %ds
    pushl $0x77
    popl %eax
    int $0x80
    ud2
user32_end:
    .code64
    .section .note.GNU-stack, "", @progbits
