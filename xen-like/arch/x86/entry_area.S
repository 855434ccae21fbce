/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The short way between user mode and its kernel, for a vCPU that has registered an area (pv/area.c): a
 * system call, a page fault and `int $0x80` in, both kinds of return out. The area is in hv's own map, so
 * nothing here can fault but the returns themselves.
 *
 * As in entry.S, what is out of the ordinary goes to C before anything has changed.
 */
#include <arch/entry_asm.h>

    .section .text.entry, "ax", @progbits

/* From syscall_entry: rbx is current, and saved; rax, rcx and r11 are both in regs and here. */
    .global area_syscall
area_syscall:
    mov %rdi, R(rdi)
    mov VCPU_info(%rbx), %rdi
    cmpb $0, VCPU_INFO_mask(%rdi)
    jne area_syscall_slow
    cmpq $0, VCPU_syscall + PV_ENTRY_address(%rbx)
    je area_syscall_slow
    movb $1, VCPU_INFO_mask(%rdi)
    mov VCPU_area(%rbx), %rdi
    mov %rcx, AREA_rip(%rdi)
    mov %r11, AREA_rflags(%rdi)
    mov R(rsp), %rcx
    mov %rcx, AREA_rsp(%rdi)
    mov VCPU_user_entry(%rbx), %rcx
    add $HV_USER_ENTRY_SYSCALL * HV_USER_ENTRY_SIZE, %rcx
    TO_KERNEL_MODE scratch=r11
    mov VCPU_kernel_sp(%rbx), %r11
    and $~15, %r11
    mov %r11, R(rsp)
    mov $FLAG_IF | 2, %r11d
    cmpl $0, INFO(WORK)
    jne area_syscall_then_work
    mov R(rbx), %rbx
    mov R(rdi), %rdi
    LEAVE_BY_SYSRET

area_syscall_slow:
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
    mov R(rdi), %rdi
    SAVE_WORKING_BUT_RBX
    jmp from_guest_rest

area_syscall_then_work:
    mov %rdx, R(rdx)
    mov %rsi, R(rsi)
area_then_work:
    mov %rcx, R(rip)
    mov %r11, R(rflags)
    movq $FLAT_RING3_CS64, R(cs)
    movq $FLAT_RING3_SS64, R(ss)
    movl $ENTRY_SYSCALL, R(entry_vector)
    SAVE_REST
    CLEAR_REST
    jmp exit_slow

/* From user mode: the working registers are saved, rbx is current, esi the number of the entry. */
    .global area_bounce
area_bounce:
    mov VCPU_info(%rbx), %rdi
    cmpb $0, VCPU_INFO_mask(%rdi)
    jne from_guest_rest
    movb $1, VCPU_INFO_mask(%rdi)
    mov VCPU_area(%rbx), %rdi
    mov R(rip), %rax
    mov %rax, AREA_rip(%rdi)
    mov R(rflags), %rax
    mov %rax, AREA_rflags(%rdi)
    mov R(rsp), %rax
    mov %rax, AREA_rsp(%rdi)
    movzwl R(cs), %eax
    mov %rax, AREA_cs(%rdi)
    movzwl R(ss), %eax
    mov %rax, AREA_ss(%rdi)
    mov R(error_code), %eax
    mov %rax, AREA_error_code(%rdi)
    mov R(rcx), %rax
    mov %rax, AREA_rcx(%rdi)
    mov R(r11), %rax
    mov %rax, AREA_r11(%rdi)
    imul $HV_USER_ENTRY_SIZE, %esi, %ecx
    add VCPU_user_entry(%rbx), %rcx
    TO_KERNEL_MODE scratch=rax
    mov VCPU_kernel_sp(%rbx), %rax
    and $~15, %rax
    mov %rax, R(rsp)
    mov $FLAG_IF | 2, %r11d
    cmpl $0, INFO(WORK)
    jne area_then_work
    mov R(rax), %rax
    mov R(rbx), %rbx
    mov R(rdx), %rdx
    mov R(rsi), %rsi
    mov R(rdi), %rdi
    LEAVE_BY_SYSRET

/*
 * From syscall_entry: hypercall rax of at least hv_sysret, of which some are none. rbx is current, and
 * saved; rcx and r11 are only in regs from here on.
 */
    .global area_return
area_return:
    cmp $__HYPERVISOR_hv_iret, %rax
    ja hypercall
    mov %rdi, R(rdi)
    mov VCPU_area(%rbx), %rdi
    test %rdi, %rdi
    jz area_return_in_c
    cmpb $0, VCPU_nmi_masked(%rbx)
    jne area_return_in_c
    cmpq $0, VCPU_user_root(%rbx)
    je area_return_in_c
    mov AREA_rflags(%rdi), %r11d
    test $FLAG_IF, %r11d
    jz area_return_in_c
    cmp $__HYPERVISOR_hv_iret, %rax
    je area_iret
    test $FLAG_TF | FLAG_RF, %r11d
    jnz area_return_in_c
    mov AREA_rip(%rdi), %rcx
    mov %rcx, %rax              /* SYSRET to one that is not canonical faults in hv */
    shl $16, %rax
    sar $16, %rax
    cmp %rax, %rcx
    jne area_return_in_c
    mov AREA_rsp(%rdi), %rax
    mov %rax, R(rsp)
    mov AREA_rax(%rdi), %rax
    mov %rax, R(rax)
    and $~FLAGS_FORCED_OFF, %r11d
    mov VCPU_info(%rbx), %rdi
    movb $0, VCPU_INFO_mask(%rdi)
    TO_USER_MODE scratch=rax
    cmpl $0, INFO(WORK)
    jne area_sysret_then_work
    cmpb $0, VCPU_INFO_pending(%rdi)
    jne area_sysret_then_work
    mov R(rax), %rax
    mov R(rbx), %rbx
    mov R(rdi), %rdi
    LEAVE_BY_SYSRET

area_sysret_then_work:
    mov %rdx, R(rdx)
    mov %rsi, R(rsi)
    mov %rcx, R(rcx)
    mov %r11, R(r11)
    jmp area_then_work

area_iret:
    mov %rdx, R(rdx)
    mov %rsi, R(rsi)
    mov AREA_rip(%rdi), %rax
    mov %rax, R(rip)
    mov AREA_rsp(%rdi), %rax
    mov %rax, R(rsp)
    movzwl AREA_cs(%rdi), %eax
    or $3, %eax
    mov %rax, R(cs)
    movzwl AREA_ss(%rdi), %eax
    or $3, %eax
    mov %rax, R(ss)
    mov AREA_rax(%rdi), %rax
    mov %rax, R(rax)
    mov AREA_rcx(%rdi), %rcx
    mov %rcx, R(rcx)
    and $~FLAGS_FORCED_OFF, %r11d
    mov %r11, R(rflags)
    mov AREA_r11(%rdi), %r11
    mov %r11, R(r11)
    movl $0, R(entry_vector)
    mov VCPU_info(%rbx), %rdi
    movb $0, VCPU_INFO_mask(%rdi)
    TO_USER_MODE scratch=rax
    cmpl $0, INFO(WORK)
    jne area_iret_then_work
    cmpb $0, VCPU_INFO_pending(%rdi)
    jne area_iret_then_work
    mov R(rax), %rax
    mov R(rbx), %rbx
    mov R(rdi), %rdi
    jmp exit_iret_now

area_iret_then_work:
    SAVE_REST
    CLEAR_REST
    jmp exit_slow

/* regs still has the caller's rip and rflags, and rcx and r11 are whatever they are after a hypercall. */
area_return_in_c:
    mov R(rdi), %rdi
    mov R(rax), %rax
    SAVE_WORKING_BUT_RBX
    SAVE_REST
    CLEAR_REST
    xor %esi, %esi
    cmp $__HYPERVISOR_hv_iret, %rax
    sete %sil
    mov %rsp, %rdi
    call pv_area_return
    jmp exit_slow
