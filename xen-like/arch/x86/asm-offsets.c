/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offsets and sizes that assembly needs, never linked: the build compiles this file to assembly and picks the
 * "define" strings out of it (asm-offsets.h).
 */
#include <arch/cpu.h>
#include <arch/cpu_info.h>
#include <hv/domain.h>
#include <public/hv.h>

#define DEFINE(name, value) __asm__ volatile("\n\t\"define " #name " %0\"" : : "i"(value))
#define OFFSET(name, type, member) DEFINE(name, offsetof(type, member))

void asm_offsets(void);
void asm_offsets(void)
{
    OFFSET(CPU_INFO_REGS, struct cpu_info, regs);
    OFFSET(CPU_INFO_CURRENT, struct cpu_info, vcpu);
    OFFSET(CPU_INFO_LOADED, struct cpu_info, loaded);
    OFFSET(CPU_INFO_HYPERCALLS, struct cpu_info, hypercalls);
    OFFSET(CPU_INFO_WORK, struct cpu_info, work);
    OFFSET(CPU_INFO_CPU, struct cpu_info, cpu);
    OFFSET(CPU_INFO_CR3_LOADS, struct cpu_info, count.cr3_loads);
    OFFSET(CPU_INFO_guest_root, struct cpu_info, guest_root);
    OFFSET(CPU_INFO_guest_root_entries, struct cpu_info, guest_root_entries);
    OFFSET(CPU_INFO_full_root, struct cpu_info, full_root);
    OFFSET(CPU_INFO_full_root_version, struct cpu_info, full_root_version);
    DEFINE(CPU_INFO_SIZE, sizeof(struct cpu_info));

    OFFSET(UREGS_r15, struct cpu_user_regs, r15);
    OFFSET(UREGS_r14, struct cpu_user_regs, r14);
    OFFSET(UREGS_r13, struct cpu_user_regs, r13);
    OFFSET(UREGS_r12, struct cpu_user_regs, r12);
    OFFSET(UREGS_rbp, struct cpu_user_regs, rbp);
    OFFSET(UREGS_rbx, struct cpu_user_regs, rbx);
    OFFSET(UREGS_r11, struct cpu_user_regs, r11);
    OFFSET(UREGS_r10, struct cpu_user_regs, r10);
    OFFSET(UREGS_r9, struct cpu_user_regs, r9);
    OFFSET(UREGS_r8, struct cpu_user_regs, r8);
    OFFSET(UREGS_rax, struct cpu_user_regs, rax);
    OFFSET(UREGS_rcx, struct cpu_user_regs, rcx);
    OFFSET(UREGS_rdx, struct cpu_user_regs, rdx);
    OFFSET(UREGS_rsi, struct cpu_user_regs, rsi);
    OFFSET(UREGS_rdi, struct cpu_user_regs, rdi);
    OFFSET(UREGS_error_code, struct cpu_user_regs, error_code);
    OFFSET(UREGS_entry_vector, struct cpu_user_regs, entry_vector);
    OFFSET(UREGS_rip, struct cpu_user_regs, rip);
    OFFSET(UREGS_cs, struct cpu_user_regs, cs);
    OFFSET(UREGS_rflags, struct cpu_user_regs, rflags);
    OFFSET(UREGS_rsp, struct cpu_user_regs, rsp);
    OFFSET(UREGS_ss, struct cpu_user_regs, ss);
    OFFSET(UREGS_es, struct cpu_user_regs, es);
    DEFINE(UREGS_SIZE, sizeof(struct cpu_user_regs));

    OFFSET(VCPU_guest_kernel, struct vcpu, arch.guest_kernel);
    OFFSET(VCPU_nmi_masked, struct vcpu, arch.nmi_masked);
    OFFSET(VCPU_shown_iopl, struct vcpu, arch.shown_iopl);
    OFFSET(VCPU_kernel_sp, struct vcpu, arch.kernel_sp);
    OFFSET(VCPU_kernel_root, struct vcpu, arch.kernel_root);
    OFFSET(VCPU_user_root, struct vcpu, arch.user_root);
    OFFSET(VCPU_cr3_loaded, struct vcpu, arch.cr3_loaded);
    OFFSET(VCPU_area, struct vcpu, arch.area);
    OFFSET(VCPU_user_entry, struct vcpu, arch.user_entry);
    OFFSET(VCPU_cr2, struct vcpu, arch.ctrlreg[2]);
    OFFSET(VCPU_event, struct vcpu, arch.callback[PV_CALLBACK_EVENT]);
    OFFSET(VCPU_syscall, struct vcpu, arch.callback[PV_CALLBACK_SYSCALL]);
    OFFSET(VCPU_syscall32, struct vcpu, arch.callback[PV_CALLBACK_SYSCALL32]);
    OFFSET(VCPU_sysenter, struct vcpu, arch.callback[PV_CALLBACK_SYSENTER]);
    OFFSET(VCPU_trap, struct vcpu, arch.trap);
    OFFSET(VCPU_domain, struct vcpu, domain);
    OFFSET(VCPU_info, struct vcpu, info);
    OFFSET(DOMAIN_vm_assist, struct domain, vm_assist);
    OFFSET(PV_ENTRY_address, struct pv_entry, address);
    OFFSET(PV_ENTRY_mask_events, struct pv_entry, mask_events);
    OFFSET(PV_TRAP_address, struct pv_trap, address);
    OFFSET(PV_TRAP_flags, struct pv_trap, flags);
    DEFINE(PV_TRAP_SIZE, sizeof(struct pv_trap));
    OFFSET(VCPU_INFO_pending, struct vcpu_info, evtchn_upcall_pending);
    OFFSET(VCPU_INFO_mask, struct vcpu_info, evtchn_upcall_mask);
    OFFSET(VCPU_INFO_cr2, struct vcpu_info, arch.cr2);
    OFFSET(IRET_rax, struct iret_context, rax);
    OFFSET(IRET_r11, struct iret_context, r11);
    OFFSET(IRET_rcx, struct iret_context, rcx);
    OFFSET(IRET_flags, struct iret_context, flags);
    OFFSET(IRET_rip, struct iret_context, rip);
    OFFSET(IRET_cs, struct iret_context, cs);
    OFFSET(IRET_rflags, struct iret_context, rflags);
    OFFSET(IRET_rsp, struct iret_context, rsp);
    OFFSET(IRET_ss, struct iret_context, ss);
    OFFSET(AREA_rip, struct hv_vcpu_area, rip);
    OFFSET(AREA_rflags, struct hv_vcpu_area, rflags);
    OFFSET(AREA_rsp, struct hv_vcpu_area, rsp);
    OFFSET(AREA_rax, struct hv_vcpu_area, rax);
    OFFSET(AREA_rcx, struct hv_vcpu_area, rcx);
    OFFSET(AREA_r11, struct hv_vcpu_area, r11);
    OFFSET(AREA_cs, struct hv_vcpu_area, cs);
    OFFSET(AREA_ss, struct hv_vcpu_area, ss);
    OFFSET(AREA_error_code, struct hv_vcpu_area, error_code);
    OFFSET(CPU_FEATURES_smap, struct cpu_features, smap);
}
