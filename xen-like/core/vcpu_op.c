/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vcpu_op: what a domain asks about its own vCPUs, and where a vCPU's shared state lives.
 *
 * v->info is never NULL: the vCPU's slot in shared_info, or for the vCPUs that have no slot there a private
 * one, until the guest registers a place in a frame of its own. That frame is held (with the writable type)
 * until the vCPU is stopped for good.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/string.h>
#include <hv/time.h>
#include <hv/softirq.h>
#include <hv/vcpu_op.h>
#include <public/sched.h>

#define PERIOD_MIN MILLISECONDS(1)
#define REARM_MIN MICROSECONDS(50) /* so often hv works for a timer that its vCPU does not see */

/* --- timers --- */

static void singleshot_fires(struct vcpu *v) { evtchn_send_virq(v, VIRQ_TIMER); }

static void tell_armed(struct vcpu *v, s_time_t when)
{
    if (v->timer_share)
        __atomic_store_n(&v->timer_share->armed, when, __ATOMIC_SEQ_CST);
}

/*
 * The time that was armed has come: does the guest want a later one by now, or none? Then it is not told.
 * While this sets the timer, the vCPU may run elsewhere and set it to an earlier time, which must not be
 * lost: so look once more.
 */
static bool wants_later(struct vcpu *v)
{
    struct vcpu_timer_share *share = __atomic_load_n(&v->timer_share, __ATOMIC_SEQ_CST);
    uint64_t wanted;

    if (!share)
        return false;
    for (unsigned int tries = 0; tries < 4; tries++) {
        __atomic_store_n(&share->armed, 0, __ATOMIC_SEQ_CST);
        wanted = __atomic_load_n(&share->wanted, __ATOMIC_SEQ_CST);
        if (wanted > INT64_MAX)
            return true;
        if ((s_time_t)wanted < now() + REARM_MIN)
            return false;
        __atomic_store_n(&share->armed, wanted, __ATOMIC_SEQ_CST);
        timer_set(&v->singleshot_timer, wanted);
        if (__atomic_load_n(&share->wanted, __ATOMIC_SEQ_CST) >= wanted)
            return true;
    }
    return false; /* somebody plays with it: the event is never wrong */
}

static void singleshot_expires(void *data)
{
    if (!wants_later(data))
        singleshot_fires(data);
}

void vcpu_share_timer(struct vcpu *v, struct vcpu_timer_share *share)
{
    __atomic_store_n(&v->timer_share, share, __ATOMIC_SEQ_CST);
    timer_wait(&v->singleshot_timer);
    tell_armed(v, 0);
}

static void periodic_fires(void *data)
{
    struct vcpu *v = data;

    evtchn_send_virq(v, VIRQ_TIMER);
    if (v->periodic_period)
        timer_set(&v->periodic_timer, max(v->periodic_timer.expires + v->periodic_period, now()));
}

static void poll_times_out(void *data)
{
    vcpu_end_poll(data);
}

void vcpu_op_place_timers(struct vcpu *v)
{
    timer_init(&v->periodic_timer, periodic_fires, v, v->cpu);
    timer_init(&v->singleshot_timer, singleshot_expires, v, v->cpu);
    timer_init(&v->poll_timer, poll_times_out, v, v->cpu);
}

/* --- where the vCPU's info is --- */

int vcpu_op_init(struct vcpu *v)
{
    struct shared_info *shared = v->domain->shared_info;

    if (v->id < ARRAY_SIZE(shared->vcpu_info)) {
        v->info = &shared->vcpu_info[v->id];
    } else {
        v->private_info = heap_new(struct vcpu_info);
        if (!v->private_info)
            return -ENOMEM;
        v->info = v->private_info;
    }
    v->info->evtchn_upcall_mask = 1;
    return 0;
}

/* Nothing of v runs any more, or ever did. Its info goes back to a place that needs no frame of the guest. */
void vcpu_op_stop(struct vcpu *v)
{
    timer_kill(&v->periodic_timer);
    timer_kill(&v->singleshot_timer);
    timer_kill(&v->poll_timer);
    v->runstate_guest.p = NULL;
    v->time_guest.p = NULL;
    if (v->info_page) {
        struct page_info *pg = v->info_page;

        v->info_page = NULL;
        v->info = v->private_info ? v->private_info : &v->domain->shared_info->vcpu_info[v->id];
        page_put_and_type(pg);
    }
}

void vcpu_op_destroy(struct vcpu *v)
{
    heap_free(v->private_info);
}

/* The domain's lock is held: two vCPUs may want to place a third one's info. */
static int place_vcpu_info(struct vcpu *v, const struct vcpu_register_vcpu_info *reg)
{
    struct vcpu_info *info, *old = v->info;
    struct page_info *pg;

    if (v->info_page)
        return -EINVAL;
    if (v != current && !(v->pause_flags & VPF_DOWN))
        return -EINVAL;
    if (!mfn_valid(MFN(reg->mfn)))
        return -EINVAL;
    pg = mfn_to_page(MFN(reg->mfn));
    if (page_get_and_type(pg, v->domain, PGT_WRITABLE))
        return -EINVAL;
    info = (struct vcpu_info *)((char *)page_to_virt(pg) + reg->offset);
    if (v->private_info == old) {
        memset(info, 0, sizeof(*info));
        info->evtchn_upcall_mask = 1;
    } else {
        memcpy(info, old, sizeof(*info));
    }
    v->info_page = pg;
    __atomic_store_n(&v->info, info, __ATOMIC_SEQ_CST);
    /* A sender may have marked the old place meanwhile: let the guest look at everything once. */
    __atomic_store_n(&info->evtchn_pending_sel, ~0ul, __ATOMIC_RELAXED);
    vcpu_mark_events_pending(v);
    time_update_vcpu(v);
    return 0;
}

static long register_vcpu_info(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_vcpu_info reg;
    int rc;

    if (!copy_arg_in(&reg, arg))
        return -EFAULT;
    if (reg.offset > PAGE_SIZE - sizeof(struct vcpu_info) || reg.offset % 8)
        return -ENXIO;
    spin_lock(&v->domain->lock);
    rc = place_vcpu_info(v, &reg);
    spin_unlock(&v->domain->lock);
    return rc;
}

/* --- areas in the guest's own memory --- */

static void publish_runstate(struct vcpu *v)
{
    struct vcpu_runstate_info info;
    struct vcpu_runstate_info *to = v->runstate_guest.p;

    info = v->runstate; /* v is current and running here: nobody else changes it */
    if (v->domain->vm_assist & (1ul << VMASST_TYPE_runstate_update_flag)) {
        uint64_t entry = info.state_entry_time | XEN_RUNSTATE_UPDATE;

        arch_copy_to_guest_kernel(&to->state_entry_time, &entry, sizeof(entry));
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        info.state_entry_time = entry;
        arch_copy_to_guest_kernel(to, &info, sizeof(info));
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        entry &= ~XEN_RUNSTATE_UPDATE;
        arch_copy_to_guest_kernel(&to->state_entry_time, &entry, sizeof(entry));
    } else {
        arch_copy_to_guest_kernel(to, &info, sizeof(info));
    }
}

void vcpu_publish_runstate(struct vcpu *v)
{
    if (v->runstate_guest.p)
        publish_runstate(v);
    if (v->time_guest.p)
        arch_copy_to_guest_kernel(v->time_guest.p, &v->info->time, sizeof(v->info->time));
}

static long register_runstate(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_runstate_memory_area area;

    if (!copy_arg_in(&area, arg))
        return -EFAULT;
    if (area.addr.h.p && !arch_guest_range_ok(area.addr.h.p, sizeof(struct vcpu_runstate_info)))
        return -EFAULT;
    v->runstate_guest.p = area.addr.h.p;
    if (v == current) {
        vcpu_publish_runstate(v);
    } else if (area.addr.h.p) {
        struct vcpu_runstate_info info;

        vcpu_runstate_get(v, &info);
        if (!copy_to_guest(area.addr.h, &info, 1))
            return -EFAULT;
    }
    return 0;
}

static long register_time(struct vcpu *v, unsigned long arg)
{
    struct vcpu_register_time_memory_area area;

    if (!copy_arg_in(&area, arg))
        return -EFAULT;
    if (area.addr.h.p && !arch_guest_range_ok(area.addr.h.p, sizeof(struct vcpu_time_info)))
        return -EFAULT;
    v->time_guest.p = area.addr.h.p;
    if (v == current)
        vcpu_publish_runstate(v);
    return 0;
}

static long get_runstate(struct vcpu *v, unsigned long arg)
{
    struct vcpu_runstate_info info = { 0 };

    vcpu_runstate_get(v, &info);
    return copy_arg_out(arg, &info) ? 0 : -EFAULT;
}

/* --- up and down --- */

static long initialise(struct vcpu *v, unsigned long arg)
{
    struct vcpu_guest_context *context = heap_new(struct vcpu_guest_context);
    long rc;

    if (!context)
        return -ENOMEM;
    rc = -EFAULT;
    if (!copy_arg_in(context, arg))
        goto out;
    rc = -ERESTART; /* another vCPU is at it; no lock can be held over what takes breaks */
    if (__atomic_exchange_n(&v->initialising, true, __ATOMIC_ACQUIRE))
        goto out;
    rc = v->initialised ? -EEXIST : arch_set_guest_context(v, context);
    __atomic_store_n(&v->initialising, false, __ATOMIC_RELEASE);
out:
    heap_free(context);
    return rc;
}

static long up(struct vcpu *v, unsigned long arg)
{
    (void)arg;
    if (!v->initialised)
        return -EINVAL;
    if (__atomic_fetch_and(&v->pause_flags, ~(uint32_t)VPF_DOWN, __ATOMIC_SEQ_CST) & VPF_DOWN)
        vcpu_wake(v);
    return 0;
}

static long down(struct vcpu *v, unsigned long arg)
{
    struct domain *d = v->domain;
    struct vcpu *other;
    bool last = true;

    (void)arg;
    spin_lock(&d->lock); /* two that go down at once: one of them is the last */
    for_each_vcpu(d, other)
        if (other != v && !(__atomic_load_n(&other->pause_flags, __ATOMIC_SEQ_CST) & VPF_DOWN))
            last = false;
    if (!last)
        __atomic_fetch_or(&v->pause_flags, VPF_DOWN, __ATOMIC_SEQ_CST);
    spin_unlock(&d->lock);
    if (last)
        domain_shutdown(d, SHUTDOWN_poweroff);
    else
        vcpu_sleep_nosync(v);
    return 0;
}

static long is_up(struct vcpu *v, unsigned long arg)
{
    (void)arg;
    return !(__atomic_load_n(&v->pause_flags, __ATOMIC_SEQ_CST) & VPF_DOWN);
}

/* --- timers, asked for by the guest --- */

static long set_periodic(struct vcpu *v, unsigned long arg)
{
    struct vcpu_set_periodic_timer set;

    if (!copy_arg_in(&set, arg))
        return -EFAULT;
    if (set.period_ns < PERIOD_MIN || set.period_ns > INT64_MAX / 4)
        return -EINVAL;
    v->periodic_period = set.period_ns;
    timer_set(&v->periodic_timer, now() + set.period_ns);
    return 0;
}

static long stop_periodic(struct vcpu *v, unsigned long arg)
{
    (void)arg;
    v->periodic_period = 0;
    timer_stop(&v->periodic_timer);
    return 0;
}

static long set_singleshot(struct vcpu *v, unsigned long arg)
{
    struct vcpu_set_singleshot_timer set;
    s_time_t deadline;

    if (v != current)
        return -EINVAL;
    if (!copy_arg_in(&set, arg))
        return -EFAULT;
    deadline = set.timeout_abs_ns;
    if (likely(deadline >= now())) {
        timer_set(&v->singleshot_timer, deadline);
        tell_armed(v, deadline);
        return 0;
    }
    if (set.flags & VCPU_SSHOTTMR_future)
        return -ETIME;
    timer_stop(&v->singleshot_timer);
    tell_armed(v, 0);
    singleshot_fires(v);
    return 0;
}

static long stop_singleshot(struct vcpu *v, unsigned long arg)
{
    (void)arg;
    if (v != current)
        return -EINVAL;
    timer_stop(&v->singleshot_timer);
    tell_armed(v, 0);
    return 0;
}

/* A timeout of 0 stops it. One that is far off is taken for one that overflowed, and fires soon. */
HYPERCALL(do_set_timer_op)
{
    struct vcpu *v = current;
    s_time_t deadline = a1;

    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    if (!deadline) {
        timer_stop(&v->singleshot_timer);
    } else {
        if (deadline < 0)
            deadline = now() + MILLISECONDS(100);
        timer_set(&v->singleshot_timer, deadline);
    }
    tell_armed(v, deadline);
    return 0;
}

static long send_nmi(struct vcpu *v, unsigned long arg)
{
    (void)arg;
    if (!__atomic_exchange_n(&v->nmi_pending, true, __ATOMIC_SEQ_CST))
        vcpu_kick(v);
    if (v == current)
        softirq_raise(SOFTIRQ_SCHEDULE); /* a hypercall's short way out does not look for NMIs */
    return 0;
}

static long (*const handlers[])(struct vcpu *v, unsigned long arg) = {
    [VCPUOP_initialise] = initialise,
    [VCPUOP_up] = up,
    [VCPUOP_down] = down,
    [VCPUOP_is_up] = is_up,
    [VCPUOP_get_runstate_info] = get_runstate,
    [VCPUOP_register_runstate_memory_area] = register_runstate,
    [VCPUOP_set_periodic_timer] = set_periodic,
    [VCPUOP_stop_periodic_timer] = stop_periodic,
    [VCPUOP_set_singleshot_timer] = set_singleshot,
    [VCPUOP_stop_singleshot_timer] = stop_singleshot,
    [VCPUOP_register_vcpu_info] = register_vcpu_info,
    [VCPUOP_send_nmi] = send_nmi,
    [VCPUOP_register_vcpu_time_memory_area] = register_time,
};

HYPERCALL(do_vcpu_op)
{
    struct vcpu *v = domain_vcpu(current->domain, a2);

    HYPERCALL_UNUSED(a4, a5, a6);
    if (a2 > UINT32_MAX || !v)
        return -ENOENT;
    if (a1 < ARRAY_SIZE(handlers)) {
        unsigned long op = clamp_index(a1, ARRAY_SIZE(handlers));

        if (handlers[op])
            return handlers[op](v, a3);
    }
    return arch_vcpu_op(a1, v, a3);
}
