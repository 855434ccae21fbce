/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where hv enters a guest's kernel, and what else a kernel tells about itself: trap table, callbacks, kernel
 * stack, task switches, per-domain conveniences. An address is canonical or refused: SYSRET goes there.
 */
#include <arch/cpu.h>
#include <arch/entry.h>
#include <arch/pv.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <public/callback.h>

int pv_set_trap(struct vcpu *v, unsigned int vector, uint64_t address, uint16_t cs, uint8_t flags)
{
    if (!is_canonical(address))
        return -EINVAL;
    v->arch.trap[vector] = (struct pv_trap){
        .address = address, .cs = address ? pv_fix_selector(cs) : 0, .flags = address ? flags & 7 : 0,
    };
    return 0;
}

HYPERCALL(do_set_trap_table) /* traps[], ended by an address of 0; NULL: clear */
{
    struct vcpu *v = current;
    struct trap_info t;

    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    if (!a1) {
        for (unsigned int i = 0; i < 256; i++)
            pv_set_trap(v, i, 0, 0, 0);
        return 0;
    }
    for (unsigned int i = 1;; i++, a1 += sizeof(t)) {
        if (i % 64 == 0 && preempt_check()) {
            hypercall_set_arg(1, a1);
            return -ERESTART;
        }
        if (!copy_arg_in(&t, a1))
            return -EFAULT;
        if (!t.address)
            return 0;
        if (pv_set_trap(v, t.vector, t.address, t.cs, t.flags))
            return -EINVAL;
    }
}

int pv_set_callback(struct vcpu *v, enum pv_callback which, uint64_t address, bool mask_events)
{
    if (!is_canonical(address))
        return -EINVAL;
    v->arch.callback[which] = (struct pv_entry){ .address = address, .mask_events = mask_events };
    return 0;
}

static long register_callback(struct vcpu *v, const struct callback_register *r)
{
    static const struct { bool known; enum pv_callback which; } types[] = {
        [CALLBACKTYPE_event] = { true, PV_CALLBACK_EVENT },
        [CALLBACKTYPE_failsafe] = { true, PV_CALLBACK_FAILSAFE },
        [CALLBACKTYPE_syscall] = { true, PV_CALLBACK_SYSCALL },
        [CALLBACKTYPE_sysenter] = { true, PV_CALLBACK_SYSENTER },
        [CALLBACKTYPE_syscall32] = { true, PV_CALLBACK_SYSCALL32 },
    };
    const __typeof__(types[0]) *type;

    if (!is_canonical(r->address))
        return -EINVAL;
    if (r->type == CALLBACKTYPE_nmi)
        return pv_set_trap(v, TRAP_NMI, r->address, FLAT_KERNEL_CS, 4);
    if (r->type >= ARRAY_SIZE(types))
        return -ENOSYS;
    type = &types[clamp_index(r->type, ARRAY_SIZE(types))];
    if (!type->known)
        return -ENOSYS;
    return pv_set_callback(v, type->which, r->address, r->flags & CALLBACKF_mask_events);
}

static long unregister_callback(struct vcpu *v, uint16_t type)
{
    switch (type) {
    case CALLBACKTYPE_event:
    case CALLBACKTYPE_failsafe:
    case CALLBACKTYPE_syscall:
    case CALLBACKTYPE_sysenter:
        return -EINVAL;
    case CALLBACKTYPE_nmi:
        return pv_set_trap(v, TRAP_NMI, 0, 0, 0);
    default:
        return -ENOSYS;
    }
}

HYPERCALL(do_callback_op) /* CALLBACKOP_*, its structure */
{
    struct callback_register r;
    struct callback_unregister u;

    HYPERCALL_UNUSED(a3, a4, a5, a6);
    switch (a1) {
    case CALLBACKOP_register:
        return copy_arg_in(&r, a2) ? register_callback(current, &r) : -EFAULT;
    case CALLBACKOP_unregister:
        return copy_arg_in(&u, a2) ? unregister_callback(current, u.type) : -EFAULT;
    default:
        return -ENOSYS;
    }
}

HYPERCALL(do_set_callbacks) /* event, failsafe, syscall */
{
    struct vcpu *v = current;

    HYPERCALL_UNUSED(a4, a5, a6);
    if (!is_canonical(a1) || !is_canonical(a2) || !is_canonical(a3))
        return -EINVAL;
    pv_set_callback(v, PV_CALLBACK_EVENT, a1, false);
    pv_set_callback(v, PV_CALLBACK_FAILSAFE, a2, false);
    pv_set_callback(v, PV_CALLBACK_SYSCALL, a3, false);
    return 0;
}

HYPERCALL(do_stack_switch) /* ss, rsp */
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    current->arch.kernel_ss = pv_fix_selector(a1);
    current->arch.kernel_sp = a2;
    return 0;
}

void pv_set_ts(struct vcpu *v, bool set)
{
    if (set) {
        v->arch.ctrlreg[0] |= CR0_TS;
        write_cr0(read_cr0() | CR0_TS);
    } else {
        v->arch.ctrlreg[0] &= ~CR0_TS;
        __asm__ volatile("clts");
    }
}

HYPERCALL(do_fpu_taskswitch) /* 1: the next use of the FPU raises #NM */
{
    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    pv_set_ts(current, a1);
    return 0;
}

void pv_set_iopl(struct vcpu *v, unsigned int iopl)
{
    bool shown = v->domain->vm_assist & (1ul << VMASST_TYPE_architectural_iopl);

    v->arch.iopl = iopl & 3;
    v->arch.shown_iopl = shown ? (uint64_t)v->arch.iopl << 12 : 0;
}

bool pv_vm_assist_ok(uint64_t bits)
{
    return !(bits & ~(1ul << VMASST_TYPE_4gb_segments | 1ul << VMASST_TYPE_4gb_segments_notify |
                      1ul << VMASST_TYPE_writable_pagetables | 1ul << VMASST_TYPE_pae_extended_cr3 |
                      1ul << VMASST_TYPE_architectural_iopl | 1ul << VMASST_TYPE_runstate_update_flag |
                      1ul << VMASST_TYPE_m2p_strict));
}

HYPERCALL(do_vm_assist) /* VMASST_CMD_*, VMASST_TYPE_* */
{
    struct domain *d = current->domain;
    struct vcpu *v;

    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (a2 >= 64 || !pv_vm_assist_ok(1ul << a2))
        return -EINVAL;
    if (a1 == VMASST_CMD_enable)
        __atomic_fetch_or(&d->vm_assist, 1ul << a2, __ATOMIC_SEQ_CST);
    else if (a1 == VMASST_CMD_disable)
        __atomic_fetch_and(&d->vm_assist, ~(1ul << a2), __ATOMIC_SEQ_CST);
    else
        return -ENOSYS;
    if (a2 == VMASST_TYPE_architectural_iopl)
        for_each_vcpu(d, v)
            pv_set_iopl(v, v->arch.iopl);
    return 0;
}
