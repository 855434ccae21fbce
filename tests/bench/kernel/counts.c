/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own counters: what each operation costs besides instructions. Another hypervisor, or a domain that may
 * not ask, tells nothing.
 */
#include "bench.h"
#include <public/sysctl.h>

#define COUNTERS 16u
#define VALUES   64u

static const char *const names[] = { "CR3 loads", "TLB flushes", "page flushes" };

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* Sums over all CPUs. */
static struct counts read_counts(void)
{
    static xen_sysctl_perfc_desc_t desc[COUNTERS];
    static xen_sysctl_perfc_val_t values[VALUES];
    struct xen_sysctl op = {
        .cmd = XEN_SYSCTL_perfc_op, .interface_version = XEN_SYSCTL_INTERFACE_VERSION,
        .u.perfc_op.cmd = XEN_SYSCTL_PERFCOP_query,
    };
    struct counts c = { 0 };
    uint32_t at = 0;

    if (HYPERCALL_1(__HYPERVISOR_sysctl, &op) || op.u.perfc_op.nr_counters > COUNTERS ||
        op.u.perfc_op.nr_vals > VALUES)
        return c;
    op.u.perfc_op.desc.p = desc;
    op.u.perfc_op.val.p = values;
    if (HYPERCALL_1(__HYPERVISOR_sysctl, &op))
        return c;
    for (unsigned int n = 0; n < op.u.perfc_op.nr_counters; at += desc[n++].nr_vals)
        for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
            for (unsigned int cpu = 0; same(desc[n].name, names[i]) && cpu < desc[n].nr_vals; cpu++)
                c.value[i] += values[at + cpu];
    c.known = true;
    return c;
}

void counts_begin(struct counts *c) { *c = read_counts(); }

void counts_show(const char *name, const struct counts *before, unsigned int rounds)
{
    struct counts now = read_counts();
    uint32_t each[ARRAY_SIZE(names)];

    if (!before->known || !now.known)
        return;
    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
        each[i] = (now.value[i] - before->value[i] + rounds / 2) / rounds;
    note("flushes: %s = %u %u %u", name, each[0], each[1], each[2]);
}
