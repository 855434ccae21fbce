/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs: their numbers, stacks, start and stop. (Requests between CPUs: hv/arch.h.) */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H

#include <arch/cpu_info.h>
#include <hv/cpumask.h>

extern unsigned int nr_cpus;            /* online; numbers 0 .. nr_cpus - 1 without gaps */
extern uint32_t cpu_apic_id[NR_CPUS];
extern uint32_t cpu_acpi_id[NR_CPUS];

char *cpu_stack(unsigned int cpu);      /* its block of CPU_STACK_SIZE */
static inline struct cpu_info *cpu_info_of(unsigned int cpu)
{
    return (struct cpu_info *)(cpu_stack(cpu) + CPU_STACK_SIZE) - 1;
}

void smp_boot_cpu_init(void);            /* the first CPU's numbers */
void smp_start_others(void);            /* all that ACPI names, up to maxcpus= */
void smp_stop_others(void);             /* NMI: for a panic or power-off; does not wait for ever */

#endif
