/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and their virtual CPUs. All state of a domain hangs off struct domain, grouped by the lock that
 * protects it; nothing of a guest hides in globals.
 *
 * Life: created paused, runs, is shut down (a code, kept for the tool stack) or dying (its resources are
 * being taken back, preemptibly), then dead when the last reference goes. A reference (domain_get_by_id)
 * keeps the structure, not the guest: whoever holds one must cope with a dying domain.
 */
#ifndef HV_DOMAIN_H
#define HV_DOMAIN_H

#include <arch/domain.h>
#include <hv/event_channel.h>
#include <hv/list.h>
#include <hv/page.h>
#include <hv/sched.h>
#include <hv/spinlock.h>
#include <public/vcpu.h>
#include <public/xen.h>

#define MAX_VCPUS 128u

struct xen_domctl_createdomain;

enum domain_dying { DOMAIN_ALIVE, DOMAIN_DYING, DOMAIN_DEAD };

/*
 * What a vCPU and hv tell each other of its singleshot timer (docs/abi/extensions.md). Each writes its own and then reads the
 * other's, so one of the two sees what the other did last.
 */
struct vcpu_timer_share {
    uint64_t wanted; /* the guest's: when; beyond all time: never */
    uint64_t armed;  /* hv's: when it will look at that; 0: never */
};

struct vcpu {
    struct arch_vcpu arch;      /* first: the entry code reaches it without an offset */
    struct domain *domain;
    uint32_t id;
    uint32_t cpu;               /* the CPU whose queue it is on (queue lock) */
    bool running;               /* on some CPU now, guest mode or hv (written by that CPU) */
    bool initialised;           /* VCPUOP_initialise or the tool stack gave it a context */
    bool initialising;          /* VCPUOP_initialise works on it: atomic */
    bool nmi_pending;
    uint32_t pause_flags;       /* VPF_*, atomic bits */
    uint32_t pause_count;       /* atomic */
    struct sched_vcpu sched;

    struct vcpu_info *info;     /* in shared_info, or registered; hv's mapping; never NULL */
    struct page_info *info_page; /* reference while registered elsewhere */
    struct vcpu_info *private_info; /* of a vCPU that has no slot in shared_info; NULL otherwise */

    struct vcpu_runstate_info runstate; /* queue lock */
    XEN_GUEST_HANDLE(struct vcpu_runstate_info) runstate_guest;  /* this vCPU's address space */
    XEN_GUEST_HANDLE(struct vcpu_time_info) time_guest;

    s_time_t periodic_period;   /* 0 = off */
    struct timer periodic_timer, singleshot_timer, poll_timer;
    struct vcpu_timer_share *timer_share; /* in memory that the guest writes, too; NULL = none */
    uint32_t poll_port;         /* > 0: the one port polled, 0: none or several (pause_flags) */

    uint32_t virq_to_port[NR_VIRQS]; /* event lock */

    hypercall_arg_t *multicall_args; /* the entry that runs now, or NULL */
    cpumask_t saved_affinity;   /* SCHEDOP_pin_override: what to go back to */
    bool pinned;
};

struct domain {
    domid_t id;
    bool privileged;            /* dom0 */
    bool is_shut_down;          /* domain lock */
    bool shutdown_code_set;     /* SCHEDOP_shutdown_code said beforehand what it will mean */
    uint8_t shutdown_code;      /* SHUTDOWN_*, valid when is_shut_down */
    uint8_t dying;              /* enum domain_dying, domain lock */
    uint8_t destroy_step;       /* progress of domain_kill */
    bool debugger_attached;
    uint32_t refcount;          /* atomic */
    uint32_t pause_count;       /* atomic: any pause of the whole domain */
    uint32_t controller_pause_count; /* DOMCTL_pausedomain's part, domain lock */
    xen_domain_handle_t handle; /* UUID */
    bool whole;                 /* made to the end, so it can be found; domlist lock */
    struct list all;            /* by id; domlist lock */
    struct domain *hash_next;

    spinlock_t lock;

    struct vcpu **vcpu;         /* max_vcpus pointers, NULL until initialised; never shrinks */
    uint32_t max_vcpus;
    struct sched_domain sched;

    struct shared_info *shared_info; /* hv's mapping; frame shared writable with the domain */
    uint64_t vm_assist;         /* VMASST_TYPE_* bits */
    cpumask_t dirty_cpus;       /* CPUs that have one of its vCPUs loaded, or may cache its translations */

    spinlock_t page_lock;       /* page_list and the counts */
    struct page_list page_list, xenheap_list;
    uint16_t frame_mark;        /* of frames that it gave back: FRAME_MARK_NONE, or no other domain ever had it */
    uint32_t tot_pages, max_pages, extra_pages;
    uint64_t outstanding_claim;

    struct evtchn_domain evtchn;
    uint64_t poll_mask[MAX_VCPUS / 64]; /* vCPUs in SCHEDOP_poll; atomic */
    struct grant_table *grants;

    struct timer watchdog[2];   /* SCHEDOP_watchdog */
    uint32_t watchdog_inuse;

    int64_t time_offset_seconds;
    struct arch_domain arch;
};

extern struct domain *dom0;
/* The pseudo-domains that own frames which are no guest's: MMIO and hv's shared. They have no vCPUs. */
extern struct domain *dom_io, *dom_xen;

/* arch: the vCPU whose guest state is in this CPU's frame now (hypercall handlers, traps). */
#define current (arch_current())

/* Create with a given id, or the next free one (DOMID_INVALID); paused; refcount 1. NULL and *err on failure. */
struct domain *domain_create(domid_t id, const struct xen_domctl_createdomain *config, bool privileged, int *err);
struct vcpu *vcpu_create(struct domain *d, unsigned int id); /* down, not initialised */
/* Preemptible: 0 when all is released (the structure stays until the last reference), or -ERESTART. */
int domain_kill(struct domain *d);
void domain_shutdown(struct domain *d, uint8_t reason);
void domain_crash(struct domain *d, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* log why, SHUTDOWN_crash */
void domain_resume(struct domain *d);
void domain_pause(struct domain *d);      /* and wait until none of its vCPUs runs; not one's own domain */
void domain_unpause(struct domain *d);
int domain_pause_by_controller(struct domain *d);
int domain_unpause_by_controller(struct domain *d);

struct domain *domain_get_by_id(domid_t id); /* takes a reference, or NULL (unknown; dying ones are found) */
/* As above; DOMID_SELF and the caller's own id mean current's domain. For what guests may name. */
struct domain *domain_get_remote_or_self(domid_t id);
bool domain_get(struct domain *d);
void domain_put(struct domain *d);

/* Walk all domains by id: the first with id >= from, with a reference; NULL at the end. */
struct domain *domain_next(domid_t from);

#define for_each_vcpu(d, v)                                                                                  \
    for (unsigned int i_ = 0; i_ < (d)->max_vcpus; i_++)                                                     \
        if (((v) = (d)->vcpu[i_]) != NULL)

static inline struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
    return id < d->max_vcpus ? d->vcpu[clamp_index(id, d->max_vcpus)] : NULL;
}

#endif
