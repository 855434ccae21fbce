/* SPDX-License-Identifier: GPL-2.0-only */
/* Fills the FPU's registers from a seed and reads them back; the C code is compiled without the FPU. */
    .text
    /* void fpu_fill(uint64_t seed) */
    .globl fpu_fill
fpu_fill:
    fninit
    pushq %rdi
    fildq (%rsp)
    movd %rdi, %xmm0
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    leaq \n(%rdi), %rax
    movd %rax, %xmm\n
    .endr
    movq %rdi, %rax
    andl $0x6000, %eax
    orl $0x1f80, %eax
    movl %eax, (%rsp)
    ldmxcsr (%rsp)
    popq %rax
    ret

    /* uint64_t fpu_sum(uint64_t *x87, uint32_t *mxcsr): the sum of the xmm registers, the x87 value, MXCSR */
    .globl fpu_sum
fpu_sum:
    movd %xmm0, %rax
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    movd %xmm\n, %rcx
    addq %rcx, %rax
    .endr
    fld %st(0)
    fistpq (%rdi)
    stmxcsr (%rsi)
    ret

    /* void ymm_fill(uint64_t seed), uint64_t ymm_sum(void): the upper halves */
    .globl ymm_fill, ymm_sum
ymm_fill:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    leaq \n(%rdi), %rax
    movd %rax, %xmm\n
    vinsertf128 $1, %xmm\n, %ymm\n, %ymm\n
    .endr
    ret
ymm_sum:
    subq $40, %rsp
    xorl %eax, %eax
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    vmovdqu %ymm\n, (%rsp)
    addq 16(%rsp), %rax
    .endr
    addq $40, %rsp
    ret
    .section .note.GNU-stack, "", @progbits
