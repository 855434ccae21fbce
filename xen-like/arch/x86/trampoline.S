/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a CPU starts that is not the first: in real mode, on a page below 1 MiB into which smp.c copies what lies between
 * trampoline_start and trampoline_end. It finds its way to the provisional tables of boot.S, and then to cpu_start()
 * on the stack that smp.c left in trampoline_stack. One CPU starts at a time.
 */
#define PHYS(sym) ((sym) - 0xffff810000000000 + 0x200000)
#define HERE(sym) ((sym) - trampoline_start)

    .section .rodata
    .balign 16
    .globl trampoline_start, trampoline_end
    .code16
trampoline_start:
    cli
    cld
    movw %cs, %ax
    movw %ax, %ds
    movzwl %ax, %ebx
    shll $4, %ebx                   /* our machine address */
    leal HERE(trampoline_32)(%ebx), %eax
    movl %eax, HERE(far_pointer)
    leal HERE(gdt)(%ebx), %eax
    movl %eax, HERE(gdt_pointer) + 2
    lgdtl HERE(gdt_pointer)
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl *HERE(far_pointer)

    .code32
trampoline_32:
    movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %ss
    leal HERE(trampoline_stack_end)(%ebx), %esp
    movl $PHYS(enable_long_mode), %eax
    call *%eax
    lgdt PHYS(boot_gdt_descriptor)
    ljmp $8, $PHYS(trampoline_64)

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9a000000ffff
    .quad 0x00cf92000000ffff
gdt_pointer:
    .short 23
    .long 0
    .balign 4
far_pointer:
    .long 0
    .short 8
    .balign 8
    .skip 32
trampoline_stack_end:
trampoline_end:

    .section .boot.text, "ax"
    .code64
trampoline_64:
    movabsq $trampoline_high, %rax
    jmp *%rax

    .text
trampoline_high:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    movl $0xc0000080, %ecx          /* NX first: hv's own tables, where alone the stack is mapped, use it */
    rdmsr
    orl trampoline_efer(%rip), %eax
    wrmsr
    movq trampoline_cr3(%rip), %rax
    movq %rax, %cr3
    movq trampoline_stack(%rip), %rsp
    xorl %ebp, %ebp
    call cpu_start
    ud2

    .section .note.GNU-stack, "", @progbits
