/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels within one vCPU, and timers. */
#include "bench.h"
#include <public/event_channel.h>
#include <public/sched.h>
#include <public/vcpu.h>

#define upcalls bench_upcalls[0].count

static void send(unsigned int port)
{
    DO(event_send(port));
}

static long loopback(long *other)
{
    long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);

    *other = event_bind_interdomain(DOMID_SELF, port);
    if (port < 0 || *other < 0)
        bail("no pair of ports");
    return port;
}

static void open_and_close(void)
{
    long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);

    DO(event_close(port));
}

static void poll(unsigned int port)
{
    uint32_t ports[1] = { port };
    struct sched_poll op = { .ports.p = ports, .nr_ports = 1 };

    DO(hyp_sched_op(SCHEDOP_poll, &op));
}

void bench_events(void)
{
    long other, port = loopback(&other), ipi = event_bind_ipi(0);
    struct evtchn_unmask unmask = { .port = other };
    struct evtchn_status status = { .dom = DOMID_SELF, .port = port };
    uint32_t before;

    upcall_on(other);
    event_mask(other);
    MEASURE("event send, port masked", (event_clear(other), send(port)));
    MEASURE("event send, already pending", send(port));
    event_clear(other);
    MEASURE("event unmask, nothing pending", DO(hyp_event_channel_op(EVTCHNOP_unmask, &unmask)));
    MEASURE("event send, upcalls masked", (event_clear(other), send(port)));
    MEASURE("event status", DO(hyp_event_channel_op(EVTCHNOP_status, &status)));
    MEASURE("event alloc_unbound and close", open_and_close());
    event_clear(other);
    this_cpu()->info->evtchn_pending_sel = 0;
    this_cpu()->info->evtchn_upcall_pending = 0;
    before = upcalls;
    this_cpu()->info->evtchn_upcall_mask = 0;
    MEASURE("event send to upcall and iret", send(port));
    event_mask(other);
    MEASURE_AFTER((event_mask(other), send(port)), "event unmask, pending, to upcall and iret", TIMES,
                  DO(hyp_event_channel_op(EVTCHNOP_unmask, &unmask)));
    upcall_on(ipi);
    this_cpu()->info->evtchn_upcall_mask = 0;
    MEASURE("IPI to oneself to upcall and iret", send(ipi));
    is(upcalls - before, 3 * (TIMES + WARM_UP), "each event made one upcall");
    MEASURE_AFTER((event_disable(), send(ipi)), "block, with an event pending, to upcall and iret", TIMES,
                  DO(hyp_sched_op(SCHEDOP_block, NULL)));
    event_disable();
    event_mask(ipi);
    send(ipi);
    MEASURE("poll of a pending port", poll(ipi));
    upcall_off();
    MEASURE("yield, alone", DO(hyp_sched_op(SCHEDOP_yield, NULL)));
}

static void singleshot(uint64_t deadline)
{
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = deadline };

    DO(hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op));
}

/* A deadline of 1 ns after the start of time is past, and so fires at once. */
static void until_upcall(void (*set)(uint64_t))
{
    uint32_t before = upcalls;

    set(1);
    while (upcalls == before)
        asm volatile("pause");
}

static void set_timer(uint64_t deadline)
{
    DO(hyp_set_timer_op(deadline));
}

void bench_timers(void)
{
    uint64_t far = time_now() + 1000000000000ull;
    long port = event_bind_virq(VIRQ_TIMER, 0);

    upcall_on(port);
    MEASURE("set_timer_op", set_timer(far));
    set_timer(0);
    MEASURE("singleshot timer, set", singleshot(far));
    MEASURE_AFTER(singleshot(far), "singleshot timer, stop", TIMES,
                  DO(hyp_vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL)));
    this_cpu()->info->evtchn_upcall_mask = 0;
    MEASURE("singleshot timer, past, to upcall and iret", until_upcall(singleshot));
    upcall_off();
    event_mask(port);
}
