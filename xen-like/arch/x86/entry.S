/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways into hv by SYSCALL and SYSENTER, and the ways out of it. (Exceptions and interrupts:
 * entry_traps.S.)
 *
 * Whatever interrupts a guest leaves its registers in cpu_info.regs at the top of this CPU's stack:
 * exceptions and interrupts because TSS.RSP0 points there, SYSCALL because a small stub that each CPU has for
 * itself loads the stack pointer with the address of that record. So in all code below that serves a guest,
 * rsp is the address of regs, and the fields of cpu_info are found relative to it. Interrupts stay off until
 * the guest runs again.
 *
 * Some paths are made here without C, with only the registers saved that they need: a hypercall, the iret
 * hypercall, and a system call of a user program, which goes to its own kernel. (In entry_traps.S: page faults and
 * exceptions in which hv has no part.) Each turns to C when anything is out of the ordinary, before it has changed
 * anything.
 *
 * A guest's GS and FS stay loaded throughout; hv uses neither.
 */
#include <arch/entry_asm.h>

    .section .text.entry, "ax", @progbits

/*
 * From the stub (idt.c): rsp = regs, regs.rax is saved and rax holds the guest's rsp; rcx and r11 are its rip
 * and rflags.
 */
    .global syscall_entry
syscall_entry:
    mov %rcx, R(rip)
    mov %r11, R(rflags)
    mov %rax, R(rsp)
    mov %rbx, R(rbx)
    movl $ENTRY_SYSCALL, R(entry_vector)
    mov INFO(CURRENT), %rbx
    mov R(rax), %rax
    cmpb $0, VCPU_guest_kernel(%rbx)
    je syscall_from_user
    cmp $__HYPERVISOR_iret, %rax
    je iret_hypercall
    cmp $__HYPERVISOR_hv_sysret, %rax
    jae area_return

    .global hypercall
hypercall:
    mov %rdi, R(rdi)
    mov %rsi, R(rsi)
    mov %rdx, R(rdx)
    SAVE_REST
    cmp $64, %rax
    jae no_such_hypercall
    sbb %r11, %r11              /* all ones, also for a CPU that guessed the branch wrong */
    and %r11, %rax
    mov INFO(HYPERCALLS), %r11
    mov %r10, %rcx
    mov (%r11, %rax, 8), %rax
    CLEAR_REST
    call __x86_indirect_thunk_rax
    cmp $-ERESTART, %rax
    je hypercall_again

/* The way out after a call that has rbx = current, rax = the result: nearly always there is nothing else to do. */
exit_checked:
    cmpl $0, INFO(WORK)
    jne exit_then_work
    mov VCPU_info(%rbx), %rdi
    cmpb $0, VCPU_INFO_pending(%rdi)
    jne exit_pending
exit_with_rax:
    testl $ENTRY_SYSCALL, R(entry_vector)
    jz exit_iret_with_rax
    mov R(rip), %rcx
    cmp canonical_from(%rip), %rcx /* SYSRET to one that is not canonical faults in hv, on the guest's stack */
    jb exit_low
exit_sysret:
    mov R(rflags), %r11
    test $FLAG_TF | FLAG_RF | FLAGS_FORCED_OFF, %r11d
    jnz exit_odd_flags
    or $FLAG_IF, %r11d
    RESTORE_ALL_BUT_RAX_RCX_R11
    LEAVE_BY_SYSRET

/* regs is complete but for what COMPLETE_FRAME is about, and is what the guest continues with. */
    .global exit_final
exit_final:
    mov R(rax), %rax
    jmp exit_with_rax

exit_low:
    mov %rcx, %r11
    shr $47, %r11
    jz exit_sysret
exit_frame_by_iret:
    COMPLETE_FRAME
exit_iret_with_rax:
    mov %rax, R(rax)
    jmp exit_iret

/* With TF SYSRET would trap before the guest's next instruction, and it would lose RF. */
exit_odd_flags:
    test $FLAG_TF | FLAG_RF, %r11d
    jnz exit_frame_by_iret
    andl $~FLAGS_FORCED_OFF, R(rflags)
    jmp exit_sysret

    .balign 8
canonical_from:
    .quad 0xffff800000000000

exit_iret:
    andl $~FLAGS_FORCED_OFF, R(rflags)
    orl $FLAG_IF, R(rflags)
    RESTORE_ALL_BUT_RCX_R11
    mov R(rcx), %rcx
    mov R(r11), %r11
    .global exit_iret_now
exit_iret_now:
    GUARD_SITE leave_by_iret
    add $UREGS_rip, %rsp
    ON_FAULT iret_refused
    iretq

/* The fault's own frame lies over regs below rip; the registers still are the guest's. */
    .global iret_refused
iret_refused:
    sub $UREGS_rip, %rsp
    SAVE_WORKING
    SAVE_REST
    CLEAR_REST
    mov %rsp, %rdi
    call iret_fault
    jmp exit_slow

/*
 * An event for the kernel that made the hypercall, unless it masks them: its callback, in front of the
 * return.
 */
exit_pending:
    cmpb $0, VCPU_INFO_mask(%rdi)
    jne exit_with_rax
    mov %rax, R(rax)
    testl $ENTRY_SYSCALL, R(entry_vector)
    jz exit_slow
    COMPLETE_FRAME
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
    andl $~FLAGS_OFF_IN_KERNEL, R(rflags)
    movl $ENTRY_SYSCALL, R(entry_vector)
    jmp exit_final

no_such_hypercall:
    mov $-ENOSYS, %rax
    jmp exit_checked

/* Its arguments have been changed in regs, where rax still is its number; SYSCALL is two bytes long. */
hypercall_again:
    mov R(rax), %rax
    subq $2, R(rip)
    jmp exit_checked

exit_then_work:
    mov %rax, R(rax)

    .global exit_slow
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
 * The iret hypercall: the guest's stack holds an iret_context. Both to its user mode and within its kernel.
 * The frame is read whole before anything changes, so that a fault can be left to C.
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
    TO_USER_MODE scratch=rcx
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
    cmpq $0, VCPU_area(%rbx)
    jne area_syscall
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
    SAVE_WORKING_BUT_RBX        /* rbx is saved, and current by now */
    mov VCPU_syscall + PV_ENTRY_address(%rbx), %rdx
    movzbl VCPU_syscall + PV_ENTRY_mask_events(%rbx), %ecx
    test %rdx, %rdx
    jz from_guest_rest

/*
 * From user mode to its kernel at rdx, on the kernel's stack. ecx: bit 0 mask events, bit 1 push
 * regs.error_code. The working registers are saved.
 */
    .global bounce_from_user
bounce_from_user:
    mov VCPU_kernel_sp(%rbx), %rax
    movabs $__HYPERVISOR_VIRT_END, %rdi
    and $~15, %rax
    lea -64(%rax), %rsi
    cmp %rdi, %rsi
    jb from_guest_rest
    TO_KERNEL_MODE scratch=rsi
    mov VCPU_info(%rbx), %rdi
    WRITE_FRAME from_kernel=0
    .global bounce_written
bounce_written:
    and $1, %ecx
    or %cl, VCPU_INFO_mask(%rdi)
    mov R(rflags), %r11
    and $~(FLAGS_FORCED_OFF | FLAGS_OFF_IN_KERNEL), %r11d
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
    LEAVE_BY_SYSRET

bounce_then_work:
    mov %rdx, R(rip)
    mov %r11, R(rflags)
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
    movl $ENTRY_SYSCALL, R(entry_vector)
    SAVE_REST
    CLEAR_REST
    jmp exit_slow

    .global bounce_refused
bounce_refused:
    USER_ACCESS_OFF
    SAVE_REST
    CLEAR_REST
    mov %rsp, %rdi
    call bounce_fault
    jmp exit_slow

/* To the kernel's callback for it, if it is a user program's and there is one. */
.macro CALL_FROM_32_BITS callback, number
    SAVE_WORKING
    mov INFO(CURRENT), %rbx
    cmpb $0, VCPU_guest_kernel(%rbx)
    jne from_guest_rest
    mov \callback + PV_ENTRY_address(%rbx), %rdx
    movzbl \callback + PV_ENTRY_mask_events(%rbx), %ecx
    test %rdx, %rdx
    jz from_guest_rest
    FROM_USER \number
.endm

/* SYSCALL in compatibility mode; entered as syscall_entry is. */
    .global syscall32_entry
syscall32_entry:
    mov %rcx, R(rip)
    mov %r11, R(rflags)
    mov %rax, R(rsp)
    mov R(rax), %rax
    movq $FLAT_RING3_CS32, R(cs)
    movq $FLAT_RING3_SS32, R(ss)
    movl $0, R(error_code)
    movl $ENTRY_SYSCALL32, R(entry_vector)
    CALL_FROM_32_BITS callback=VCPU_syscall32, number=$HV_USER_ENTRY_SYSCALL32

/* rsp comes from its MSR and is TSS.RSP0. SYSENTER keeps no return address and cleans no flag but IF: see hv_debug(). */
    .global sysenter_entry
sysenter_entry:
    pushq $FLAT_RING3_SS32
    pushq $0
    pushfq
    .global sysenter_flags_saved
sysenter_flags_saved:
    orl $FLAG_IF, (%rsp)
    pushq $3
    pushq $0
    pushq $0
    pushq $2
    popfq
    movl $ENTRY_SYSENTER, 4(%rsp)
    sub $UREGS_error_code, %rsp
    CALL_FROM_32_BITS callback=VCPU_sysenter, number=$HV_USER_ENTRY_SYSENTER
