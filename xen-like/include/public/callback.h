/* SPDX-License-Identifier: MIT */
/* callback_op(cmd, arg): where the hypervisor enters a guest's kernel, other than for traps. */
#ifndef __XEN_PUBLIC_CALLBACK_H__
#define __XEN_PUBLIC_CALLBACK_H__

#include "xen.h"

#define CALLBACKTYPE_event               0  /* An event channel is pending: the guest's interrupt. */
#define CALLBACKTYPE_failsafe            1  /* A segment could not be loaded on the way back to the guest. */
#define CALLBACKTYPE_syscall             2  /* SYSCALL from 64-bit user mode. */
#define CALLBACKTYPE_sysenter_deprecated 3
#define CALLBACKTYPE_nmi                 4
#define CALLBACKTYPE_sysenter            5  /* SYSENTER from user mode. */
#define CALLBACKTYPE_syscall32           7  /* SYSCALL from 32-bit user mode. */

#define _CALLBACKF_mask_events 0
#define CALLBACKF_mask_events  (1U << _CALLBACKF_mask_events)   /* Enter with events masked. */

#define CALLBACKOP_register 0   /* callback_register. */
struct callback_register {
    uint16_t type;              /* in: CALLBACKTYPE_* */
    uint16_t flags;             /* in: CALLBACKF_* */
    xen_callback_t address;     /* in: canonical */
};
typedef struct callback_register callback_register_t;

#define CALLBACKOP_unregister 1   /* callback_unregister. Only for nmi; -EINVAL for the others. */
struct callback_unregister {
    uint16_t type;              /* in: CALLBACKTYPE_* */
    uint16_t _unused;
};
typedef struct callback_unregister callback_unregister_t;

#endif
