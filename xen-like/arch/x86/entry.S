/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways into hv and out of it.
 *
 * Whatever interrupts a guest leaves its registers in cpu_info.regs at the top of this CPU's stack: exceptions
 * and interrupts because TSS.RSP0 points there, SYSCALL because a small stub that each CPU has for itself loads the
 * stack pointer with the address of that record. So in all code below that serves a guest, rsp is the address
 * of regs, and the fields of cpu_info are found relative to it. Interrupts stay off until the guest runs again.
 *
 * Four paths are made here without C, with only the registers saved that they need: a hypercall, the iret
 * hypercall, and a system call or page fault of a user program, which goes to its own kernel. Each turns to C when
 * anything is out of the ordinary, before it has changed anything.
 *
 * A guest's GS and FS stay loaded throughout; hv uses neither.
 */
#include <asm-offsets.h>
#include <arch/entry.h>
#include <hv/errno.h>
#include <public/xen.h>

#define R(reg) UREGS_##reg(%rsp)
#define INFO(field) (CPU_INFO_##field - CPU_INFO_REGS)(%rsp)

#define FLAG_TF (1 << 8)
#define FLAG_IF (1 << 9)
#define FLAG_IOPL (3 << 12)
#define FLAG_NT (1 << 14)
#define FLAG_RF (1 << 16)
#define FLAG_VM (1 << 17)
#define FLAG_AC (1 << 18)
#define FLAGS_FORCED_OFF (FLAG_IOPL | FLAG_NT | FLAG_VM)

.macro USER_ACCESS_ON
    cmpb $0, cpu_features + CPU_FEATURES_smap(%rip)
    je 9f
    stac
9:
.endm

.macro USER_ACCESS_OFF
    cmpb $0, cpu_features + CPU_FEATURES_smap(%rip)
    je 9f
    clac
9:
.endm

.macro ON_FAULT to
    .pushsection .extable, "a"
    .balign 8
    .quad 8f, \to
    .popsection
8:
.endm

/* The registers that the fast paths leave alone. */
.macro SAVE_REST
    mov %rbp, R(rbp)
    mov %r8, R(r8)
    mov %r9, R(r9)
    mov %r10, R(r10)
    mov %r12, R(r12)
    mov %r13, R(r13)
    mov %r14, R(r14)
    mov %r15, R(r15)
.endm

.macro SAVE_WORKING
    mov %rbx, R(rbx)
    SAVE_WORKING_BUT_RBX
.endm

.macro SAVE_WORKING_BUT_RBX
    mov %rax, R(rax)
    mov %rcx, R(rcx)
    mov %rdx, R(rdx)
    mov %rsi, R(rsi)
    mov %rdi, R(rdi)
    mov %r11, R(r11)
.endm

/* What the guest left there is no business of C's, nor of its speculation. */
.macro CLEAR_REST
    xor %ebp, %ebp
    xor %r10d, %r10d
    xor %r12d, %r12d
    xor %r13d, %r13d
    xor %r14d, %r14d
    xor %r15d, %r15d
.endm

.macro RESTORE_ALL_BUT_RCX_R11
    mov R(r15), %r15
    mov R(r14), %r14
    mov R(r13), %r13
    mov R(r12), %r12
    mov R(rbp), %rbp
    mov R(rbx), %rbx
    mov R(r10), %r10
    mov R(r9), %r9
    mov R(r8), %r8
    mov R(rax), %rax
    mov R(rdx), %rdx
    mov R(rsi), %rsi
    mov R(rdi), %rdi
.endm

/*
 * The frame of the ABI on the kernel's stack at rax, which is aligned and checked: rcx, r11, (if bit 1 of cl: error code,)
 * rip, cs with the upcall mask above it, rflags, rsp, ss. rax moves down to it. rbx: current, rdi: its vcpu_info.
 */
.macro WRITE_FRAME from_kernel
    movzbl VCPU_INFO_mask(%rdi), %esi
    mov R(rflags), %r11
    test %esi, %esi
    jz 7f
    and $~FLAG_IF, %r11d
7:  or VCPU_shown_iopl(%rbx), %r11
    shl $32, %rsi
    USER_ACCESS_ON
    ON_FAULT bounce_refused
    mov %r11, -24(%rax)
    movzwl R(cs), %r11d
    .if \from_kernel
    and $~3, %r11d              /* so the kernel knows that it interrupted itself */
    .endif
    or %r11, %rsi
    ON_FAULT bounce_refused
    mov %rsi, -32(%rax)
    movzwl R(ss), %r11d
    ON_FAULT bounce_refused
    mov %r11, -8(%rax)
    mov R(rsp), %r11
    ON_FAULT bounce_refused
    mov %r11, -16(%rax)
    mov R(rip), %r11
    ON_FAULT bounce_refused
    mov %r11, -40(%rax)
    test $2, %cl
    jz 7f
    mov R(error_code), %r11d
    ON_FAULT bounce_refused
    mov %r11, -48(%rax)
    sub $8, %rax
7:
    mov R(r11), %r11
    ON_FAULT bounce_refused
    mov %r11, -48(%rax)
    mov R(rcx), %r11
    ON_FAULT bounce_refused
    mov %r11, -56(%rax)
    USER_ACCESS_OFF
    sub $56, %rax
.endm

    .section .text.entry, "ax", @progbits

/*
 * From the stub (traps.c): rsp = regs, regs.rax is saved and rax holds the guest's rsp; rcx and r11 are its rip
 * and rflags.
 */
    .global syscall_entry
syscall_entry:
    mov %rcx, R(rip)
    mov %r11, R(rflags)
    mov %rax, R(rsp)
    mov %rbx, R(rbx)
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
    movl $ENTRY_SYSCALL, R(entry_vector)
    mov INFO(CURRENT), %rbx
    mov R(rax), %rax
    cmpb $0, VCPU_guest_kernel(%rbx)
    je syscall_from_user
    cmp $__HYPERVISOR_iret, %rax
    je iret_hypercall

hypercall:
    mov %rdi, R(rdi)
    mov %rsi, R(rsi)
    mov %rdx, R(rdx)
    mov %rcx, R(rcx)
    mov %r11, R(r11)
    SAVE_REST
    cmp $64, %rax
    jae no_such_hypercall
    sbb %r11, %r11              /* all ones, also for a CPU that guessed the branch wrong */
    and %r11, %rax
    mov INFO(HYPERCALLS), %r11
    mov %r10, %rcx
    mov (%r11, %rax, 8), %rax
    CLEAR_REST
    call *%rax
    cmp $-ERESTART, %rax
    je hypercall_again
    mov %rax, R(rax)

/* The way out after a call that has rbx = current: nearly always there is nothing else to do. */
exit_checked:
    cmpl $0, INFO(WORK)
    jne exit_slow
    mov VCPU_info(%rbx), %rdi
    cmpb $0, VCPU_INFO_pending(%rdi)
    jne exit_pending

/* regs is complete, and is what the guest continues with. */
exit_final:
    testl $ENTRY_SYSCALL, R(entry_vector)
    jz exit_iret
    mov R(rip), %rcx
    mov R(rflags), %r11
    mov %rcx, %rax              /* SYSRET to an address that is not canonical faults here, on the guest's stack */
    shl $16, %rax
    sar $16, %rax
    cmp %rax, %rcx
    jne exit_iret
    test $FLAG_TF | FLAG_RF, %r11d /* SYSRET would trap before the guest's next instruction, or lose RF */
    jnz exit_iret
    and $~FLAGS_FORCED_OFF, %r11d
    or $FLAG_IF, %r11d
    RESTORE_ALL_BUT_RCX_R11
    mov R(rsp), %rsp
    sysretq

exit_iret:
    andl $~FLAGS_FORCED_OFF, R(rflags)
    orl $FLAG_IF, R(rflags)
    RESTORE_ALL_BUT_RCX_R11
    mov R(rcx), %rcx
    mov R(r11), %r11
exit_iret_now:
    add $UREGS_rip, %rsp
    ON_FAULT iret_refused
    iretq

/* The fault's own frame lies over regs below rip; the registers still are the guest's. */
iret_refused:
    sub $UREGS_rip, %rsp
    SAVE_WORKING
    SAVE_REST
    CLEAR_REST
    mov %rsp, %rdi
    call iret_fault
    jmp exit_slow

/* An event for the kernel that made the hypercall, unless it masks them: its callback, in front of the return. */
exit_pending:
    cmpb $0, VCPU_INFO_mask(%rdi)
    jne exit_final
    cmpb $0, VCPU_guest_kernel(%rbx)
    je exit_slow
    mov VCPU_event + PV_ENTRY_address(%rbx), %rdx
    mov R(rsp), %rax
    movabs $__HYPERVISOR_VIRT_END, %rcx
    and $~15, %rax
    lea -64(%rax), %rsi
    test %rdx, %rdx
    jz exit_final
    cmp %rcx, %rsi
    jb exit_slow
    xor %ecx, %ecx
    WRITE_FRAME from_kernel=1
    orb $1, VCPU_INFO_mask(%rdi)
    mov %rax, R(rsp)
    mov %rdx, R(rip)
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
    andl $~(FLAG_TF | FLAG_NT | FLAG_RF | FLAG_VM | FLAG_AC), R(rflags)
    movl $ENTRY_SYSCALL, R(entry_vector)
    jmp exit_final

no_such_hypercall:
    movq $-ENOSYS, R(rax)
    jmp exit_checked

/* Its arguments have been changed in regs; rax still is its number, and SYSCALL is two bytes long. */
hypercall_again:
    subq $2, R(rip)
    jmp exit_checked

exit_slow:
    call exit_work
    jmp exit_final

/* A CPU that starts, or whose vCPU has ended: nothing below matters any more. */
    .global traps_exit_to_guest
traps_exit_to_guest:
    mov %rsp, %rax
    or $0x7fff, %rax
    lea 1 - CPU_INFO_SIZE + CPU_INFO_REGS(%rax), %rsp
    jmp exit_slow

/*
 * The iret hypercall: the guest's stack holds an iret_context. Both to its user mode and within its kernel. The
 * frame is read whole before anything changes, so that a fault can be left to C.
 */
iret_hypercall:
    mov %rdx, R(rdx)
    mov %rsi, R(rsi)
    mov %rdi, R(rdi)
    mov R(rsp), %rax
    movabs $__HYPERVISOR_VIRT_END, %rdi
    lea IRET_ss + 8(%rax), %rsi
    cmp %rdi, %rax
    jb iret_in_c
    cmp %rax, %rsi              /* the context must not wrap */
    jb iret_in_c
    cmpb $0, VCPU_nmi_masked(%rbx)
    jne iret_in_c
    mov VCPU_domain(%rbx), %rdi
    testb $1 << VMASST_TYPE_architectural_iopl, DOMAIN_vm_assist(%rdi)
    jnz iret_in_c
    USER_ACCESS_ON
    ON_FAULT iret_unreadable
    mov IRET_cs(%rax), %rdx
    ON_FAULT iret_unreadable
    mov IRET_rflags(%rax), %rsi
    ON_FAULT iret_unreadable
    mov %edx, %edi
    not %edi
    test $3, %dil
    jnz 1f
    cmpq $0, VCPU_user_root(%rbx)
    je iret_unreadable
1:  ON_FAULT iret_unreadable
    mov IRET_ss(%rax), %rcx
    ON_FAULT iret_unreadable
    mov IRET_rip(%rax), %r11
    or $3, %ecx
    or $3, %edx
    movzwl %cx, %ecx
    movzwl %dx, %edx
    mov %rcx, R(ss)
    mov %rdx, R(cs)
    ON_FAULT iret_unreadable
    mov IRET_rsp(%rax), %rcx
    ON_FAULT iret_unreadable
    testl $VGCF_in_syscall, IRET_flags(%rax)
    jnz 3f
    ON_FAULT iret_unreadable
    mov IRET_rcx(%rax), %rdx
    mov %rdx, R(rcx)
    ON_FAULT iret_unreadable
    mov IRET_r11(%rax), %rdx
    mov %rdx, R(r11)
4:  ON_FAULT iret_unreadable
    mov IRET_rax(%rax), %rax
    mov %rax, R(rax)
    mov %r11, R(rip)
    mov %rcx, R(rsp)
    USER_ACCESS_OFF
    movl $0, R(entry_vector)
    mov VCPU_info(%rbx), %rax
    bt $9, %esi
    setnc VCPU_INFO_mask(%rax)
    mov VCPU_INFO_mask(%rax), %dl
    dec %dl                     /* all ones: events may come */
    and VCPU_INFO_pending(%rax), %dl
    and $~FLAGS_FORCED_OFF, %esi
    or $FLAG_IF, %esi
    mov %rsi, R(rflags)
    test $3, %dil
    jnz 2f
    movb $0, VCPU_guest_kernel(%rbx)
    swapgs
    mov VCPU_user_root(%rbx), %rcx
    shl $12, %rcx
    mov %rcx, VCPU_cr3_loaded(%rbx)
    mov %rcx, %cr3
2:  cmpl $0, INFO(WORK)
    jne iret_then_work
    test %dl, %dl
    jne iret_then_work
    mov R(rax), %rax
    mov R(rbx), %rbx
    mov R(rcx), %rcx
    mov R(rdx), %rdx
    mov R(rsi), %rsi
    mov R(rdi), %rdi
    mov R(r11), %r11
    jmp exit_iret_now

3:  mov %r11, R(rcx)            /* as after SYSRET */
    mov %rsi, %rdx
    or $FLAG_IF, %edx
    mov %rdx, R(r11)
    jmp 4b

iret_then_work:
    SAVE_REST
    CLEAR_REST
    jmp exit_slow

/* Anything unusual. regs.rsp and regs.rip are still the caller's. */
iret_unreadable:
    USER_ACCESS_OFF
iret_in_c:
    SAVE_REST
    CLEAR_REST
    mov %rsp, %rdi
    call pv_iret
    jmp exit_slow

/* A user program's system call: the kernel's syscall callback gets it. */
syscall_from_user:
    SAVE_WORKING_BUT_RBX        /* rbx is saved, and current by now */
    mov VCPU_syscall + PV_ENTRY_address(%rbx), %rdx
    movzbl VCPU_syscall + PV_ENTRY_mask_events(%rbx), %ecx
    test %rdx, %rdx
    jz from_guest_rest

/*
 * From user mode to its kernel at rdx, on the kernel's stack. ecx: bit 0 mask events, bit 1 push regs.error_code. The
 * working registers are saved.
 */
bounce_from_user:
    mov VCPU_kernel_sp(%rbx), %rax
    movabs $__HYPERVISOR_VIRT_END, %rdi
    and $~15, %rax
    lea -64(%rax), %rsi
    cmp %rdi, %rsi
    jb from_guest_rest
    movb $1, VCPU_guest_kernel(%rbx)
    swapgs
    mov VCPU_kernel_root(%rbx), %rsi
    shl $12, %rsi
    mov %rsi, VCPU_cr3_loaded(%rbx)
    mov %rsi, %cr3
    mov VCPU_info(%rbx), %rdi
    WRITE_FRAME from_kernel=0
bounce_written:
    and $1, %ecx
    or %cl, VCPU_INFO_mask(%rdi)
    mov R(rflags), %r11
    and $~(FLAGS_FORCED_OFF | FLAG_TF | FLAG_RF | FLAG_AC), %r11d
    or $FLAG_IF, %r11d
    mov %rax, R(rsp)
    cmpl $0, INFO(WORK)
    jne bounce_then_work
    cmpb $0, VCPU_INFO_pending(%rdi)
    jne bounce_then_work
    mov %rdx, %rcx
    mov R(rax), %rax
    mov R(rbx), %rbx
    mov R(rdx), %rdx
    mov R(rsi), %rsi
    mov R(rdi), %rdi
    mov R(rsp), %rsp
    sysretq

bounce_then_work:
    mov %rdx, R(rip)
    mov %r11, R(rflags)
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
    movl $ENTRY_SYSCALL, R(entry_vector)
    SAVE_REST
    CLEAR_REST
    jmp exit_slow

bounce_refused:
    USER_ACCESS_OFF
    SAVE_REST
    CLEAR_REST
    mov %rsp, %rdi
    call bounce_fault
    jmp exit_slow

/* SYSCALL in compatibility mode; entered as syscall_entry is. */
    .global syscall32_entry
syscall32_entry:
    mov %rcx, R(rip)
    mov %r11, R(rflags)
    mov %rax, R(rsp)
    mov R(rax), %rax
    movq $FLAT_RING3_CS32, R(cs)
    movq $FLAT_RING3_SS32, R(ss)
    movl $ENTRY_SYSCALL32, R(entry_vector)
    jmp from_guest_frame

/* rsp comes from its MSR and is TSS.RSP0. SYSENTER keeps no return address and cleans no flag but IF. */
    .global sysenter_entry
sysenter_entry:
    pushq $FLAT_RING3_SS32
    pushq $0
    pushfq
    orl $FLAG_IF, (%rsp)
    andl $~FLAG_TF, (%rsp)
    pushq $3
    pushq $0
    pushq $0
    pushq $2
    popfq
    movl $ENTRY_SYSENTER, 4(%rsp)
    sub $UREGS_error_code, %rsp
    jmp from_guest_frame

/* Any exception, with error code and vector pushed: of a guest, or of hv. */
exception:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz exception_in_hv
    sub $UREGS_error_code, %rsp
from_guest_frame:
    SAVE_WORKING
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
    add $UREGS_rip, %rsp
    ON_FAULT guest_refused_elsewhere
    iretq

/* An NMI's guest, say, whose descriptors another vCPU changed meanwhile. */
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

/* #DB has a stack of its own: a guest's is moved to where the guest's frames are, so that it may be delivered. */
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

/*
 * A page fault is the guest kernel's affair, unless hv may have a part in it: it touches what hv keeps for the guest, or is a
 * kernel's on a page that is there, which may be one of its page tables.
 */
page_fault:
    testb $3, UREGS_cs - UREGS_error_code(%rsp)
    jz exception_in_hv
    sub $UREGS_error_code, %rsp
    SAVE_WORKING
    USER_ACCESS_OFF
    mov INFO(CURRENT), %rbx
    mov %cr2, %rax
    testl $~(1 | 2 | 4 | 16), R(error_code)
    jnz from_guest_rest
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
    jmp bounce_from_user

page_fault_of_kernel:
    testb $1, R(error_code)
    jnz from_guest_rest
    movabs $__HYPERVISOR_VIRT_END, %r11
    mov R(rsp), %rsi
    sub $80, %rsi               /* the frame, and what aligning takes */
    cmp %r11, %rsi
    jb from_guest_rest
    mov %rax, VCPU_cr2(%rbx)
    mov %rax, VCPU_INFO_cr2(%rdi)
    andl $~4, R(error_code)     /* the CPU says ring 3 of the kernel too */
    mov R(rsp), %rax
    and $~15, %rax
    WRITE_FRAME from_kernel=1
    jmp bounce_written

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
    jmp bounce_from_user

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

/* One stub per vector. Some exceptions push an error code, the others get 0; the vector goes into its upper half. */
    .balign 32
    .global entry_stubs
entry_stubs:
    .set vector, 0
    .rept 256
    .balign 32
    .if (vector != 8) && (vector < 10 || vector > 14) && (vector != 17) && (vector != 21) && (vector != 29) && (vector != 30)
    pushq $0
    .endif
    movl $vector, 4(%rsp)
    .if vector == VECTOR_PF
    jmp page_fault
    .elseif vector == VECTOR_INT80
    jmp int80
    .elseif vector == 1
    jmp exception_debug
    .elseif vector == 2 || vector == 8 || vector == 18
    jmp exception_in_hv
    .elseif vector < 32
    jmp exception
    .else
    jmp interrupt
    .endif
    .set vector, vector + 1
    .endr
    .balign 32
