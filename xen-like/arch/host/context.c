/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's state in a CPU: here only whose it is. */
#include "host.h"

void arch_vcpu_save_frame(struct vcpu *v) { (void)v; }
void arch_vcpu_unload(struct vcpu *v) { v->arch.loaded_on = NR_CPUS; }

void arch_vcpu_load(struct vcpu *v)
{
    v->arch.loaded_on = host_cpu;
    host_current = v;
}
