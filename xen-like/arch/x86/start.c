/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order in which hv comes up. boot.S calls start() on the boot CPU's stack with provisional page tables.
 */
#include <arch/acpi.h>
#include <arch/boot.h>
#include <arch/clock.h>
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/desc.h>
#include <arch/device_irq.h>
#include <arch/edd.h>
#include <arch/efi.h>
#include <arch/frame_table.h>
#include <arch/io.h>
#include <arch/ioapic.h>
#include <arch/lapic.h>
#include <arch/paging.h>
#include <arch/pv_mm.h>
#include <arch/smp.h>
#include <arch/traps.h>
#include <hv/console.h>
#include <hv/main.h>
#include <hv/options.h>
#include <hv/page_alloc.h>

void start(uint32_t magic, uint32_t info) __attribute__((noreturn));

static void print_machine(void)
{
    static const char *const types[] = { "", "RAM", "reserved", "ACPI", "NVS", "bad" };

    printk(LOG_INFO, "hv, loaded by %s, options \"%s\"\n",
           boot_info.loader[0] ? boot_info.loader : "something nameless", saved_command_line);
    for (unsigned int i = 0; i < boot_info.nr_memory; i++)
        printk(LOG_DEBUG, "memory %012lx to %012lx %s\n", boot_info.memory[i].start, boot_info.memory[i].end,
               types[boot_info.memory[i].type]);
    printk(LOG_INFO, "processor: %s family %u model %u stepping %u%s%s%s%s%s%s%s\n", cpu_features.vendor,
           cpu_features.family, cpu_features.model, cpu_features.stepping, cpu_features.nx ? " nx" : "",
           cpu_features.smep ? " smep" : "", cpu_features.smap ? " smap" : "",
           cpu_features.umip ? " umip" : "",
           cpu_features.fsgsbase ? " fsgsbase" : "", cpu_features.xsave ? " xsave" : "",
           cpu_features.page1g ? " 1g-pages" : "");
}

/*
 * The legacy interrupt controllers: moved out of the exceptions' way, then every line of theirs masked for
 * good.
 */
static void disable_pic(void)
{
    static const struct { uint16_t port; uint8_t value; } sequence[] = {
        { 0x20, 0x11 }, { 0xa0, 0x11 }, { 0x21, 0x20 }, { 0xa1, 0x28 }, { 0x21, 0x04 }, { 0xa1, 0x02 },
        { 0x21, 0x01 }, { 0xa1, 0x01 }, { 0x21, 0xff }, { 0xa1, 0xff },
    };

    for (unsigned int i = 0; i < ARRAY_SIZE(sequence); i++)
        outb(sequence[i].port, sequence[i].value);
}

static void __attribute__((noreturn)) start_dom0(void)
{
    const struct boot_module *kernel = &boot_info.module[0], *initrd = &boot_info.module[1];
    int rc;

    if (!boot_info.nr_modules)
        panic("no dom0 kernel: give it to the boot loader as the first module");
    rc = build_dom0(kernel, boot_info.nr_modules > 1 ? initrd : NULL, kernel->cmdline);
    if (rc)
        panic("dom0 cannot be built: error %d", -rc);
    kernel_unpack_release();
    boot_release_modules();
    screen_release();
    traps_exit_to_guest();
}

void start(uint32_t magic, uint32_t info)
{
    boot_info_read(magic, info);
    options_parse(boot_info.cmdline);
    serial_init();
    edd_init();
    cpu_features_init();
    if (!cpu_features_apply())
        panic("the processor contradicts itself about its features");
    print_machine();
    if (!boot_info.nr_memory)
        panic("the boot loader gave no memory map");

    boot_alloc_init();
    paging_init();
    screen_init();
    desc_cpu_prepare(0);
    desc_cpu_init(0);
    traps_init();
    traps_cpu_init(0);
    disable_pic();

    acpi_init();
    efi_init();
    lapic_init();
    ioapic_init();
    smp_boot_cpu_init();
    clock_init();
    lapic_timer_calibrate();
    main_init();
    smp_start_others();
    clock_check_done();
    boot_alloc_finish();
    pv_l1tf_init();
    printk(LOG_INFO, "memory: %lu MiB free, %lu frames known; frame table and M2P %lu KiB\n",
           page_alloc_free_pages() >> 8, max_mfn.v, frame_table_bytes() >> 10);
    device_irq_init();
    serial_start_input();
    start_dom0();
}
