/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several hypercalls for one entry, and the arguments of the call that runs now. Each entry is copied in, run
 * through the same table as a call of its own, and its result copied out. The batch ends early when a call
 * left kernel mode: what follows was not that mode's to ask for.
 */
#include <arch/hypercall.h>
#include <hv/arch.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

void hypercall_set_arg(unsigned int n, unsigned long value)
{
    if (current->multicall_args)
        current->multicall_args[n - 1] = value;
    else
        arch_hypercall_set_register(n, value);
}

static long call(const struct multicall_entry *e)
{
    if (e->op >= NR_HYPERCALLS)
        return -ENOSYS;
    return arch_hypercall_handler(e->op)(e->args[0], e->args[1], e->args[2], e->args[3], e->args[4], e->args[5]);
}

#define BETWEEN_CHECKS 4u /* entries until interrupts are let in: what takes long lets them in by itself */

HYPERCALL(do_multicall) /* entries[], count */
{
    struct vcpu *v = current;
    struct multicall_entry e;

    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (v->multicall_args)
        return -EINVAL;
    if (!arch_guest_range_ok((void *)a1, 0) || a2 > (1ul << 40))
        return -EFAULT;
    for (unsigned long i = 0; i < a2; i++, a1 += sizeof(e)) {
        bool again = i && (arch_work() || (!(i % BETWEEN_CHECKS) && preempt_check()));

        if (!again && !copy_arg_in(&e, a1))
            return -EFAULT;
        if (!again) {
            v->multicall_args = e.args;
            e.result = call(&e);
            v->multicall_args = NULL;
            again = (long)e.result == -ERESTART;
            if (again && !copy_field_out(a1, &e, args))
                return -EFAULT;
        }
        if (!arch_in_guest_kernel(v))
            return 0;
        if (again) {
            hypercall_set_arg(1, a1);
            hypercall_set_arg(2, a2 - i);
            return -ERESTART;
        }
        if (!copy_field_out(a1, &e, result))
            return -EFAULT;
    }
    return 0;
}
