/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two vCPUs on one CPU, each with its own FPU state: whatever the order of switches, neither sees the other's registers. Lazy
 * switching leaked them once, on CPUs that speculate and on an emulator that ignores CR0.TS.
 */
#include <guest.h>
#include <public/sched.h>

void fpu_fill(uint64_t seed);
uint64_t fpu_sum(uint64_t *x87, uint32_t *mxcsr);
void ymm_fill(uint64_t seed);
uint64_t ymm_sum(void);

static bool avx;
static volatile unsigned int wrong[2], rounds[2];

#define ROUNDS 300

static uint64_t sum_for(uint64_t seed)
{
    return seed * 16 + 120;
}

static void check(uint64_t seed, unsigned int who)
{
    uint64_t x87;
    uint32_t mxcsr;

    if (avx && ymm_sum() != sum_for(seed))
        wrong[who]++;
    if (fpu_sum(&x87, &mxcsr) != sum_for(seed) || x87 != seed || (mxcsr & 0x7fc0) != (0x1f80 | (seed & 0x6000)))
        wrong[who]++;
}

static void worker(void *arg)
{
    unsigned int who = this_cpu()->id, i;
    uint64_t seed;

    (void)arg;
    for (i = 0; i < ROUNDS; i++) {
        seed = 0x1000000000ul * (who + 1) + i * 0x2468;
        fpu_fill(seed);
        if (avx)
            ymm_fill(seed);
        check(seed, who);
        hyp_sched_op(SCHEDOP_yield, NULL);
        check(seed, who);
        rounds[who]++;
    }
}

static bool has_avx(void)
{
    uint32_t a = 1, b, c = 0, d;

    asm volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n\tcpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (!(c & 1u << 26) || !(c & 1u << 28))
        return false;
    asm volatile("movq %%cr4, %%rax; orq $0x40000, %%rax; movq %%rax, %%cr4" : : : "rax", "memory");
    return try_insn("xsetbv", : : "a"(7), "d"(0), "c"(0))->vector == NO_FAULT;
}

static void enable_avx(void *arg)
{
    (void)arg;
    has_avx();
}

/* A new vCPU starts with clean registers, not with what the CPU happened to hold. */
static void first_look(void *arg)
{
    *(uint64_t *)arg = avx ? ymm_sum() : 0;
}

void test_main(void)
{
    uint64_t upper = 1;

    avx = has_avx();
    note("AVX: %s", avx ? "yes" : "no");
    fpu_fill(0x77);
    if (avx)
        ymm_fill(0x77);
    is(cpu_start(1, enable_avx, NULL), 0, "a second vCPU");
    cpu_wait(1);
    check(0x77, 0);
    is(wrong[0], 0, "starting it leaves our registers alone");
    cpu_start(1, first_look, &upper);
    cpu_wait(1);
    is(upper, 0, "and it does not see them");
    cpu_start(1, worker, NULL);
    worker(NULL);
    cpu_wait(1);
    is(rounds[0], ROUNDS, "vCPU 0 did its rounds");
    is(rounds[1], ROUNDS, "vCPU 1 did its rounds");
    is(wrong[0], 0, "vCPU 0's registers were always its own");
    is(wrong[1], 0, "vCPU 1's registers were always its own");
}
