/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers of known rate: HPET (its period is in its first register), ACPI PM timer (3.579545 MHz, 24
 * bits), PIT channel 2 (1.193182 MHz, 16 bits, counts down). Used at boot to measure the TSC.
 */
#include <arch/acpi.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/paging.h>
#include <arch/ref_timer.h>

#define FEMTOSECONDS 1000000000000000ul

static char *hpet;
static uint64_t ref_hz;
static uint32_t ref_mask;
static uint32_t (*ref_read)(void);

static uint32_t hpet_read(void) { return mmio_read32(hpet + 0xf0); }
static uint32_t pm_timer_read(void) { return inl(acpi_info.pm_timer); }

static uint32_t pit_read(void)
{
    uint8_t low;

    outb(0x43, 0x80); /* latch channel 2 */
    low = inb(0x42);
    return ~(low | (uint32_t)inb(0x42) << 8);
}

static bool hpet_start(void)
{
    uint32_t period;

    hpet = acpi_info.hpet_base ? vmap(MADDR(acpi_info.hpet_base), 0x400, PTE_UC | PTE_RW) : NULL;
    if (!hpet)
        return false;
    period = mmio_read32(hpet + 4);
    if (period == 0 || period > 100000000) { /* at most 100 ns, says its specification */
        vunmap(hpet);
        return false;
    }
    ref_hz = FEMTOSECONDS / period;
    mmio_write32(hpet + 0x10, mmio_read32(hpet + 0x10) | 1);
    return true;
}

static bool pm_timer_runs(void)
{
    uint32_t start;

    if (!acpi_info.pm_timer)
        return false;
    start = pm_timer_read();
    for (unsigned int i = 0; i < 10000; i++)
        if (pm_timer_read() != start)
            return true;
    return false;
}

const char *ref_timer_init(void)
{
    if (hpet_start()) {
        ref_read = hpet_read;
        ref_mask = ~0u;
        return "HPET";
    }
    if (pm_timer_runs()) {
        ref_read = pm_timer_read;
        ref_mask = 0xffffff;
        ref_hz = 3579545;
        return "PM timer";
    }
    outb(0x61, (inb(0x61) & ~2) | 1); /* gate of channel 2 on, speaker off */
    outb(0x43, 0xb4);                 /* channel 2, both bytes, rate generator */
    outb(0x42, 0xff);
    outb(0x42, 0xff);
    ref_read = pit_read;
    ref_mask = 0xffff;
    ref_hz = 1193182;
    return "PIT";
}

/* Read both at "the same" time: of a few tries the one that took the shortest. */
static uint64_t read_pair(uint32_t *ref)
{
    uint64_t best = ~0ull, tsc = 0;

    for (unsigned int i = 0; i < 5; i++) {
        uint64_t before = rdtsc_ordered(), after;
        uint32_t r = ref_read();

        after = rdtsc_ordered();
        if (after - before < best) {
            best = after - before;
            tsc = before + best / 2;
            *ref = r;
        }
    }
    return tsc;
}

uint64_t ref_timer_measure_tsc(uint32_t microseconds)
{
    uint64_t want = ref_hz * microseconds / 1000000, tsc0, tsc1;
    uint32_t ref0, ref1, elapsed;

    tsc0 = read_pair(&ref0);
    while (((ref_read() - ref0) & ref_mask) < want)
        cpu_pause();
    tsc1 = read_pair(&ref1);
    elapsed = (ref1 - ref0) & ref_mask;
    return (unsigned __int128)(tsc1 - tsc0) * ref_hz / elapsed;
}
