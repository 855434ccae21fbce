/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands between hv and a guest on CPUs that let more slip than they should: a change of roots on each way in and
 * out (pti.c tells why), and buffers that are overwritten on the way out. On other CPUs nothing here runs. On these,
 * patch.c puts a jump to here in place of the last instructions of each way out, and idt.c installs other ways in.
 *
 * As long as a guest's root is loaded, only hv's image and the CPUs' windows are there: its code, stacks, and
 * descriptor tables, but no struct vcpu, nor anything else in the direct map. All registers are the guest's, so each path
 * here leaves them as they are.
 */
#include <arch/entry_asm.h>
#include <arch/layout.h>

/* A field of cpu_info: with rsp `off` bytes below regs, or with the address of the block's last byte in `reg`. */
#define INFO_ABOVE(field, off) (CPU_INFO_##field - CPU_INFO_REGS + (off))(%rsp)
#define INFO_FROM_END(field, reg) (CPU_INFO_##field - CPU_INFO_SIZE + 1)(reg)

/* A byte of a frame's cs slot that the CPU neither writes nor reads: the frame interrupted hv, or a guest, on the guest's root. */
#define ON_GUEST_ROOT 7

    .section .text.entry, "ax", @progbits

/* --- in --- */

/*
 * Exceptions and interrupts, on any stack, with error code and vector pushed. What they find loaded may be either root,
 * since a guest's is when hv's last instructions are interrupted, or fault.
 */
    .global enter_by_trap
enter_by_trap:
    push %rax
    push %rcx
    mov %rsp, %rax
    or $0x7fff, %rax
    mov %cr3, %rcx
    cmp %rcx, INFO_FROM_END(guest_root, %rax)
    jne 1f
    mov INFO_FROM_END(full_root, %rax), %rcx
    mov %rcx, %cr3
    movb $1, 16 + UREGS_cs - UREGS_error_code + ON_GUEST_ROOT(%rsp)
1:  movl 16 + 4(%rsp), %ecx
    lea trap_handlers(%rip), %rax
    mov (%rax, %rcx, 8), %rax
    pop %rcx
    xchg %rax, (%rsp)
    ret

/* From the CPU's own stub, with rsp = regs. */
.macro CHANGE_ROOT_IN
    mov %rbx, R(rbx)
    mov INFO(full_root), %rbx
    mov %rbx, %cr3
    mov R(rbx), %rbx
.endm

    .global syscall_guarded
syscall_guarded:
    CHANGE_ROOT_IN
    jmp syscall_entry

    .global syscall32_guarded
syscall32_guarded:
    CHANGE_ROOT_IN
    jmp syscall32_entry

    .global sysenter_guarded
sysenter_guarded:
    push %rax
    mov INFO_ABOVE(full_root, 8 - UREGS_es), %rax
    mov %rax, %cr3
    pop %rax
    jmp sysenter_entry
    .global sysenter_guarded_end
sysenter_guarded_end:

/* --- out --- */

/* In place of the last instructions of entry.S, with rsp = regs. */
    .global leave_by_sysret
leave_by_sysret:
    call guard_the_way_out
    mov R(rsp), %rsp
    sysretq

    .global leave_by_iret
leave_by_iret:
    call guard_the_way_out
    add $UREGS_rip, %rsp
    ON_FAULT iret_refused_guarded
    iretq

/* As iret_refused, which needs all of hv. */
iret_refused_guarded:
    push %rax
    mov INFO_ABOVE(full_root, 8 - UREGS_rip), %rax
    mov %rax, %cr3
    pop %rax
    jmp iret_refused

/* rsp is 8 bytes below regs. The version is read before the entries, so a later one is seen next time. */
guard_the_way_out:
    cmpb $0, guard_clears_buffers(%rip)
    je 1f
    verw guard_data_segment(%rip)
1:  cmpb $0, pti(%rip)
    je 4f
    push %rax
    push %rcx
    mov %cr3, %rax
    mov pti_version(%rip), %rcx
    cmp %rax, INFO_ABOVE(full_root, 24)
    jne 2f
    cmp %rcx, INFO_ABOVE(full_root_version, 24)
    je 3f
2:  mov %rax, INFO_ABOVE(full_root, 24)
    mov %rcx, INFO_ABOVE(full_root_version, 24)
    push %rsi
    push %rdi
    mov INFO_ABOVE(guest_root_entries, 40), %rdi
    movabs $DIRECT_MAP_VIRT, %rsi
    add %rax, %rsi
    cld
    mov $HV_ROOT_SLOT_M2P + 1, %ecx
    rep movsq
    add $(HV_ROOT_SLOT_LAST - HV_ROOT_SLOT_M2P) * 8, %rsi
    add $(HV_ROOT_SLOT_LAST - HV_ROOT_SLOT_M2P) * 8, %rdi
    mov $511 - HV_ROOT_SLOT_LAST, %ecx
    rep movsq
    pop %rdi
    pop %rsi
3:  mov INFO_ABOVE(guest_root, 24), %rax
    mov %rax, %cr3
    pop %rcx
    pop %rax
4:  ret

/* --- back to where an exception, on whichever stack, found the CPU --- */

.macro LOAD_ROOT offset
    push %rax
    mov %rsp, %rax
    or $0x7fff, %rax
    mov \offset - CPU_INFO_SIZE + 1(%rax), %rax
    mov %rax, %cr3
    pop %rax
.endm

    .global return_on_same_root
return_on_same_root:
    cmpb $0, UREGS_cs + ON_GUEST_ROOT(%rsp)
    je 1f
    LOAD_ROOT CPU_INFO_guest_root
1:  add $UREGS_rip, %rsp
    ON_FAULT guest_refused_guarded
    iretq

guest_refused_guarded:
    LOAD_ROOT CPU_INFO_full_root
    jmp guest_refused_elsewhere

/* --- calls through a register --- */

/*
 * The compiler calls these instead (-mindirect-branch). Where others can steer a CPU's guess of a jump's target, the jump is
 * made by a return, whose target the CPU guesses to be a loop that goes nowhere.
 */
.macro THUNK reg
    .balign 32
    .global __x86_indirect_thunk_\reg
__x86_indirect_thunk_\reg:
    GUARD_SITE 1f, GUARD_JUMPS
    jmp *%\reg
    .skip 3, 0xcc
1:  call 3f
2:  pause
    lfence
    jmp 2b
3:  mov %\reg, (%rsp)
    ret
.endm

    .irp reg, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
    THUNK \reg
    .endr
