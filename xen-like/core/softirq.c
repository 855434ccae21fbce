/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pending work by kind. The bits live in the CPU's work word, which the way out to a guest tests in one load.
 */
#include <hv/arch.h>
#include <hv/softirq.h>

static void (*handlers[NR_SOFTIRQS])(void);

void softirq_register(enum softirq nr, void (*handler)(void)) { handlers[nr] = handler; }

void softirq_raise(enum softirq nr) { arch_work_raise(arch_cpu_id(), 1u << nr); }

void softirq_raise_cpu(unsigned int cpu, enum softirq nr)
{
    arch_work_raise(cpu, 1u << nr);
    if (cpu != arch_cpu_id())
        smp_kick(cpu);
}

void softirq_run(void)
{
    const uint32_t mine = ((1u << NR_SOFTIRQS) - 1) & ~(1u << SOFTIRQ_SCHEDULE);
    uint32_t pending;

    while ((pending = arch_work_test_and_clear(mine)))
        for (; pending; pending &= pending - 1) {
            unsigned int nr = __builtin_ctz(pending);

            if (handlers[nr])
                handlers[nr]();
        }
}
