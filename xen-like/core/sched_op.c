/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_op: give the CPU away, wait for events, end the domain, and the watchdogs that end it for you. */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/vcpu_op.h>
#include <public/sched.h>

#define POLL_PORTS_MAX 128u

static long yield(unsigned long arg)
{
    (void)arg;
    vcpu_yield();
    return 0;
}

static long block(unsigned long arg)
{
    (void)arg;
    current->info->evtchn_upcall_mask = 0;
    vcpu_block();
    return 0;
}

static long shutdown(unsigned long arg)
{
    struct sched_shutdown s;

    if (!copy_arg_in(&s, arg))
        return -EFAULT;
    domain_shutdown(current->domain, s.reason);
    return 0;
}

static long shutdown_code(unsigned long arg)
{
    struct domain *d = current->domain;
    struct sched_shutdown s;

    if (!copy_arg_in(&s, arg))
        return -EFAULT;
    spin_lock(&d->lock);
    d->shutdown_code = s.reason;
    d->shutdown_code_set = true;
    spin_unlock(&d->lock);
    return 0;
}

static long remote_shutdown(unsigned long arg)
{
    struct sched_remote_shutdown s;
    struct domain *d;

    if (!copy_arg_in(&s, arg))
        return -EFAULT;
    if (!current->domain->privileged)
        return -EPERM;
    d = domain_get_by_id(s.domain_id);
    if (!d)
        return -ESRCH;
    domain_shutdown(d, s.reason);
    domain_put(d);
    return 0;
}

void vcpu_end_poll(struct vcpu *v)
{
    __atomic_fetch_and(&v->domain->poll_mask[v->id / 64], ~(1ull << v->id % 64), __ATOMIC_SEQ_CST);
    if (__atomic_fetch_and(&v->pause_flags, ~(uint32_t)VPF_POLLING, __ATOMIC_SEQ_CST) & VPF_POLLING) {
        v->poll_port = 0;
        vcpu_wake(v);
    }
}

/*
 * The vCPU announces itself as polling first and looks at the ports then, so an event that comes in between
 * either is seen here or finds the announcement. Whoever ends the poll clears VPF_POLLING.
 */
static long poll(unsigned long arg)
{
    struct vcpu *v = current;
    struct domain *d = v->domain;
    struct sched_poll p;
    evtchn_port_t port = 0;
    long rc = 0;

    if (!copy_arg_in(&p, arg))
        return -EFAULT;
    if (p.nr_ports > POLL_PORTS_MAX)
        return -EINVAL;
    if (!arch_guest_range_ok(p.ports.p, p.nr_ports * sizeof(port)))
        return -EFAULT;
    if (p.nr_ports == 1 && !copy_from_guest(&port, p.ports, 1))
        return -EFAULT;
    v->poll_port = p.nr_ports == 1 ? port : 0;
    __atomic_fetch_or(&v->pause_flags, VPF_POLLING, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&d->poll_mask[v->id / 64], 1ull << v->id % 64, __ATOMIC_SEQ_CST);
    if (v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask)
        goto stay;
    for (unsigned int i = 0; i < p.nr_ports; i++) {
        rc = -EFAULT;
        if (!copy_from_guest_offset(&port, p.ports, i, 1))
            goto stay;
        rc = -EINVAL;
        if (!evtchn_port_valid(d, port))
            goto stay;
        rc = 0;
        if (evtchn_port_pending(d, port))
            goto stay;
    }
    if (p.timeout)
        timer_set(&v->poll_timer, p.timeout);
    softirq_raise(SOFTIRQ_SCHEDULE);
    return 0;

stay: /* as vcpu_end_poll(), but who runs need not be woken */
    __atomic_fetch_and(&d->poll_mask[v->id / 64], ~(1ull << v->id % 64), __ATOMIC_SEQ_CST);
    __atomic_fetch_and(&v->pause_flags, ~(uint32_t)VPF_POLLING, __ATOMIC_SEQ_CST);
    v->poll_port = 0;
    return rc;
}

/* --- watchdogs --- */

static void watchdog_bites(void *data)
{
    struct domain *d = data;

    if (d->is_shut_down || d->dying)
        return;
    printk(LOG_WARN, "d%d: its watchdog ran out\n", d->id);
    domain_shutdown(d, SHUTDOWN_watchdog);
}

void sched_op_domain_init(struct domain *d)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++)
        timer_init(&d->watchdog[i], watchdog_bites, d, arch_cpu_id());
}

void sched_op_domain_stop(struct domain *d)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(d->watchdog); i++)
        timer_kill(&d->watchdog[i]);
}

static long watchdog_locked(struct domain *d, const struct sched_watchdog *w)
{
    unsigned int i = w->id - 1;

    if (w->id == 0) {
        if (!w->timeout)
            return -EINVAL;
        for (i = 0; i < ARRAY_SIZE(d->watchdog); i++)
            if (!(d->watchdog_inuse & (1u << i)))
                break;
        if (i == ARRAY_SIZE(d->watchdog))
            return -ENOSPC;
        d->watchdog_inuse |= 1u << i;
    } else if (i >= ARRAY_SIZE(d->watchdog) || !(d->watchdog_inuse & (1u << i))) {
        return -EINVAL;
    }
    i = clamp_index(i, ARRAY_SIZE(d->watchdog));
    if (!w->timeout) {
        d->watchdog_inuse &= ~(1u << i);
        timer_stop(&d->watchdog[i]);
        return 0;
    }
    timer_set(&d->watchdog[i], now() + SECONDS(w->timeout));
    return w->id ? 0 : (long)i + 1;
}

static long watchdog(unsigned long arg)
{
    struct domain *d = current->domain;
    struct sched_watchdog w;
    long rc;

    if (!copy_arg_in(&w, arg))
        return -EFAULT;
    spin_lock(&d->lock);
    rc = watchdog_locked(d, &w);
    spin_unlock(&d->lock);
    return rc;
}

/* The hardware domain binds itself to one CPU for firmware calls that want that; a negative one ends it. */
static long pin_override(unsigned long arg)
{
    struct vcpu *v = current;
    struct sched_pin_override p;
    cpumask_t to;
    int rc;

    if (!v->domain->privileged)
        return -EPERM;
    if (!copy_arg_in(&p, arg))
        return -EFAULT;
    if (p.pcpu < 0) {
        if (!v->pinned)
            return -EINVAL;
        v->pinned = false;
        return vcpu_set_affinity(v, &v->saved_affinity, NULL);
    }
    if (v->pinned)
        return -EBUSY;
    if (p.pcpu >= (int)NR_CPUS)
        return -EINVAL;
    to = cpumask_of(p.pcpu);
    v->saved_affinity = v->sched.hard_affinity;
    rc = vcpu_set_affinity(v, &to, NULL);
    v->pinned = !rc;
    return rc;
}

static long (*const handlers[])(unsigned long arg) = {
    [SCHEDOP_yield] = yield,
    [SCHEDOP_block] = block,
    [SCHEDOP_shutdown] = shutdown,
    [SCHEDOP_poll] = poll,
    [SCHEDOP_remote_shutdown] = remote_shutdown,
    [SCHEDOP_shutdown_code] = shutdown_code,
    [SCHEDOP_watchdog] = watchdog,
    [SCHEDOP_pin_override] = pin_override,
};

HYPERCALL(do_sched_op)
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (a1 >= ARRAY_SIZE(handlers))
        return -ENOSYS;
    a1 = clamp_index(a1, ARRAY_SIZE(handlers));
    if (!handlers[a1])
        return -ENOSYS;
    return handlers[a1](a2);
}

/* The old form, with the argument in the second register itself; only the operations that it had. */
HYPERCALL(do_sched_op_compat)
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    switch (a1) {
    case SCHEDOP_yield:
    case SCHEDOP_block:
        return handlers[a1](0);
    case SCHEDOP_shutdown:
        domain_shutdown(current->domain, a2);
        return 0;
    default:
        return -ENOSYS;
    }
}
