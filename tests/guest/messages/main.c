/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device that sends several messages by MSI, which Linux's drivers hardly ever ask for: a USB controller of QEMU's. hv gives
 * it vectors in a row, and only hv writes where they go. The controller is made to say that a command is done, which is
 * the first of its messages.
 */
#include <guest.h>
#include <public/event_channel.h>
#include <public/physdev.h>

#define CLASS_XHCI 0x0c0330
#define CAPABILITY_MSI 5
#define CAPABILITY_MSIX 0x11
#define MESSAGES_MAX 4u

static unsigned int messages = MESSAGES_MAX;

static void outl(uint16_t port, uint32_t v) { asm volatile("outl %0, %1" : : "a"(v), "Nd"(port)); }
static uint32_t inl(uint16_t port)
{
    uint32_t v;

    asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static unsigned int devfn;

static uint32_t pci_read(unsigned int reg)
{
    outl(0xcf8, 0x80000000u | devfn << 8 | reg);
    return inl(0xcfc);
}

static void pci_write(unsigned int reg, uint32_t value)
{
    outl(0xcf8, 0x80000000u | devfn << 8 | reg);
    outl(0xcfc, value);
}

static bool find_device(void)
{
    for (devfn = 0; devfn < 256; devfn++)
        if (pci_read(0) != 0xffffffff && pci_read(8) >> 8 == CLASS_XHCI)
            return true;
    return false;
}

static unsigned int find_capability(uint8_t id)
{
    unsigned int at = pci_read(0x34) & 0xfc;

    while (at && (pci_read(at) & 0xff) != id)
        at = pci_read(at) >> 8 & 0xfc;
    return at;
}

static long map_messages(unsigned int count)
{
    struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_MULTI_MSI, .index = -1, .pirq = -1,
                                    .devfn = devfn, .entry_nr = count };
    long error = hyp_physdev_op(PHYSDEVOP_map_pirq, &map);

    return error ? error : map.pirq;
}

static long bind(unsigned int pirq)
{
    struct evtchn_bind_pirq op = { .pirq = pirq };
    long error = hyp_event_channel_op(EVTCHNOP_bind_pirq, &op);

    return error ? error : (long)op.port;
}

static long unmap(unsigned int pirq)
{
    struct physdev_unmap_pirq op = { .domid = DOMID_SELF, .pirq = pirq };

    return hyp_physdev_op(PHYSDEVOP_unmap_pirq, &op);
}

/* --- the controller (xHCI 1.0), as far as a command that does nothing needs it --- */

static volatile uint32_t *regs, *operational, *runtime, *doorbell;
static volatile uint64_t *commands, *events;

static void map_registers(void)
{
    uint64_t base = (pci_read(0x10) & ~15u) | (uint64_t)pci_read(0x14) << 32;
    uint8_t *va = pages_alloc(4);

    pci_write(4, pci_read(4) | 6); /* memory and bus master */
    for (unsigned int i = 0; i < 4; i++)
        if (map_mfn(va + i * PAGE_SIZE, (base >> 12) + i, PTE_RW | PTE_PCD | PTE_PWT))
            bail("the device's memory cannot be mapped");
    regs = (volatile uint32_t *)va;
    operational = (volatile uint32_t *)(va + (regs[0] & 0xff));
    doorbell = (volatile uint32_t *)(va + (regs[5] & ~3u));
    runtime = (volatile uint32_t *)(va + (regs[6] & ~31u));
}

static void set64(volatile uint32_t *reg, uint64_t value)
{
    reg[0] = value;
    reg[1] = value >> 32;
}

/* The same device's other kind of messages lies in its memory: we may look at the table, and map it writable, but not write. */
static void message_table(void)
{
    unsigned int at = find_capability(CAPABILITY_MSIX);
    volatile uint32_t *table = regs + (pci_read(at + 4) & ~7u) / sizeof(*regs);
    uint32_t old = table[0], mask = table[3];
    struct fault *f;

    f = try_insn("movl %1, %0", : "+m"(table[0]) : "r"(0xfee12340) : "memory");
    is(f->vector, NO_FAULT, "a write to the table of MSI-X messages");
    is(table[0], old, "changes nothing");
    f = try_insn("andl $0, %0", : "+m"(table[3]) : : "memory", "cc");
    is(f->vector, NO_FAULT, "nor does unmasking one");
    is(table[3], mask, "it is masked still");
}

static void start_controller(void)
{
    uint64_t *segments = page_alloc();
    volatile uint32_t *interrupter = runtime + 8;

    operational[0] = 2; /* reset */
    while (operational[0] & 2)
        ;
    commands = page_alloc();
    events = page_alloc();
    set64(operational + 12, va_to_machine(page_alloc()));               /* device contexts */
    set64(operational + 6, va_to_machine((void *)commands) | 1);        /* command ring, cycle bit 1 */
    segments[0] = va_to_machine((void *)events);
    segments[1] = PAGE_SIZE / 16;
    interrupter[2] = 1;                                                 /* one segment of events */
    set64(interrupter + 6, va_to_machine((void *)events));
    set64(interrupter + 4, va_to_machine(segments));
    interrupter[1] = 0;                                                 /* no moderation */
    interrupter[0] = 2;                                                 /* enable */
    operational[0] = 5;                                                 /* run, interrupts */
}

static void command(unsigned int n)
{
    runtime[8] |= 1;                            /* what came before is handled */
    set64(runtime + 8 + 6, va_to_machine((void *)&events[2 * n]) | 8);
    commands[2 * n] = 0;
    commands[2 * n + 1] = (23ul << 10 | 1) << 32; /* no operation, cycle bit 1 */
    asm volatile("mfence" ::: "memory");
    doorbell[0] = 0;
}

static bool comes(long port, unsigned int n)
{
    unsigned int old = event_count[port];

    command(n);
    return event_wait(&event_count[port], old, 5000);
}

void test_main(void)
{
    struct physdev_pci_device_add add = { 0 };
    struct physdev_pci_device device = { 0 };
    struct physdev_set_iopl iopl = { .iopl = 1 };
    unsigned int msi, i, data;
    long pirq, port[MESSAGES_MAX], others = 0;

    if (!is_dom0())
        skip_all("an ordinary domain has no devices");
    hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl);
    if (!find_device())
        bail("the machine has no such device");
    msi = find_capability(CAPABILITY_MSI);
    ok(msi && (pci_read(msi) >> 17 & 7) >= 2, "it can send four messages and more");
    add.devfn = device.devfn = devfn;
    hyp_physdev_op(PHYSDEVOP_pci_device_add, &add);
    ok(map_messages(64) < 0, "64 messages are refused");
    ok(map_messages(0) < 0, "so are none");
    pirq = map_messages(messages);
    if (pirq == -XEN_EOPNOTSUPP && !running_on_hv()) { /* Xen has an IOMMU count them, or nobody */
        messages = 1;
        pirq = map_messages(messages);
    }
    ok(pirq > 0, "%u messages get pirqs from %ld on", messages, pirq);
    is(pci_read(msi) >> 20 & 7, messages / 2, "the device is told how many it has");
    ok(map_messages(messages) < 0 || !running_on_hv(), "not a second time");
    data = pci_read(msi + (pci_read(msi) & 1u << 23 ? 12 : 8)) & 0xffff;
    for (i = 0; i < messages; i++) {
        port[i] = bind(pirq + i);
        ok(port[i] > 0, "pirq %lu is bound to port %ld", (unsigned long)pirq + i, port[i]);
        event_bind(port[i], NULL);
    }
    ok(bind(pirq) < 0, "none of them twice");
    pci_write(msi, pci_read(msi) | 1u << 16); /* Linux switches them on itself */
    if (running_on_hv())
        is(data & 3, 0, "vectors begin where the device can count them");

    event_enable();
    map_registers();
    if (running_on_hv()) /* Xen protects it from when a message of it is mapped */
        message_table();
    start_controller();
    ok(comes(port[0], 0), "a command is done: its message comes");
    for (i = 1; i < messages; i++)
        others += event_count[port[i]];
    is(others, 0, "no other does");
    if (running_on_hv()) {
        uint32_t address = pci_read(msi + 4);

        pci_write(msi + 4, 0xfee00000 | 0x12340);
        is(pci_read(msi + 4), address, "we cannot say where it goes");
    }
    ok(comes(port[0], 1), "another's does");
    is(hyp_physdev_op(PHYSDEVOP_restore_msi_ext, &device), 0, "its messages are set up again");
    pci_write(msi, pci_read(msi) | 1u << 16);
    ok(comes(port[0], 2) || !running_on_hv(), "and come; on Xen 4.17, they do not");
    event_disable();
    device.seg = 1;
    ok(hyp_physdev_op(PHYSDEVOP_restore_msi_ext, &device) < 0, "there is no such device elsewhere");

    for (i = 0; i < messages; i++)
        is(event_close(port[i]), 0, "close");
    is(unmap(pirq), 0, "the first is unmapped");
    is(pci_read(msi) >> 16 & 1, 0, "and with it all: messages are off");
    messages = messages > 1 ? 2 : 1;
    pirq = map_messages(messages);
    ok(pirq > 0, "%u messages afterwards", messages);
    is(pci_read(msi) >> 20 & 7, messages / 2, "it is told");
    is(unmap(pirq), 0, "unmapped");
}
