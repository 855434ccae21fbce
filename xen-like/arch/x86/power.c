/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's end: power off, restart, or halt. Each step falls through to a cruder one. */
#include <arch/acpi.h>
#include <arch/cpu.h>
#include <arch/efi.h>
#include <arch/io.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/options.h>
#include <hv/time.h>
#include <public/sched.h>

static bool noreboot;
OPTION_BOOL(noreboot, "noreboot");

static void __attribute__((noreturn)) stay(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* By the clock and without touching a device: what emulates them may be what we wait for. */
static void wait(s_time_t ns)
{
    s_time_t end = now() + ns;

    while (now() < end)
        cpu_pause();
}

static void __attribute__((noreturn)) restart(void)
{
    static const struct { uint16_t limit; uint64_t base; } __attribute__((packed)) no_idt;

    acpi_reset();
    wait(MILLISECONDS(200));
    efi_reset(false);
    outb(0xcf9, 0x02); /* PCI reset control: hard reset */
    outb(0xcf9, 0x06);
    wait(MILLISECONDS(200));
    outb(0x64, 0xfe); /* keyboard controller: pulse the reset line */
    wait(MILLISECONDS(200));
    __asm__ volatile("lidt %0\n\tint3" : : "m"(no_idt)); /* triple fault */
    stay();
}

static void __attribute__((noreturn)) power_off(void)
{
    acpi_power_off();
    wait(SECONDS(2));
    efi_reset(true);
    printk(LOG_WARN, "the machine does not power off by itself\n");
    stay();
}

void power_off_with(uint16_t pm1a, uint16_t pm1b)
{
    printk(LOG_INFO, "power off\n");
    smp_stop_others();
    console_force_unlock();
    if (acpi_info.pm1a_control)
        outw(acpi_info.pm1a_control, pm1a | ACPI_SLEEP_ENABLE);
    if (acpi_info.pm1b_control)
        outw(acpi_info.pm1b_control, pm1b | ACPI_SLEEP_ENABLE);
    wait(SECONDS(2));
    power_off();
}

void arch_machine_shutdown(uint8_t reason)
{
    irq_disable();
    smp_stop_others();
    console_force_unlock(); /* a CPU may have been stopped in the middle of a message */
    if (reason == SHUTDOWN_poweroff) {
        printk(LOG_INFO, "dom0 is gone: power off\n");
        power_off();
    }
    if (reason == SHUTDOWN_crash && noreboot) {
        printk(LOG_ERR, "stopped; noreboot is set\n");
        stay();
    }
    if (noreboot) {
        printk(LOG_INFO, "dom0 is gone (reason %u); noreboot is set\n", reason);
        stay();
    }
    printk(LOG_INFO, "restarting the machine\n");
    restart();
}
