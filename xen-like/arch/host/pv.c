/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What pv/context.c and pv/segments.c do to the CPU, as counters, and the windows for LDT frames as arrays.
 */
#include <arch/pti.h>
#include <arch/pv.h>
#include <arch/pv_mm.h>

#include "host.h"

bool pti;

void pti_roots_changed(void) { }
void pti_root_changed_in_use(const struct domain *d) { (void)d; }

uint64_t host_ldt_window[NR_CPUS][LDT_GUEST_FRAMES];

void pv_load_root(struct vcpu *v)
{
    mfn_t root = v->arch.guest_kernel ? v->arch.kernel_root : v->arch.user_root;

    v->arch.cr3_loaded = mfn_to_maddr(root).v;
    host_counters.root_loads++;
}

void pv_load_ldt(struct vcpu *v) { (void)v; }

void cpu_window_set(unsigned int cpu, unsigned int page, uint64_t pte)
{
    host_ldt_window[cpu][page - LDT_GUEST_FRAMES] = pte;
}

void pv_show_ldt_frames(const struct vcpu *v, bool show)
{
    for (unsigned int i = 0; i < LDT_GUEST_FRAMES; i++)
        if (v->arch.ldt_frame[i].v)
            host_ldt_window[host_cpu][i] = show ? mfn_to_maddr(v->arch.ldt_frame[i]).v | PTE_P : 0;
}

void pv_set_user_bases(const uint64_t *fs, const uint64_t *gs)
{
    (void)fs;
    (void)gs;
}

void pv_set_ts(struct vcpu *v, bool set)
{
    (void)v;
    (void)set;
}
