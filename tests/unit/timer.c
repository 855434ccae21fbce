/* SPDX-License-Identifier: GPL-2.0-only */
/* Timers: whatever is set, moved and stopped in whatever order, each fires once, in order, on its CPU. */
#include <stdlib.h>

#include <hv/softirq.h>
#include <hv/time.h>

#include "harness.h"
#include "host.h"

#define TIMERS 300u

static struct timer timers[TIMERS];
static s_time_t expected[TIMERS]; /* 0: must not fire */
static unsigned int fired[TIMERS];
static s_time_t last_fired;

static void fires(void *data)
{
    unsigned int i = (struct timer *)data - timers;

    fired[i]++;
    CU_ASSERT(expected[i] >= last_fired);
    CU_ASSERT(expected[i] <= host_now);
    CU_ASSERT_EQUAL(timers[i].cpu, host_cpu);
    last_fired = expected[i];
}

static void run_cpu(unsigned int cpu)
{
    host_cpu = cpu;
    last_fired = 0;
    softirq_raise(SOFTIRQ_TIMER);
    softirq_run();
}

static void begin(void)
{
    host_reset(64);
    host_online = (cpumask_t){ 3 };
    timers_init();
    for (unsigned int i = 0; i < TIMERS; i++) {
        timer_init(&timers[i], fires, &timers[i], i % 2);
        fired[i] = 0;
        expected[i] = 0;
    }
}

static void random_order(void)
{
    begin();
    srand(1);
    for (unsigned int n = 0; n < 20000; n++) {
        unsigned int i = rand() % TIMERS;

        switch (rand() % 4) {
        case 0:
            timer_stop(&timers[i]);
            expected[i] = 0;
            break;
        case 1:
            timer_migrate(&timers[i], rand() % 2);
            break;
        default:
            expected[i] = host_now + 1 + rand() % 1000000;
            timer_set(&timers[i], expected[i]);
        }
    }
    host_now += 400000;
    run_cpu(0);
    run_cpu(1);
    for (unsigned int i = 0; i < TIMERS; i++)
        CU_ASSERT_EQUAL(fired[i], expected[i] && expected[i] <= host_now);
    host_now += 1000000;
    run_cpu(0);
    run_cpu(1);
    for (unsigned int i = 0; i < TIMERS; i++)
        CU_ASSERT_EQUAL(fired[i], !!expected[i]);
}

static void hardware_follows_the_first(void)
{
    begin();
    host_cpu = 0;
    timer_set(&timers[0], host_now + 500);
    CU_ASSERT_EQUAL(host_counters.timer_deadline[0], host_now + 500);
    timer_set(&timers[2], host_now + 300);
    CU_ASSERT_EQUAL(host_counters.timer_deadline[0], host_now + 300);
    timer_set(&timers[4], host_now + 900);
    CU_ASSERT_EQUAL(host_counters.timer_deadline[0], host_now + 300);
    expected[2] = host_now + 300;
    host_now += 300;
    run_cpu(0);
    CU_ASSERT_EQUAL(fired[2], 1);
    CU_ASSERT_EQUAL(host_counters.timer_deadline[0], host_now + 200);
    timer_stop(&timers[0]);
    timer_stop(&timers[4]);
    run_cpu(0);
    CU_ASSERT_EQUAL(host_counters.timer_deadline[0], 0);
}

static void another_cpu_is_told(void)
{
    begin();
    host_cpu = 0;
    timer_set(&timers[1], host_now + 5); /* CPU 1's */
    CU_ASSERT(host_work[1] & 1u << SOFTIRQ_TIMER);
    CU_ASSERT_EQUAL(host_counters.timer_deadline[0], 0);
}

static void rearm(void *data)
{
    struct timer *t = data;

    fired[0]++;
    timer_set(t, host_now + 10);
}

static void a_handler_may_set_its_own_timer(void)
{
    begin();
    timer_init(&timers[0], rearm, &timers[0], 0);
    host_cpu = 0;
    timer_set(&timers[0], host_now - 1000); /* past: due at once */
    run_cpu(0);
    CU_ASSERT_EQUAL(fired[0], 1);
    host_now += 10;
    run_cpu(0);
    CU_ASSERT_EQUAL(fired[0], 2);
    timer_kill(&timers[0]);
    host_now += 10;
    run_cpu(0);
    CU_ASSERT_EQUAL(fired[0], 2);
}

const struct unit_test unit_tests[] = {
    { "timers set, moved and stopped at random fire once each, in order", random_order },
    { "the hardware timer is programmed for the first one", hardware_follows_the_first },
    { "a timer of another CPU makes that CPU look", another_cpu_is_told },
    { "a handler may set its own timer again, a killed one stays dead", a_handler_may_set_its_own_timer },
    { NULL, NULL },
};
