/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One call of a BIOS function, from the boot CPU while it still runs on boot.S's tables, which map low memory one to
 * one. bios.c copies what lies between bios_page_start and bios_page_end to low memory, where it falls
 * through all modes down to real mode, makes the call on a stack of its own behind it, and climbs back.
 * Everything in the page is reached relative to its start; bios.c fills in what needs its address.
 */
#define PHYS(sym) ((sym) - 0xffff810000000000 + 0x200000)
#define HERE(sym) ((sym) - bios_page_start)

#define AREA 8192                   /* code and stack */
#define CODE_64 0x08
#define CODE_32 0x10
#define DATA_32 0x18
#define CODE_16 0x20                /* base: the page */
#define DATA_16 0x28

    .section .rodata
    .balign 16
    .globl bios_page_start, bios_page_end, bios_page_registers, bios_page_vector, bios_page_gdt, bios_page_pointers
bios_page_start:
    /* ebx: the page's address, in all modes but in the call itself */
    .code64
    lgdt HERE(gdt_pointer)(%rbx)
    ljmp *HERE(pointer_32)(%rbx)

    .code32
bios_32:
    movl $DATA_32, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    leal AREA(%ebx), %esp
    movl %cr0, %eax
    andl $0x7fffffff, %eax          /* no paging: that ends long mode */
    movl %eax, %cr0
    movl $0xc0000080, %ecx
    rdmsr
    andl $~0x100, %eax
    wrmsr
    movl %cr4, %eax
    andl $~0x20, %eax
    movl %eax, %cr4
    ljmp *HERE(pointer_16)(%ebx)

    .code16
bios_16:
    movw $DATA_16, %ax              /* limits of 64 KiB, which real mode keeps */
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %fs
    movw %ax, %gs
    movw %ax, %ss
    lidtl HERE(real_idt)
    movl %cr0, %eax
    andb $0xfe, %al
    movl %eax, %cr0
    ljmpl *HERE(pointer_real)

bios_real:
    movw %cs, %ax
    movw %ax, %ds
    movw %ax, %ss
    movl $AREA, %esp
    pushl %ebx
    movw HERE(bios_page_registers) + 24, %es
    movl HERE(bios_page_registers) + 0, %eax
    movl HERE(bios_page_registers) + 4, %ebx
    movl HERE(bios_page_registers) + 8, %ecx
    movl HERE(bios_page_registers) + 12, %edx
    movl HERE(bios_page_registers) + 16, %esi
    movl HERE(bios_page_registers) + 20, %edi
    movw HERE(bios_page_registers) + 26, %ds
    sti                             /* as the BIOS expects its callers */
    .byte 0xcd                      /* int */
bios_page_vector:
    .byte 0
    cli
    cld
    pushw %ds
    pushw %cs
    popw %ds
    popw HERE(bios_page_registers) + 26
    movl %eax, HERE(bios_page_registers) + 0
    movl %ebx, HERE(bios_page_registers) + 4
    movl %ecx, HERE(bios_page_registers) + 8
    movl %edx, HERE(bios_page_registers) + 12
    movl %esi, HERE(bios_page_registers) + 16
    movl %edi, HERE(bios_page_registers) + 20
    movw %es, HERE(bios_page_registers) + 24
    pushfw
    popw HERE(bios_page_registers) + 28
    popl %ebx

    lgdtl HERE(gdt_pointer)
    movl %cr0, %eax
    orb $1, %al
    movl %eax, %cr0
    ljmpl *HERE(pointer_back)

    .code32
bios_back:
    movl $DATA_32, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    leal AREA(%ebx), %esp
    movl $PHYS(enable_long_mode), %eax
    call *%eax
    ljmp $CODE_64, $PHYS(bios_return)

    .balign 4
bios_page_registers:
    .skip 32
    .balign 8
bios_page_gdt:
    .quad 0
    .quad 0x00af9a000000ffff
    .quad 0x00cf9a000000ffff
    .quad 0x00cf92000000ffff
    .quad 0x00009a000000ffff        /* base: bios.c */
    .quad 0x000092000000ffff
bios_gdt_end:
    .balign 4
    .short 0
real_idt:
    .short 0x3ff
    .long 0
    .short 0
bios_page_pointers:                 /* bios.c adds the page's address to those marked + */
gdt_pointer:
    .short bios_gdt_end - bios_page_gdt - 1
    .long HERE(bios_page_gdt), 0    /* + */
    .short 0
pointer_32:
    .long HERE(bios_32)             /* + */
    .short CODE_32, 0
pointer_16:
    .long HERE(bios_16)
    .short CODE_16, 0
pointer_real:
    .long HERE(bios_real)
    .short 0, 0                     /* segment: bios.c */
pointer_back:
    .long HERE(bios_back)           /* + */
    .short CODE_32, 0
bios_page_end:

    .section .boot.text, "ax"
    .code64
bios_return:
    movabsq $bios_return_high, %rax
    jmp *%rax

    /* void bios_enter(uint64_t page) */
    .text
    .globl bios_enter
bios_enter:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, bios_stack(%rip)
    movq %rdi, %rbx
    jmp *%rdi
bios_return_high:
    movq bios_stack(%rip), %rsp
    lgdt boot_gdt_descriptor_high(%rip)
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret

    .bss
    .balign 8
bios_stack:
    .skip 8

    .section .note.GNU-stack, "", @progbits
