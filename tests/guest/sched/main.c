/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who gets how much of a CPU, on the machine. The first domain starts this same kernel several times, as guests that never stop,
 * or that sleep and measure how late they wake; gives them weights, caps and CPUs, and looks how long each ran.
 *
 * Run with --icount and exact=1, time counts instructions and nothing else is on the machine: shares and latency are checked.
 * Without, the emulator is one program among others, which may be held up for many slices: there they are only told.
 */
#include <guest.h>
#include <build.h>
#include <public/sched.h>
#include <public/sysctl.h>
#include <public/vcpu.h>

#define MS 1000000ull
#define MEETING 8       /* grant reference of a sleeper's page */
#define NAPS 40u
#define WORK (MS / 10)  /* what a sleeper does when it wakes */

enum role { PARENT, HOG, SLEEPER };

struct meeting {
    volatile uint64_t naps, late_most, late_sum;
};

/* --- the children --- */

static void spin_for(uint64_t ns)
{
    uint64_t end = time_now() + ns;

    while (time_now() < end)
        ;
}

static void hog(void)
{
    for (;;)
        asm volatile("" : : : "memory");
}

/* Wakes every 7 ms, as one that waits for a disk does, and notes how long after its time it ran. */
static void sleeper(void)
{
    struct meeting *meet = page_alloc();
    evtchn_port_t port = event_bind_virq(VIRQ_TIMER, 0);
    struct sched_poll poll = { .ports = { &port }, .nr_ports = 1 };

    if (grant_init(1))
        bail("no grant table");
    grant_access(MEETING, 0, va_to_mfn(meet), 0);
    for (;;) {
        uint64_t due = time_now() + 7 * MS, woken;

        event_clear(port);
        hyp_set_timer_op(due);
        hyp_sched_op(SCHEDOP_poll, &poll);
        woken = time_now();
        if (meet->naps < NAPS) {
            uint64_t late = woken > due ? woken - due : 0;

            meet->late_sum += late;
            if (late > meet->late_most)
                meet->late_most = late;
            meet->naps++;
        }
        spin_for(WORK);
    }
}

/* --- the parent --- */

static unsigned int nr_cpus, last_cpu;
static bool exact;
static uint32_t scheduler;

static void ask_the_machine(void)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };

    if (HYPERCALL_1(__HYPERVISOR_sysctl, &op))
        bail("physinfo");
    nr_cpus = op.u.physinfo.nr_cpus;
    last_cpu = nr_cpus - 1;
    op = (struct xen_sysctl){ .cmd = XEN_SYSCTL_sched_id, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
    if (HYPERCALL_1(__HYPERVISOR_sysctl, &op))
        bail("sched_id");
    scheduler = op.u.sched_id.sched_id;
}

static void pin_vcpu(unsigned int domain, unsigned int vcpu, unsigned int cpu)
{
    uint8_t map = 1u << cpu;
    struct xen_domctl op = { .u.vcpuaffinity = { .vcpu = vcpu, .flags = XEN_VCPUAFFINITY_HARD } };

    op.u.vcpuaffinity.cpumap_hard.bitmap.p = &map;
    op.u.vcpuaffinity.cpumap_hard.nr_bits = 8;
    is(domctl(&op, XEN_DOMCTL_setvcpuaffinity, domain), 0, "domain %u stays on CPU %u", domain, cpu);
}

static void share(const struct child *c, uint16_t weight, uint16_t cap)
{
    struct xen_domctl op = { .u.scheduler_op = { .sched_id = scheduler, .cmd = XEN_DOMCTL_SCHEDOP_putinfo } };

    op.u.scheduler_op.u.credit.weight = weight; /* credit2's are laid out the same */
    op.u.scheduler_op.u.credit.cap = cap;
    is(domctl(&op, XEN_DOMCTL_scheduler_op, c->domain), 0, "domain %u gets weight %u, cap %u", c->domain, weight, cap);
}

static uint64_t ran(const struct child *c)
{
    struct xen_domctl_getdomaininfo info;

    if (child_info(c, &info))
        bail("domain %u is gone", c->domain);
    return info.cpu_time;
}

static void sleep_until(uint64_t when)
{
    static evtchn_port_t port;
    struct sched_poll poll = { .ports = { &port }, .nr_ports = 1, .timeout = when };

    if (!port)
        port = event_alloc_unbound(DOMID_SELF, DOMID_SELF); /* on which nothing comes */
    while (time_now() < when)
        hyp_sched_op(SCHEDOP_poll, &poll);
}

/* What two children used of one CPU in that time, in thousandths. */
static void measure(const struct child *a, const struct child *b, uint64_t ns, unsigned int *of_a, unsigned int *of_b)
{
    uint64_t start, a0, b0;

    sleep_until(time_now() + 60 * MS); /* two periods of a cap */
    start = time_now();
    a0 = ran(a);
    b0 = ran(b);
    sleep_until(start + ns);
    ns = time_now() - start;
    *of_a = (ran(a) - a0) * 1000 / ns;
    *of_b = (ran(b) - b0) * 1000 / ns;
    note("they used %u and %u thousandths of CPU %u in %lu ms", *of_a, *of_b, last_cpu, (unsigned long)(ns / MS));
}

static bool near(unsigned int got, unsigned int want)
{
    const unsigned int off = 35; /* slices of 10 ms in 300: one more or less */

    return got + off >= want && got <= want + off;
}

static void expect(bool good, const char *what)
{
    if (exact)
        ok(good, "%s", what);
}

static void start(struct child *c, enum role role)
{
    const char *words[] = { [HOG] = "role=1", [SLEEPER] = "role=2" };

    child_create(c, 1);
    child_load(c, (const void *)start_info->mod_start, start_info->mod_len, words[role]);
    pin_vcpu(c->domain, 0, last_cpu);
    child_unpause(c);
}

static void weights(const struct child *a, const struct child *b)
{
    unsigned int of_a, of_b;

    share(a, 256, 0);
    share(b, 512, 0);
    measure(a, b, 300 * MS, &of_a, &of_b);
    expect(near(of_a, 333), "weight 256 of 768 gets a third");
    expect(near(of_b, 667), "weight 512 gets two thirds");
    ok(of_a + of_b <= 1020, "together they have no more than the CPU they are kept on");
    share(a, 768, 0);
    share(b, 256, 0);
    measure(a, b, 300 * MS, &of_a, &of_b);
    expect(near(of_a, 750) && near(of_b, 250), "new weights count from now on");
}

static void caps(const struct child *a, const struct child *b)
{
    unsigned int of_a, of_b;

    share(a, 256, 0);
    share(b, 512, 30);
    measure(a, b, 300 * MS, &of_a, &of_b);
    expect(near(of_b, 300), "a cap of 30 holds, whatever the weight");
    expect(near(of_a, 700), "the other has the rest");
    share(a, 256, 20);
    measure(a, b, 300 * MS, &of_a, &of_b);
    expect(near(of_a, 200) && near(of_b, 300), "two caps hold while the CPU has nothing else to do");
    share(a, 256, 0);
    share(b, 256, 0);
    measure(a, b, 300 * MS, &of_a, &of_b);
    expect(near(of_a, 500) && near(of_b, 500), "without caps they share again");
}

static unsigned int where(const struct child *c)
{
    struct xen_domctl op = { .u.getvcpuinfo.vcpu = 0 };

    domctl(&op, XEN_DOMCTL_getvcpuinfo, c->domain);
    return op.u.getvcpuinfo.cpu;
}

static bool stays(const struct child *a, const struct child *b, unsigned int cpu)
{
    unsigned int i;

    for (i = 0; i < 50 && where(a) == cpu && where(b) == cpu; i++)
        sleep_until(time_now() + MS);
    return i == 50;
}

static void affinity(const struct child *a, const struct child *b)
{
    if (nr_cpus < 2) {
        skip("one CPU: nowhere else to be");
        return;
    }
    sleep_until(time_now() + 20 * MS);
    ok(stays(a, b, last_cpu), "both stay where they are told, beside an idle CPU");
    pin_vcpu(a->domain, 0, 0);
    pin_vcpu(b->domain, 0, 0);
    sleep_until(time_now() + 50 * MS);
    ok(stays(a, b, 0), "they go where they are told while they run");
    pin_vcpu(a->domain, 0, last_cpu);
    pin_vcpu(b->domain, 0, last_cpu);
    sleep_until(time_now() + 50 * MS);
}

static struct meeting *meet(const struct child *c, uint32_t *handle)
{
    uint64_t end = time_now() + 10000 * MS;
    void *page = page_alloc();
    int status;

    do {
        status = grant_map(c->domain, MEETING, (uint64_t)page, GNTMAP_host_map, handle);
        sleep_until(time_now() + MS);
    } while (status != GNTST_okay && time_now() < end);
    if (status != GNTST_okay)
        bail("the sleeper's page cannot be mapped: %d", status);
    return page;
}

static void waking(const struct child *a, const struct child *b)
{
    struct child c = { 0 };
    struct meeting *m;
    uint32_t handle;
    uint64_t end;

    start(&c, SLEEPER);
    m = meet(&c, &handle);
    end = time_now() + 20000 * MS;
    while (m->naps < NAPS / 2 && time_now() < end) /* until it has used less than its share: it did not while it booted */
        sleep_until(time_now() + 5 * MS);
    m->naps = m->late_most = m->late_sum = 0;
    while (m->naps < NAPS && time_now() < end)
        sleep_until(time_now() + 10 * MS);
    is(m->naps, NAPS, "one that sleeps and wakes, beside two that never stop");
    note("it wakes %lu us late on average, %lu at most", (unsigned long)(m->late_sum / NAPS / 1000),
         (unsigned long)(m->late_most / 1000));
    expect(m->late_most < MS, "it gets the CPU at once, not when a slice ends");
    expect(near(ran(&c) * 1000 / (ran(a) + ran(b) + 1), 0), "and takes little of it");
    grant_unmap((uint64_t)m, handle);
    ok(child_destroy(&c), "it goes");
}

static void parent(void)
{
    struct child a, b;

    exact = option("exact", 0);
    ask_the_machine();
    if (nr_cpus > 1)
        pin_vcpu(0, 0, 0); /* out of their way */
    start(&a, HOG);
    start(&b, HOG);
    weights(&a, &b);
    caps(&a, &b);
    waking(&a, &b);
    affinity(&a, &b);
    ok(child_destroy(&a) && child_destroy(&b), "two that never stop can be ended");
}

void test_main(void)
{
    switch (option("role", PARENT)) {
    case HOG:
        hog();
        break;
    case SLEEPER:
        sleeper();
        break;
    default:
        if (!is_dom0())
            skip_all("it starts domains");
        parent();
    }
}
