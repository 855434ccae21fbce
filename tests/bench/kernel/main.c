/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each operation of the ABI costs. The figures are printed, not judged: `make bench` compares them with another
 * hypervisor's, tests/bench/check with the budget. Runs as the first domain or as an ordinary one; what takes a second
 * vCPU, a second domain (this kernel again, given as the module) or hardware is left out where there is none.
 */
#include "bench.h"
#include <public/callback.h>
#include <public/sched.h>

extern void event_entry(void);

struct upcall bench_upcalls[2];

static uint32_t overhead;

void figures_add(struct figures *f, uint32_t ticks_)
{
    if (f->rounds++ < WARM_UP)
        return;
    ticks_ -= overhead;
    if (!f->times || ticks_ < f->min)
        f->min = ticks_;
    f->sum += ticks_;
    f->times++;
}

void figures_show(const char *name, const struct figures *f)
{
    note("%s: %u %u %lu", name, f->times, f->min, (unsigned long)(f->sum / f->times));
}

static void measure_overhead(void)
{
    struct figures f = { 0 };

    for (unsigned int i = 0; i < TIMES; i++) {
        uint32_t from = ticks();

        figures_add(&f, ticks() - from);
    }
    overhead = f.min;
}

void set_trap(unsigned int vector, void (*entry)(void))
{
    struct trap_info table[2] = { 0 };

    trap_info_of(vector, &table[0]);
    if (entry)
        table[0].address = (uint64_t)entry;
    DO(hyp_set_trap_table(table));
}

void set_callback(unsigned int type, void (*entry)(void))
{
    struct callback_register reg = { type, type == CALLBACKTYPE_event ? 0 : CALLBACKF_mask_events, (uint64_t)entry };

    DO(hyp_callback_op(CALLBACKOP_register, &reg));
}

void upcall_on(long port)
{
    struct cpu *cpu = this_cpu();

    event_disable();
    bench_upcalls[cpu->id].info = cpu->info;
    bench_upcalls[cpu->id].word = &shared_info->evtchn_pending[port / 64];
    set_callback(CALLBACKTYPE_event, cpu->id ? bench_event_1 : bench_event_0);
    event_clear(port);
    event_unmask(port);
}

void upcall_off(void)
{
    event_disable();
    set_callback(CALLBACKTYPE_event, event_entry);
}

void upcall_wait(uint32_t *seen)
{
    volatile uint32_t *count = &bench_upcalls[this_cpu()->id].count;

    while (*count == *seen) {
        DO(hyp_sched_op(SCHEDOP_block, NULL));
        event_disable();
    }
    *seen = *count;
}

void test_main(void)
{
    measure_overhead();
    if (option("child", 0))
        bench_child();
    bench_calls();
    bench_tables();
    bench_roots();
    bench_traps();
    bench_user();
    bench_emulation();
    bench_events();
    bench_timers();
    bench_memory();
    bench_grants();
    bench_vcpus();
    bench_domains();
    ok(true, "all operations were measured");
}
