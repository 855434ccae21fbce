/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels of the two-level ABI, one vCPU: what binds, what a send does under each of the three masks (port, upcall,
 * none), and that the timer's VIRQ comes.
 */
#include <guest.h>
#include <public/event_channel.h>
#include <public/sched.h>
#include <public/vcpu.h>

static unsigned int pair[2];

static unsigned int status_of(unsigned int port)
{
    struct evtchn_status op = { .dom = DOMID_SELF, .port = port };

    if (hyp_event_channel_op(EVTCHNOP_status, &op))
        return 99;
    return op.status;
}

static void make_pair(void)
{
    pair[0] = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    ok((int)pair[0] > 0, "an unbound port: %d", pair[0]);
    is(status_of(pair[0]), EVTCHNSTAT_unbound, "its status");
    pair[1] = event_bind_interdomain(DOMID_SELF, pair[0]);
    ok((int)pair[1] > 0 && pair[1] != pair[0], "bound to port %d of the same domain", pair[1]);
    is(status_of(pair[0]), EVTCHNSTAT_interdomain, "the first port's status");
    is(status_of(pair[1]), EVTCHNSTAT_interdomain, "the second port's status");
    is(event_bind_interdomain(DOMID_SELF, pair[0]), -XEN_EINVAL, "a bound port cannot be bound again");
}

static void send_under_masks(void)
{
    unsigned int there = pair[1], upcalls;
    struct vcpu_info *info = this_cpu()->info;

    event_mask(there);
    event_clear(there);
    event_enable();
    upcalls = event_upcalls;
    is(event_send(pair[0]), 0, "send");
    ok(event_pending(there), "a masked port becomes pending");
    is(event_upcalls, upcalls, "without an upcall");
    is(event_count[there], 0, "and without being delivered");
    event_unmask(there);
    is(event_count[there], 1, "unmasking delivers it");
    ok(!event_pending(there), "and it is no longer pending");
    is(event_send(pair[0]), 0, "send to an unmasked port");
    is(event_count[there], 2, "is delivered before the hypercall returns");

    event_disable();
    upcalls = event_upcalls;
    event_send(pair[0]);
    event_send(pair[0]);
    is(event_upcalls, upcalls, "no upcall while upcalls are masked");
    is(info->evtchn_upcall_pending, 1, "but evtchn_upcall_pending is set");
    is(info->evtchn_pending_sel, 1ul << there / 64, "and the selector");
    event_enable();
    is(event_count[there], 3, "two sends, one delivery");
    is(event_send(pair[1]), 0, "the other direction");
    event_bind(pair[0], NULL);
    is(event_count[pair[0]], 1, "works too");
    event_disable();
}

static void closing_one_end(void)
{
    is(event_close(pair[1]), 0, "close one end");
    is(status_of(pair[0]), EVTCHNSTAT_unbound, "the other is unbound again");
    is(status_of(pair[1]), EVTCHNSTAT_closed, "the first is closed");
    is(event_send(pair[1]), -XEN_EINVAL, "sending on a closed port");
    is(event_send(pair[0]), 0, "sending on an unbound port is silently lost");
    pair[1] = event_bind_interdomain(DOMID_SELF, pair[0]);
    ok((int)pair[1] > 0, "and bindable again");
    is(event_close(pair[0]), 0, "close both");
    is(event_close(pair[1]), 0, "close both");
    is(event_close(pair[1]), -XEN_EINVAL, "closing a closed port");
}

static void timer(void)
{
    long port = event_bind_virq(VIRQ_TIMER, 0);
    unsigned int old;
    uint64_t start;

    ok(port > 0, "VIRQ_TIMER is bound to port %ld", port);
    is(event_bind_virq(VIRQ_TIMER, 0), -XEN_EEXIST, "and cannot be bound twice");
    is(status_of(port), EVTCHNSTAT_virq, "its status");
    event_bind(port, NULL);
    event_enable();
    hyp_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    old = event_count[port]; /* now: on a busy machine 5 ms are soon over */
    start = time_now();
    is(hyp_set_timer_op(start + 5000000), 0, "a timer in 5 ms");
    ok(event_wait(&event_count[port], old, 2000), "fires");
    ok(time_now() - start >= 5000000, "not before its time (%lu us)", (unsigned long)(time_now() - start) / 1000);
    is(hyp_set_timer_op(start), 0, "a timer in the past");
    ok(event_wait(&event_count[port], event_count[port] - 1, 2000), "fires at once");
    is(hyp_set_timer_op(time_now() + 1000000000), 0, "a timer in a second");
    is(hyp_set_timer_op(0), 0, "is stopped");
    ok(!event_wait(&event_count[port], event_count[port], 30), "and does not fire soon");
    event_disable();
}

static void blocking(void)
{
    long port = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    uint64_t start = time_now();

    event_bind(port, NULL);
    event_disable();
    hyp_set_timer_op(start + 3000000);
    is(hyp_sched_op(SCHEDOP_block, NULL), 0, "block with a timer set");
    is(this_cpu()->info->evtchn_upcall_mask, 0, "block unmasks upcalls");
    ok(time_now() - start >= 3000000, "and returns when the timer fires");
    event_disable();
    event_close(port);
}

static void ipi(void)
{
    long port = event_bind_ipi(0);

    ok(port > 0, "an IPI port %ld", port);
    is(status_of(port), EVTCHNSTAT_ipi, "its status");
    event_bind(port, NULL);
    event_count[port] = 0;
    event_enable();
    is(event_send(port), 0, "an IPI to itself");
    is(event_count[port], 1, "arrives");
    event_disable();
    is(event_close(port), 0, "closed");
}

static void refusals(void)
{
    struct evtchn_bind_vcpu op = { .port = 1, .vcpu = 0 };

    is(event_bind_virq(VIRQ_TIMER, 77), -XEN_ENOENT, "a VIRQ for a vCPU that does not exist");
    is(event_bind_virq(NR_VIRQS, 0), -XEN_EINVAL, "a VIRQ beyond the last");
    is(event_bind_virq(VIRQ_CONSOLE, 1), -XEN_EINVAL, "a global VIRQ for vCPU 1");
    is(event_bind_ipi(77), -XEN_ENOENT, "an IPI to a vCPU that does not exist");
    is(event_send(0), -XEN_EINVAL, "port 0");
    is(event_send(4095), -XEN_EINVAL, "a port that is free");
    is(event_send(0xffffffff), -XEN_EINVAL, "a port beyond all");
    is(event_bind_interdomain(DOMID_SELF, 4095), -XEN_EINVAL, "binding to a free port");
    is(event_bind_interdomain(0x7000, 1), -XEN_ESRCH, "binding to no domain");
    op.port = 0xffffff;
    is(hyp_event_channel_op(EVTCHNOP_bind_vcpu, &op), -XEN_EINVAL, "moving a port beyond all");
    is(hyp_event_channel_op(99, &op), -XEN_ENOSYS, "an unknown operation");
    is(hyp_event_channel_op(EVTCHNOP_send, NULL), -XEN_EFAULT, "no argument");
}

static void many(void)
{
    unsigned int first = 0, last = 0, i;
    long port;

    for (i = 0; i < 200; i++) {
        port = event_bind_ipi(0);
        if (port <= 0)
            break;
        if (!first)
            first = port;
        last = port;
        event_bind(port, NULL);
        event_count[port] = 0;
    }
    is(i, 200, "200 ports, the last is %u", last);
    event_disable();
    for (i = first; i <= last; i++)
        event_send(i);
    event_enable();
    for (i = first; i <= last; i++)
        if (event_count[i] != 1)
            break;
    is(i, last + 1, "each was delivered once");
    for (i = first; i <= last; i++)
        event_close(i);
    event_disable();
}

void test_main(void)
{
    make_pair();
    send_under_masks();
    closing_one_end();
    timer();
    blocking();
    ipi();
    refusals();
    many();
}
