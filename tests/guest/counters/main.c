/* SPDX-License-Identifier: GPL-2.0-only */
/* hv's own counters, by sysctl: they count what this domain does, and nobody else reads or resets them. */
#include <guest.h>
#include <public/sysctl.h>

#define COUNTERS 16u
#define VALUES   64u

static xen_sysctl_perfc_desc_t desc[COUNTERS];
static xen_sysctl_perfc_val_t values[VALUES];
static struct xen_sysctl op;

static long perfc(uint32_t cmd, xen_sysctl_perfc_desc_t *names, xen_sysctl_perfc_val_t *vals)
{
    op = (struct xen_sysctl){ .cmd = XEN_SYSCTL_perfc_op, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
    op.u.perfc_op.cmd = cmd;
    op.u.perfc_op.desc.p = names;
    op.u.perfc_op.val.p = vals;
    return HYPERCALL_1(__HYPERVISOR_sysctl, &op);
}

/* The sum over all CPUs. */
static uint32_t count(const char *name)
{
    uint32_t at = 0, sum = 0;

    perfc(XEN_SYSCTL_PERFCOP_query, desc, values);
    for (unsigned int n = 0; n < op.u.perfc_op.nr_counters; at += desc[n++].nr_vals)
        for (unsigned int cpu = 0; !strncmp(desc[n].name, name, sizeof(desc[n].name)) && cpu < desc[n].nr_vals; cpu++)
            sum += values[at + cpu];
    return sum;
}

static void counting(void)
{
    struct mmuext_op page = { .cmd = MMUEXT_INVLPG_LOCAL, .arg1.linear_addr = (unsigned long)start_info };
    uint32_t loads = count("CR3 loads"), flushes = count("TLB flushes"), pages = count("page flushes"), user;
    static struct regs regs;

    for (unsigned int i = 0; i < 10; i++)
        flush_tlb();
    for (unsigned int i = 0; i < 5; i++)
        hyp_mmuext_op(&page, 1, NULL, DOMID_SELF);
    is(count("TLB flushes") - flushes, 10, "ten flushes");
    is(count("CR3 loads") - loads, 10, "are ten loads of CR3");
    is(count("page flushes") - pages, 5, "five pages");
    user_space_init();
    user_regs(&regs, 0x1000, 0);
    user_run(&regs);
    user = count("CR3 loads");
    user_run(&regs);
    is(count("CR3 loads") - user, 2, "to user mode and back");
    is(perfc(XEN_SYSCTL_PERFCOP_reset, NULL, NULL), 0, "reset");
    is(count("TLB flushes"), 0, "there were none");
}

void test_main(void)
{
    long rc = perfc(XEN_SYSCTL_PERFCOP_query, NULL, NULL);

    if (!is_dom0()) {
        is(rc, -XEN_EPERM, "an ordinary domain may not ask");
        return;
    }
    if (!running_on_hv())
        return (void)skip("counters are hv's");
    is(rc, 0, "how many there are");
    is(op.u.perfc_op.nr_counters, 5, "five");
    is(op.u.perfc_op.nr_vals, 5, "each for the one CPU");
    is(perfc(0, desc, values), -XEN_EINVAL, "no operation");
    is(perfc(XEN_SYSCTL_PERFCOP_query, (void *)0xffff800000000000, values), -XEN_EFAULT, "names into the hypervisor");
    is(perfc(XEN_SYSCTL_PERFCOP_query, desc, (void *)0xffff800000000000), -XEN_EFAULT, "values, too");
    counting();
}
