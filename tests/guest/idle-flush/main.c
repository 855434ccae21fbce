/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A flush that is asked for while a vCPU sleeps must be done when it wakes, though its CPU is not disturbed:
 * each time a page is mapped, used by the other vCPU, which then sleeps, and replaced, with each kind of
 * flush; and with none, if what was there becomes a page table.
 */
#include <guest.h>
#include <public/sched.h>
#include <public/sysctl.h>

#define ROUNDS 40u

static uint64_t *window, *page[2];
static unsigned long window_va;
static long to_other;
static volatile uint32_t round_, answered;
static volatile uint64_t seen;
static volatile bool stop, awake;

static void reader(void *unused)
{
    (void)unused;
    event_bind(to_other, NULL);
    while (!stop) {
        uint64_t value = 0;

        if (answered == round_) {
            awake = false;
            hyp_sched_op(SCHEDOP_block, NULL);
            awake = true;
            continue;
        }
        probe_read((void *)window_va, &value);
        seen = value;
        answered = round_;
    }
}

static uint64_t ask(void)
{
    uint64_t end = time_now() + 2000000000ul;

    round_++;
    event_send(to_other);
    while (answered != round_)
        if (time_now() > end)
            bail("the other vCPU does not answer");
    return seen;
}

/* Until its CPU may have gone idle. */
static void let_it_sleep(void)
{
    uint64_t end;

    while (awake)
        ;
    for (end = time_now() + 300000; time_now() < end;)
        ;
}

static uint32_t spared(void)
{
    static xen_sysctl_perfc_desc_t desc[16];
    static xen_sysctl_perfc_val_t values[128];
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_perfc_op, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
    uint32_t at = 0, sum = 0;

    op.u.perfc_op.cmd = XEN_SYSCTL_PERFCOP_query;
    op.u.perfc_op.desc.p = desc;
    op.u.perfc_op.val.p = values;
    if (HYPERCALL_1(__HYPERVISOR_sysctl, &op))
        return 0;
    for (unsigned int n = 0; n < op.u.perfc_op.nr_counters; at += desc[n++].nr_vals)
        for (unsigned int cpu = 0; !strncmp(desc[n].name, "flushes spared other CPUs", 80) && cpu < desc[n].nr_vals; cpu++)
            sum += values[at + cpu];
    return sum;
}

static uint64_t entry(unsigned int i) { return va_to_mfn(page[i & 1]) * PAGE_SIZE | PTE_RW; }

static void by_update_va_mapping(unsigned int i, uint64_t how)
{
    hyp_update_va_mapping(window_va, entry(i), how);
}

static void by_mmuext(unsigned int i, unsigned int cmd)
{
    static uint64_t both = 3;
    struct mmuext_op op = { .cmd = cmd };

    if (cmd == MMUEXT_INVLPG_ALL || cmd == MMUEXT_INVLPG_MULTI)
        op.arg1.linear_addr = window_va;
    op.arg2.vcpumask.p = (void *)&both;
    set_entry(window, entry(i));
    hyp_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

/* Nobody asks for a flush, but the page that was there becomes a table. */
static void by_new_type(unsigned int i)
{
    uint64_t *old = page[(i + 1) & 1], machine = va_to_mfn(old) * PAGE_SIZE, *own = entry_of(old, 1);

    set_entry(window, entry(i));
    if (set_entry(own, machine | PTE_RO) || pin(1, old) || unpin(old) || set_entry(own, machine | PTE_RW))
        bail("the page does not become a table");
}

static void replace(unsigned int i, unsigned int how)
{
    switch (how) {
    case 0:
        return by_update_va_mapping(i, UVMF_TLB_FLUSH | UVMF_ALL);
    case 1:
        return by_update_va_mapping(i, UVMF_INVLPG | UVMF_ALL);
    case 2:
        return by_mmuext(i, MMUEXT_TLB_FLUSH_ALL);
    case 3:
        return by_mmuext(i, MMUEXT_INVLPG_ALL);
    case 4:
        return by_mmuext(i, MMUEXT_TLB_FLUSH_MULTI);
    case 5:
        return by_mmuext(i, MMUEXT_INVLPG_MULTI);
    default:
        return by_new_type(i);
    }
}

static void sleeping(unsigned int how, const char *name)
{
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < ROUNDS; i++) {
        let_it_sleep();
        replace(i, how);
        wrong += ask() != 0x1110u * (1 + (i & 1));
    }
    is(wrong, 0, "%s: a vCPU that slept sees the new page", name);
}

void test_main(void)
{
    static const char *const names[] = { "update_va_mapping, all", "update_va_mapping, a page", "flush all", "a page", "flush some",
                                         "a page of some", "a page becomes a table" };
    uint32_t before;

    if (cpu_count() < 2)
        return (void)skip("one vCPU");
    window = new_window(&window_va);
    page[0] = page_alloc();
    page[1] = page_alloc();
    page[0][0] = 0x1110; /* as a table: entries that are not present */
    page[1][0] = 0x2220;
    to_other = event_bind_ipi(1);
    if (cpu_start(1, reader, NULL))
        bail("the other vCPU does not start");
    set_entry(window, entry(1));
    is(ask(), 0x2220, "the other vCPU reads");
    before = spared();
    for (unsigned int how = 0; how < ARRAY_SIZE(names); how++)
        sleeping(how, names[how]);
    if (running_on_hv() && is_dom0())
        ok(spared() > before, "its CPU was spared requests while it idled");
    stop = true;
    event_send(to_other);
    cpu_wait(1);
}
