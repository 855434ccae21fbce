/* SPDX-License-Identifier: GPL-2.0-only */
/* The tool stack's calls, domctl and sysctl: what they refuse, what they answer, and that they write no more than asked. */
#include <string.h>

#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/time.h>
#include <public/domctl.h>
#include <public/sysctl.h>

#include "harness.h"
#include "host.h"

static struct domain *control;
static struct xen_domctl op;
static struct xen_sysctl sys;

static long run(void)
{
    return do_domctl((unsigned long)&op, 0, 0, 0, 0, 0);
}

/* A fresh operation on a domain. */
static struct xen_domctl *on(uint32_t cmd, domid_t id)
{
    memset(&op, 0, sizeof(op));
    op.cmd = cmd;
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op.domain = id;
    return &op;
}

static struct xen_sysctl *ask(uint32_t cmd)
{
    memset(&sys, 0, sizeof(sys));
    sys.cmd = cmd;
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return &sys;
}

static long answer(void)
{
    return do_sysctl((unsigned long)&sys, 0, 0, 0, 0, 0);
}

static struct xen_domctl_createdomain *new_config(domid_t id)
{
    struct xen_domctl_createdomain *c = &on(XEN_DOMCTL_createdomain, id)->u.createdomain;

    c->max_vcpus = 2;
    c->max_evtchn_port = 1023;
    c->max_grant_frames = 2;
    c->max_maptrack_frames = 2;
    c->grant_opts = 1;
    return c;
}

static long simple(uint32_t cmd, domid_t id)
{
    on(cmd, id);
    return run();
}

static void begin(void)
{
    int rc;

    host_reset(2048);
    host_online = (cpumask_t){ 3 };
    sched_init();
    sched_cpu_online(0);
    timers_init();
    CU_ASSERT_PTR_NULL_FATAL(domain_next(0));
    new_config(0);
    control = dom0 = domain_create(0, &op.u.createdomain, true, &rc);
    CU_ASSERT_PTR_NOT_NULL_FATAL(control);
    host_current = vcpu_create(control, 0);
    new_config(1);
    CU_ASSERT_EQUAL_FATAL(run(), 0);
    on(XEN_DOMCTL_max_vcpus, 1)->u.max_vcpus.max = 2;
    CU_ASSERT_EQUAL_FATAL(run(), 0);
}

static void end(void)
{
    struct domain *d;

    for (domid_t id = 1; (d = domain_next(id)); id++) {
        id = d->id;
        CU_ASSERT_EQUAL(simple(XEN_DOMCTL_destroydomain, id), 0);
        domain_put(d);
    }
    dom0 = NULL;
    host_current = NULL;
    while (domain_kill(control) == -ERESTART)
        ;
    CU_ASSERT_EQUAL(page_alloc_free_pages(), 2048 - 1); /* the table of owners */
}

static struct domain *d1(void) /* stays while nobody ends it */
{
    struct domain *d = domain_get_by_id(1);

    domain_put(d);
    return d;
}

static void bad_calls(void)
{
    begin();
    CU_ASSERT_EQUAL(do_domctl(0, 0, 0, 0, 0, 0), -EFAULT);
    on(XEN_DOMCTL_pausedomain, 1)->interface_version--;
    CU_ASSERT_EQUAL(run(), -EACCES);
    CU_ASSERT_EQUAL(simple(0, 1), -ENOSYS);
    CU_ASSERT_EQUAL(simple(999, 1), -ENOSYS);
    CU_ASSERT_EQUAL(simple(UINT32_MAX, 1), -ENOSYS);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_pausedomain, 77), -ESRCH);
    CU_ASSERT_EQUAL(simple(999, 77), -ESRCH);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_pausedomain, DOMID_IO), -ESRCH);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_pausedomain, DOMID_INVALID), -ESRCH);
    host_copy_limit = sizeof(op) - 1;
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_pausedomain, 1), -EFAULT);
    CU_ASSERT_EQUAL(d1()->pause_count, 1);
    host_copy_limit = sizeof(op) + 8; /* read, done, and then the answer cannot be written */
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_getdomaininfo, 1), -EFAULT);
    host_copy_limit = SIZE_MAX;
    CU_ASSERT_EQUAL(d1()->refcount, 2);
    end();
}

static long seen;

static int another_call(struct domain *d)
{
    struct xen_domctl other = { .cmd = XEN_DOMCTL_unpausedomain, .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                                .domain = 1 };

    (void)d;
    seen = do_domctl((unsigned long)&other, 0, 0, 0, 0, 0);
    return 0;
}

static void one_at_a_time(void)
{
    begin();
    host_domain_init_hook = another_call;
    new_config(2);
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_EQUAL(seen, -ERESTART);
    CU_ASSERT_EQUAL(d1()->pause_count, 1);
    end();
}

static void configurations(void)
{
    begin();
    new_config(5)->max_vcpus = 0;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    new_config(5)->max_vcpus = MAX_VCPUS + 1;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    for (unsigned int bit = 0; bit < 32; bit++) {
        new_config(5)->flags = 1u << bit;
        CU_ASSERT_EQUAL(run(), 1u << bit == XEN_DOMCTL_CDF_xs_domain ? 0 : -EINVAL);
        if (1u << bit == XEN_DOMCTL_CDF_xs_domain)
            CU_ASSERT_EQUAL(simple(XEN_DOMCTL_destroydomain, 5), 0);
    }
    new_config(5)->grant_opts = 3;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    new_config(5)->grant_opts = 0x101;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    new_config(5)->arch.emulation_flags = 1;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    new_config(5)->max_grant_frames = 5000;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    new_config(5)->max_maptrack_frames = INT32_MAX;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    new_config(5)->iommu_opts = 1;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    new_config(1);
    CU_ASSERT_EQUAL(run(), -EEXIST);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_pausedomain, 5), -ESRCH);
    new_config(0)->max_grant_frames = -1; /* the default; 0: any number */
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_EQUAL(op.domain, 6);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_destroydomain, 6), 0);
    end();
}

static void not_oneself(void)
{
    static const uint32_t never[] = { XEN_DOMCTL_destroydomain, XEN_DOMCTL_pausedomain, XEN_DOMCTL_resumedomain,
                                      XEN_DOMCTL_setdebugging, XEN_DOMCTL_soft_reset, XEN_DOMCTL_max_vcpus,
                                      XEN_DOMCTL_setvcpucontext, XEN_DOMCTL_getvcpucontext };

    begin();
    for (unsigned int i = 0; i < ARRAY_SIZE(never); i++) {
        CU_ASSERT_EQUAL(simple(never[i], DOMID_SELF), -EINVAL);
        CU_ASSERT_EQUAL(simple(never[i], 0), -EINVAL);
    }
    host_current = d1()->vcpu[0]; /* were another domain privileged: still not the one with the hardware */
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_destroydomain, 0), -EINVAL);
    host_current = control->vcpu[0];
    end();
}

static void walking(void)
{
    struct xen_domctl_getdomaininfo list[4] = { 0 };

    begin();
    new_config(9);
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_getdomaininfo, 2), 0); /* the next one there is */
    CU_ASSERT_EQUAL(op.domain, 9);
    CU_ASSERT_EQUAL(op.u.getdomaininfo.domain, 9);
    CU_ASSERT_EQUAL(op.u.getdomaininfo.max_vcpu_id, XEN_INVALID_MAX_VCPU_ID);
    CU_ASSERT_EQUAL(op.u.getdomaininfo.flags & (XEN_DOMINF_paused | XEN_DOMINF_blocked), XEN_DOMINF_paused);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_getdomaininfo, 10), -ESRCH);
    ask(XEN_SYSCTL_getdomaininfolist)->u.getdomaininfolist.max_domains = 2;
    sys.u.getdomaininfolist.buffer.p = list;
    CU_ASSERT_EQUAL(answer(), 0);
    CU_ASSERT_EQUAL(sys.u.getdomaininfolist.num_domains, 2);
    CU_ASSERT_EQUAL(list[1].domain, 1);
    CU_ASSERT_EQUAL(list[2].max_pages, 0); /* no more than was asked for */
    CU_ASSERT_EQUAL(list[2].shared_info_frame, 0);
    ask(XEN_SYSCTL_getdomaininfolist)->u.getdomaininfolist.max_domains = 0;
    CU_ASSERT_EQUAL(answer(), 0);
    CU_ASSERT_EQUAL(sys.u.getdomaininfolist.num_domains, 0);
    ask(XEN_SYSCTL_getdomaininfolist)->u.getdomaininfolist.max_domains = 5;
    CU_ASSERT_EQUAL(answer(), -EFAULT);
    CU_ASSERT_EQUAL(d1()->refcount, 2);
    end();
}

static void vcpus(void)
{
    static struct vcpu_guest_context context;
    struct vcpu *v;

    begin();
    v = d1()->vcpu[1];
    on(XEN_DOMCTL_max_vcpus, 1)->u.max_vcpus.max = 3;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    on(XEN_DOMCTL_max_vcpus, 1)->u.max_vcpus.max = 2; /* again: all are there */
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_PTR_EQUAL(d1()->vcpu[1], v);
    on(XEN_DOMCTL_getvcpucontext, 1)->u.vcpucontext.vcpu = 2;
    CU_ASSERT_EQUAL(run(), -ESRCH);
    on(XEN_DOMCTL_getvcpucontext, 1)->u.vcpucontext.vcpu = 1;
    CU_ASSERT_EQUAL(run(), -ENODATA);
    on(XEN_DOMCTL_setvcpucontext, 1)->u.vcpucontext.vcpu = UINT32_MAX;
    CU_ASSERT_EQUAL(run(), -ESRCH);
    context.user_regs.rip = 0x1234;
    context.flags = VGCF_online;
    on(XEN_DOMCTL_setvcpucontext, 1)->u.vcpucontext.vcpu = 1;
    op.u.vcpucontext.ctxt.p = &context;
    host_copy_limit = sizeof(op) + 100;
    CU_ASSERT_EQUAL(run(), -EFAULT);
    host_copy_limit = SIZE_MAX;
    CU_ASSERT(!v->initialised);
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT(v->initialised);
    CU_ASSERT(!(v->pause_flags & VPF_DOWN));
    memset(&context, 0, sizeof(context));
    op.cmd = XEN_DOMCTL_getvcpucontext;
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_EQUAL(context.user_regs.rip, 0x1234);
    on(XEN_DOMCTL_getvcpuinfo, 1)->u.getvcpuinfo.vcpu = 1;
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_EQUAL(op.u.getvcpuinfo.online, 1);
    on(XEN_DOMCTL_getvcpuinfo, 1)->u.getvcpuinfo.vcpu = 2;
    CU_ASSERT_EQUAL(run(), -ESRCH);
    on(XEN_DOMCTL_sendtrigger, 1)->u.sendtrigger.vcpu = 2;
    CU_ASSERT_EQUAL(run(), -ESRCH);
    on(XEN_DOMCTL_sendtrigger, 1)->u.sendtrigger.trigger = 99;
    CU_ASSERT_EQUAL(run(), -ENOSYS);
    CU_ASSERT_EQUAL(d1()->pause_count, 1);
    end();
}

static long affinity(uint32_t cmd, uint32_t flags, uint8_t *bitmap, uint32_t bits)
{
    struct xen_domctl_vcpuaffinity *a = &on(cmd, 1)->u.vcpuaffinity;

    a->flags = flags;
    a->cpumap_hard.bitmap.p = a->cpumap_soft.bitmap.p = bitmap;
    a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = bits;
    return run();
}

static void bitmaps(void)
{
    uint8_t map[16];

    begin();
    memset(map, 0xaa, sizeof(map));
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_getvcpuaffinity, XEN_VCPUAFFINITY_HARD, map, 12), 0);
    CU_ASSERT_EQUAL(map[0], 0xff);
    CU_ASSERT_EQUAL(map[2], 0xaa); /* its bytes, no more */
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_getvcpuaffinity, XEN_VCPUAFFINITY_HARD, map, 100), 0);
    CU_ASSERT_EQUAL(map[7], 0xff);
    CU_ASSERT_EQUAL(map[8], 0); /* CPUs that there cannot be */
    CU_ASSERT_EQUAL(map[12], 0);
    CU_ASSERT_EQUAL(map[13], 0xaa);
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_getvcpuaffinity, 0, map, 8), -EINVAL);
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_getvcpuaffinity, XEN_VCPUAFFINITY_HARD, NULL, 8), -EFAULT);
    map[0] = 0xfe;
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, map, 1), -EINVAL); /* bit 1 is not in it */
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, map, 0), -EINVAL);
    CU_ASSERT_EQUAL(d1()->vcpu[0]->sched.hard_affinity.bits, ~0ull);
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, map, 2), 0);
    CU_ASSERT_EQUAL(d1()->vcpu[0]->sched.hard_affinity.bits, 2);
    map[0] = 0xfc; /* only CPUs that are not there */
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_HARD, map, 8), -EINVAL);
    CU_ASSERT_EQUAL(affinity(XEN_DOMCTL_setvcpuaffinity, XEN_VCPUAFFINITY_SOFT, map, 8), 0);
    CU_ASSERT_EQUAL(d1()->vcpu[0]->sched.hard_affinity.bits, 2);
    CU_ASSERT_EQUAL(map[0], 0); /* the part of it that can be had */
    on(XEN_DOMCTL_setvcpuaffinity, 1)->u.vcpuaffinity.vcpu = 2;
    CU_ASSERT_EQUAL(run(), -ESRCH);
    end();
}

static long scheduler(uint32_t cmd, uint16_t weight, uint16_t cap)
{
    struct xen_domctl_scheduler_op *s = &on(XEN_DOMCTL_scheduler_op, 1)->u.scheduler_op;

    s->sched_id = XEN_SCHEDULER_CREDIT;
    s->cmd = cmd;
    s->u.credit.weight = weight;
    s->u.credit.cap = cap;
    return run();
}

static void shares(void)
{
    begin();
    CU_ASSERT_EQUAL(scheduler(XEN_DOMCTL_SCHEDOP_putinfo, 512, 150), 0);
    CU_ASSERT_EQUAL(scheduler(XEN_DOMCTL_SCHEDOP_putinfo, 0, UINT16_MAX), 0); /* leaves both */
    CU_ASSERT_EQUAL(scheduler(XEN_DOMCTL_SCHEDOP_getinfo, 1, 1), 0);
    CU_ASSERT_EQUAL(op.u.scheduler_op.u.credit.weight, 512);
    CU_ASSERT_EQUAL(op.u.scheduler_op.u.credit.cap, 150);
    CU_ASSERT_EQUAL(scheduler(XEN_DOMCTL_SCHEDOP_putinfo, 1, 201), -EINVAL); /* more than its vCPUs can use */
    CU_ASSERT_EQUAL(scheduler(9, 1, 1), -EOPNOTSUPP);
    scheduler(XEN_DOMCTL_SCHEDOP_getinfo, 0, 0);
    op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT + 1;
    CU_ASSERT_EQUAL(run(), -EINVAL);
    end();
}

static void limits(void)
{
    begin();
    on(XEN_DOMCTL_max_mem, 1)->u.max_mem.max_memkb = 4096;
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_EQUAL(d1()->max_pages, 1024);
    on(XEN_DOMCTL_max_mem, 1)->u.max_mem.max_memkb = UINT64_MAX;
    CU_ASSERT_EQUAL(run(), 0);
    CU_ASSERT_EQUAL(d1()->max_pages, UINT32_MAX); /* not what a conversion makes of it */
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_soft_reset, 1), -EINVAL); /* it did not shut down */
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_unpausedomain, 1), 0);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_unpausedomain, 1), -EINVAL);
    end();
}

/* A number whose domain is dead is as good as one that never was; while others hold its pages it can still be looked at. */
static void the_dead(void)
{
    struct domain *d;
    struct page_info *pg;

    begin();
    d = d1();
    d->max_pages = 10;
    pg = page_alloc_domain(d, 0, PAGE_ANY);
    CU_ASSERT(page_get(pg, d));
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_destroydomain, 1), 0);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_getdomaininfo, 1), 0);
    CU_ASSERT_EQUAL(op.u.getdomaininfo.domain, 1);
    CU_ASSERT(op.u.getdomaininfo.flags & XEN_DOMINF_dying);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_setvcpucontext, 1), -EINVAL);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_destroydomain, 1), 0);
    new_config(1);
    CU_ASSERT_EQUAL(run(), -EEXIST);
    page_put(pg);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_destroydomain, 1), -ESRCH);
    CU_ASSERT_EQUAL(simple(XEN_DOMCTL_getdomaininfo, 1), -ESRCH);
    end();
}

static void machine_questions(void)
{
    struct xen_sysctl_cputopo topo[3];
    struct xen_sysctl_cpuinfo info[3];
    uint8_t cpus[9];

    begin();
    CU_ASSERT_EQUAL(do_sysctl(0, 0, 0, 0, 0, 0), -EFAULT);
    ask(XEN_SYSCTL_sched_id)->interface_version++;
    CU_ASSERT_EQUAL(answer(), -EACCES);
    ask(12345);
    CU_ASSERT_EQUAL(answer(), -ENOSYS);
    memset(topo, 0xaa, sizeof(topo));
    ask(XEN_SYSCTL_cputopoinfo)->u.cputopoinfo.num_cpus = 1;
    sys.u.cputopoinfo.cputopo.p = topo;
    CU_ASSERT_EQUAL(answer(), 0);
    CU_ASSERT_EQUAL(topo[0].core, 0);
    CU_ASSERT_EQUAL(topo[1].core, 0xaaaaaaaa);
    ask(XEN_SYSCTL_cputopoinfo);
    CU_ASSERT_EQUAL(answer(), 0);
    CU_ASSERT_EQUAL(sys.u.cputopoinfo.num_cpus, 2);
    memset(info, 0xaa, sizeof(info));
    ask(XEN_SYSCTL_getcpuinfo)->u.getcpuinfo.max_cpus = 3;
    sys.u.getcpuinfo.info.p = info;
    CU_ASSERT_EQUAL(answer(), 0);
    CU_ASSERT_EQUAL(sys.u.getcpuinfo.nr_cpus, 2);
    CU_ASSERT_EQUAL(info[2].idletime, 0xaaaaaaaaaaaaaaaa);
    ask(XEN_SYSCTL_availheap)->u.availheap.node = 1;
    CU_ASSERT_EQUAL(answer(), -EINVAL);
    ask(XEN_SYSCTL_cpupool_op)->u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_INFO;
    memset(cpus, 0xaa, sizeof(cpus));
    sys.u.cpupool_op.cpumap.bitmap.p = cpus;
    sys.u.cpupool_op.cpumap.nr_bits = 1000;
    CU_ASSERT_EQUAL(answer(), 0);
    CU_ASSERT_EQUAL(cpus[0], 3);
    CU_ASSERT_EQUAL(cpus[8], 0xaa);
    CU_ASSERT_EQUAL(sys.u.cpupool_op.n_dom, 2);
    sys.u.cpupool_op.cpupool_id = 3;
    CU_ASSERT_EQUAL(answer(), -ENOENT);
    ask(XEN_SYSCTL_cpupool_op)->u.cpupool_op.op = 77;
    CU_ASSERT_EQUAL(answer(), -EOPNOTSUPP);
    ask(XEN_SYSCTL_debug_keys)->u.debug_keys.nr_keys = 1;
    CU_ASSERT_EQUAL(answer(), -EFAULT);
    ask(XEN_SYSCTL_debug_keys)->u.debug_keys.nr_keys = UINT32_MAX;
    sys.u.debug_keys.keys.p = (char[256]){ 'q', 'm', 'r', 'h', '?', 'g' };
    CU_ASSERT_EQUAL(answer(), 0);
    end();
}

const struct unit_test unit_tests[] = {
    { "calls that make no sense", bad_calls },
    { "one operation at a time; another is made again", one_at_a_time },
    { "configurations of a new domain", configurations },
    { "nobody pauses or ends himself, or dom0", not_oneself },
    { "walking the domains", walking },
    { "vCPUs, their contexts and states", vcpus },
    { "sets of CPUs of any length", bitmaps },
    { "weights and caps", shares },
    { "limits", limits },
    { "the dead", the_dead },
    { "what is asked about the machine", machine_questions },
    { NULL, NULL },
};
