/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first domain's hardware: interrupts of two devices that every PC has (the clock's, an edge, and ACPI's,
 * a level) through pirqs and event channels, and what platform_op says of the machine. Any other domain is
 * refused all of it.
 */
#include <guest.h>
#include <public/event_channel.h>
#include <public/physdev.h>
#include <public/platform.h>

#define RTC_LINE 8
#define PM_EVENT 0x600 /* where QEMU's firmware puts ACPI's event block on both of its PCs */
#define PM_TIMER_STATUS 1
#define SMI_COMMAND 0xb2
#define ACPI_ENABLE 0xf1

static void outb(uint16_t port, uint8_t v) { asm volatile("outb %0, %1" : : "a"(v), "Nd"(port)); }
static void outw(uint16_t port, uint16_t v) { asm volatile("outw %0, %1" : : "a"(v), "Nd"(port)); }
static uint8_t inb(uint16_t port)
{
    uint8_t v;

    asm volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static uint16_t inw(uint16_t port)
{
    uint16_t v;

    asm volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
static uint32_t inl(uint16_t port)
{
    uint32_t v;

    asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static uint8_t cmos_read(uint8_t reg)
{
    outb(0x70, reg);
    return inb(0x71);
}

static void cmos_write(uint8_t reg, uint8_t v)
{
    outb(0x70, reg);
    outb(0x71, v);
}

static long map_line(int gsi, bool level, bool low)
{
    struct physdev_setup_gsi setup = { .gsi = gsi, .triggering = level, .polarity = low };
    struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = gsi,
                                    .pirq = gsi };

    is_either(hyp_physdev_op(PHYSDEVOP_setup_gsi, &setup), 0, -XEN_EEXIST, "line %d: its mode", gsi);
    is(hyp_physdev_op(PHYSDEVOP_map_pirq, &map), 0, "line %d is mapped", gsi);
    return map.pirq;
}

static unsigned int bind(long pirq)
{
    struct evtchn_bind_pirq op = { .pirq = pirq };

    is(hyp_event_channel_op(EVTCHNOP_bind_pirq, &op), 0, "pirq %ld is bound", pirq);
    event_bind(op.port, NULL);
    return op.port;
}

static bool comes(unsigned int port, unsigned int timeout_ms)
{
    return event_wait(&event_count[port], event_count[port], timeout_ms);
}

static void unmap(long pirq)
{
    struct physdev_unmap_pirq op = { .domid = DOMID_SELF, .pirq = pirq };

    is(hyp_physdev_op(PHYSDEVOP_unmap_pirq, &op), 0, "pirq %ld is unmapped", pirq);
}

/* The clock's periodic interrupt: an edge whenever its status register was read. */
static void edge(void)
{
    long pirq = map_line(RTC_LINE, false, false);
    struct physdev_irq_status_query status = { .irq = pirq };
    unsigned int port = bind(pirq), n;

    is(hyp_physdev_op(PHYSDEVOP_irq_status_query, &status), 0, "its status");
    if (running_on_hv())
        is(status.flags & XENIRQSTAT_needs_eoi, 0, "an edge wants no end of interrupt");
    cmos_write(0x0a, 0x26); /* 1024 Hz */
    cmos_write(0x0b, cmos_read(0x0b) | 0x40);
    cmos_read(0x0c);
    for (n = 0; n < 5 && comes(port, 2000); n++)
        cmos_read(0x0c);
    is(n, 5, "the clock's interrupts come");
    cmos_write(0x0b, cmos_read(0x0b) & ~0x40);
    cmos_read(0x0c);
    is(event_close(port), 0, "close");
    unmap(pirq);
}

/* ACPI's timer sets its status bit every 2.3 seconds; the line is up until that is cleared. */
static void level(void)
{
    long pirq = map_line(9, true, false);
    struct physdev_irq_status_query status = { .irq = pirq };
    struct physdev_eoi eoi = { .irq = pirq };
    unsigned int port, before;

    if (inl(PM_EVENT + 8) == 0xffffffff) {
        skip("no ACPI timer at %x", PM_EVENT + 8);
        return;
    }
    port = bind(pirq);
    is(hyp_physdev_op(PHYSDEVOP_irq_status_query, &status), 0, "its status");
    is(status.flags & XENIRQSTAT_needs_eoi, XENIRQSTAT_needs_eoi, "a level wants an end of interrupt");
    before = event_count[port];
    outb(SMI_COMMAND, ACPI_ENABLE);
    outw(PM_EVENT + 2, inw(PM_EVENT + 2) | PM_TIMER_STATUS);
    ok(event_wait(&event_count[port], before, 10000), "ACPI's interrupt comes");
    ok(!comes(port, 50), "once, until its end is announced");
    before = event_count[port];
    is(hyp_physdev_op(PHYSDEVOP_eoi, &eoi), 0, "end of interrupt");
    ok(event_wait(&event_count[port], before, 2000), "the line is still up: it comes again");
    outw(PM_EVENT + 2, inw(PM_EVENT + 2) & ~PM_TIMER_STATUS);
    outw(PM_EVENT, PM_TIMER_STATUS);
    is(hyp_physdev_op(PHYSDEVOP_eoi, &eoi), 0, "end of interrupt, the line is down");
    ok(!comes(port, 50), "no more");
    is(event_close(port), 0, "close");
    unmap(pirq);
}

#define IOAPIC 0xfec00000ul /* on QEMU's PCs */
#define REDIRECTION 0x10

/* Old kernels wrote lines' registers themselves; nothing may come of it. */
static void io_apic(void)
{
    struct physdev_apic op = { .apic_physbase = IOAPIC, .reg = REDIRECTION + 2 * 9 };
    uint32_t before;

    is(hyp_physdev_op(PHYSDEVOP_apic_read, &op), 0, "an I/O APIC's register is read");
    before = op.value;
    op.value = 0x100ff; /* masked, another vector */
    is(hyp_physdev_op(PHYSDEVOP_apic_write, &op), 0, "a write to it is accepted");
    is(hyp_physdev_op(PHYSDEVOP_apic_read, &op), 0, "read again");
    is(op.value & 0xff, before & 0xff, "it has the same vector");
    op.apic_physbase = 0x1000;
    is(hyp_physdev_op(PHYSDEVOP_apic_read, &op), -XEN_EINVAL, "no I/O APIC there to read");
    is(hyp_physdev_op(PHYSDEVOP_apic_write, &op), -XEN_EINVAL, "nor to write");
}

static void refusals(void)
{
    struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = -1, .pirq = -1 };
    struct physdev_set_iopl iopl = { .iopl = 4 };
    struct physdev_set_iobitmap bitmap = { .nr_ports = 65537 };
    struct physdev_unmap_pirq none = { .domid = DOMID_SELF, .pirq = -1 };
    struct evtchn_bind_pirq bind_none = { .pirq = 0x7fffffff };

    is(hyp_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL, "no line -1");
    map.index = 0x7fffffff;
    is(hyp_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL, "no line 2^31 - 1");
    map.type = 77;
    is(hyp_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL, "no such kind of interrupt");
    map = (struct physdev_map_pirq){ .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MSI_SEG, .index = -1,
                                     .pirq = -1, .bus = 0xff, .devfn = 0xff };
    ok(hyp_physdev_op(PHYSDEVOP_map_pirq, &map) < 0, "no message from a device that is not there");
    ok(hyp_physdev_op(PHYSDEVOP_unmap_pirq, &none) < 0, "unmap what is not mapped");
    ok(hyp_event_channel_op(EVTCHNOP_bind_pirq, &bind_none) < 0, "bind what is not mapped");
    is(hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl), -XEN_EINVAL, "I/O privilege level 4");
    is(hyp_physdev_op(PHYSDEVOP_set_iobitmap, &bitmap), -XEN_EINVAL, "a bitmap of more ports than there are");
    is(hyp_physdev_op(PHYSDEVOP_map_pirq, (void *)0x1000), -XEN_EFAULT, "an unmapped argument");
    is(hyp_physdev_op(99, &map), -XEN_ENOSYS, "an unknown operation");
}

/* --- platform_op --- */

static struct xen_platform_op platform;

static long platform_op(uint32_t cmd)
{
    platform.cmd = cmd;
    platform.interface_version = XENPF_INTERFACE_VERSION;
    return HYPERCALL_1(__HYPERVISOR_platform_op, &platform);
}

static void machine(void)
{
    platform.u.pcpu_info.xen_cpuid = 0;
    is(platform_op(XENPF_get_cpuinfo), 0, "CPU 0");
    is(platform.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE, "is online");
    platform.u.pcpu_info.xen_cpuid = 100000;
    is(platform_op(XENPF_get_cpuinfo), 0, "CPU 100000");
    is(platform.u.pcpu_info.flags & XEN_PCPU_FLAGS_INVALID, XEN_PCPU_FLAGS_INVALID, "is none");
    platform.u.firmware_info.type = XEN_FW_EFI_INFO;
    platform.u.firmware_info.index = XEN_FW_EFI_CONFIG_TABLE;
    is(platform_op(XENPF_firmware_info), -XEN_ENOSYS, "no UEFI on a BIOS");
    platform.u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
    platform.u.firmware_info.index = 1;
    is(platform_op(XENPF_firmware_info), -XEN_ESRCH, "no second keyboard");
    platform.u.efi_runtime_call = (struct xenpf_efi_runtime_call){ .function = XEN_EFI_get_time };
    is(platform_op(XENPF_efi_runtime_call), -XEN_ENOSYS, "no runtime services either");
    if (running_on_hv()) { /* Xen would go to sleep */
        platform.u.enter_acpi_sleep = (xenpf_enter_acpi_sleep_t){ .sleep_state = 3 };
        is(platform_op(XENPF_enter_acpi_sleep), -XEN_EOPNOTSUPP, "suspend to RAM is not to be had");
        platform.u.enter_acpi_sleep.sleep_state = 6;
        is(platform_op(XENPF_enter_acpi_sleep), -XEN_EINVAL, "there is no sixth state");
        platform.u.enter_acpi_sleep = (xenpf_enter_acpi_sleep_t){ .sleep_state = 5, .flags = 2 };
        is(platform_op(XENPF_enter_acpi_sleep), -XEN_EINVAL, "nor a flag of that value");
    }
    is(platform_op(XENPF_enter_acpi_sleep + 1000), -XEN_ENOSYS, "an unknown operation");
    platform.cmd = XENPF_get_cpuinfo;
    platform.interface_version = 1;
    is(HYPERCALL_1(__HYPERVISOR_platform_op, &platform), -XEN_EACCES, "another version of the interface");
}

static void symbols(void)
{
    static char name[128];
    unsigned int n;

    memset(&platform.u, 0, sizeof(platform.u));
    for (n = 0; n < 5; n++) {
        platform.u.symdata.namelen = sizeof(name);
        set_xen_guest_handle(platform.u.symdata.name, name);
        if (platform_op(XENPF_get_symbol))
            break;
        if (n == 0 && !running_on_hv())
            break; /* a release build of the peer may have left them out */
        ok(platform.u.symdata.namelen > 1 && platform.u.symdata.address >= HYPERVISOR_VIRT_START,
           "a symbol: %s at %lx", name, (unsigned long)platform.u.symdata.address);
        ok(platform.u.symdata.symnum > n, "and the number of the next");
    }
}

static void wall_clock(void)
{
    const uint64_t want = 0x123456789ull; /* the year 2124: beyond 32 bits */
    uint64_t seconds;

    platform.u.settime64 = (struct xenpf_settime64){ .secs = want, .mbz = 1 };
    is(platform_op(XENPF_settime64), -XEN_EINVAL, "settime with a bit that must be zero");
    platform.u.settime64 = (struct xenpf_settime64){ .secs = want, .nsecs = 5, .system_time = 0 };
    is(platform_op(XENPF_settime64), 0, "settime");
    seconds = shared_info->wc_sec | (uint64_t)shared_info->wc_sec_hi << 32;
    is(seconds, want, "the wall clock shows it");
    is(shared_info->wc_nsec, 5, "with its nanoseconds");
    is(shared_info->wc_version & 1, 0, "and an even version");
}

static void not_for_others(void)
{
    struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = RTC_LINE,
                                    .pirq = RTC_LINE };

    ok(hyp_physdev_op(PHYSDEVOP_map_pirq, &map) < 0, "no interrupt line for an ordinary domain");
    is(platform_op(XENPF_get_cpuinfo), -XEN_EPERM, "no platform_op either");
    is(inb(0x71), 0xff, "ports read as empty");
}

void test_main(void)
{
    struct physdev_set_iopl iopl = { .iopl = 1 };

    event_enable();
    is(hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0, "I/O privilege for the kernel");
    if (!is_dom0()) {
        not_for_others();
        return;
    }
    edge();
    level();
    io_apic();
    refusals();
    machine();
    symbols();
    wall_clock();
}
