/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces: loading a root, a whole switch between two processes in the calls that Linux makes for it, and the ways
 * to flush. Every root here maps the kernel alike.
 */
#include "bench.h"

static uint64_t root[4];        /* frames: kernel, kernel, user, user */
static unsigned int turn;

static void new_root(unsigned int cmd, uint64_t mfn)
{
    DO(mmuext(cmd, mfn));
}

/* Linux makes the first call in switch_mm(), the second at the end of __switch_to(). */
static void context_switch(void)
{
    struct mmuext_op ops[2] = { { .cmd = MMUEXT_NEW_BASEPTR }, { .cmd = MMUEXT_NEW_USER_BASEPTR } };
    struct multicall_entry calls[3] = {
        { .op = __HYPERVISOR_stack_switch, .args = { FLAT_KERNEL_SS64, cpu_entry_stack_top(0) } },
        { .op = __HYPERVISOR_set_segment_base, .args = { SEGBASE_FS, 0 } },
        { .op = __HYPERVISOR_set_segment_base, .args = { SEGBASE_GS_USER, 0 } },
    };

    turn ^= 1;
    ops[0].arg1.mfn = root[turn];
    ops[1].arg1.mfn = root[2 + turn];
    DO(hyp_mmuext_op(ops, 2, NULL, DOMID_SELF));
    DO(hyp_multicall(calls, 3));
}

static void context_switch_at_once(void)
{
    turn ^= 1;
    struct hv_switch s = {
        .what = HV_SWITCH_STACK | HV_SWITCH_ROOTS | HV_SWITCH_FS | HV_SWITCH_GS, .kernel_sp = cpu_entry_stack_top(0),
        .kernel_root = root[turn], .user_root = root[2 + turn],
    };

    DO(hyp_hv_op(HVOP_switch, &s));
}

static void flush(unsigned int cmd, uint64_t *cpus_)
{
    struct mmuext_op op = { .cmd = cmd };

    if (cmd == MMUEXT_INVLPG_LOCAL || cmd == MMUEXT_INVLPG_ALL || cmd == MMUEXT_INVLPG_MULTI)
        op.arg1.linear_addr = (unsigned long)start_info;
    op.arg2.vcpumask.p = (void *)cpus_;
    DO(hyp_mmuext_op(&op, 1, NULL, DOMID_SELF));
}

void bench_roots(void)
{
    static uint64_t this_vcpu = 1;

    for (unsigned int i = 0; i < 4; i++)
        root[i] = va_to_mfn(clone_root());
    MEASURE("new_baseptr", new_root(MMUEXT_NEW_BASEPTR, root[turn ^= 1]));
    MEASURE("new_baseptr, the one it has", new_root(MMUEXT_NEW_BASEPTR, root[turn]));
    MEASURE("new_user_baseptr", new_root(MMUEXT_NEW_USER_BASEPTR, root[2 + (turn ^= 1)]));
    MEASURE("context switch", context_switch());
    if (hv_offers(HV_FEATURE_switch))
        MEASURE("hv: context switch, at once", context_switch_at_once());
    MEASURE("TLB flush, here", flush(MMUEXT_TLB_FLUSH_LOCAL, NULL));
    MEASURE("TLB flush, everywhere", flush(MMUEXT_TLB_FLUSH_ALL, NULL));
    MEASURE("TLB flush, a set of vCPUs", flush(MMUEXT_TLB_FLUSH_MULTI, &this_vcpu));
    MEASURE("invlpg, here", flush(MMUEXT_INVLPG_LOCAL, NULL));
    MEASURE("invlpg, everywhere", flush(MMUEXT_INVLPG_ALL, NULL));
    MEASURE("invlpg, a set of vCPUs", flush(MMUEXT_INVLPG_MULTI, &this_vcpu));
    new_root(MMUEXT_NEW_BASEPTR, va_to_mfn(boot_root()));
}
