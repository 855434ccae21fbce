/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What entry.S and the C code behind it share. entry_vector of a guest's frame says how it came in, and
 * whether it may go out with SYSRET: bit 8 means that rcx and r11 are free to be lost and cs and ss are the
 * flat 64-bit ones. Whoever rewrites a guest's frame sets it anew.
 *
 * While a hypercall runs, these four are not even in the frame: frame_complete() puts them there, before anything
 * reads them.
 */
#ifndef ARCH_ENTRY_H
#define ARCH_ENTRY_H

#define VECTOR_NMI 2
#define VECTOR_PF 14
#define VECTOR_INT80 0x80

#define ENTRY_SYSCALL 0x100    /* also: leave with SYSRET */
#define ENTRY_SYSCALL32 0x200
#define ENTRY_SYSENTER 0x201

#ifndef __ASSEMBLER__

#include <hv/types.h>

struct cpu_user_regs;

enum trap_vector {
    TRAP_DE = 0, TRAP_DB = 1, TRAP_NMI = 2, TRAP_BP = 3, TRAP_OF = 4, TRAP_BR = 5, TRAP_UD = 6, TRAP_NM = 7,
    TRAP_DF = 8, TRAP_TS = 10, TRAP_NP = 11, TRAP_SS = 12, TRAP_GP = 13, TRAP_PF = 14, TRAP_MF = 16,
    TRAP_AC = 17, TRAP_MC = 18, TRAP_XM = 19, TRAP_INT80 = VECTOR_INT80
};

#define PFEC_PRESENT (1u << 0)
#define PFEC_WRITE (1u << 1)
#define PFEC_USER (1u << 2)
#define PFEC_RESERVED (1u << 3)
#define PFEC_FETCH (1u << 4)

/* Called by entry.S, with the frame of the guest or of hv itself. */
void trap_from_guest(struct cpu_user_regs *regs);
void trap_from_hv(struct cpu_user_regs *regs);
void irq_from_guest(struct cpu_user_regs *regs);
void pv_iret(struct cpu_user_regs *regs);      /* pv/iret.c */
void pv_area_return(struct cpu_user_regs *regs, bool all_registers); /* hv_sysret, hv_iret */
void iret_fault(struct cpu_user_regs *regs);   /* the CPU refused the frame to continue from */
void bounce_fault(struct cpu_user_regs *regs); /* the guest kernel's stack could not be written */
void exit_work(void);                          /* all that is due before a guest may run */

/* entry.S */
extern const char entry_stubs[];      /* of vectors 0 to 255, ENTRY_STUB_SIZE each */
extern const char guarded_stubs[];    /* the same with a change of roots in front (guards.S) */
extern const char syscall_entry[], syscall32_entry[], sysenter_entry[];
extern const char syscall_guarded[], syscall32_guarded[], sysenter_guarded[];
extern const char sysenter_guarded_end[], sysenter_flags_saved[]; /* TF is the guest's up to there */
#define ENTRY_STUB_SIZE 32u

/* Where to continue after a fault at rip in hv; 0: nowhere. */
unsigned long extable_find(unsigned long rip);

/* For inline assembly: a fault at label from continues at label to. */
#define EXTABLE(from, to)                                                                                    \
    ".pushsection .extable,\"a\"\n\t.balign 8\n\t.quad " #from ", " #to "\n\t.popsection\n\t"

#endif

#endif
