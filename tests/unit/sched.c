/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler, driven in steps of a millisecond over seconds of simulated time: who gets how much of the machine.
 * schedule() does not return while there is nothing to run; the halt hook jumps out of it.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <hv/softirq.h>
#include <hv/time.h>

#include "harness.h"
#include "host.h"

#define CPUS_MAX 4u

static unsigned int cpus;
static struct vcpu *on_cpu[CPUS_MAX];
static jmp_buf idle;

static void leave_idle(void) { longjmp(idle, 1); }

static void begin(unsigned int n)
{
    host_reset(256);
    cpus = n;
    host_online = (cpumask_t){ (1ull << n) - 1 };
    memset(on_cpu, 0, sizeof(on_cpu));
    timers_init();
    sched_init();
    for (unsigned int cpu = 0; cpu < n; cpu++)
        sched_cpu_online(cpu);
    host_relax_hook = leave_idle;
}

static struct domain *domain(domid_t id, unsigned int vcpus)
{
    struct domain *d = host_domain_new(id, !id, vcpus, 16);

    sched_domain_init(d);
    for (unsigned int i = 0; i < vcpus; i++) {
        struct vcpu *v = d->vcpu[i];

        timer_init(&v->periodic_timer, NULL, v, 0);
        timer_init(&v->singleshot_timer, NULL, v, 0);
        timer_init(&v->poll_timer, NULL, v, 0);
        sched_vcpu_init(v);
    }
    return d;
}

static void start(struct domain *d)
{
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        d->vcpu[i]->pause_flags = 0;
        host_current = NULL;
        vcpu_wake(d->vcpu[i]);
    }
}

/* What a CPU does when it is interrupted. */
static void step_cpu(unsigned int cpu)
{
    host_cpu = cpu;
    host_current = on_cpu[cpu];
    softirq_raise(SOFTIRQ_TIMER);
    softirq_run();
    if (!(host_work[cpu] & 1u << SOFTIRQ_SCHEDULE) && host_current)
        return;
    if (!setjmp(idle))
        schedule();
    on_cpu[cpu] = host_current;
}

static void run(unsigned int milliseconds)
{
    while (milliseconds--) {
        host_now += MILLISECONDS(1);
        for (unsigned int cpu = 0; cpu < cpus; cpu++)
            step_cpu(cpu);
        for (unsigned int a = 0; a < cpus; a++) /* never one vCPU on two CPUs */
            for (unsigned int b = 0; b < a; b++)
                CU_ASSERT(!on_cpu[a] || on_cpu[a] != on_cpu[b]);
    }
}

static uint64_t ms_of(struct domain *d)
{
    uint64_t ns = 0;

    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        struct vcpu_runstate_info info;

        vcpu_runstate_get(d->vcpu[i], &info);
        ns += info.time[RUNSTATE_running];
    }
    return ns / 1000000;
}

static bool near(uint64_t is, uint64_t wanted) { return is * 100 >= wanted * 95 && is * 100 <= wanted * 105; }

static void weights(void)
{
    struct domain *a, *b;

    begin(1);
    a = domain(1, 1);
    b = domain(2, 1);
    CU_ASSERT_EQUAL(sched_set_params(a, 512, 0), 0);
    start(a);
    start(b);
    run(6000);
    CU_ASSERT(near(ms_of(a), 4000));
    CU_ASSERT(near(ms_of(b), 2000));
}

static void weight_is_the_domains(void)
{
    struct domain *a, *b;

    begin(2);
    a = domain(1, 4);
    b = domain(2, 2);
    start(a);
    start(b);
    run(6000);
    CU_ASSERT(near(ms_of(a), 6000));
    CU_ASSERT(near(ms_of(b), 6000));
}

static void three_on_two_cpus(void)
{
    struct domain *d[3];

    begin(2);
    for (unsigned int i = 0; i < 3; i++)
        d[i] = domain(i + 1, 1);
    for (unsigned int i = 0; i < 3; i++)
        start(d[i]);
    run(9000);
    for (unsigned int i = 0; i < 3; i++)
        CU_ASSERT(near(ms_of(d[i]), 6000));
}

static void cap(void)
{
    struct domain *a;

    begin(1);
    a = domain(1, 1);
    CU_ASSERT_EQUAL(sched_set_params(a, 256, 30), 0);
    start(a);
    run(6000);
    CU_ASSERT(ms_of(a) >= 1500 && ms_of(a) <= 2100); /* 30 % of 6 s, in steps of a slice */
    CU_ASSERT_EQUAL(sched_set_params(a, 256, 0), 0);
    run(1000);
    CU_ASSERT(ms_of(a) >= 2500);
}

static void waking_boosts(void)
{
    struct domain *hog, *sleeper;
    struct vcpu *v;

    begin(1);
    hog = domain(1, 1);
    sleeper = domain(2, 1);
    start(hog);
    start(sleeper);
    run(100);
    v = sleeper->vcpu[0];
    v->pause_flags = VPF_BLOCKED;
    host_cpu = 0;
    host_current = on_cpu[0];
    vcpu_sleep_nosync(v);
    run(1000);
    host_cpu = 0;
    host_current = on_cpu[0];
    CU_ASSERT_PTR_EQUAL(on_cpu[0], hog->vcpu[0]);
    vcpu_unblock(v);
    run(1);
    CU_ASSERT_PTR_EQUAL(on_cpu[0], v); /* at once, not after the hog's slice */
    run(1000);
    CU_ASSERT(near(ms_of(hog), 1550)); /* and what it slept it does not get back */
}

/* Found on the machine: while one of two lagged, it was the one that the sleeper's wake-up let run, for a whole slice. */
static void waking_beside_two(void)
{
    struct domain *light, *sleeper;
    struct vcpu *v;
    unsigned int late = 0;

    begin(1);
    light = domain(1, 1);
    CU_ASSERT_EQUAL(sched_set_params(light, 64, 0), 0); /* far ahead after each slice */
    start(light);
    start(domain(2, 1));
    sleeper = domain(3, 1);
    start(sleeper);
    run(100);
    v = sleeper->vcpu[0];
    for (unsigned int i = 0; i < 60; i++) {
        v->pause_flags = VPF_BLOCKED;
        host_cpu = 0;
        host_current = on_cpu[0];
        vcpu_sleep_nosync(v);
        run(7);
        host_cpu = 0;
        host_current = on_cpu[0];
        vcpu_unblock(v);
        run(1);
        late += i >= 20 && on_cpu[0] != v; /* once it has used less than its share */
    }
    CU_ASSERT_EQUAL(late, 0);
}

static void block(struct vcpu *v)
{
    v->pause_flags = VPF_BLOCKED;
    host_cpu = 0;
    host_current = on_cpu[0];
    vcpu_sleep_nosync(v);
    step_cpu(0);
}

static void wake(struct vcpu *v)
{
    host_cpu = 0;
    host_current = on_cpu[0];
    vcpu_unblock(v);
    step_cpu(0);
}

/* A back-end that wakes a guest by an answer may give the others that it has, but not keep the guest waiting for long. */
static void a_moment_of_grace(void)
{
    struct vcpu *backend, *guest;
    struct domain *d;

    begin(1);
    start(d = domain(0, 1));
    backend = d->vcpu[0];
    start(d = domain(1, 1));
    guest = d->vcpu[0];
    run(100);
    block(guest);
    block(backend);
    CU_ASSERT_PTR_NULL(on_cpu[0]);
    host_now += SECONDS(1);
    wake(backend);
    CU_ASSERT_PTR_EQUAL(on_cpu[0], backend);
    host_now += MICROSECONDS(50);
    wake(guest);
    CU_ASSERT_PTR_EQUAL(on_cpu[0], backend);
    host_now += MICROSECONDS(449);
    step_cpu(0);
    CU_ASSERT_PTR_EQUAL(on_cpu[0], backend);
    host_now += MICROSECONDS(1);
    step_cpu(0);
    CU_ASSERT_PTR_EQUAL(on_cpu[0], guest);
    block(guest); /* one that sleeps gives way at once */
    CU_ASSERT_PTR_EQUAL(on_cpu[0], backend);
    wake(guest);
    block(backend);
    CU_ASSERT_PTR_EQUAL(on_cpu[0], guest);
}

/* A budget is not exceeded by what is left of a slice. */
static void caps_are_exact(void)
{
    struct domain *a, *b;

    begin(1);
    a = domain(1, 1);
    b = domain(2, 1);
    start(a);
    start(b);
    CU_ASSERT_EQUAL(sched_set_params(a, 256, 20), 0);
    CU_ASSERT_EQUAL(sched_set_params(b, 256, 30), 0);
    for (unsigned int i = 0; i < 10; i++) {
        uint64_t a_before = a->vcpu[0]->sched.run_ns, b_before = b->vcpu[0]->sched.run_ns;

        run(30); /* a period, in steps of one */
        CU_ASSERT(a->vcpu[0]->sched.run_ns - a_before <= MILLISECONDS(8));
        CU_ASSERT(i < 2 || a->vcpu[0]->sched.run_ns - a_before >= MILLISECONDS(4));
        CU_ASSERT(b->vcpu[0]->sched.run_ns - b_before <= MILLISECONDS(11));
    }
}

static void affinity(void)
{
    struct domain *d;
    cpumask_t second = cpumask_of(1), none = cpumask_of(7);

    begin(2);
    d = domain(1, 2);
    CU_ASSERT_EQUAL(vcpu_set_affinity(d->vcpu[0], &second, NULL), 0);
    CU_ASSERT(vcpu_set_affinity(d->vcpu[0], &none, NULL) < 0);
    start(d);
    for (unsigned int i = 0; i < 200; i++) {
        run(1);
        CU_ASSERT_PTR_NOT_EQUAL(on_cpu[0], d->vcpu[0]);
    }
    CU_ASSERT(near(ms_of(d), 400)); /* the other one uses the other CPU */
    CU_ASSERT_EQUAL(vcpu_set_affinity(d->vcpu[1], &second, NULL), 0);
    run(10);
    for (unsigned int i = 0; i < 200; i++) {
        run(1);
        CU_ASSERT_PTR_NULL(on_cpu[0]);
    }
}

static void pausing_counts(void)
{
    struct domain *d;
    struct vcpu *v;

    begin(1);
    d = domain(1, 1);
    v = d->vcpu[0];
    start(d);
    run(10);
    host_current = NULL;
    vcpu_pause_nosync(v);
    vcpu_pause_nosync(v);
    run(2);
    CU_ASSERT_PTR_NULL(on_cpu[0]);
    CU_ASSERT(!v->running);
    host_current = NULL;
    vcpu_unpause(v);
    run(2);
    CU_ASSERT_PTR_NULL(on_cpu[0]);
    host_current = NULL;
    vcpu_unpause(v);
    run(2);
    CU_ASSERT_PTR_EQUAL(on_cpu[0], v);
}

static void time_is_all_counted(void)
{
    struct vcpu_runstate_info info;
    struct domain *a, *b;

    begin(1);
    a = domain(1, 1);
    b = domain(2, 1);
    start(a);
    start(b);
    run(500);
    vcpu_runstate_get(a->vcpu[0], &info);
    CU_ASSERT(near(info.time[RUNSTATE_running], MILLISECONDS(250)));
    CU_ASSERT(near(info.time[RUNSTATE_runnable], MILLISECONDS(250)));
    CU_ASSERT(sched_cpu_idle_ns(0) <= MILLISECONDS(1)); /* until the first step */
}

const struct unit_test unit_tests[] = {
    { "two domains share by weight", weights },
    { "the weight is the domain's, however many vCPUs divide it", weight_is_the_domains },
    { "three vCPUs share two CPUs evenly", three_on_two_cpus },
    { "a cap holds, and can be lifted", cap },
    { "one that wakes runs at once, and hoards nothing", waking_boosts },
    { "one that wakes does so before others that lag", waking_beside_two },
    { "one that has just begun is not interrupted by a wake-up", a_moment_of_grace },
    { "a cap holds in each period", caps_are_exact },
    { "affinity is obeyed, also by one that runs or waits", affinity },
    { "pauses are counted", pausing_counts },
    { "run states add up", time_is_all_counted },
    { NULL, NULL },
};
