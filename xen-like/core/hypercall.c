/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of hypercalls: who handles each, who may make it. Whatever has no row is
 * -ENOSYS. See hv/hypercall.h for how the two flat tables of the entry code come from it.
 */
#include <hv/arch.h>
#include <hv/hypercall.h>
#include <public/hv.h>
#include <public/xen.h>

#define ROW(call, who) [__HYPERVISOR_##call] = { do_##call, who }

static const struct {
    hypercall_fn *handler;
    enum hypercall_who who;
} rows[NR_HYPERCALLS] = {
    ROW(set_trap_table, HYPERCALL_ANY),
    ROW(mmu_update, HYPERCALL_ANY),
    ROW(set_gdt, HYPERCALL_ANY),
    ROW(stack_switch, HYPERCALL_ANY),
    ROW(set_callbacks, HYPERCALL_ANY),
    ROW(fpu_taskswitch, HYPERCALL_ANY),
    ROW(sched_op_compat, HYPERCALL_ANY),
    ROW(platform_op, HYPERCALL_PRIVILEGED),
    ROW(set_debugreg, HYPERCALL_ANY),
    ROW(get_debugreg, HYPERCALL_ANY),
    ROW(update_descriptor, HYPERCALL_ANY),
    ROW(memory_op, HYPERCALL_ANY),
    ROW(multicall, HYPERCALL_ANY),
    ROW(update_va_mapping, HYPERCALL_ANY),
    ROW(set_timer_op, HYPERCALL_ANY),
    ROW(xen_version, HYPERCALL_ANY),
    ROW(console_io, HYPERCALL_ANY),
    ROW(grant_table_op, HYPERCALL_ANY),
    ROW(vm_assist, HYPERCALL_ANY),
    ROW(update_va_mapping_otherdomain, HYPERCALL_ANY), /* whose frames: checked there */
    ROW(iret, HYPERCALL_ANY),
    ROW(vcpu_op, HYPERCALL_ANY),
    ROW(set_segment_base, HYPERCALL_ANY),
    ROW(mmuext_op, HYPERCALL_ANY),
    ROW(sched_op, HYPERCALL_ANY),
    ROW(callback_op, HYPERCALL_ANY),
    ROW(event_channel_op, HYPERCALL_ANY),
    ROW(physdev_op, HYPERCALL_ANY), /* each of its operations: a row of its own table */
    ROW(sysctl, HYPERCALL_PRIVILEGED),
    ROW(domctl, HYPERCALL_PRIVILEGED),
    ROW(hv_op, HYPERCALL_ANY),
};

hypercall_fn *hypercall_table[2][NR_HYPERCALLS];

static HYPERCALL(no_such_call)
{
    HYPERCALL_UNUSED(a1, a2, a3, a4, a5, a6);
    return -ENOSYS;
}

static HYPERCALL(not_privileged)
{
    HYPERCALL_UNUSED(a1, a2, a3, a4, a5, a6);
    return -EPERM;
}

void hypercall_table_init(void)
{
    for (unsigned int nr = 0; nr < NR_HYPERCALLS; nr++) {
        hypercall_fn *handler = rows[nr].handler ? rows[nr].handler : no_such_call;

        hypercall_table[true][nr] = handler;
        hypercall_table[false][nr] = rows[nr].who == HYPERCALL_PRIVILEGED ? not_privileged : handler;
    }
}
