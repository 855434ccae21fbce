/* SPDX-License-Identifier: GPL-2.0-only */
/* Locks and softirqs: who waits for whom. Another CPU is played by what happens in each turn of a spin. */
#include <hv/softirq.h>
#include <hv/spinlock.h>

#include "harness.h"
#include "host.h"

static spinlock_t spin;
static rwlock_t rw;
static unsigned int spins, let_go_after;
static void (*let_go)(void);

static void other_cpu(void)
{
    if (++spins == let_go_after) {
        host_cpu = 1;
        let_go();
        host_cpu = 0;
    }
    CU_ASSERT_FATAL(spins < 1000);
}

static void wait_for(void (*fn)(void), unsigned int turns)
{
    spins = 0;
    let_go = fn;
    let_go_after = turns;
}

static void begin(void)
{
    host_reset(16);
    spin_lock_init(&spin, LOCK_DOMAIN);
    rwlock_init(&rw, LOCK_EVTCHN);
    host_relax_hook = other_cpu;
    wait_for(NULL, 0);
}

static void unlock_spin(void) { spin_unlock(&spin); }
static void unlock_read(void) { read_unlock(&rw); }
static void unlock_write(void) { write_unlock(&rw); }

static void on(unsigned int cpu, void (*fn)(void))
{
    host_cpu = cpu;
    fn();
    host_cpu = 0;
}

static void lock_spin(void) { spin_lock(&spin); }
static void lock_read(void) { read_lock(&rw); }
static void lock_write(void) { write_lock(&rw); }

static void one_at_a_time(void)
{
    begin();
    on(1, lock_spin);
    CU_ASSERT(!spin_trylock(&spin));
    wait_for(unlock_spin, 5);
    lock_spin();
    CU_ASSERT_EQUAL(spins, 5);
    CU_ASSERT(!spin_trylock(&spin));
    unlock_spin();
    CU_ASSERT(spin_trylock(&spin));
    unlock_spin();
    CU_ASSERT_EQUAL(spins, 5);
}

/* Tickets have 16 bits, and the last is followed by the first. */
static void tickets_wrap(void)
{
    begin();
    for (unsigned int i = 0; i < 0x10000 - 1; i++) {
        lock_spin();
        unlock_spin();
    }
    on(1, lock_spin);
    CU_ASSERT_EQUAL(spin.tail, 0);
    CU_ASSERT(!spin_trylock(&spin));
    wait_for(unlock_spin, 3);
    lock_spin();
    CU_ASSERT_EQUAL(spins, 3);
    unlock_spin();
    CU_ASSERT_EQUAL(spin.head, spin.tail);
}

static void readers_together(void)
{
    begin();
    on(1, lock_read);
    on(2, lock_read);
    lock_read();
    CU_ASSERT_EQUAL(spins, 0);
    CU_ASSERT_EQUAL(rw.state, 3);
    unlock_read();
    on(1, unlock_read);
    on(2, unlock_read);
    CU_ASSERT_EQUAL(rw.state, 0);
}

static void a_writer_alone(void)
{
    begin();
    on(1, lock_read);
    wait_for(unlock_read, 4);
    lock_write();
    CU_ASSERT_EQUAL(spins, 4);
    CU_ASSERT_EQUAL(rw.state, RWLOCK_WRITER);
    unlock_write();
    on(1, lock_write);
    wait_for(unlock_write, 6);
    lock_write();
    CU_ASSERT_EQUAL(spins, 6);
    unlock_write();
    on(1, lock_write);
    wait_for(unlock_write, 7);
    lock_read();
    CU_ASSERT_EQUAL(spins, 7);
    CU_ASSERT_EQUAL(rw.state, 1);
    unlock_read();
    CU_ASSERT_EQUAL(rw.state, 0);
    CU_ASSERT_EQUAL(rw.turn.head, rw.turn.tail);
}

static uint32_t seen_by_writer;

static void a_reader_comes_and_the_first_goes(void)
{
    on(2, unlock_read);
    seen_by_writer = rw.state; /* a reader that came while the writer waited does not hold the lock */
}

/* Found by thought: readers that keep coming would keep a writer out. */
static void no_reader_overtakes_a_waiting_writer(void)
{
    begin();
    on(2, lock_read);
    wait_for(a_reader_comes_and_the_first_goes, 2);
    lock_write();
    CU_ASSERT_EQUAL(seen_by_writer, RWLOCK_WRITER);
    CU_ASSERT(!spin_trylock(&rw.turn)); /* whoever comes now, to read or to write, queues up here */
    unlock_write();
}

static bool panics(void (*fn)(void))
{
    bool did = false;

    host_expect_panic = true;
    if (__builtin_setjmp(host_panic_jump))
        did = true;
    else
        fn();
    host_expect_panic = false;
    return did;
}

static void the_order(void)
{
    begin();
    lock_spin();
    lock_read(); /* inner ones within outer ones */
    unlock_read();
    lock_write();
    unlock_write();
    unlock_spin();
    lock_read();
    CU_ASSERT(panics(lock_spin));
    unlock_read();
    CU_ASSERT(panics(unlock_spin));
    begin();
    lock_write();
    CU_ASSERT(panics(lock_read)); /* nor the same again */
    unlock_write();
}

static unsigned int ran[NR_SOFTIRQS];

static void timer_work(void)
{
    ran[SOFTIRQ_TIMER]++;
    if (ran[SOFTIRQ_TIMER] == 1)
        softirq_raise(SOFTIRQ_CONSOLE); /* what comes up meanwhile is done as well */
}

static void console_work(void) { ran[SOFTIRQ_CONSOLE]++; }

static void softirqs(void)
{
    begin();
    softirq_register(SOFTIRQ_TIMER, timer_work);
    softirq_register(SOFTIRQ_CONSOLE, console_work);
    softirq_raise(SOFTIRQ_TIMER);
    softirq_raise(SOFTIRQ_TIMER);
    softirq_raise(SOFTIRQ_SCHEDULE);
    softirq_raise(SOFTIRQ_IRQ); /* nobody handles it here */
    CU_ASSERT_EQUAL(host_counters.kicks[0], 0);
    softirq_raise_cpu(3, SOFTIRQ_TIMER);
    CU_ASSERT_EQUAL(host_counters.kicks[3], 1);
    softirq_run();
    CU_ASSERT_EQUAL(ran[SOFTIRQ_TIMER], 1);
    CU_ASSERT_EQUAL(ran[SOFTIRQ_CONSOLE], 1);
    CU_ASSERT_EQUAL(host_work[0], 1u << SOFTIRQ_SCHEDULE); /* only the way out takes that */
    CU_ASSERT_EQUAL(host_work[3], 1u << SOFTIRQ_TIMER);
}

const struct unit_test unit_tests[] = {
    { "a spin lock is held by one at a time", one_at_a_time },
    { "tickets wrap", tickets_wrap },
    { "readers do not wait for each other", readers_together },
    { "a writer is alone", a_writer_alone },
    { "no reader overtakes a writer that waits", no_reader_overtakes_a_waiting_writer },
    { "locks taken out of order are found", the_order },
    { "softirqs run once each, and where they were raised", softirqs },
    { NULL, NULL },
};
