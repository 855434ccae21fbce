/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways into hv by exceptions and interrupts: of a guest, with its frame in cpu_info.regs and out by
 * exit_final (entry.S); or of hv itself, with the frame wherever the stack was, and straight back. #DF, NMI,
 * #MC and #DB have stacks of their own, since they may come when SYSCALL has not yet changed the guest's for
 * hv's.
 */
#include <arch/entry_asm.h>

#define WITH_ERROR_CODE (1 << 8 | 31 << 10 | 1 << 17 | 1 << 21 | 1 << 29 | 1 << 30)

/* #DE, #BP, #OF, #BR, #TS, #NP, #SS, #MF, #AC, #XM */
#define PLAIN_EXCEPTIONS (1 << 0 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 16 | 1 << 17 | 1 << 19)

    .section .text.entry, "ax", @progbits

/* Any exception, with error code and vector pushed: of a guest, or of hv. */
exception:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz exception_in_hv
    sub $UREGS_error_code, %rsp
    .global from_guest_frame
from_guest_frame:
    SAVE_WORKING
    .global from_guest_rest
from_guest_rest:
    SAVE_REST
    cld
    USER_ACCESS_OFF
from_guest_saved:
    CLEAR_REST
    mov %rsp, %rdi
    call trap_from_guest
    jmp exit_final

/* On whichever stack it happened; also all that comes on the #DF, NMI and #MC stacks, from a guest too. */
exception_in_hv:
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    SAVE_REST
    cld
    USER_ACCESS_OFF
    mov %rsp, %rdi
    call trap_from_hv
return_to_hv:
    RESTORE_ALL_BUT_RCX_R11
    mov R(rcx), %rcx
    mov R(r11), %r11
    GUARD_SITE return_on_same_root
    add $UREGS_rip, %rsp
    ON_FAULT guest_refused_elsewhere
    iretq

/* An NMI's guest, say, whose descriptors another vCPU changed meanwhile. */
    .global guest_refused_elsewhere
guest_refused_elsewhere:
    sub $UREGS_rip, %rsp
    SAVE_WORKING
    SAVE_REST
    call move_to_guest_frame
    mov %rsp, %rdi
    call iret_fault
    jmp exit_slow

/* Copy the frame from a stack of its own to where guests' frames are; returns with rsp there. */
move_to_guest_frame:
    pop %rdx
    mov %rsp, %rsi
    mov %rsp, %rdi
    or $0x7fff, %rdi
    sub $CPU_INFO_SIZE - CPU_INFO_REGS - 1, %rdi
    mov %rdi, %rax
    mov $(UREGS_ss + 8) / 8, %ecx
    rep movsq
    mov %rax, %rsp
    jmp *%rdx

/*
 * #DB has a stack of its own: a guest's is moved to where the guest's frames are, so that it may be
 * delivered.
 */
exception_debug:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz exception_in_hv
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    SAVE_REST
    cld
    USER_ACCESS_OFF
    call move_to_guest_frame
    jmp from_guest_saved

/* The kernel interrupted itself: the frame, and what aligning takes, must lie above hv. */
.macro STACK_OF_KERNEL
    movabs $__HYPERVISOR_VIRT_END, %r11
    mov R(rsp), %rsi
    sub $80, %rsi
    cmp %r11, %rsi
    jb from_guest_rest
.endm

/*
 * A page fault is the guest kernel's affair, unless hv may have a part in it: it touches what hv keeps for
 * the guest, or is a kernel's on a page that is there, which may be one of its page tables.
 */
page_fault:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz exception_in_hv
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    USER_ACCESS_OFF
    mov INFO(CURRENT), %rbx
    mov %cr2, %rax
    mov R(error_code), %ecx     /* both modes are ring 3, so the user bit is set: but see far_return.c */
    and $~(1 | 2 | 16), %ecx
    cmp $4, %ecx
    jne from_guest_rest
    mov %rax, %rcx
    shr $43, %rcx
    cmp $__HYPERVISOR_VIRT_START >> 43, %ecx
    je from_guest_rest
    mov VCPU_trap + VECTOR_PF * PV_TRAP_SIZE + PV_TRAP_address(%rbx), %rdx
    test %rdx, %rdx
    jz from_guest_rest
    movzbl VCPU_trap + VECTOR_PF * PV_TRAP_SIZE + PV_TRAP_flags(%rbx), %ecx
    shr $2, %ecx
    and $1, %ecx
    or $2, %ecx
    mov VCPU_info(%rbx), %rdi
    cmpb $0, VCPU_guest_kernel(%rbx)
    jne page_fault_of_kernel
    mov %rax, VCPU_cr2(%rbx)
    mov %rax, VCPU_INFO_cr2(%rdi)
    FROM_USER $VECTOR_PF

page_fault_of_kernel:
    testb $1, R(error_code)
    jnz from_guest_rest
    STACK_OF_KERNEL
    mov %rax, VCPU_cr2(%rbx)
    mov %rax, VCPU_INFO_cr2(%rdi)
    andl $~4, R(error_code)     /* the CPU says ring 3 of the kernel too */
bounce_from_kernel:
    mov R(rsp), %rax
    and $~15, %rax
    WRITE_FRAME from_kernel=1
    jmp bounce_written

/* An exception in which hv has no part: straight to the kernel's handler, if it has one. */
plain_exception:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz exception_in_hv
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    USER_ACCESS_OFF
plain_exception_saved:
    mov INFO(CURRENT), %rbx
    mov R(entry_vector), %eax
    mov $WITH_ERROR_CODE, %ecx
    bt %eax, %ecx
    sbb %ecx, %ecx
    and $2, %ecx
    imul $PV_TRAP_SIZE, %eax, %eax
    mov VCPU_trap + PV_TRAP_address(%rbx, %rax), %rdx
    movzbl VCPU_trap + PV_TRAP_flags(%rbx, %rax), %eax
    test %rdx, %rdx
    jz from_guest_rest
    shr $2, %eax
    and $1, %eax
    or %eax, %ecx
    cmpb $0, VCPU_guest_kernel(%rbx)
    je plain_exception_of_user
    STACK_OF_KERNEL
    mov VCPU_info(%rbx), %rdi
    jmp bounce_from_kernel
plain_exception_of_user:
    FROM_USER R(entry_vector)

/* #UD is plain too, but for UD2 with the letters behind it that ask for the next instruction to be emulated. */
undefined:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz exception_in_hv
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    mov R(rip), %rax
    USER_ACCESS_ON
    ON_FAULT undefined_unread   /* it may end a page that nothing follows */
    mov (%rax), %rax
    USER_ACCESS_OFF
    movabs $0x6e65780b0f << 24, %rcx
    shl $24, %rax
    cmp %rcx, %rax
    jne plain_exception_saved
    jmp from_guest_rest
undefined_unread:
    USER_ACCESS_OFF
    jmp from_guest_rest

/* `int $0x80` of a 32-bit program, if its kernel lets user mode use it. */
int80:
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    USER_ACCESS_OFF
    mov INFO(CURRENT), %rbx
    cmpb $0, VCPU_guest_kernel(%rbx)
    jne from_guest_rest
    movzbl VCPU_trap + VECTOR_INT80 * PV_TRAP_SIZE + PV_TRAP_flags(%rbx), %ecx
    mov VCPU_trap + VECTOR_INT80 * PV_TRAP_SIZE + PV_TRAP_address(%rbx), %rdx
    mov %ecx, %eax
    and $3, %eax
    cmp $3, %eax
    jne from_guest_rest
    test %rdx, %rdx
    jz from_guest_rest
    shr $2, %ecx
    and $1, %ecx
    FROM_USER $HV_USER_ENTRY_INT80

/* Interrupts of devices and of other CPUs. */
interrupt:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz interrupt_in_hv
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    SAVE_REST
    cld
    USER_ACCESS_OFF
    CLEAR_REST
    mov %rsp, %rdi
    call irq_from_guest
    jmp exit_final
interrupt_in_hv:
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    SAVE_REST
    mov R(entry_vector), %edi
    call irq_dispatch
    jmp return_to_hv

/* The code that serves a vector, as the operand of `op`. */
.macro HANDLER op, vector
    .if \vector == VECTOR_PF
    \op page_fault
    .elseif \vector == VECTOR_INT80
    \op int80
    .elseif \vector == 1
    \op exception_debug
    .elseif \vector == 6
    \op undefined
    .elseif \vector == 2 || \vector == 8 || \vector == 18
    \op exception_in_hv
    .elseif PLAIN_EXCEPTIONS & (1 << (\vector & 31)) && \vector < 32
    \op plain_exception
    .elseif \vector < 32
    \op exception
    .else
    \op interrupt
    .endif
.endm

/*
 * One stub per vector. Some exceptions push an error code, the others get 0; the vector goes into its upper
 * half.
 */
.macro STUB vector
    .balign 32
    .if \vector >= 32 || !(WITH_ERROR_CODE & (1 << (\vector & 31)))
    pushq $0
    .endif
    movl $\vector, 4(%rsp)
.endm

    .balign 32
    .global entry_stubs
entry_stubs:
    .set vector, 0
    .rept 256
    STUB vector
    HANDLER jmp, vector
    .set vector, vector + 1
    .endr
    .balign 32

/* The same for CPUs on which guests run on roots of their own. */
    .global guarded_stubs
guarded_stubs:
    .set vector, 0
    .rept 256
    STUB vector
    jmp enter_by_trap
    .set vector, vector + 1
    .endr
    .balign 32

    .section .rodata.entry, "a", @progbits
    .balign 8
    .global trap_handlers
trap_handlers:
    .set vector, 0
    .rept 256
    HANDLER .quad, vector
    .set vector, vector + 1
    .endr
