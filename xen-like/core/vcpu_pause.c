/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reasons for a vCPU not to run. Each is a bit of pause_flags (blocked, polling, down) or a count (pause_count), set here
 * without any lock and then made known to the scheduler: vcpu_sleep_nosync() after one came, vcpu_wake() after one
 * went. The scheduler looks at all of them under its queue's lock, so the last to change one is always seen.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/softirq.h>

void vcpu_sync(struct vcpu *v)
{
    while (__atomic_load_n(&v->running, __ATOMIC_ACQUIRE)) {
        smp_poll();
        arch_relax();
    }
    arch_vcpu_unload(v);
}

void vcpu_unblock(struct vcpu *v)
{
    if (__atomic_fetch_and(&v->pause_flags, ~(uint32_t)VPF_BLOCKED, __ATOMIC_SEQ_CST) & VPF_BLOCKED)
        vcpu_wake(v);
}

void vcpu_kick(struct vcpu *v)
{
    unsigned int cpu = READ_ONCE(v->cpu);

    if (__atomic_load_n(&v->running, __ATOMIC_SEQ_CST) && cpu != arch_cpu_id())
        smp_kick(cpu);
}

void vcpu_pause_nosync(struct vcpu *v)
{
    __atomic_fetch_add(&v->pause_count, 1, __ATOMIC_SEQ_CST);
    vcpu_sleep_nosync(v);
}

void vcpu_pause(struct vcpu *v)
{
    BUG_ON(v == current);
    vcpu_pause_nosync(v);
    vcpu_sync(v);
}

void vcpu_unpause(struct vcpu *v)
{
    if (__atomic_sub_fetch(&v->pause_count, 1, __ATOMIC_SEQ_CST) == 0)
        vcpu_wake(v);
}

void vcpu_block(void)
{
    struct vcpu *v = current;

    __atomic_fetch_or(&v->pause_flags, VPF_BLOCKED, __ATOMIC_SEQ_CST);
    if (v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask)
        __atomic_fetch_and(&v->pause_flags, ~(uint32_t)VPF_BLOCKED, __ATOMIC_SEQ_CST);
    else
        softirq_raise(SOFTIRQ_SCHEDULE);
}

void vcpu_yield(void)
{
    current->sched.yielded = true;
    softirq_raise(SOFTIRQ_SCHEDULE);
}
