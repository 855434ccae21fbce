/* SPDX-License-Identifier: GPL-2.0-only */
/* Two vCPUs that share a CPU: one gives way to the other, wakes it and waits for its answer. */
#include "bench.h"
#include <public/sched.h>
#include <public/vcpu.h>

static long to_other, to_us;
static volatile uint32_t turns, stop;

static void yields(void *unused)
{
    (void)unused;
    while (!stop) {
        turns++;
        hyp_sched_op(SCHEDOP_yield, NULL);
    }
}

static void answers(void *unused)
{
    uint32_t seen = bench_upcalls[1].count;

    (void)unused;
    upcall_on(to_other);
    turns++;
    while (!stop) {
        upcall_wait(&seen);
        event_send(to_us);
    }
    upcall_off();
}

static void ask(void)
{
    uint32_t seen = bench_upcalls[0].count;

    event_send(to_other);
    upcall_wait(&seen);
}

static void start(void (*fn)(void *))
{
    uint32_t before = turns;

    stop = 0;
    DO(cpu_start(1, fn, NULL));
    while (turns == before)
        hyp_sched_op(SCHEDOP_yield, NULL);
}

void bench_vcpus(void)
{
    uint32_t before;

    if (cpu_count() < 2)
        return note("one vCPU: nothing between two is measured");
    start(yields);
    before = turns;
    MEASURE("yield to another vCPU and back", DO(hyp_sched_op(SCHEDOP_yield, NULL)));
    note("the other vCPU had %u turns in %u yields", turns - before, TIMES + WARM_UP);
    stop = 1;
    cpu_wait(1);
    to_other = event_bind_ipi(1);
    to_us = event_bind_ipi(0);
    upcall_on(to_us);
    start(answers);
    MEASURE("block, wake another vCPU and be woken", ask());
    stop = 1;
    event_send(to_other);
    cpu_wait(1);
    upcall_off();
}
