/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Work that a CPU does before it returns to a guest or halts: one bit per kind in the CPU's work word, each
 * with one handler. Raised from anywhere; run only where no lock is held.
 */
#ifndef HV_SOFTIRQ_H
#define HV_SOFTIRQ_H

#include <hv/cpumask.h>

enum softirq { SOFTIRQ_TIMER, SOFTIRQ_SCHEDULE, SOFTIRQ_CONSOLE, SOFTIRQ_IRQ, NR_SOFTIRQS };

void softirq_register(enum softirq nr, void (*handler)(void));
void softirq_raise(enum softirq nr);                     /* on this CPU */
void softirq_raise_cpu(unsigned int cpu, enum softirq nr); /* on another: kicks it out of the guest or halt */
/* Run what is pending except SOFTIRQ_SCHEDULE, which only the way out to the guest and the idle loop take. */
void softirq_run(void);

#endif
