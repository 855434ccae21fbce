/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System time: TSC ticks since a base, scaled to nanoseconds with the very arithmetic that a PV guest uses
 * (vcpu_time_info), so that hv and guests agree to the bit.
 *
 * The rate is measured once. When the CPUs' TSCs show the same (checked as each comes up), all CPUs share one
 * base, time never steps between CPUs, and a vCPU's record is written once. When they differ, each CPU has a
 * base of its own, shifted by the difference that was seen, and a vCPU's record changes when it changes CPU.
 */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/ref_timer.h>
#include <arch/smp.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/string.h>
#include <hv/time.h>

#define CALIBRATION_US 20000u
#define CHECK_ROUNDS 2000u
#define CHECK_ROUNDS_MIN 8u
#define CHECK_TIME MILLISECONDS(5)

static struct {
    uint64_t tsc_base[NR_CPUS]; /* the CPU's TSC at system time 0 */
    uint64_t hz;
    uint32_t mul;
    int8_t shift;
    bool ready, warped;
    bool stable;                /* guests may compare times of different vCPUs */
} clock;

static char tsc_option[16];
OPTION_TEXT(tsc_option, "tsc"); /* stable, unstable; default: ask CPUID and the check */

static uint64_t wallclock_ns; /* wall time at system time 0 */

static s_time_t scale(uint64_t ticks)
{
    ticks = clock.shift < 0 ? ticks >> -clock.shift : ticks << clock.shift;
    return (unsigned __int128)ticks * clock.mul >> 32;
}

s_time_t now(void)
{
    int64_t ticks;

    if (unlikely(!clock.ready))
        return 0;
    ticks = rdtsc() - clock.tsc_base[arch_cpu_id()];
    return ticks > 0 ? scale(ticks) : 0;
}

uint64_t clock_tsc_at(s_time_t t)
{
    return clock.tsc_base[arch_cpu_id()] + (uint64_t)((unsigned __int128)(uint64_t)t * clock.hz / 1000000000);
}

uint32_t clock_tsc_khz(void) { return clock.hz / 1000; }

/* mul and shift such that (ticks << shift) * mul >> 32 is nanoseconds, mul with its top bit set. */
static void set_scale(uint64_t hz)
{
    uint64_t ns = 1000000000;

    clock.hz = hz;
    clock.shift = 0;
    while (hz > 2 * ns) {
        hz >>= 1;
        clock.shift--;
    }
    while (hz <= ns) {
        hz <<= 1;
        clock.shift++;
    }
    clock.mul = (ns << 32) / hz;
}

/* --- the battery clock --- */

static uint8_t cmos_read(uint8_t reg)
{
    outb(0x70, reg);
    return inb(0x71);
}

static unsigned int cmos_number(uint8_t v, bool binary) { return binary ? v : (v >> 4) * 10 + (v & 15); }

/*
 * Days from 1970-01-01 to a date of the Gregorian calendar; the year is counted from March so that leap days
 * come last.
 */
static int64_t days_since_epoch(unsigned int year, unsigned int month, unsigned int day)
{
    unsigned int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

    return (int64_t)y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static uint64_t cmos_time(void)
{
    uint8_t regs[7], again[7], status = cmos_read(0x0b);
    static const uint8_t which[7] = { 0, 2, 4, 7, 8, 9, 0x32 };
    bool binary = status & 4;
    unsigned int hour, year, century;

    do {
        while (cmos_read(0x0a) & 0x80) /* an update is under way */
            cpu_pause();
        for (unsigned int i = 0; i < 7; i++)
            regs[i] = cmos_read(which[i]);
        for (unsigned int i = 0; i < 7; i++)
            again[i] = cmos_read(which[i]);
    } while (memcmp(regs, again, sizeof(regs)));
    hour = cmos_number(regs[2] & 0x7f, binary);
    if (!(status & 2)) /* 12-hour mode: bit 7 is pm */
        hour = hour % 12 + (regs[2] & 0x80 ? 12 : 0);
    century = cmos_number(regs[6], binary);
    year = (century >= 19 && century <= 25 ? century : 20) * 100 + cmos_number(regs[5], binary);
    return (uint64_t)days_since_epoch(year, cmos_number(regs[4], binary),
                                      cmos_number(regs[3], binary)) * 86400 +
           hour * 3600 + cmos_number(regs[1], binary) * 60 + cmos_number(regs[0], binary);
}

void clock_init(void)
{
    const char *ref = ref_timer_init();
    uint64_t base;

    set_scale(ref_timer_measure_tsc(CALIBRATION_US));
    base = rdtsc();
    for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
        clock.tsc_base[cpu] = base;
    clock.ready = true;
    time_set_wallclock(cmos_time(), 0, now());
    printk(LOG_INFO, "TSC: %lu kHz, measured by the %s\n", clock.hz / 1000, ref);
}

/* --- are two CPUs' TSCs the same? --- */

static uint64_t last_seen; /* the latest TSC that either has read */
static int64_t worst_warp, sum_ahead;
enum { CHECK_OVER, CHECK_BOOT_CPU, CHECK_PARTNER };
static uint32_t whose_turn;

static uint32_t turn(void) { return __atomic_load_n(&whose_turn, __ATOMIC_ACQUIRE); }
static void pass_turn(uint32_t to) { __atomic_store_n(&whose_turn, to, __ATOMIC_RELEASE); }

/*
 * Both CPUs in turn compare their TSC with the other's latest: reading less than was read before, elsewhere,
 * is a warp. sign says in which direction a difference counts.
 */
static void compare(int sign)
{
    uint64_t t = rdtsc_ordered();

    if (t < last_seen)
        worst_warp = max(worst_warp, (int64_t)(last_seen - t));
    if (last_seen)
        sum_ahead += sign * (int64_t)(t - last_seen);
    last_seen = t;
}

void clock_check_partner(void)
{
    while (turn() != CHECK_PARTNER)
        cpu_pause();
    for (;;) {
        while (turn() == CHECK_BOOT_CPU)
            cpu_pause();
        if (turn() == CHECK_OVER)
            return;
        compare(1);
        pass_turn(CHECK_BOOT_CPU);
    }
}

void clock_check_cpu(unsigned int cpu)
{
    s_time_t end = now() + CHECK_TIME;
    unsigned int rounds;

    last_seen = 0;
    worst_warp = sum_ahead = 0;
    compare(-1);
    for (rounds = 0; rounds < CHECK_ROUNDS && (rounds < CHECK_ROUNDS_MIN || now() < end); rounds++) {
        pass_turn(CHECK_PARTNER);
        while (turn() != CHECK_BOOT_CPU)
            cpu_pause();
        compare(-1);
    }
    pass_turn(CHECK_OVER);
    if (!worst_warp)
        return;
    clock.warped = true;
    /*
     * Going there and coming back take as long on average, so that half the difference is how far it is
     * ahead.
     */
    clock.tsc_base[cpu] += sum_ahead / (int64_t)(2 * rounds);
    printk(LOG_WARN, "TSC of CPU %u is off by %ld ticks\n", cpu, sum_ahead / (int64_t)(2 * rounds));
}

void clock_check_done(void)
{
    bool promised = !strcmp(tsc_option, "stable"), denied = !strcmp(tsc_option, "unstable");

    /* The option may stand for the processor's word, but not for what was seen to be otherwise. */
    clock.stable = (cpu_features.invariant_tsc || promised) && !denied && !clock.warped;
    printk(LOG_INFO, "TSC: %sinvariant, CPUs %s, %s to guests\n", cpu_features.invariant_tsc ? "" : "not ",
           clock.warped ? "differ" : "agree", clock.stable ? "stable" : "not promised stable");
}

/* --- what guests see --- */

static void write_begin(uint32_t *version)
{
    WRITE_ONCE(*version, (*version + 1) | 1);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void write_end(uint32_t *version)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    WRITE_ONCE(*version, *version + 1);
}

void time_update_vcpu(struct vcpu *v)
{
    struct vcpu_time_info *t = &v->info->time;
    unsigned int cpu = arch_cpu_id();

    if (v->arch.time_epoch == (clock.warped ? cpu + 1 : 1))
        return;
    write_begin(&t->version);
    t->tsc_timestamp = clock.tsc_base[cpu];
    t->system_time = 0;
    t->tsc_to_system_mul = clock.mul;
    t->tsc_shift = clock.shift;
    t->flags = clock.stable ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
    write_end(&t->version);
    v->arch.time_epoch = clock.warped ? cpu + 1 : 1;
    if (v->time_guest.p && v == current)
        arch_copy_to_guest_kernel(v->time_guest.p, t, sizeof(*t));
}

void time_set_wallclock(uint64_t secs, uint32_t nsecs, s_time_t at)
{
    __atomic_store_n(&wallclock_ns, secs * 1000000000 + nsecs - at, __ATOMIC_RELAXED);
}

/* The wall time at system time 0. */
static void get_wallclock(uint64_t *secs, uint32_t *nsecs)
{
    uint64_t ns = __atomic_load_n(&wallclock_ns, __ATOMIC_RELAXED);

    *secs = ns / 1000000000;
    *nsecs = ns % 1000000000;
}

void time_update_domain_wallclock(struct domain *d)
{
    struct shared_info *s = d->shared_info;
    uint64_t secs;
    uint32_t nsecs;

    get_wallclock(&secs, &nsecs);
    secs += d->time_offset_seconds;
    write_begin(&s->wc_version);
    s->wc_sec = (uint32_t)secs;
    s->wc_sec_hi = secs >> 32;
    s->wc_nsec = nsecs;
    write_end(&s->wc_version);
}
