/* SPDX-License-Identifier: GPL-2.0-only */
/* What vcpu_op and sched_op keep of a vCPU and a domain: its info structure, timers, watchdogs. */
#ifndef HV_VCPU_OP_H
#define HV_VCPU_OP_H

struct domain;
struct vcpu;

int vcpu_op_init(struct vcpu *v);     /* v->info set to its place in shared_info or a private one; timers made */
void vcpu_op_place_timers(struct vcpu *v); /* onto v->cpu, once that is known */
void vcpu_op_stop(struct vcpu *v);    /* timers off for good, a registered vcpu_info released; may be called again */
void vcpu_op_destroy(struct vcpu *v);
void vcpu_publish_runstate(struct vcpu *v); /* current's copies in its own memory: run state and time */

void sched_op_domain_init(struct domain *d);
void sched_op_domain_stop(struct domain *d);

/* From now on v's timer is shared there (NULL: nowhere); when this returns, nobody uses the place it was before. No locks are held. */
void vcpu_share_timer(struct vcpu *v, struct vcpu_timer_share *share);

#endif
