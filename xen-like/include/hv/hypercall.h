/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypercall table. One row per call: number, name, handler, and who may make it; everything else is
 * -ENOSYS. From the rows two flat tables of handlers are made at boot, one for the privileged domain and one
 * for the rest (where a privileged row answers -EPERM), so that the entry code dispatches with one load.
 *
 * A handler gets the guest's arguments as they are in rdi, rsi, rdx, r10, r8, r9 and returns what goes into
 * rax. One with much to do returns hypercall_restart() after writing its progress over its own arguments:
 * the guest then makes the same call again, and what it presents is validated like a new one.
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <hv/errno.h>
#include <hv/types.h>

#define NR_HYPERCALLS 64u

typedef long hypercall_fn(unsigned long, unsigned long, unsigned long, unsigned long, unsigned long, unsigned long);

enum hypercall_who { HYPERCALL_ANY, HYPERCALL_PRIVILEGED };

extern hypercall_fn *hypercall_table[2][NR_HYPERCALLS]; /* indexed by [privileged][number] */
void hypercall_table_init(void);

/* Each handler is declared as HYPERCALL(do_xyz) and takes all six, so that one cast-free type fits all. */
#define HYPERCALL(fn)                                                                                        \
    long fn(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4, unsigned long a5,         \
            unsigned long a6)
#define HYPERCALL_UNUSED(...) ((void)sizeof((unsigned long[]){ __VA_ARGS__ }))

/*
 * In a handler: replace argument n (1..6) of the call that runs now, wherever it came from (registers or a
 * multicall entry). Then `return -ERESTART` makes the call run again.
 */
void hypercall_set_arg(unsigned int n, unsigned long value);

/*
 * Something waits (interrupt, softirq, a request to reschedule): a long operation should keep its progress
 * and return -ERESTART. Opens a short window for interrupts; no lock may be held.
 */
bool preempt_check(void);

HYPERCALL(do_set_trap_table);
HYPERCALL(do_mmu_update);
HYPERCALL(do_set_gdt);
HYPERCALL(do_stack_switch);
HYPERCALL(do_set_callbacks);
HYPERCALL(do_fpu_taskswitch);
HYPERCALL(do_platform_op);
HYPERCALL(do_set_debugreg);
HYPERCALL(do_get_debugreg);
HYPERCALL(do_update_descriptor);
HYPERCALL(do_memory_op);
HYPERCALL(do_multicall);
HYPERCALL(do_update_va_mapping);
HYPERCALL(do_set_timer_op);
HYPERCALL(do_xen_version);
HYPERCALL(do_console_io);
HYPERCALL(do_grant_table_op);
HYPERCALL(do_vm_assist);
HYPERCALL(do_update_va_mapping_otherdomain);
HYPERCALL(do_iret);
HYPERCALL(do_vcpu_op);
HYPERCALL(do_set_segment_base);
HYPERCALL(do_mmuext_op);
HYPERCALL(do_sched_op);
HYPERCALL(do_sched_op_compat);
HYPERCALL(do_callback_op);
HYPERCALL(do_event_channel_op);
HYPERCALL(do_physdev_op);
HYPERCALL(do_sysctl);
HYPERCALL(do_domctl);
HYPERCALL(do_hv_op);

#endif
