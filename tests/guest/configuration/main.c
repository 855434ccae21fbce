/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration in memory. dom0 may map it, and asks for it writable; what it writes there passes the filter that ports
 * 0xcf8 and 0xcfc have: where a device's messages go is hv's to say, the rest is dom0's. The machine is a q35, whose
 * host bridge says where the memory is and whose disk controller sends messages.
 */
#include <guest.h>
#include <public/physdev.h>

#define HOST_BRIDGE 0x29c08086u
#define BRIDGE_EXBAR 0x60       /* its register with the address, bit 0: on */
#define DISKS ((0x1fu << 3) | 2)
#define CAPABILITY_MSI 5

static void outl(uint16_t port, uint32_t v) { asm volatile("outl %0, %1" : : "a"(v), "Nd"(port)); }
static uint32_t inl(uint16_t port)
{
    uint32_t v;

    asm volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static uint32_t by_port(unsigned int devfn, unsigned int reg)
{
    outl(0xcf8, 0x80000000u | devfn << 8 | reg);
    return inl(0xcfc);
}

static unsigned int find_capability(unsigned int devfn, uint8_t id)
{
    unsigned int at = by_port(devfn, 0x34) & 0xfc;

    while (at && (by_port(devfn, at) & 0xff) != id)
        at = by_port(devfn, at) >> 8 & 0xfc;
    return at;
}

/* Whatever is written where hv says what stands there, it stays, and the writer goes on. */
static void messages_are_hvs(volatile uint32_t *msi)
{
    uint32_t address = msi[1], control = msi[0];
    volatile uint16_t *data = (volatile uint16_t *)(msi + (control & 1u << 23 ? 3 : 2));
    uint16_t old = *data;
    struct fault *f;

    f = try_insn("movl %1, %0", : "+m"(msi[1]) : "r"(0xfee0f00c) : "memory");
    is(f->vector, NO_FAULT, "a write to the address of a device's messages");
    is(msi[1], address, "changes nothing");
    f = try_insn("movw %1, %0", : "+m"(*data) : "r"((uint16_t)0x4567) : "memory");
    ok(f->vector == NO_FAULT && *data == old, "nor does one to their data");
    f = try_insn("orb $0x60, %0", : "+m"(((volatile uint8_t *)msi)[4]) : : "memory", "cc");
    ok(f->vector == NO_FAULT && msi[1] == address, "nor a change of some bits");
    f = try_insn("movq %1, %0", : "+m"(*(volatile uint64_t *)msi) : "r"(0xfee0f00c00810005) : "memory");
    ok(f->vector == NO_FAULT && msi[1] == address && msi[0] == control, "nor eight bytes at once");
    f = try_insn("movl %1, %0", : "+m"(*(volatile uint32_t *)((volatile uint8_t *)msi + 2)) : "r"(0xf00c0000) : "memory");
    ok(f->vector == NO_FAULT && msi[1] == address, "nor a write that begins in front of it");
    f = try_insn("lock xchgl %1, %0", : "+m"(msi[1]), "+r"(control) : : "memory");
    ok(f->vector == NO_FAULT && msi[1] == address, "nor an exchange");
}

static void the_rest_is_dom0s(volatile uint32_t *configuration)
{
    volatile uint8_t *line = (volatile uint8_t *)configuration + 0x3c; /* where firmware notes an interrupt line */
    uint8_t old = *line;
    uint16_t command = configuration[1];
    struct fault *f = try_insn("movb %1, %0", : "+m"(*line) : "r"((uint8_t)(old ^ 0x55)) : "memory");

    is(f->vector, NO_FAULT, "a write to another register");
    is(by_port(DISKS, 0x3c) & 0xff, old ^ 0x55u, "is carried out: the ports show it too");
    *line = old;
    if (!running_on_hv()) /* Xen carries out plain moves only */
        return;
    f = try_insn("orw $4, %0", : "+m"(*(volatile uint16_t *)(configuration + 1)) : : "memory", "cc");
    ok(f->vector == NO_FAULT && (by_port(DISKS, 4) & 4), "so is a change of some bits: the device is a bus master");
    f = try_insn("movw %1, %0", : "+m"(*(volatile uint16_t *)(configuration + 1)) : "r"(command) : "memory");
    is(by_port(DISKS, 4) & 0xffff, command, "and no more");
}

void test_main(void)
{
    struct physdev_set_iopl iopl = { .iopl = 1 };
    uint32_t bar;
    unsigned int msi;
    uint8_t *va;

    if (!is_dom0())
        skip_all("an ordinary domain has no devices");
    hyp_physdev_op(PHYSDEVOP_set_iopl, &iopl);
    if (by_port(0, 0) != HOST_BRIDGE || !((bar = by_port(0, BRIDGE_EXBAR)) & 1))
        bail("the machine has no such memory");
    va = page_alloc();
    is(map_mfn(va, ((uint64_t)(bar & ~0xfffu) >> 12) + DISKS, PTE_RW | PTE_PCD | PTE_PWT), 0, "it may be mapped, as if writable");
    is(*(volatile uint32_t *)va, by_port(DISKS, 0), "and shows the device that the ports show");
    msi = find_capability(DISKS, CAPABILITY_MSI);
    ok(msi, "which can send messages");
    if (running_on_hv() && msi) /* Xen lets dom0 write them: what would happen if they were sent, is dom0's fault */
        messages_are_hvs((volatile uint32_t *)(va + msi));
    the_rest_is_dom0s((volatile uint32_t *)va);
}
