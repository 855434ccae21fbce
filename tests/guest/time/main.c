/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Time as a guest sees it: the clock page, wall-clock time, and the four ways to be woken at a given time.
 */
#include <guest.h>
#include <public/event_channel.h>
#include <public/sched.h>
#include <public/vcpu.h>

#define MS 1000000ull

static unsigned int port;

static void clock_page(void)
{
    volatile struct vcpu_time_info *t = &this_cpu()->info->time;
    uint64_t last = time_now(), now, backwards = 0;
    unsigned int i;

    is(t->version & 1, 0, "the version is even");
    ok(t->tsc_to_system_mul != 0, "a scale: %u >> %d", t->tsc_to_system_mul, -t->tsc_shift);
    ok(last > 0 && last < 3600 * 1000 * MS, "system time is since boot: %lu us", (unsigned long)last / 1000);
    for (i = 0; i < 100000; i++) {
        now = time_now();
        if (now < last)
            backwards++;
        last = now;
    }
    is(backwards, 0, "it never runs backwards");
}

static void wall_clock(void)
{
    uint64_t seconds = shared_info->wc_sec | (uint64_t)shared_info->wc_sec_hi << 32;

    is(shared_info->wc_version & 1, 0, "the wall clock's version is even");
    ok(seconds > 1600000000 && seconds < 4000000000ul, "wall clock at boot: %lu s since 1970", (unsigned long)seconds);
    ok(shared_info->wc_nsec < 1000000000, "%u ns", shared_info->wc_nsec);
}

static bool fires(unsigned int timeout_ms)
{
    return event_wait(&event_count[port], event_count[port], timeout_ms);
}

static void periodic(void)
{
    struct vcpu_set_periodic_timer op = { .period_ns = 2 * MS };
    unsigned int first, i;
    uint64_t start;

    is(hyp_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "the periodic timer is stopped");
    fires(1);
    ok(!fires(50), "and quiet");
    is(hyp_vcpu_op(VCPUOP_set_periodic_timer, 0, &op), 0, "a period of 2 ms");
    start = time_now();
    first = event_count[port];
    for (i = 0; i < 10 && fires(1000); i++)
        ;
    is(i, 10, "ticks");
    ok(time_now() - start >= 8 * MS, "ten of them take %lu us", (unsigned long)(time_now() - start) / 1000);
    ok(event_count[port] >= first + 10, "%u in all", event_count[port] - first);
    op.period_ns = 1000;
    is(hyp_vcpu_op(VCPUOP_set_periodic_timer, 0, &op), -XEN_EINVAL, "a period of 1 us is too short");
    op.period_ns = ~0ull;
    is(hyp_vcpu_op(VCPUOP_set_periodic_timer, 0, &op), -XEN_EINVAL, "a period of 584 years is too long");
    is(hyp_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0, "stopped");
    fires(1);
    ok(!fires(30), "and quiet again");
}

static void single_shot(void)
{
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = time_now() + 5 * MS };

    is(hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op), 0, "a single shot in 5 ms");
    ok(fires(1000), "fires");
    ok(time_now() >= op.timeout_abs_ns, "not early");
    ok(!fires(30), "once");
    op.timeout_abs_ns = time_now() - MS;
    is(hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op), 0, "one in the past is no error");
    ok(event_wait(&event_count[port], event_count[port] - 1, 1000), "and fires");
    op.timeout_abs_ns = 0;
    is(hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op), 0, "one at time 0 neither");
    ok(event_wait(&event_count[port], event_count[port] - 1, 1000), "and fires");
    hyp_set_timer_op(time_now() + 2 * MS);
    ok(fires(1000), "and stops no other timer");
    op.flags = VCPU_SSHOTTMR_future;
    op.timeout_abs_ns = time_now() - MS;
    is_either(hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op), -XEN_ETIME, 0, "one in the past that must be in the future");
    op.timeout_abs_ns = time_now() + 50 * MS;
    op.flags = 0;
    fires(2);
    hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op);
    is(hyp_vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0, "stopped in time");
    ok(!fires(80), "it does not fire");
    is(hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, (void *)0x10), -XEN_EFAULT, "an argument at a bad address");
    if (cpu_count() > 1)
        is(hyp_vcpu_op(VCPUOP_set_singleshot_timer, 1, &op), -XEN_EINVAL, "another vCPU's single shot");
}

static void polling(void)
{
    evtchn_port_t ports[2] = { port, event_alloc_unbound(DOMID_SELF, DOMID_SELF) };
    struct sched_poll op = { .ports.p = ports, .nr_ports = 1, .timeout = time_now() + 20 * MS };
    uint64_t start = time_now();

    event_disable();
    event_mask(ports[0]);
    event_clear(ports[0]);
    is(hyp_sched_op(SCHEDOP_poll, &op), 0, "poll with a timeout");
    ok(time_now() - start >= 20 * MS, "waits for it: %lu us", (unsigned long)(time_now() - start) / 1000);
    hyp_set_timer_op(time_now() + 5 * MS);
    op.timeout = time_now() + 5000 * MS;
    start = time_now();
    is(hyp_sched_op(SCHEDOP_poll, &op), 0, "poll for a port that is masked");
    ok(event_pending(port), "ends when it becomes pending");
    ok(time_now() - start < 4000 * MS, "and not with the timeout");
    start = time_now();
    is(hyp_sched_op(SCHEDOP_poll, &op), 0, "poll for a port that is pending");
    ok(time_now() - start < 1000 * MS, "returns at once");
    op.nr_ports = 129;
    is(hyp_sched_op(SCHEDOP_poll, &op), -XEN_EINVAL, "poll for 129 ports");
    op.nr_ports = 1;
    ports[0] = 0xffffff;
    is(hyp_sched_op(SCHEDOP_poll, &op), -XEN_EINVAL, "poll for a port beyond all");
    op.ports.p = (void *)0x10;
    is(hyp_sched_op(SCHEDOP_poll, &op), -XEN_EFAULT, "poll for ports at a bad address");
    event_clear(port);
    event_unmask(port);
}

static void time_area(void)
{
    static volatile struct vcpu_time_info area;
    struct vcpu_register_time_memory_area op = { .addr.v = (void *)&area };
    long error = hyp_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &op);

    if (error == -XEN_ENOSYS) {
        skip("no secondary time area here");
        return;
    }
    is(error, 0, "a second time record");
    is(area.tsc_to_system_mul, this_cpu()->info->time.tsc_to_system_mul, "has the same scale");
}

static void setting_timers(void)
{
    is(hyp_set_timer_op(~0ull), 0, "a timer in 584 years");
    ok(!fires(20), "does not fire");
    is(hyp_set_timer_op(1ull << 63), 0, "nor one at the sign bit");
    fires(5);
    is(hyp_set_timer_op(1), 0, "one at the start of time");
    ok(event_wait(&event_count[port], event_count[port] - 1, 1000), "fires at once");
    hyp_set_timer_op(0);
}

void test_main(void)
{
    event_disable();
    clock_page();
    wall_clock();
    port = event_bind_virq(VIRQ_TIMER, 0);
    event_bind(port, NULL);
    periodic();
    single_shot();
    polling();
    time_area();
    setting_timers();
}
