/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels in bad faith: all ports taken, garbage in the shared words, operations on ports in every wrong state, and two
 * vCPUs that bind, close, move, send and reset the same ports at the same time.
 */
#include <guest.h>
#include <public/sched.h>
#include <public/event_channel.h>

#define PORTS 4096

static void all_ports(void)
{
    static long ports[PORTS];
    unsigned int n = 0, wrong = 0, i;
    long port;

    while (n < PORTS && (port = event_bind_ipi(0)) > 0)
        ports[n++] = port;
    ok(n > 500 && n < PORTS, "%u ports, then error %ld", n, port);
    is(port, -XEN_ENOSPC, "the error");
    is(event_alloc_unbound(DOMID_SELF, DOMID_SELF), -XEN_ENOSPC, "for every kind");
    for (i = 0; i < n; i++)
        if (ports[i] >= PORTS || event_send(ports[i]))
            wrong++;
    is(wrong, 0, "each can be sent on");
    for (i = 0; i < n; i++)
        if (event_close(ports[i]))
            wrong++;
    is(wrong, 0, "each can be closed");
    port = event_bind_ipi(0);
    ok(port > 0, "and used again");
    event_close(port);
}

static void wrong_states(void)
{
    long ipi = event_bind_ipi(0), unbound = event_alloc_unbound(DOMID_SELF, DOMID_SELF);
    struct evtchn_bind_vcpu move = { .port = ipi, .vcpu = 0 };
    struct evtchn_bind_pirq pirq = { .pirq = 0xffffffff };
    struct evtchn_set_priority priority = { .port = 0xffffffff, .priority = 0 };
    struct evtchn_alloc_unbound alloc = { .dom = 0x7000, .remote_dom = 0 };
    struct evtchn_status status = { .dom = 0x7000, .port = 1 };
    int none = is_dom0() ? -XEN_ESRCH : -XEN_EPERM;
    unsigned int port, wrong = 0;

    is(event_bind_interdomain(DOMID_SELF, ipi), -XEN_EINVAL, "binding to an IPI port");
    is(hyp_event_channel_op(EVTCHNOP_bind_vcpu, &move), -XEN_EINVAL, "moving an IPI port");
    is(hyp_event_channel_op(EVTCHNOP_bind_pirq, &pirq), -XEN_EINVAL, "a physical interrupt beyond all");
    ok(hyp_event_channel_op(EVTCHNOP_set_priority, &priority) < 0, "a priority for a port beyond all");
    is_either(hyp_event_channel_op(EVTCHNOP_alloc_unbound, &alloc), -XEN_ESRCH, none, "a port in a domain that does not exist");
    is_either(hyp_event_channel_op(EVTCHNOP_status, &status), -XEN_ESRCH, none, "the status in one");
    for (port = 4096; port; port <<= 1) {
        struct evtchn_unmask unmask = { .port = port };

        wrong += event_send(port) != -XEN_EINVAL;
        wrong += event_close(port) != -XEN_EINVAL;
        wrong += hyp_event_channel_op(EVTCHNOP_unmask, &unmask) != -XEN_EINVAL;
        wrong += event_bind_interdomain(DOMID_SELF, port) != -XEN_EINVAL;
    }
    is(wrong, 0, "ports of 4096 and more are refused everywhere");
    event_close(ipi);
    event_close(unbound);
}

static void garbage_in_shared_info(void)
{
    unsigned int i, j;
    long port = event_bind_ipi(0);
    struct vcpu_time_info time;

    event_disable();
    time = shared_info->vcpu_info[0].time;      /* we need it; the next update would repair it, but when is that? */
    for (i = 0; i < 8; i++) {
        for (j = 0; j < 64; j++) {
            shared_info->evtchn_pending[j] = i & 1 ? ~0ul : 0x5a5a5a5a5a5a5a5a;
            shared_info->evtchn_mask[j] = i & 2 ? ~0ul : 0;
        }
        shared_info->vcpu_info[0].evtchn_pending_sel = ~0ul;
        shared_info->vcpu_info[0].evtchn_upcall_pending = 0xff;
        shared_info->vcpu_info[0].evtchn_upcall_mask = 0xff;
        memset(&shared_info->vcpu_info[0].time, 0xff, sizeof(struct vcpu_time_info));
        memset(&shared_info->arch, i & 1 ? 0xff : 0, sizeof(shared_info->arch));
        shared_info->wc_version = ~0u;
        event_send(port);
        event_unmask(port);
        hyp_set_timer_op(1);
        hyp_sched_op(SCHEDOP_yield, NULL);
    }
    shared_info->vcpu_info[0].time = time;
    memset(&shared_info->arch, 0, sizeof(shared_info->arch));
    memset(shared_info->evtchn_pending, 0, sizeof(shared_info->evtchn_pending));
    shared_info->vcpu_info[0].evtchn_pending_sel = 0;
    shared_info->vcpu_info[0].evtchn_upcall_pending = 0;
    event_init();
    event_close(port);
    port = event_bind_ipi(0);
    event_bind(port, NULL);
    event_count[port] = 0;
    event_enable();
    event_send(port);
    is(event_count[port], 1, "garbage in shared_info harms nobody but us, and events work afterwards");
    event_disable();
    event_close(port);
}

static volatile unsigned int stop;
static volatile uint64_t done[2];

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Back to the 2-level ABI and on to the other, whose pages then come and go, while one of us looks at a port to wait for. */
static void change_the_abi(uint64_t r)
{
    static uint8_t control[2][PAGE_SIZE] __attribute__((aligned(4096))), array[PAGE_SIZE] __attribute__((aligned(4096)));
    struct evtchn_reset reset = { .dom = DOMID_SELF };
    struct evtchn_init_control init = { .control_gfn = va_to_mfn(control[r & 1]), .vcpu = r & 1 };
    struct evtchn_expand_array expand = { .array_gfn = va_to_mfn(array) };

    switch (r >> 1 & 7) {
    case 0:
        hyp_event_channel_op(EVTCHNOP_reset, &reset);
        break;
    case 1: case 2: case 3:
        hyp_event_channel_op(EVTCHNOP_init_control, &init);
        init.vcpu ^= 1;
        init.control_gfn = va_to_mfn(control[init.vcpu]);
        if (!running_on_hv()) /* Xen reports each event for a vCPU without one, and gets to nothing else */
            hyp_event_channel_op(EVTCHNOP_init_control, &init);
        break;
    case 4: case 5:
        hyp_event_channel_op(EVTCHNOP_expand_array, &expand);
        break;
    }
}

static void poll(unsigned int port)
{
    evtchn_port_t ports[2] = { port, port ^ 1 };
    struct sched_poll poll = { .ports.p = ports, .nr_ports = 2, .timeout = 1 };

    hyp_sched_op(SCHEDOP_poll, &poll);
}

static void one_random(uint64_t *random)
{
    uint64_t r = next_random(random);
    unsigned int port = r >> 8 & 31;
    struct evtchn_bind_vcpu move = { .port = port, .vcpu = r >> 16 & 1 };
    struct evtchn_status status = { .dom = DOMID_SELF, .port = port };

    switch (r & 15) {
    case 0: event_alloc_unbound(DOMID_SELF, DOMID_SELF); break;
    case 1: case 2: event_bind_interdomain(DOMID_SELF, port); break;
    case 3: event_bind_ipi(r >> 16 & 1); break;
    case 4: event_bind_virq(r >> 16 & 31, r >> 24 & 1); break;
    case 5: case 6: case 7: event_close(port); break;
    case 8: case 9: case 10: event_send(port); break;
    case 11: event_unmask(port); break;
    case 12: hyp_event_channel_op(EVTCHNOP_bind_vcpu, &move); break;
    case 13: hyp_event_channel_op(EVTCHNOP_status, &status); break;
    case 14: event_mask(port); break;
    default:
        if (r >> 32 & 7)
            poll(port);
        else
            change_the_abi(r >> 40);
        break;
    }
}

static void hammer(void *arg)
{
    uint64_t random = (uint64_t)arg;
    unsigned int id = this_cpu()->id;

    while (!stop) {
        one_random(&random);
        done[id]++;
    }
}

static void two_vcpus(void)
{
    uint64_t seed = option("seed", 88172645463325252ul), random = seed ^ 0x1234567, end = time_now() + option("ms", 2000) * 1000000ull;
    struct evtchn_reset reset = { .dom = DOMID_SELF };
    long port;

    note("seed=%lu", (unsigned long)seed);
    event_disable();
    if (cpu_start(1, hammer, (void *)seed)) {
        skip("one vCPU only");
        return;
    }
    while (time_now() < end || done[0] <= 100 || done[1] <= 100) { /* however little time a busy machine gives */
        one_random(&random);
        done[0]++;
    }
    stop = 1;
    cpu_wait(1);
    ok(done[0] > 100 && done[1] > 100, "two vCPUs at the same ports: %lu and %lu operations", (unsigned long)done[0],
       (unsigned long)done[1]);
    is(hyp_event_channel_op(EVTCHNOP_reset, &reset), 0, "reset closes all");
    port = event_bind_ipi(0);
    ok(port > 0 && port < 8, "the first port is free again (%ld)", port);
    memset(shared_info->evtchn_pending, 0, sizeof(shared_info->evtchn_pending));
    event_init();
    event_bind(port, NULL);
    event_count[port] = 0;
    event_enable();
    event_send(port);
    is(event_count[port], 1, "and works");
    event_disable();
}

void test_main(void)
{
    all_ports();
    wrong_states();
    garbage_in_shared_info();
    two_vcpus();
}
