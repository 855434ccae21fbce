/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the boot loader to C: both Multiboot headers, one 32-bit entry, and provisional page tables that map
 * the first 4 GiB one to one and at DIRECT_MAP_VIRT, and hv's image at HV_IMAGE_VIRT, with 2 MiB pages.
 * paging.c replaces them; processors that start later pass through them once more.
 */
#include <arch/desc.h>
#include <arch/layout.h>
#include <asm-offsets.h>

#define PHYS(sym) ((sym) - 0xffff810000000000 + 0x200000)

#define MB1_MAGIC 0x1badb002
#define MB1_FLAGS 0x00010003        /* modules on pages, memory map, the address fields below */
#define MB2_MAGIC 0xe85250d6

#define PTE_TABLE 0x3               /* present, writable */
#define PTE_LARGE 0x83

    .section .multiboot, "a"
    .balign 8
mb1_header:
    .long MB1_MAGIC, MB1_FLAGS, -(MB1_MAGIC + MB1_FLAGS)
    .long PHYS(mb1_header), PHYS(_text_start), PHYS(_load_end), PHYS(_image_end), PHYS(boot_entry)

    .balign 8
mb2_header:
    .long MB2_MAGIC, 0, mb2_end - mb2_header, -(MB2_MAGIC + (mb2_end - mb2_header))
    .balign 8                       /* what we would like to know, none of it a condition */
    .short 1, 1
    .long 2f - 1f + 8
1:  .long 1, 3, 6, 8, 12, 14, 15, 17
2:  .balign 8                       /* the address fields, since some loaders ignore ELF64's physical addresses */
    .short 2, 0
    .long 24
    .long PHYS(mb2_header), PHYS(_text_start), PHYS(_load_end), PHYS(_image_end)
    .balign 8                       /* entry; also on EFI, where the loader leaves boot services and long mode first */
    .short 3, 0
    .long 12
    .long PHYS(boot_entry)
    .balign 8                       /* VGA text is fine as console */
    .short 4, 1
    .long 12
    .long 2
    .balign 8                       /* and so is a frame buffer of any size */
    .short 5, 1
    .long 20
    .long 0, 0, 0
    .balign 8                       /* modules on page boundaries */
    .short 6, 0
    .long 8
    .balign 8
    .short 0, 0
    .long 8
mb2_end:

    .section .boot.text, "ax"
    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    movl $PHYS(boot_stack_top), %esp
    movl %eax, %ebp                 /* the protocol's magic */
    movl %ebx, %esi                 /* its information */

    movl $0x80000000, %eax
    cpuid
    cmpl $0x80000001, %eax
    jb no_long_mode
    movl $0x80000001, %eax
    cpuid
    btl $29, %edx
    jnc no_long_mode

    /* 2048 entries of 2 MiB: the first 4 GiB */
    movl $PHYS(boot_l2), %edi
    movl $PTE_LARGE, %eax
    xorl %ecx, %ecx
1:  movl %eax, (%edi, %ecx, 8)
    movl $0, 4(%edi, %ecx, 8)
    addl $0x200000, %eax
    incl %ecx
    cmpl $2048, %ecx
    jne 1b

    movl $PHYS(boot_l3), %edi
    movl $PHYS(boot_l2) + PTE_TABLE, %eax
    xorl %ecx, %ecx
1:  movl %eax, (%edi, %ecx, 8)
    addl $0x1000, %eax
    incl %ecx
    cmpl $4, %ecx
    jne 1b

    movl $(0x200000 + PTE_LARGE), PHYS(boot_image_l2)
    movl $(PHYS(boot_image_l2) + PTE_TABLE), PHYS(boot_image_l3)
    movl $(PHYS(boot_l3) + PTE_TABLE), PHYS(boot_l4)
    movl $(PHYS(boot_image_l3) + PTE_TABLE), PHYS(boot_l4) + 258 * 8
    movl $(PHYS(boot_l3) + PTE_TABLE), PHYS(boot_l4) + 260 * 8

    call enable_long_mode
    lgdt PHYS(boot_gdt_descriptor)
    ljmp $8, $PHYS(boot_64)

no_long_mode:
    movl $PHYS(no_long_mode_text), %esi
    movw $0x3fd, %dx
1:  inb %dx, %al
    testb $0x20, %al
    jz 1b
    movb (%esi), %al
    testb %al, %al
    jz 2f
    movw $0x3f8, %dx
    outb %al, %dx
    movw $0x3fd, %dx
    incl %esi
    jmp 1b
2:  hlt
    jmp 2b
no_long_mode_text:
    .asciz "hv: this processor has no 64-bit mode\r\n"

    /* Used by trampoline.S as well: PAE, the provisional tables, EFER.LME, paging. */
    .globl enable_long_mode
enable_long_mode:
    movl %cr4, %eax
    orl $0x20, %eax
    movl %eax, %cr4
    movl $PHYS(boot_l4), %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx
    rdmsr
    orl $0x100, %eax
    wrmsr
    movl %cr0, %eax
    orl $0x80010001, %eax
    andl $~0x6000000c, %eax         /* caches on, no FPU emulation */
    movl %eax, %cr0
    ret

    .code64
boot_64:
    movabsq $boot_64_high, %rax
    jmp *%rax

    .text
boot_64_high:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    lgdt boot_gdt_descriptor_high(%rip)
    lea boot_cpu_stack + 0x8000 - CPU_INFO_SIZE(%rip), %rsp
    movl %ebp, %edi
    movl %esi, %esi
    xorl %ebp, %ebp
    call start
    ud2

    .section .rodata
    .balign 8
    .globl boot_gdt
boot_gdt:
    .quad 0
    .quad 0x00af9a000000ffff        /* 8: 64-bit code */
    .quad 0x00cf92000000ffff        /* 0x10: data */
    .quad 0x00cf9a000000ffff        /* 0x18: 32-bit code */
boot_gdt_end:
    .globl boot_gdt_descriptor
boot_gdt_descriptor:
    .short boot_gdt_end - boot_gdt - 1
    .long PHYS(boot_gdt)
    .balign 8
    .globl boot_gdt_descriptor_high
boot_gdt_descriptor_high:
    .short boot_gdt_end - boot_gdt - 1
    .quad boot_gdt

    .section .bss.stack, "aw", @nobits
    .balign 0x8000
    .globl boot_cpu_stack
boot_cpu_stack:
    .skip 0x8000

    .bss
    .balign 4096
    .globl boot_l4
boot_l4:       .skip 4096
boot_l3:       .skip 4096
boot_image_l3: .skip 4096
boot_image_l2: .skip 4096
boot_l2:       .skip 4 * 4096
    .skip 64
    .balign 16
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
