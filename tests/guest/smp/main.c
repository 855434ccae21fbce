/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several vCPUs: they are started, found, interrupted, stopped and started again; each has its own stack, its own event
 * state, and a vcpu_info that can be moved.
 */
#include <guest.h>
#include <public/callback.h>
#include <public/event_channel.h>
#include <public/sched.h>
#include <public/vcpu.h>

extern void nmi_entry(void);

static volatile unsigned int ran_on[MAX_CPUS], stop_spinning;

static void record_cpu(void *arg)
{
    (void)arg;
    ran_on[this_cpu()->id]++;
}

static void counting(void)
{
    unsigned int n = cpu_count();

    ok(n >= 2, "the domain has %u vCPUs", n);
    is(hyp_vcpu_op(VCPUOP_is_up, 0, NULL), 1, "vCPU 0 is up");
    is(hyp_vcpu_op(VCPUOP_is_up, 1, NULL), 0, "vCPU 1 is not");
    is(hyp_vcpu_op(VCPUOP_is_up, n, NULL), -XEN_ENOENT, "vCPU %u does not exist", n);
    is(hyp_vcpu_op(VCPUOP_is_up, 0xffffffff, NULL), -XEN_ENOENT, "nor does the last number");
    is(hyp_vcpu_op(VCPUOP_up, 1, NULL), -XEN_EINVAL, "it cannot be started before it is initialised");
    is(hyp_vcpu_op(99, 0, NULL), -XEN_ENOSYS, "an unknown operation");
}

static void starting(void)
{
    is(cpu_start(1, record_cpu, NULL), 0, "vCPU 1 is started");
    cpu_wait(1);
    is(ran_on[1], 1, "it ran");
    is(hyp_vcpu_op(VCPUOP_is_up, 1, NULL), 0, "and is down");
    is(cpu_start(1, record_cpu, NULL), 0, "started again");
    cpu_wait(1);
    is(ran_on[1], 2, "it ran again");
}

static void cannot_initialise_twice(void)
{
    static struct vcpu_guest_context context;

    cpu_context(1, &context);
    is(hyp_vcpu_op(VCPUOP_initialise, 1, &context), -XEN_EEXIST, "a vCPU is initialised once");
    is(hyp_vcpu_op(VCPUOP_initialise, 0, &context), -XEN_EEXIST, "and the first one from birth");
    is(hyp_vcpu_op(VCPUOP_initialise, 77, &context), -XEN_ENOENT, "one that does not exist, never");
}

static volatile unsigned int answered;
static unsigned int to_boot, to_other;

static void answer(unsigned int port)
{
    (void)port;
    answered++;
    event_send(to_boot);
}

static void serve(void *arg)
{
    (void)arg;
    event_enable();
    while (!stop_spinning)
        hyp_sched_op(SCHEDOP_block, NULL);
    event_disable();
}

static void interrupts_between_vcpus(void)
{
    unsigned int i;

    to_boot = event_bind_ipi(0);
    to_other = event_bind_ipi(1);
    ok((int)to_boot > 0 && (int)to_other > 0, "an IPI port for each");
    event_bind(to_boot, NULL);
    event_bind(to_other, answer);
    stop_spinning = 0;
    cpu_start(1, serve, NULL);
    for (i = 0; i < 50; i++) {
        unsigned int old = event_count[to_boot];

        event_send(to_other);
        if (!event_wait(&event_count[to_boot], old, 2000))
            break;
    }
    is(i, 50, "50 IPIs there and back");
    is(answered, 50, "each was handled on vCPU 1");
    stop_spinning = 1;
    event_send(to_other);
    cpu_wait(1);
    event_disable();
}

static void moving_a_port(void)
{
    unsigned int a = event_alloc_unbound(DOMID_SELF, DOMID_SELF), b = event_bind_interdomain(DOMID_SELF, a);
    struct evtchn_bind_vcpu op = { .port = b, .vcpu = 1 };
    struct vcpu_info *info = &shared_info->vcpu_info[1];

    event_mask(b);
    event_clear(b);
    info->evtchn_pending_sel = 0;
    info->evtchn_upcall_pending = 0;
    is(hyp_event_channel_op(EVTCHNOP_bind_vcpu, &op), 0, "a port is moved to vCPU 1");
    event_unmask(b);
    event_send(a);
    is(info->evtchn_upcall_pending, 1, "and notifies that one");
    is(event_count[b], 0, "not this one");
    op.vcpu = 77;
    is(hyp_event_channel_op(EVTCHNOP_bind_vcpu, &op), -XEN_ENOENT, "to a vCPU that does not exist: no");
    op.port = to_boot;
    op.vcpu = 1;
    is(hyp_event_channel_op(EVTCHNOP_bind_vcpu, &op), -XEN_EINVAL, "an IPI port stays");
    event_close(a);
    event_close(b);
}

static void runs_at_the_same_time(void *arg)
{
    volatile unsigned int *word = arg;

    while (*word < 1000) {
        while (!(*word & 1))
            hyp_sched_op(SCHEDOP_yield, NULL);
        ++*word;
    }
}

static void ping_pong(void)
{
    static volatile unsigned int word;
    uint64_t end = time_now() + 100000000000ull; /* a busy machine lets one vCPU wait for the other */

    cpu_start(1, runs_at_the_same_time, (void *)&word);
    while (word < 1000 && time_now() < end) {
        if (!(word & 1))
            ++word;
        else
            hyp_sched_op(SCHEDOP_yield, NULL);
    }
    cpu_wait(1);
    ok(word >= 1000, "two vCPUs pass a word to and fro");
}

static void own_vcpu_info(void)
{
    static struct vcpu_info infos[2] __attribute__((aligned(128)));
    struct vcpu_register_vcpu_info op = { .mfn = va_to_mfn(infos), .offset = (unsigned long)&infos[0] % PAGE_SIZE };
    uint64_t before = time_now();

    is(hyp_vcpu_op(VCPUOP_register_vcpu_info, 77, &op), -XEN_ENOENT, "vcpu_info of a vCPU that does not exist");
    op.offset = PAGE_SIZE - 8;
    is(hyp_vcpu_op(VCPUOP_register_vcpu_info, 0, &op), -XEN_ENXIO, "vcpu_info across a page's end");
    op.offset = 3;
    is(hyp_vcpu_op(VCPUOP_register_vcpu_info, 0, &op), -XEN_ENXIO, "vcpu_info at an odd address");
    op.offset = (unsigned long)&infos[0] % PAGE_SIZE;
    event_disable();
    is(hyp_vcpu_op(VCPUOP_register_vcpu_info, 0, &op), 0, "vcpu_info is moved");
    cpus[0].info = &infos[0];
    is(infos[0].evtchn_upcall_mask, 1, "the mask moved with it");
    is(infos[0].evtchn_upcall_pending, 1, "and an upcall is pending, so that nothing is lost");
    ok(time_now() >= before && time_now() < before + 1000000000, "time goes on there");
    is(hyp_vcpu_op(VCPUOP_register_vcpu_info, 0, &op), -XEN_EINVAL, "only once");
    event_enable();
    event_count[to_boot] = 0;
    event_send(to_boot);
    is(event_count[to_boot], 1, "events arrive there");
    event_disable();
    is(try_insn("int3")->vector, VECTOR_BP, "and traps");
}

static void spin(void *arg)
{
    (void)arg;
    while (!stop_spinning)
        asm volatile("pause");
}

static void runstate(void)
{
    struct vcpu_runstate_info info;
    static volatile struct vcpu_runstate_info area;
    struct vcpu_register_runstate_memory_area op = { .addr.v = (void *)&area };
    uint64_t sum, soon = time_now() + 5 * 1000000000ull;

    is(hyp_vcpu_op(VCPUOP_get_runstate_info, 0, &info), 0, "runstate of vCPU 0");
    is(info.state, RUNSTATE_running, "running");
    sum = info.time[0] + info.time[1] + info.time[2] + info.time[3];
    ok(info.time[RUNSTATE_running] > 0 && sum <= time_now() + 1000000, "its times make sense");
    is(hyp_vcpu_op(VCPUOP_get_runstate_info, 1, &info), 0, "runstate of vCPU 1");
    while (info.state != RUNSTATE_offline && time_now() < soon) /* it has done its work, and may still be on its way down */
        hyp_vcpu_op(VCPUOP_get_runstate_info, 1, &info);
    is(info.state, RUNSTATE_offline, "offline");
    stop_spinning = 0;
    cpu_start(1, spin, NULL);
    hyp_vcpu_op(VCPUOP_get_runstate_info, 1, &info);
    ok(info.state == RUNSTATE_running || info.state == RUNSTATE_runnable, "started: state %d", info.state);
    stop_spinning = 1;
    cpu_wait(1);
    is(hyp_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &op), 0, "a place for it in memory");
    is(area.state, RUNSTATE_running, "is filled");
    sum = area.time[RUNSTATE_blocked];
    hyp_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
    event_bind(event_bind_virq(VIRQ_TIMER, 0), NULL);
    /* on a busy machine the timer may have fired before we block */
    for (uint64_t ns = 5000000; area.time[RUNSTATE_blocked] == sum && ns < 5000000000; ns *= 2) {
        hyp_set_timer_op(time_now() + ns);
        hyp_sched_op(SCHEDOP_block, NULL);
    }
    ok(area.time[RUNSTATE_blocked] > sum, "and knows that we blocked");
    event_disable();
    is(hyp_vcpu_op(VCPUOP_get_runstate_info, 0, (void *)0x10), -XEN_EFAULT, "runstate to a bad address");
}

static volatile unsigned int nmis, nmis_inside;

static bool on_nmi(struct regs *regs)
{
    (void)regs;
    if (!nmis++) {
        hyp_vcpu_op(VCPUOP_send_nmi, 0, NULL);      /* stays pending until iret */
        nmis_inside = nmis;
    }
    return true;
}

static void nmi(void)
{
    struct callback_register reg = { CALLBACKTYPE_nmi, 0, (unsigned long)nmi_entry };

    is(hyp_callback_op(CALLBACKOP_register, &reg), 0, "a callback for NMIs");
    trap_hook(VECTOR_NMI, on_nmi);
    event_disable();
    is(hyp_vcpu_op(VCPUOP_send_nmi, 0, NULL), 0, "an NMI to itself");
    ok(nmis >= 1, "arrives, though events are masked");
    is(nmis_inside, 1, "another one does not interrupt its handler");
    is(nmis, 2, "but comes after it");
    is(hyp_vcpu_op(VCPUOP_send_nmi, 77, NULL), -XEN_ENOENT, "an NMI to a vCPU that does not exist");
}

void test_main(void)
{
    counting();
    starting();
    cannot_initialise_twice();
    interrupts_between_vcpus();
    moving_a_port();
    ping_pong();
    own_vcpu_info();
    runstate();
    nmi();
}
