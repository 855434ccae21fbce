/* SPDX-License-Identifier: GPL-2.0-only */
/* What pv/context.c does to the CPU, as counters, and the window for LDT frames as an array. */
#include <arch/pv_mm.h>

#include "host.h"

uint32_t host_ldt_window;

void pv_load_root(struct vcpu *v)
{
    mfn_t root = v->arch.guest_kernel ? v->arch.kernel_root : v->arch.user_root;

    v->arch.cr3_loaded = mfn_to_maddr(root).v;
    host_counters.root_loads++;
}

void pv_load_ldt(struct vcpu *v) { (void)v; }
