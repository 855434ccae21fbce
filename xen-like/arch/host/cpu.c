/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs that a test switches between by hand, and their clock. */
#include <time.h>

#include <hv/softirq.h>
#include <hv/time.h>

#include "host.h"

struct vcpu *host_current;
unsigned int host_cpu;
cpumask_t host_online;
s_time_t host_now;
uint32_t host_work[NR_CPUS];
void (*host_relax_hook)(void);

cpumask_t arch_online_cpus(void) { return host_online; }
void smp_poll(void) {}
void smp_kick(unsigned int cpu) { host_counters.kicks[cpu]++; }

void smp_call(cpumask_t cpus, void (*fn)(void *), void *arg)
{
    unsigned int cpu, self = host_cpu;

    cpumask_for_each(cpu, cpumask_and(cpus, host_online)) {
        host_cpu = cpu;
        fn(arg);
    }
    host_cpu = self;
}

uint32_t arch_work(void) { return host_work[host_cpu]; }
void arch_work_raise(unsigned int cpu, uint32_t bits) { host_work[cpu] |= bits; }

uint32_t arch_work_test_and_clear(uint32_t bits)
{
    uint32_t was = host_work[host_cpu] & bits;

    host_work[host_cpu] &= ~bits;
    return was;
}

void arch_irq_window(void) {}
void arch_timer_program(s_time_t deadline) { host_counters.timer_deadline[host_cpu] = deadline; }

void arch_relax(void)
{
    if (host_relax_hook)
        host_relax_hook();
}

void arch_idle_halt(void)
{
    if (host_relax_hook)
        host_relax_hook();
}

void arch_current_set(struct vcpu *v) { host_current = v; }

s_time_t now(void) { return host_now; }
