/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysctl: what the tool stack asks about the machine. What needs knowledge of the CPU (physinfo's features, policies)
 * is arch_sysctl's. One scheduler, one NUMA node, one CPU pool: the answers about these say so.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/debug_keys.h>
#include <hv/domctl.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_alloc.h>
#include <hv/string.h>
#include <public/sysctl.h>

#define CHUNK 256u

static long read_console(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    struct xen_sysctl_readconsole *r = &op->u.readconsole;
    uint32_t index = r->incremental ? r->index : 0, done = 0;
    char chunk[CHUNK];

    (void)arg;
    while (done < r->count) {
        uint32_t n = console_ring_read(chunk, min(r->count - done, CHUNK), &index);

        if (!n)
            break;
        if (!copy_to_guest_offset(r->buffer, done, chunk, n))
            return -EFAULT;
        done += n;
    }
    if (r->clear)
        console_ring_clear();
    r->count = done;
    r->index = index;
    *copyback = true;
    return 0;
}

static long sched_id(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT;
    *copyback = true;
    return 0;
}

static long debug_keys(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    struct xen_sysctl_debug_keys *k = &op->u.debug_keys;
    char key;

    (void)arg;
    (void)copyback;
    for (uint32_t i = 0; i < min(k->nr_keys, CHUNK); i++) {
        if (!copy_from_guest_offset(&key, k->keys, i, 1))
            return -EFAULT;
        debug_key(key);
    }
    return 0;
}

static long domain_info_list(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
    struct xen_domctl_getdomaininfo info;
    domid_t from = l->first_domain;
    struct domain *d;

    (void)arg;
    l->num_domains = 0;
    while (l->num_domains < l->max_domains && (d = domain_next(from))) {
        domctl_get_info(d, &info);
        from = d->id + 1;
        domain_put(d);
        if (!copy_to_guest_offset(l->buffer, l->num_domains, &info, 1))
            return -EFAULT;
        l->num_domains++;
    }
    *copyback = true;
    return 0;
}

static long cpu_info_list(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    struct xen_sysctl_getcpuinfo *c = &op->u.getcpuinfo;
    cpumask_t online = arch_online_cpus();
    uint32_t n = 0;

    (void)arg;
    for (unsigned int cpu = 0; cpu < NR_CPUS && n < c->max_cpus && online.bits >> cpu; cpu++, n++) {
        struct xen_sysctl_cpuinfo info = { .idletime = cpumask_test(online, cpu) ? sched_cpu_idle_ns(cpu) : 0 };

        if (!copy_to_guest_offset(c->info, n, &info, 1))
            return -EFAULT;
    }
    c->nr_cpus = n;
    *copyback = true;
    return 0;
}

static long avail_heap(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    if (op->u.availheap.node > 0)
        return -EINVAL;
    op->u.availheap.avail_bytes = page_alloc_free_pages() << PAGE_SHIFT;
    *copyback = true;
    return 0;
}

static long cpu_topology(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    struct xen_sysctl_cputopoinfo *t = &op->u.cputopoinfo;
    cpumask_t online = arch_online_cpus();
    uint32_t n = 64 - __builtin_clzll(online.bits);

    (void)arg;
    if (t->cputopo.p) {
        n = min(n, t->num_cpus);
        for (uint32_t cpu = 0; cpu < n; cpu++) {
            struct xen_sysctl_cputopo topo = { .core = cpu, .socket = 0, .node = 0 };

            if (!cpumask_test(online, cpu))
                topo = (struct xen_sysctl_cputopo){ XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID, XEN_INVALID_NODE_ID };
            if (!copy_to_guest_offset(t->cputopo, cpu, &topo, 1))
                return -EFAULT;
        }
    }
    t->num_cpus = n;
    *copyback = true;
    return 0;
}

static long numa(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    struct xen_sysctl_numainfo *n = &op->u.numainfo;
    struct xen_sysctl_meminfo mem = { .memsize = page_alloc_total_pages() << PAGE_SHIFT,
                                      .memfree = page_alloc_free_pages() << PAGE_SHIFT };
    const uint32_t local = 10;

    (void)arg;
    if (n->num_nodes) {
        if ((n->meminfo.p && !copy_to_guest(n->meminfo, &mem, 1)) ||
            (n->distance.p && !copy_to_guest(n->distance, &local, 1)))
            return -EFAULT;
    }
    n->num_nodes = 1;
    *copyback = true;
    return 0;
}

/* The one pool there is: all CPUs, all domains. */
static long cpupool(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;
    cpumask_t online = arch_online_cpus();
    struct domain *d;

    (void)arg;
    if (p->op != XEN_SYSCTL_CPUPOOL_OP_INFO)
        return -EOPNOTSUPP;
    if (p->cpupool_id != 0 && p->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
        return -ENOENT;
    p->cpupool_id = 0;
    p->sched_id = XEN_SCHEDULER_CREDIT;
    p->n_dom = 0;
    for (domid_t from = 0; (d = domain_next(from)); from = d->id + 1, domain_put(d))
        p->n_dom++;
    if (!copy_to_guest(p->cpumap.bitmap, (const uint8_t *)&online.bits,
                       min(ROUND_DIV((uint64_t)p->cpumap.nr_bits, 8), (uint64_t)sizeof(online.bits))))
        return -EFAULT;
    *copyback = true;
    return 0;
}

static long (*const handlers[])(struct xen_sysctl *op, unsigned long arg, bool *copyback) = {
    [XEN_SYSCTL_readconsole] = read_console,
    [XEN_SYSCTL_sched_id] = sched_id,
    [XEN_SYSCTL_debug_keys] = debug_keys,
    [XEN_SYSCTL_getdomaininfolist] = domain_info_list,
    [XEN_SYSCTL_getcpuinfo] = cpu_info_list,
    [XEN_SYSCTL_availheap] = avail_heap,
    [XEN_SYSCTL_cputopoinfo] = cpu_topology,
    [XEN_SYSCTL_numainfo] = numa,
    [XEN_SYSCTL_cpupool_op] = cpupool,
};

HYPERCALL(do_sysctl)
{
    struct xen_sysctl op;
    bool copyback = false;
    long rc;

    HYPERCALL_UNUSED(a2, a3, a4, a5, a6);
    if (!copy_arg_in(&op, a1))
        return -EFAULT;
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    if (op.cmd < ARRAY_SIZE(handlers) && handlers[op.cmd])
        rc = handlers[op.cmd](&op, a1, &copyback);
    else
        rc = arch_sysctl(&op, a1, &copyback);
    if (copyback && !copy_arg_out(a1, &op))
        rc = -EFAULT;
    return rc;
}
