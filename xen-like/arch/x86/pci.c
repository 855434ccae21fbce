/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration by the two ports of mechanism #1. A guest's address register is a variable of hv's: every
 * access writes the real one under the lock, so that hv and guest never disturb each other.
 */
#include <arch/io.h>
#include <arch/msi.h>
#include <arch/pci.h>
#include <hv/spinlock.h>

#define ADDRESS_PORT 0xcf8
#define DATA_PORT 0xcfc
#define ADDRESS_ENABLE (1u << 31)

static spinlock_t pci_lock = SPINLOCK(LOCK_DEVICE);
static uint32_t guest_address;

static uint32_t port_read(uint16_t port, unsigned int bytes)
{
    return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

static void port_write(uint16_t port, unsigned int bytes, uint32_t v)
{
    if (bytes == 1)
        outb(port, v);
    else if (bytes == 2)
        outw(port, v);
    else
        outl(port, v);
}

static uint32_t config_read(uint32_t address, unsigned int offset, unsigned int bytes)
{
    uint32_t v;

    spin_lock(&pci_lock);
    outl(ADDRESS_PORT, address);
    v = port_read(DATA_PORT + offset, bytes);
    spin_unlock(&pci_lock);
    return v;
}

static void config_write(uint32_t address, unsigned int offset, unsigned int bytes, uint32_t v)
{
    spin_lock(&pci_lock);
    outl(ADDRESS_PORT, address);
    port_write(DATA_PORT + offset, bytes, v);
    spin_unlock(&pci_lock);
}

static uint32_t address_of(uint16_t bdf, unsigned int reg)
{
    return ADDRESS_ENABLE | (uint32_t)bdf << 8 | (reg & 0xfc);
}

uint32_t pci_read(uint16_t bdf, unsigned int reg, unsigned int bytes)
{
    return config_read(address_of(bdf, reg), reg & 3, bytes);
}

void pci_write(uint16_t bdf, unsigned int reg, unsigned int bytes, uint32_t v)
{
    config_write(address_of(bdf, reg), reg & 3, bytes, v);
}

bool pci_present(uint16_t bdf)
{
    uint32_t id = pci_read(bdf, 0, 4);

    return id != 0xffffffff && (id & 0xffff);
}

unsigned int pci_find_capability(uint16_t bdf, uint8_t id)
{
    unsigned int at;

    if (!pci_present(bdf) || !(pci_read(bdf, PCI_STATUS, 2) & 0x10))
        return 0;
    at = pci_read(bdf, PCI_CAPABILITIES, 1) & 0xfc;
    for (unsigned int n = 0; at >= 0x40 && n < 48; n++) {
        uint32_t header = pci_read(bdf, at, 2);

        if ((header & 0xff) == id)
            return at;
        at = header >> 8 & 0xfc;
    }
    return 0;
}

static bool is_data(uint16_t port, unsigned int bytes)
{
    return port >= DATA_PORT && port + bytes <= DATA_PORT + 4;
}

bool pci_guest_port_read(uint16_t port, unsigned int bytes, uint32_t *value)
{
    if (port == ADDRESS_PORT && bytes == 4)
        *value = guest_address;
    else if (is_data(port, bytes))
        *value = guest_address & ADDRESS_ENABLE ? config_read(guest_address, port - DATA_PORT, bytes) : ~0u;
    else
        return false;
    return true;
}

bool pci_guest_port_write(uint16_t port, unsigned int bytes, uint32_t value)
{
    if (port == ADDRESS_PORT && bytes == 4) {
        guest_address = value;
        return true;
    }
    if (!is_data(port, bytes))
        return false;
    if ((guest_address & ADDRESS_ENABLE) &&
        msi_filter_write(guest_address >> 8, (guest_address & 0xfc) + (port - DATA_PORT), bytes, &value))
        config_write(guest_address, port - DATA_PORT, bytes, value);
    return true;
}
