/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How an operation is measured: some rounds to warm up, then the TSC before and after each of the counted ones. What
 * reading the TSC costs is measured first and taken off. Each operation becomes one line that tests/bench/run reads:
 * "# NAME: ITERATIONS MINIMUM MEAN", in ticks, which under icount are instructions.
 */
#ifndef BENCH_H
#define BENCH_H

#include <guest.h>

#define TIMES   200u
#define WARM_UP 5u

/* What hv counts, and nobody else: CR3 loads, flushes of the whole TLB, of a page. */
struct counts {
    uint32_t value[3];
    bool known;
};

struct figures {
    uint64_t sum;
    uint32_t min, times, rounds;
};

static inline uint32_t ticks(void)
{
    uint32_t low, high;

    asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return low;
}

/* One round, not counted while warming up. */
void figures_add(struct figures *f, uint32_t ticks);

/* What is counted from here on, in so many rounds: "# flushes: NAME = CR3-LOADS FLUSHES PAGES" of one, if hv tells. */
void counts_begin(struct counts *c);
void counts_show(const char *name, const struct counts *before, unsigned int rounds);

/* Prints the line. */
void figures_show(const char *name, const struct figures *f);

/* PREPARE runs before each round and is not measured. */
#define MEASURE_AFTER(prepare, name, iterations, statement)                                                  \
    do {                                                                                                     \
        struct figures f_ = { 0 };                                                                           \
        struct counts c_;                                                                                    \
                                                                                                             \
        counts_begin(&c_);                                                                                   \
        for (unsigned int i_ = 0; i_ < (iterations) + WARM_UP; i_++) {                                       \
            uint32_t from_;                                                                                  \
                                                                                                             \
            prepare;                                                                                         \
            from_ = ticks();                                                                                 \
            statement;                                                                                       \
            figures_add(&f_, ticks() - from_);                                                               \
        }                                                                                                    \
        figures_show(name, &f_);                                                                             \
        counts_show(name, &c_, (iterations) + WARM_UP);                                                      \
    } while (0)
#define MEASURE_TIMES(name, iterations, statement) MEASURE_AFTER((void)0, name, iterations, statement)
#define MEASURE(name, statement) MEASURE_TIMES(name, TIMES, statement)

/* A hypercall that must succeed. */
#define DO(call)                                                                                             \
    do {                                                                                                     \
        if (__builtin_expect((call) != 0, 0))                                                                \
            bail("%s", #call);                                                                               \
    } while (0)

/* The shortest upcall handler, one for each vCPU: takes back everything that is pending in one word and counts. */
struct upcall {
    struct vcpu_info *info;
    volatile uint64_t *word;
    volatile uint32_t count;
};
extern struct upcall bench_upcalls[2];
extern void bench_event_0(void), bench_event_1(void);

/* From now on this vCPU's upcalls go to the handler above, and PORT is unmasked; upcalls stay masked. */
void upcall_on(long port);
void upcall_off(void);

/* Blocks until this vCPU's count is no longer *SEEN, and takes note. Upcalls are masked before and after: one comes in only
 * while it blocks. */
void upcall_wait(uint32_t *seen);

/* Installs the short handler ENTRY for VECTOR; NULL: the runtime's own again. */
void set_trap(unsigned int vector, void (*entry)(void));
void set_callback(unsigned int type, void (*entry)(void));

void bench_calls(void);
void bench_tables(void);
void bench_roots(void);
void bench_traps(void);
void bench_user(void);
void bench_emulation(void);
void bench_events(void);
void bench_timers(void);
void bench_memory(void);
void bench_grants(void);
void bench_vcpus(void);
void bench_domains(void);
void bench_child(void);

#endif
