/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Offsets and sizes that assembly needs, never linked: the build compiles this file to assembly and picks the
 * "define" strings out of it (asm-offsets.h).
 */
#include <arch/cpu_info.h>
#include <hv/domain.h>

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
    OFFSET(CPU_INFO_SCRATCH, struct cpu_info, scratch);
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
}
