/* SPDX-License-Identifier: GPL-2.0-only */
/* What sysctl says about the processors: their number, speed, features. */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <hv/arch.h>
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

long arch_sysctl(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    (void)arg;
    switch (op->cmd) {
    case XEN_SYSCTL_physinfo:
        return phys_info(op, copyback);
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
