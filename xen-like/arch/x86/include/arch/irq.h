/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: vectors, and the way from a vector to what serves it.
 *
 * Vectors 0x20 to 0xef are given to devices, per CPU; 0x80 and 0x82 are left out, since guests use them for
 * system calls. The highest are hv's own.
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include <hv/cpumask.h>
#include <hv/types.h>

#define VECTOR_FIRST_DEVICE 0x20u
#define VECTOR_LAST_DEVICE 0xefu
#define VECTOR_TIMER 0xf0u
#define VECTOR_KICK 0xf1u
#define VECTOR_ERROR 0xfeu
#define VECTOR_SPURIOUS 0xffu

struct cpu_user_regs;

/*
 * Called by the stubs of vectors 0x20 and up, from guest or hv, with interrupts off. Acknowledges the local
 * APIC.
 */
void irq_dispatch(unsigned int vector);
/* Called by the NMI stub on its own stack; takes no lock. Returns unless hv is stopping. */
void nmi_dispatch(struct cpu_user_regs *regs);

#endif
