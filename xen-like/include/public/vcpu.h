/* SPDX-License-Identifier: MIT */
/*
 * vcpu_op(cmd, vcpuid, arg): start, stop and inspect the caller's vCPUs. -ENOENT for a vCPU that does not
 * exist. Where it says "own", a vCPU may only name itself (-EINVAL otherwise).
 */
#ifndef __XEN_PUBLIC_VCPU_H__
#define __XEN_PUBLIC_VCPU_H__

#include "xen.h"

#define VCPUOP_initialise       0  /* vcpu_guest_context: the state to start from. -EEXIST if done before. */
#define VCPUOP_up               1  /* (no arg) Let it run. -EINVAL before initialise. */
#define VCPUOP_down             2  /* (no arg) Stop it; it keeps its state. */
#define VCPUOP_is_up            3  /* (no arg) 1 if up, 0 if not. Guests count their vCPUs with it. */
#define VCPUOP_get_runstate_info 4 /* vcpu_runstate_info, out. */

/* How long a vCPU has spent in which state. state_entry_time is when it entered the current one. */
struct vcpu_runstate_info {
    int32_t state;               /* RUNSTATE_* */
    uint64_t state_entry_time;   /* System time, ns. */
#define XEN_RUNSTATE_UPDATE (1ULL << 63)   /* In state_entry_time: being updated (runstate_update_flag). */
    uint64_t time[4];            /* ns in each state; their sum is system time. */
};
typedef struct vcpu_runstate_info vcpu_runstate_info_t;

#define RUNSTATE_running  0  /* On a CPU. */
#define RUNSTATE_runnable 1  /* Wants a CPU and has none: "stolen" time. */
#define RUNSTATE_blocked  2  /* Idle. */
#define RUNSTATE_offline  3  /* Neither runs nor wants to: down or paused. */

/* Keep a copy of the runstate at this guest address (a virtual one that stays mapped), from now on. */
#define VCPUOP_register_runstate_memory_area 5
struct vcpu_register_runstate_memory_area {
    union {
        XEN_GUEST_HANDLE(struct vcpu_runstate_info) h;   /* in */
        struct vcpu_runstate_info *v;
        uint64_t p;
    } addr;
};
typedef struct vcpu_register_runstate_memory_area vcpu_register_runstate_memory_area_t;

#define VCPUOP_set_periodic_timer  6  /* vcpu_set_periodic_timer: VIRQ_TIMER every period, 1 ms at least. */
#define VCPUOP_stop_periodic_timer 7  /* (no arg) */
struct vcpu_set_periodic_timer {
    uint64_t period_ns;   /* in */
};
typedef struct vcpu_set_periodic_timer vcpu_set_periodic_timer_t;

#define VCPUOP_set_singleshot_timer  8  /* vcpu_set_singleshot_timer: VIRQ_TIMER once, own. */
#define VCPUOP_stop_singleshot_timer 9  /* (no arg) own. */
struct vcpu_set_singleshot_timer {
    uint64_t timeout_abs_ns;   /* in: system time */
    uint32_t flags;            /* in: VCPU_SSHOTTMR_* */
};
typedef struct vcpu_set_singleshot_timer vcpu_set_singleshot_timer_t;
#define _VCPU_SSHOTTMR_future (0)
#define VCPU_SSHOTTMR_future  (1U << _VCPU_SSHOTTMR_future)   /* -ETIME for a time in the past. */

/*
 * Move the vCPU's vcpu_info to a place of the guest's own. Once per vCPU; pending events move with it, and
 * the upcall is raised so that none is lost. The structure must not cross a page.
 */
#define VCPUOP_register_vcpu_info 10
struct vcpu_register_vcpu_info {
    uint64_t mfn;      /* in: frame */
    uint32_t offset;   /* in: bytes into it */
    uint32_t rsvd;
};
typedef struct vcpu_register_vcpu_info vcpu_register_vcpu_info_t;

#define VCPUOP_send_nmi 11   /* (no arg) Deliver an NMI to it. */

/* Which physical CPU it runs on, if it is pinned for good: -EINVAL otherwise. */
#define VCPUOP_get_physid 12
struct vcpu_get_physid {
    uint64_t phys_id;   /* out: APIC id in the low half, ACPI id in the high half */
};
typedef struct vcpu_get_physid vcpu_get_physid_t;
#define xen_vcpu_physid_to_x86_apicid(physid) ((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid) ((uint32_t)((physid) >> 32))

/* Keep a copy of vcpu_time_info at this guest address, e.g. a page that user mode can read. */
#define VCPUOP_register_vcpu_time_memory_area 13
struct vcpu_register_time_memory_area {
    union {
        XEN_GUEST_HANDLE(struct vcpu_time_info) h;   /* in */
        struct vcpu_time_info *v;
        uint64_t p;
    } addr;
};
typedef struct vcpu_register_time_memory_area vcpu_register_time_memory_area_t;

#endif
