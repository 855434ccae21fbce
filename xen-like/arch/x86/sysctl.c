/* SPDX-License-Identifier: GPL-2.0-only */
/* What sysctl says about the processors: their number, speed, features. */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/smp.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>
#include <hv/page_alloc.h>
#include <public/sysctl.h>

#define FEATURE_WORDS 9u

/* The words of the ABI's feature set, in its order: see arch-x86/cpufeatureset in the ABI's documentation. */
static void feature_words(uint32_t words[FEATURE_WORDS])
{
    struct cpuid_regs leaf1 = cpuid(1), ext1 = { 0 }, xsave1 = { 0 }, leaf7 = { 0 }, ext7 = { 0 }, ext8 = { 0 };

    if (cpu_features.max_ext_leaf >= 0x80000001)
        ext1 = cpuid(0x80000001);
    if (cpu_features.xsave)
        xsave1 = cpuid_count(0xd, 1);
    if (cpu_features.max_leaf >= 7)
        leaf7 = cpuid_count(7, 0);
    if (cpu_features.max_ext_leaf >= 0x80000007)
        ext7 = cpuid(0x80000007);
    if (cpu_features.max_ext_leaf >= 0x80000008)
        ext8 = cpuid(0x80000008);
    words[0] = leaf1.d;
    words[1] = leaf1.c;
    words[2] = ext1.d;
    words[3] = ext1.c;
    words[4] = xsave1.a;
    words[5] = leaf7.b;
    words[6] = leaf7.c;
    words[7] = ext7.d;
    words[8] = ext8.b;
}

static long phys_info(struct xen_sysctl *op, bool *copyback)
{
    cpumask_t online = arch_online_cpus();
    uint32_t words[FEATURE_WORDS];
    struct xen_sysctl_physinfo info = {
        .threads_per_core = 1,
        .cores_per_socket = cpumask_weight(online),
        .nr_cpus = cpumask_weight(online),
        .max_cpu_id = 63 - __builtin_clzll(online.bits),
        .nr_nodes = 1,
        .cpu_khz = clock_tsc_khz(),
        .capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1,
        .total_pages = page_alloc_total_pages(),
        .free_pages = page_alloc_free_pages(),
        .max_mfn = max_mfn.v,
    };

    feature_words(words);
    for (unsigned int i = 0; i < ARRAY_SIZE(info.hw_cap); i++)
        info.hw_cap[i] = words[i];
    op->u.physinfo = info;
    *copyback = true;
    return 0;
}

/* Of the hardware; what a guest is shown comes from its own CPUID, which hv answers. */
static long feature_set(struct xen_sysctl *op, bool *copyback)
{
    struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
    uint32_t words[FEATURE_WORDS], n = FEATURE_WORDS;

    if (f->index != XEN_SYSCTL_cpu_featureset_raw && f->index != XEN_SYSCTL_cpu_featureset_host)
        return -EINVAL;
    feature_words(words);
    if (f->features.p) {
        n = min(n, f->nr_features);
        if (!copy_to_guest(f->features, words, n))
            return -EFAULT;
    }
    f->nr_features = n;
    *copyback = true;
    return 0;
}

static const struct {
    const char *name;
    size_t offset; /* in struct cpu_counters */
} counters[] = {
    { "CR3 loads", offsetof(struct cpu_counters, cr3_loads) },
    { "TLB flushes", offsetof(struct cpu_counters, flushes) },
    { "page flushes", offsetof(struct cpu_counters, page_flushes) },
    { "flushes asked of other CPUs", offsetof(struct cpu_counters, flush_requests) },
    { "flushes spared other CPUs", offsetof(struct cpu_counters, flushes_spared) },
};

static uint32_t *counter_of(unsigned int cpu, unsigned int n)
{
    return (uint32_t *)((char *)&cpu_info_of(cpu)->count + counters[n].offset);
}

static bool copy_counter(const struct xen_sysctl_perfc_op *p, unsigned int n, unsigned int cpus)
{
    struct xen_sysctl_perfc_desc desc = { .nr_vals = cpus };

    snprintf(desc.name, sizeof(desc.name), "%s", counters[n].name);
    if (p->desc.p && !copy_to_guest_offset(p->desc, n, &desc, 1))
        return false;
    for (unsigned int cpu = 0; p->val.p && cpu < cpus; cpu++) {
        uint32_t value = cpumask_test(arch_online_cpus(), cpu) ? READ_ONCE(*counter_of(cpu, n)) : 0;

        if (!copy_to_guest_offset(p->val, n * cpus + cpu, &value, 1))
            return false;
    }
    return true;
}

/*
 * Each counter has a value for each CPU, up to the last one. Resetting races with counting: a count or two
 * survives.
 */
static long performance_counters(struct xen_sysctl *op, bool *copyback)
{
    struct xen_sysctl_perfc_op *p = &op->u.perfc_op;
    cpumask_t online = arch_online_cpus();
    unsigned int cpu, cpus = 64 - __builtin_clzll(online.bits);

    if (p->cmd != XEN_SYSCTL_PERFCOP_reset && p->cmd != XEN_SYSCTL_PERFCOP_query)
        return -EINVAL;
    p->nr_counters = ARRAY_SIZE(counters);
    p->nr_vals = ARRAY_SIZE(counters) * cpus;
    *copyback = true;
    for (unsigned int n = 0; n < ARRAY_SIZE(counters); n++) {
        if (p->cmd == XEN_SYSCTL_PERFCOP_query && !copy_counter(p, n, cpus))
            return -EFAULT;
        cpumask_for_each(cpu, p->cmd == XEN_SYSCTL_PERFCOP_reset ? online : CPUMASK_NONE)
            WRITE_ONCE(*counter_of(cpu, n), 0);
    }
    return 0;
}

long arch_sysctl(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    switch (op->cmd) {
    case XEN_SYSCTL_physinfo:
        return phys_info(op, copyback);
    case XEN_SYSCTL_perfc_op:
        return performance_counters(op, copyback);
    case XEN_SYSCTL_get_cpu_featureset:
        return feature_set(op, copyback);
    case XEN_SYSCTL_get_cpu_levelling_caps:
        op->u.cpu_levelling_caps.caps = 0;
        *copyback = true;
        return 0;
    default:
        return -ENOSYS;
    }
}
