/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * domctl: a privileged domain makes, inspects, changes and ends domains. One operation runs at a time; one that comes
 * meanwhile is run again, so nobody spins here with a guest's time.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/domctl.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_alloc.h>
#include <hv/string.h>
#include <hv/time.h>
#include <hv/vcpu_op.h>

#define GRANT_FRAMES_DEFAULT 64
#define GRANT_FRAMES_MAX 4096
#define MAPTRACK_FRAMES_DEFAULT 1024
#define MAPTRACK_FRAMES_MAX 65536

static spinlock_t domctl_lock = SPINLOCK(LOCK_DOMCTL);

static int32_t limit(int32_t asked, int32_t usual) { return asked < 0 ? usual : asked; }

static long check_config(struct xen_domctl_createdomain *c)
{
    if (c->flags & ~(uint32_t)XEN_DOMCTL_CDF_xs_domain) /* PV, without devices */
        return -EINVAL;
    if (!c->max_vcpus || c->max_vcpus > MAX_VCPUS || c->iommu_opts || c->vmtrace_size)
        return -EINVAL;
    if (XEN_DOMCTL_GRANT_version(c->grant_opts) > 2 || (c->grant_opts & ~XEN_DOMCTL_GRANT_version_mask))
        return -EINVAL;
    if (c->arch.emulation_flags || (c->arch.misc_flags & ~XEN_X86_MISC_FLAGS_MAX))
        return -EINVAL;
    c->max_grant_frames = limit(c->max_grant_frames, GRANT_FRAMES_DEFAULT);
    c->max_maptrack_frames = limit(c->max_maptrack_frames, MAPTRACK_FRAMES_DEFAULT);
    if (c->max_grant_frames > GRANT_FRAMES_MAX || c->max_maptrack_frames > MAPTRACK_FRAMES_MAX)
        return -EINVAL;
    return 0;
}

static long create(struct domain *unused, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct xen_domctl_createdomain config = op->u.createdomain;
    bool chosen = op->domain > 0 && op->domain < DOMID_FIRST_RESERVED;
    struct domain *d;
    int rc = check_config(&config);

    (void)unused;
    (void)arg;
    if (rc)
        return rc;
    d = domain_create(chosen ? op->domain : DOMID_INVALID, &config, false, &rc);
    if (!d)
        return rc;
    op->domain = d->id;
    *copyback = true;
    return 0;
}

static long destroy(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)op;
    (void)arg;
    (void)copyback;
    if (d == current->domain || d == dom0)
        return -EINVAL;
    return domain_kill(d);
}

static long pause(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)op;
    (void)arg;
    (void)copyback;
    return d == current->domain ? -EINVAL : domain_pause_by_controller(d);
}

static long unpause(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)op;
    (void)arg;
    (void)copyback;
    return domain_unpause_by_controller(d);
}

static long resume(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)op;
    (void)arg;
    (void)copyback;
    if (d == current->domain)
        return -EINVAL;
    domain_resume(d);
    return 0;
}

/* What its vCPUs are at: running if one is, blocked if all that are up are. */
static uint32_t activity(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    uint32_t flags = XEN_DOMINF_blocked;
    struct vcpu *v;

    for_each_vcpu(d, v) {
        struct vcpu_runstate_info state;

        vcpu_runstate_get(v, &state);
        info->cpu_time += state.time[RUNSTATE_running];
        info->max_vcpu_id = v->id;
        if (v->pause_flags & VPF_DOWN)
            continue;
        info->nr_online_vcpus++;
        if (!(v->pause_flags & VPF_BLOCKED))
            flags &= ~XEN_DOMINF_blocked;
        if (v->running)
            flags |= XEN_DOMINF_running;
    }
    return info->nr_online_vcpus ? flags : flags & ~XEN_DOMINF_blocked;
}

void domctl_get_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    memset(info, 0, sizeof(*info));
    info->domain = d->id;
    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    info->flags = activity(d, info) | (d->dying == DOMAIN_DEAD ? XEN_DOMINF_dying : 0) |
                  (d->is_shut_down ? XEN_DOMINF_shutdown : 0) |
                  (d->controller_pause_count ? XEN_DOMINF_paused : 0) |
                  (d->debugger_attached ? XEN_DOMINF_debugged : 0) |
                  (d->is_shut_down ? (uint32_t)d->shutdown_code << XEN_DOMINF_shutdownshift : 0);
    info->tot_pages = d->tot_pages;
    info->max_pages = d->max_pages;
    info->outstanding_pages = d->outstanding_claim;
    info->shared_info_frame = virt_to_mfn(d->shared_info).v;
    info->gpaddr_bits = 52;
    memcpy(info->handle, d->handle, sizeof(info->handle));
}

/* The next domain there is, not only the one named: tools walk the list with it. */
static long get_info(struct domain *unused, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct domain *d = domain_next(op->domain == DOMID_SELF ? current->domain->id : op->domain);

    (void)unused;
    (void)arg;
    if (!d)
        return -ESRCH;
    domctl_get_info(d, &op->u.getdomaininfo);
    op->domain = d->id;
    *copyback = true;
    domain_put(d);
    return 0;
}

static long max_mem(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    uint64_t pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

    (void)arg;
    (void)copyback;
    spin_lock(&d->page_lock);
    d->max_pages = min(pages, (uint64_t)UINT32_MAX);
    spin_unlock(&d->page_lock);
    return 0;
}

static long set_handle(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    (void)copyback;
    memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
    return 0;
}

static long set_debugging(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    (void)copyback;
    if (d == current->domain)
        return -EINVAL;
    domain_pause(d);
    d->debugger_attached = op->u.setdebugging.enable;
    domain_unpause(d);
    return 0;
}

static long set_time_offset(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    (void)copyback;
    d->time_offset_seconds = op->u.settimeoffset.time_offset_seconds;
    time_update_domain_wallclock(d);
    return 0;
}

static long scheduler_op(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
    uint16_t weight, cap;

    (void)arg;
    if (s->sched_id != XEN_SCHEDULER_CREDIT)
        return -EINVAL;
    switch (s->cmd) {
    case XEN_DOMCTL_SCHEDOP_getinfo:
        s->u.credit.weight = d->sched.weight;
        s->u.credit.cap = d->sched.cap;
        *copyback = true;
        return 0;
    case XEN_DOMCTL_SCHEDOP_putinfo:
        weight = s->u.credit.weight ? s->u.credit.weight : d->sched.weight;
        cap = s->u.credit.cap != UINT16_MAX ? s->u.credit.cap : d->sched.cap;
        return sched_set_params(d, weight, cap);
    default:
        return -EOPNOTSUPP;
    }
}

static long send_trigger(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct vcpu *v = domain_vcpu(d, op->u.sendtrigger.vcpu);

    (void)arg;
    (void)copyback;
    if (!v)
        return -ESRCH;
    if (op->u.sendtrigger.trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
        return -ENOSYS;
    if (!__atomic_exchange_n(&v->nmi_pending, true, __ATOMIC_SEQ_CST))
        vcpu_kick(v);
    return 0;
}

/* A new kernel is to start in a domain that shut down: its ports go, its memory stays. */
static long soft_reset(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)op;
    (void)arg;
    (void)copyback;
    if (d == current->domain || !d->is_shut_down)
        return -EINVAL;
    return evtchn_reset(d);
}

static const struct domctl_row {
    domctl_fn *handler;
    bool no_domain; /* op->domain need not name one */
} rows[] = {
    [XEN_DOMCTL_createdomain] = { create, true },
    [XEN_DOMCTL_destroydomain] = { destroy },
    [XEN_DOMCTL_pausedomain] = { pause },
    [XEN_DOMCTL_unpausedomain] = { unpause },
    [XEN_DOMCTL_resumedomain] = { resume },
    [XEN_DOMCTL_getdomaininfo] = { get_info, true },
    [XEN_DOMCTL_max_mem] = { max_mem },
    [XEN_DOMCTL_setdomainhandle] = { set_handle },
    [XEN_DOMCTL_setdebugging] = { set_debugging },
    [XEN_DOMCTL_settimeoffset] = { set_time_offset },
    [XEN_DOMCTL_scheduler_op] = { scheduler_op },
    [XEN_DOMCTL_sendtrigger] = { send_trigger },
    [XEN_DOMCTL_soft_reset] = { soft_reset },
    [XEN_DOMCTL_max_vcpus] = { domctl_max_vcpus },
    [XEN_DOMCTL_setvcpucontext] = { domctl_set_vcpu_context },
    [XEN_DOMCTL_getvcpucontext] = { domctl_get_vcpu_context },
    [XEN_DOMCTL_getvcpuinfo] = { domctl_get_vcpu_info },
    [XEN_DOMCTL_setvcpuaffinity] = { domctl_set_affinity },
    [XEN_DOMCTL_getvcpuaffinity] = { domctl_get_affinity },
};

static long run(struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    const struct domctl_row *row = op->cmd < ARRAY_SIZE(rows) && rows[op->cmd].handler ? &rows[op->cmd] : NULL;
    struct domain *d = NULL;
    long rc;

    if (!row || !row->no_domain) {
        d = domain_get_remote_or_self(op->domain);
        if (!d)
            return -ESRCH;
    }
    rc = row ? row->handler(d, op, arg, copyback) : arch_domctl(d, op, arg, copyback);
    if (d)
        domain_put(d);
    return rc;
}

HYPERCALL(do_domctl)
{
    struct xen_domctl op;
    bool copyback = false;
    long rc;

    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    if (!copy_arg_in(&op, a1))
        return -EFAULT;
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    if (!spin_trylock(&domctl_lock))
        return -ERESTART;
    rc = run(&op, a1, &copyback);
    spin_unlock(&domctl_lock);
    if (copyback && !copy_arg_out(a1, &op))
        rc = -EFAULT;
    return rc;
}
