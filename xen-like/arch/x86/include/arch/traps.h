/* SPDX-License-Identifier: GPL-2.0-only */
/* Entry into hv: who sets up the IDT and the system call registers, and the ways out. */
#ifndef ARCH_TRAPS_H
#define ARCH_TRAPS_H

#include <hv/types.h>

struct cpu_user_regs;

void traps_init(void);                  /* boot CPU, once: build the IDT */
void traps_cpu_init(unsigned int cpu);  /* this CPU: load the IDT, SYSCALL and SYSENTER registers */
/*
 * This CPU has nothing below it any more: drop the stack and go to the way out to a guest, that is to
 * schedule().
 */
void traps_exit_to_guest(void) __attribute__((noreturn));

/* arch/x86/panic.c: an exception in hv itself. */
void panic_regs(const struct cpu_user_regs *regs, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

#endif
