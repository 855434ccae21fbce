/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The local APIC: sending interrupts to other CPUs, acknowledging them, and this CPU's timer. With x2APIC its
 * registers are MSRs, else they are memory at acpi_info.lapic_base. Layout: Intel SDM volume 3, chapter 10.
 */
#include <arch/acpi.h>
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/io.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <arch/paging.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/softirq.h>
#include <hv/time.h>

enum {
    APIC_ID = 0x02, APIC_TPR = 0x08, APIC_EOI = 0x0b, APIC_SPURIOUS = 0x0f, APIC_ESR = 0x28, APIC_ICR = 0x30,
    APIC_ICR_HIGH = 0x31, APIC_LVT_TIMER = 0x32, APIC_LVT_LINT0 = 0x35, APIC_LVT_LINT1 = 0x36,
    APIC_LVT_ERROR = 0x37, APIC_TIMER_COUNT = 0x38, APIC_TIMER_NOW = 0x39, APIC_TIMER_DIVIDE = 0x3e
};
#define LVT_MASKED (1u << 16)
#define LVT_DEADLINE (2u << 17)
#define LVT_NMI (4u << 8)
#define SPURIOUS_ENABLE (1u << 8)
#define ICR_BUSY (1u << 12)
#define APIC_BASE_ENABLE (1u << 11)
#define APIC_BASE_X2 (1u << 10)
#define DIVIDE_BY_1 0xbu

static char *registers; /* NULL: x2APIC */
static uint64_t timer_mul; /* timer ticks per nanosecond, 32-bit binary fraction */
static bool use_x2apic = true, use_deadline = true;
OPTION_BOOL(use_x2apic, "x2apic");
OPTION_BOOL(use_deadline, "tdt");

static uint32_t apic_read(unsigned int reg)
{
    return registers ? mmio_read32(registers + reg * 16) : (uint32_t)rdmsr(MSR_X2APIC_FIRST + reg);
}

static void apic_write(unsigned int reg, uint32_t v)
{
    if (registers)
        mmio_write32(registers + reg * 16, v);
    else
        wrmsr(MSR_X2APIC_FIRST + reg, v);
}

uint32_t lapic_id(void)
{
    uint32_t id = apic_read(APIC_ID);

    return registers ? id >> 24 : id;
}

void lapic_eoi(void) { apic_write(APIC_EOI, 0); }

void lapic_send(uint32_t apic_id, uint32_t command)
{
    if (!registers) {
        __asm__ volatile("mfence" : : : "memory"); /* an x2APIC write is not ordered after earlier stores */
        wrmsr(MSR_X2APIC_FIRST + APIC_ICR, (uint64_t)apic_id << 32 | command);
        return;
    }
    while (apic_read(APIC_ICR) & ICR_BUSY)
        cpu_pause();
    apic_write(APIC_ICR_HIGH, apic_id << 24);
    apic_write(APIC_ICR, command);
}

bool lapic_frame(uint64_t mfn) { return mfn == acpi_info.lapic_base >> PAGE_SHIFT; }

void lapic_cpu_init(void)
{
    uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

    wrmsr(MSR_APIC_BASE, base);
    if (!registers)
        wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2);
    apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    apic_write(APIC_TPR, 0);
    apic_write(APIC_LVT_TIMER, LVT_MASKED);
    apic_write(APIC_LVT_LINT0, LVT_MASKED); /* the PIC is off */
    apic_write(APIC_LVT_LINT1, LVT_NMI);
    apic_write(APIC_LVT_ERROR, LVT_MASKED);
    apic_write(APIC_ESR, 0);
    apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
    if (cpu_features.tsc_deadline)
        apic_write(APIC_LVT_TIMER, LVT_DEADLINE | VECTOR_TIMER);
    else
        apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
    lapic_eoi(); /* what the firmware left in service */
}

void lapic_init(void)
{
    bool already_x2 = rdmsr(MSR_APIC_BASE) & APIC_BASE_X2;

    if (!use_deadline)
        cpu_features.tsc_deadline = false;
    cpu_features.x2apic = cpu_features.x2apic && (use_x2apic || already_x2);
    if (!cpu_features.x2apic)
        registers = vmap(MADDR(acpi_info.lapic_base), PAGE_SIZE, PTE_UC | PTE_RW);
    lapic_cpu_init();
    printk(LOG_INFO, "local APIC: %s, timer by %s\n", registers ? "xAPIC" : "x2APIC",
           cpu_features.tsc_deadline ? "TSC deadline" : "count");
}

void lapic_timer_calibrate(void)
{
    s_time_t start, elapsed;
    uint32_t ticks;

    if (cpu_features.tsc_deadline)
        return;
    apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    apic_write(APIC_TIMER_COUNT, ~0u);
    start = now();
    while ((elapsed = now() - start) < MILLISECONDS(10))
        cpu_pause();
    ticks = ~0u - apic_read(APIC_TIMER_NOW);
    apic_write(APIC_TIMER_COUNT, 0);
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
    timer_mul = ((uint64_t)ticks << 32) / elapsed;
    printk(LOG_INFO, "local APIC timer: %lu kHz\n", timer_mul * 1000000 >> 32);
}

void arch_timer_program(s_time_t deadline)
{
    s_time_t left;
    uint64_t ticks;

    if (cpu_features.tsc_deadline) {
        wrmsr(MSR_TSC_DEADLINE, deadline ? max(clock_tsc_at(deadline), 1ul) : 0);
        return;
    }
    if (!deadline) {
        apic_write(APIC_TIMER_COUNT, 0);
        return;
    }
    left = min(deadline - now(), SECONDS(1)); /* 32 bits of ticks; the softirq programs the rest */
    if (left <= 0)
        return softirq_raise(SOFTIRQ_TIMER);
    ticks = (unsigned __int128)(uint64_t)left * timer_mul >> 32;
    apic_write(APIC_TIMER_COUNT, min(max(ticks, 1ul), 0xfffffffful));
}
