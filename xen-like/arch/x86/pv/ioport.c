/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's I/O ports. Two questions: may this program of the guest use ports (its kernel's IOPL and bitmap),
 * and does the domain have this port (hv's bitmap). The first is #GP; a port that the domain does not have
 * reads as all ones and swallows writes, as an empty one does.
 */
#include <arch/io.h>
#include <arch/pci.h>
#include <arch/pv.h>
#include <hv/guest_copy.h>

bool pv_ioport_ok(struct vcpu *v, const struct cpu_user_regs *regs, uint16_t port, unsigned int bytes)
{
    unsigned int last = port + bytes - 1u;
    uint8_t map[2] = { 0xff, 0xff };
    unsigned int mask = ((1u << bytes) - 1) << (port & 7);

    (void)regs;
    if (pv_iopl_ok(v))
        return true;
    if (!v->arch.io_bitmap || last >= v->arch.io_bitmap_bits)
        return false;
    if (arch_copy_from_guest(map, v->arch.io_bitmap + port / 8, last / 8 - port / 8 + 1))
        return false;
    return !((map[0] | (unsigned int)map[1] << 8) & mask);
}

static bool domain_has_port(const struct domain *d, uint16_t port, unsigned int bytes)
{
    if (!d->arch.ioport_bitmap || port + bytes > 0x10000)
        return false;
    for (unsigned int p = port; p < port + bytes; p++)
        if (!(d->arch.ioport_bitmap[p / 64] >> (p % 64) & 1))
            return false;
    return true;
}

uint32_t pv_ioport_read(struct vcpu *v, uint16_t port, unsigned int bytes)
{
    uint32_t value;

    if (v->domain->privileged && pci_guest_port_read(port, bytes, &value))
        return value;
    if (!domain_has_port(v->domain, port, bytes))
        return ~0u >> (32 - bytes * 8);
    return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

void pv_ioport_write(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value)
{
    if (v->domain->privileged && pci_guest_port_write(port, bytes, value))
        return;
    if (!domain_has_port(v->domain, port, bytes))
        return;
    if (bytes == 1)
        outb(port, value);
    else if (bytes == 2)
        outw(port, value);
    else
        outl(port, value);
}
