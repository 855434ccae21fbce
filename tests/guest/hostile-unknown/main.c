/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers that mean nothing: every hypercall number without a meaning, by the page and by hand, and every operation number
 * beyond the last of each call. The answer is -ENOSYS or another plain error, never more.
 */
#include <guest.h>

/* 0 to 63, as they are in the ABI; others are free. */
static bool assigned(unsigned long nr)
{
    if (running_on_hv())
        return nr <= 42 || nr == __HYPERVISOR_arch_0 || (nr >= __HYPERVISOR_arch_4 && nr <= __HYPERVISOR_arch_7);
    return nr <= 42 || nr == __HYPERVISOR_arch_0 || nr == __HYPERVISOR_arch_1;
}

static void numbers(void)
{
    unsigned int nr, wrong = 0;
    static const unsigned long far[] = {
        64, 65, 127, 128, 255, 256, 511, 4096, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x100000011,
        0x8000000000000000, 0xffffffffffffffff, 0xffffffffffffffef,
    };

    for (nr = 0; nr < 64; nr++)
        if (!assigned(nr) && hypercall(nr, 1, 2, 3, 4, 5) != -XEN_ENOSYS) {
            note("hypercall %u gives %ld", nr, hypercall(nr, 1, 2, 3, 4, 5));
            wrong++;
        }
    is(wrong, 0, "free numbers below 64 give -ENOSYS through the page");
    wrong = 0;
    for (nr = 64; nr < 128; nr++)
        if (hypercall(nr, 1, 2, 3, 4, 5) != -XEN_ENOSYS)
            wrong++;
    is(wrong, 0, "so do the rest of the page's numbers");
    wrong = 0;
    for (nr = 0; nr < ARRAY_SIZE(far); nr++) {
        long result = raw_hypercall(far[nr], 0, 0, 0, 0, 0);

        /* Only the low half counts: 0x100000011 is xen_version in disguise, and an answer to it is no harm. */
        if (result != -XEN_ENOSYS && (uint32_t)far[nr] > 42)
            wrong++;
    }
    is(wrong, 0, "and numbers far beyond");
}

/* Operations beyond those that the ABI has. FIRST is the first that does not exist. */
static const struct {
    const char *name;
    unsigned int nr, first, last;
} operations[] = {
    /* The upper bits are the progress of a continuation. */
    { "memory_op", __HYPERVISOR_memory_op, 29, 63 },
    { "xen_version", __HYPERVISOR_xen_version, 11, 400 },
    { "console_io", __HYPERVISOR_console_io, 2, 400 },
    { "grant_table_op", __HYPERVISOR_grant_table_op, 13, 400 },
    { "vm_assist", __HYPERVISOR_vm_assist, 4, 400 },
    { "vcpu_op", __HYPERVISOR_vcpu_op, 14, 400 },
    { "set_segment_base", __HYPERVISOR_set_segment_base, 4, 400 },
    { "sched_op", __HYPERVISOR_sched_op, 8, 400 },
    { "callback_op", __HYPERVISOR_callback_op, 2, 400 },
    { "event_channel_op", __HYPERVISOR_event_channel_op, 14, 400 },
    { "physdev_op", __HYPERVISOR_physdev_op, 33, 400 },
    { "platform_op", __HYPERVISOR_platform_op, 0x1000, 0x2000 },
    { "domctl", __HYPERVISOR_domctl, 0x1000, 0x2000 },
    { "sysctl", __HYPERVISOR_sysctl, 0x1000, 0x2000 },
    { "nmi_op", __HYPERVISOR_nmi_op, 5, 400 },
};

static void operation_numbers(void)
{
    static uint64_t zeros[64];
    unsigned int i, op, bad;

    for (i = 0; i < ARRAY_SIZE(operations); i++) {
        bad = 0;
        for (op = operations[i].first; op <= operations[i].last; op++)
            if (hypercall(operations[i].nr, op, (unsigned long)zeros, 0, 0, 0) >= 0)
                bad++;
        for (op = 30; op < 32 && operations[i].last > 63; op++)
            if (hypercall(operations[i].nr, 1u << op, (unsigned long)zeros, 0, 0, 0) >= 0)
                bad++;
        is(bad, 0, "%s: operations that do not exist fail", operations[i].name);
    }
}

void test_main(void)
{
    numbers();
    operation_numbers();
}
