/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own extension: a vCPU's timer is put off, or no longer wanted, by a word in its area. No event is lost
 * by it, whoever writes there.
 */
#include <guest.h>
#include <public/hv.h>
#include <public/vcpu.h>

#define MS 1000000ul
#define SLACK 50000ul

static volatile struct hv_vcpu_area *area;
static long port;
static volatile bool stop;

static long use_area(uint64_t at)
{
    return hypercall(__HYPERVISOR_hv_op, HVOP_register, at, VIRT_BASE, 0, 0);
}

static uint32_t events(void) { return event_count[port]; }

static uint64_t set(uint64_t deadline)
{
    struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = deadline };

    area->timer_wanted = deadline;
    if (hyp_vcpu_op(VCPUOP_set_singleshot_timer, 0, &op))
        bail("cannot set the timer");
    return deadline;
}

/* As a kernel does: true if it took a call. */
static bool want(uint64_t deadline)
{
    area->timer_wanted = deadline;
    asm volatile("mfence" : : : "memory");
    if (area->timer_armed && area->timer_armed <= deadline)
        return false;
    set(deadline);
    return true;
}

/* When the next event came, or 0: not until `end`. */
static uint64_t wait_event(uint32_t before, uint64_t end)
{
    while (events() == before)
        if (time_now() > end)
            return 0;
    return time_now();
}

/*
 * What follows has to happen before the armed time comes; on a busy machine that may take more than one try.
 */
#define BEFORE(deadline, ...)                                                                                \
    do {                                                                                                     \
        unsigned int tries_ = 0;                                                                             \
                                                                                                             \
        do {                                                                                                 \
            if (++tries_ > 50)                                                                               \
                bail("time flies");                                                                          \
            before = events();                                                                               \
            (deadline) = set(time_now() + tries_ * 10 * MS);                                                 \
            __VA_ARGS__;                                                                                     \
        } while (time_now() >= (deadline));                                                                  \
    } while (0)

static void put_off(void)
{
    uint64_t first, later, armed;
    uint32_t before;
    bool called;

    is(area->timer_armed, 0, "nothing is armed at first");
    BEFORE(first, armed = area->timer_armed);
    is(armed, first, "the time that was set is armed");
    BEFORE(first, later = first + 20 * MS, called = want(later));
    ok(!called, "a later one takes no call");
    ok(wait_event(before, time_now() + 10000 * MS) >= later - SLACK, "and the event comes then, not before");
    is(events(), before + 1, "once");
    is(area->timer_armed, 0, "nothing is armed any more");
    before = events();
    set(time_now() + 3600000 * MS);
    first = time_now() + 2 * MS;
    ok(want(first), "an earlier one takes a call");
    ok(wait_event(before, time_now() + 10000 * MS), "and it comes");
}

static void no_longer_wanted(void)
{
    uint64_t first, armed;
    uint32_t before;

    BEFORE(first, want(~0ul));
    is(wait_event(before, first + 30 * MS), 0, "none is wanted, none comes");
    is(area->timer_armed, 0, "the time is past");
    set(time_now() + 3600000 * MS);
    is(hyp_vcpu_op(VCPUOP_stop_singleshot_timer, 0, NULL), 0, "stopped by a call");
    is(area->timer_armed, 0, "it is not armed");
    first = time_now() + 3600000 * MS;
    hyp_set_timer_op(first);
    armed = area->timer_armed;
    is(armed, first, "set by the old call");
    hyp_set_timer_op(0);
    is(area->timer_armed, 0, "and stopped by it");
    is(events(), before, "no event");
}

static void cleared(void)
{
    uint32_t before;
    uint64_t first;

    BEFORE(first, area->timer_wanted = 0);
    ok(wait_event(before, time_now() + 10000 * MS), "a kernel that does not know of it: the event");
    BEFORE(first, area->timer_wanted = first + 10000);
    ok(wait_event(before, time_now() + 10000 * MS), "one that is hardly later: the event, too");
    BEFORE(first, use_area(va_to_machine((void *)area)), set(first), area->timer_wanted = ~0ul, use_area(0));
    ok(wait_event(before, time_now() + 10000 * MS), "the area goes, and its word with it: the event");
    is(use_area(va_to_machine((void *)area)), 0, "back again");
}

/* Writes both words, mostly with times that come soon. */
static void meddle(void *unused)
{
    uint64_t random = 88172645463325252ul;

    (void)unused;
    while (!stop) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        area->timer_wanted = random & 7 ? time_now() + random % (2 * MS) : random;
        area->timer_armed = random >> 3;
    }
}

static void another_writes(void)
{
    uint32_t before = events();
    uint64_t end = time_now() + 500 * MS;

    if (cpu_count() < 2)
        return (void)skip("one vCPU");
    stop = false;
    if (cpu_start(1, meddle, NULL))
        bail("the other vCPU does not start");
    for (unsigned int i = 0; time_now() < end; i++) {
        set(time_now() + i % 64 * 10000);
        if (i % 16 == 0) {
            use_area(0);
            use_area(va_to_machine((void *)area));
        }
    }
    stop = true;
    cpu_wait(1);
    note("%u events meanwhile", events() - before);
    before = events();
    set(time_now() + MS);
    ok(wait_event(before, time_now() + 10000 * MS), "after another vCPU wrote there at random: still an event");
}

void test_main(void)
{
    if (!hv_offers(HV_FEATURE_timer))
        return (void)skip("not offered");
    port = event_bind_virq(VIRQ_TIMER, 0);
    event_bind(port, NULL);
    event_enable();
    area = page_alloc();
    is(use_area(va_to_machine((void *)area)), 0, "an area");
    put_off();
    no_longer_wanted();
    cleared();
    another_writes();
}
