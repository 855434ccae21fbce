/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which vCPU runs where. A vCPU is runnable when it has no pause reason (pause_flags, pause_count, the
 * domain's pause_count); it sits then on exactly one CPU's queue or runs there. Proportional share by weight,
 * bounded by cap, with a boost for a vCPU that wakes from an event. The queue lock of v->cpu protects all
 * scheduling fields of v.
 *
 * schedule() is called only on the way out to the guest with nothing else on the stack: it may return as
 * another vCPU. There is no idle vCPU: with nothing to run, it loops in here, halted, and the state of the last vCPU
 * stays loaded in the CPU (arch_vcpu_load) until another one comes.
 */
#ifndef HV_SCHED_H
#define HV_SCHED_H

#include <hv/cpumask.h>
#include <hv/list.h>
#include <hv/timer.h>

struct vcpu;
struct domain;
struct vcpu_runstate_info;

enum { /* struct vcpu pause_flags: why it does not run */
    VPF_BLOCKED = 1u << 0,  /* SCHEDOP_block: until an event */
    VPF_DOWN = 1u << 1,     /* not (yet) brought up by VCPUOP_up */
    VPF_POLLING = 1u << 2,  /* SCHEDOP_poll: until a port or the timeout */
};

struct sched_vcpu {             /* queue lock of vcpu.cpu */
    struct list link;           /* in the run queue; self-linked when not queued */
    cpumask_t hard_affinity, soft_affinity;
    uint64_t vtime;             /* its domain's share used so far: CPU time scaled by 1/weight, in ns at the default weight */
    s_time_t ran_from;          /* running: since when it has not been accounted */
    uint64_t run_ns;            /* total time on a CPU */
    bool queued, yielded;
    bool parked;                /* over its domain's cap: waits for the next period */
};

#define SCHED_WEIGHT_DEFAULT 256u

struct sched_domain {
    uint16_t weight;            /* share of the machine against other domains; 1..65535 */
    uint16_t cap;               /* percent of one CPU, 0 = none */
    uint32_t active;            /* its runnable vCPUs, which divide the weight; atomic */
    int64_t budget_ns;          /* with a cap: what is left of this period; atomic */
};

void sched_init(void);
void sched_cpu_online(unsigned int cpu);
int sched_vcpu_init(struct vcpu *v);    /* down, on some CPU */
void sched_vcpu_destroy(struct vcpu *v);
void sched_domain_init(struct domain *d);

void schedule(void);                    /* see above; clears SOFTIRQ_SCHEDULE */
void vcpu_wake(struct vcpu *v);         /* its pause reasons may have gone: queue it and tickle a CPU */
void vcpu_sleep_nosync(struct vcpu *v); /* its pause reasons may have come: leave the queue, kick its CPU */
void vcpu_sync(struct vcpu *v);         /* wait until it runs nowhere and its state is in *v (unloaded from its CPU). Not on itself */
void vcpu_unblock(struct vcpu *v);      /* clear VPF_BLOCKED and wake */
void vcpu_kick(struct vcpu *v);         /* if it runs in guest mode, make its CPU pass through hv */
void vcpu_pause(struct vcpu *v);        /* count, and sync; not on current */
void vcpu_pause_nosync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);
void vcpu_end_poll(struct vcpu *v);     /* if it polls: clear VPF_POLLING and wake */
void vcpu_block(void);                  /* current: VPF_BLOCKED unless an event is deliverable */
void vcpu_yield(void);
int vcpu_set_affinity(struct vcpu *v, const cpumask_t *hard, const cpumask_t *soft); /* -EINVAL: no online CPU in it */
int sched_set_params(struct domain *d, uint16_t weight, uint16_t cap); /* -EINVAL: weight 0 */
uint64_t sched_cpu_idle_ns(unsigned int cpu);
/* The run state as it is now, with the time of the present state counted (any vCPU). */
void vcpu_runstate_get(struct vcpu *v, struct vcpu_runstate_info *info);

#endif
