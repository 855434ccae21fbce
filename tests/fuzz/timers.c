/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers that are set, moved, stopped and run in any order on three CPUs, beside a plain table of what is due when. None
 * fires early, twice, late or on another CPU than its own, and each CPU's hardware timer, or a softirq that waits there, is
 * no later than its earliest.
 */
#include "fuzz.h"

#include <hv/softirq.h>
#include <hv/time.h>
#include <hv/timer.h>

#define TIMERS 12u
#define CPUS 3u

static struct timer timer[TIMERS];
static struct { s_time_t due; unsigned int cpu, again; } want[TIMERS]; /* due 0: not set */

static void set(unsigned int i, s_time_t when)
{
    want[i].due = when > 1 ? when : 1;
    timer_set(&timer[i], when);
}

static void fires(void *data)
{
    unsigned int i = (struct timer *)data - timer;

    CHECK(want[i].due && want[i].due <= now(), "timer %u, due at %ld, fires at %ld", i, want[i].due, now());
    CHECK(want[i].cpu == host_cpu, "timer %u of CPU %u fires on %u", i, want[i].cpu, host_cpu);
    want[i].due = 0;
    if (want[i].again) {
        want[i].again--;
        set(i, now() + 1 + byte());
    }
}

static void run_on_cpu(unsigned int cpu)
{
    host_cpu = cpu;
    softirq_raise(SOFTIRQ_TIMER);
    softirq_run();
    for (unsigned int i = 0; i < TIMERS; i++)
        CHECK(want[i].cpu != cpu || !want[i].due || want[i].due > now(), "timer %u, due at %ld, is late at %ld", i,
              want[i].due, now());
}

static void check_hardware(void)
{
    for (unsigned int i = 0; i < TIMERS; i++) {
        unsigned int cpu = want[i].cpu;
        s_time_t deadline = host_counters.timer_deadline[cpu];

        CHECK(!!timer[i].link == !!want[i].due, "timer %u is%s set", i, want[i].due ? " not" : "");
        CHECK(!want[i].due || host_work[cpu] & 1u << SOFTIRQ_TIMER || (deadline && deadline <= want[i].due),
              "timer %u, due at %ld: CPU %u wakes at %ld", i, want[i].due, cpu, deadline);
    }
}

static void step(void)
{
    unsigned int i = byte() % TIMERS;

    host_cpu = byte() % CPUS;
    switch (byte() % 6) {
    case 0: case 1:
        set(i, byte() & 7 ? now() + byte() : byte() - 2);
        break;
    case 2:
        want[i].due = 0;
        timer_stop(&timer[i]);
        break;
    case 3:
        want[i].cpu = byte() % CPUS;
        timer_migrate(&timer[i], want[i].cpu);
        break;
    case 4:
        want[i].again = byte() % 3;
        break;
    case 5:
        host_now += byte();
        run_on_cpu(host_cpu);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_begin(data, size);
    host_reset(64);
    host_now = 100;
    host_online = (cpumask_t){ (1u << CPUS) - 1 };
    timers_init();
    memset(want, 0, sizeof(want));
    for (unsigned int i = 0; i < TIMERS; i++) {
        want[i].cpu = i % CPUS;
        timer_init(&timer[i], fires, &timer[i], i % CPUS);
    }
    while (fuzz_left) {
        step();
        check_hardware();
    }
    host_now += SECONDS(1);
    for (unsigned int cpu = 0; cpu < CPUS; cpu++)
        for (unsigned int i = 0; i < 3; i++, host_now += SECONDS(1)) /* a handler may set its timer again */
            run_on_cpu(cpu);
    return 0;
}
