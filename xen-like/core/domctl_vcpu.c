/* SPDX-License-Identifier: GPL-2.0-only */
/* domctl's operations on vCPUs: making them, their context, affinity, state. */
#include <hv/arch.h>
#include <hv/domctl.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/heap.h>
#include <hv/string.h>

long domctl_max_vcpus(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    (void)copyback;
    if (d == current->domain || op->u.max_vcpus.max != d->max_vcpus)
        return -EINVAL;
    for (unsigned int i = 0; i < d->max_vcpus; i++)
        if (!d->vcpu[i] && !vcpu_create(d, i))
            return -ENOMEM;
    return 0;
}

long domctl_set_vcpu_context(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
    struct vcpu_guest_context *c = NULL;
    long rc;

    (void)arg;
    (void)copyback;
    if (d == current->domain || d->dying)
        return -EINVAL;
    if (!v)
        return -ESRCH;
    if (op->u.vcpucontext.ctxt.p) {
        c = heap_new(struct vcpu_guest_context);
        if (!c)
            return -ENOMEM;
        rc = -EFAULT;
        if (!copy_from_guest(c, op->u.vcpucontext.ctxt, 1))
            goto free_context;
    }
    domain_pause(d);
    if (!c) /* without a context it must not run */
        __atomic_fetch_or(&v->pause_flags, VPF_DOWN, __ATOMIC_SEQ_CST);
    rc = c ? arch_set_guest_context(v, c) : arch_vcpu_reset(v);
    if (!rc && c && (c->flags & VGCF_online))
        __atomic_fetch_and(&v->pause_flags, ~(uint32_t)VPF_DOWN, __ATOMIC_SEQ_CST);
    domain_unpause(d);
free_context:
    heap_free(c);
    return rc;
}

long domctl_get_vcpu_context(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
    struct vcpu_guest_context *c;
    long rc = 0;

    (void)arg;
    (void)copyback;
    if (d == current->domain)
        return -EINVAL;
    if (!v)
        return -ESRCH;
    if (!v->initialised)
        return -ENODATA;
    c = heap_new(struct vcpu_guest_context);
    if (!c)
        return -ENOMEM;
    vcpu_pause(v);
    arch_get_guest_context(v, c);
    vcpu_unpause(v);
    if (!copy_to_guest(op->u.vcpucontext.ctxt, c, 1))
        rc = -EFAULT;
    heap_free(c);
    return rc;
}

long domctl_get_vcpu_info(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
    struct vcpu *v = domain_vcpu(d, info->vcpu);
    struct vcpu_runstate_info state;

    (void)arg;
    if (!v)
        return -ESRCH;
    vcpu_runstate_get(v, &state);
    info->online = !(v->pause_flags & VPF_DOWN);
    info->blocked = !!(v->pause_flags & VPF_BLOCKED);
    info->running = v->running;
    info->cpu_time = state.time[RUNSTATE_running];
    info->cpu = v->cpu;
    *copyback = true;
    return 0;
}

/* A set of CPUs in the caller's bitmap of any length; bits beyond hv's CPUs do not count. */
static bool bitmap_in(const struct xenctl_bitmap *map, cpumask_t *mask)
{
    uint8_t bytes[sizeof(mask->bits)] = { 0 };
    uint32_t n = min(ROUND_DIV((uint64_t)map->nr_bits, 8), (uint64_t)sizeof(bytes));

    if (!copy_from_guest(bytes, map->bitmap, n))
        return false;
    if (map->nr_bits < NR_CPUS && map->nr_bits % 8)
        bytes[n - 1] &= (1u << map->nr_bits % 8) - 1;
    memcpy(&mask->bits, bytes, sizeof(bytes));
    return true;
}

static bool bitmap_out(const struct xenctl_bitmap *map, cpumask_t mask)
{
    uint64_t bytes = ROUND_DIV((uint64_t)map->nr_bits, 8);
    uint32_t n = min(bytes, (uint64_t)sizeof(mask.bits));
    const uint8_t *from = (const uint8_t *)&mask.bits;

    if (!copy_to_guest(map->bitmap, from, n))
        return false;
    return bytes <= n || bytes > PAGE_SIZE || !arch_clear_guest(map->bitmap.p + n, bytes - n);
}

long domctl_set_affinity(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct vcpu *v = domain_vcpu(d, a->vcpu);
    cpumask_t hard, soft;
    int rc;

    (void)arg;
    (void)copyback;
    if (!v)
        return -ESRCH;
    if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)))
        return -EINVAL;
    if (v->pinned && !(a->flags & XEN_VCPUAFFINITY_FORCE))
        return -EBUSY;
    if ((a->flags & XEN_VCPUAFFINITY_HARD) && !bitmap_in(&a->cpumap_hard, &hard))
        return -EFAULT;
    if ((a->flags & XEN_VCPUAFFINITY_SOFT) && !bitmap_in(&a->cpumap_soft, &soft))
        return -EFAULT;
    rc = vcpu_set_affinity(v, a->flags & XEN_VCPUAFFINITY_HARD ? &hard : NULL,
                           a->flags & XEN_VCPUAFFINITY_SOFT ? &soft : NULL);
    if (rc)
        return rc;
    if (a->flags & XEN_VCPUAFFINITY_FORCE)
        v->pinned = false;
    if (((a->flags & XEN_VCPUAFFINITY_HARD) && !bitmap_out(&a->cpumap_hard, hard)) ||
        ((a->flags & XEN_VCPUAFFINITY_SOFT) &&
         !bitmap_out(&a->cpumap_soft, cpumask_and(soft, v->sched.hard_affinity))))
        return -EFAULT;
    return 0;
}

long domctl_get_affinity(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct vcpu *v = domain_vcpu(d, a->vcpu);

    (void)arg;
    (void)copyback;
    if (!v)
        return -ESRCH;
    if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)))
        return -EINVAL;
    if (((a->flags & XEN_VCPUAFFINITY_HARD) && !bitmap_out(&a->cpumap_hard, v->sched.hard_affinity)) ||
        ((a->flags & XEN_VCPUAFFINITY_SOFT) && !bitmap_out(&a->cpumap_soft, v->sched.soft_affinity)))
        return -EFAULT;
    return 0;
}
