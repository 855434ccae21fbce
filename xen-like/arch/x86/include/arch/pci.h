/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space of segment 0 through ports 0xcf8 and 0xcfc, shared between hv, which programs
 * messages, and dom0, which does all else.
 */
#ifndef ARCH_PCI_H
#define ARCH_PCI_H

#include <hv/types.h>

#define PCI_BDF(bus, devfn) ((uint16_t)((bus) << 8 | (devfn)))

#define PCI_COMMAND 0x04u
#define PCI_STATUS 0x06u
#define PCI_BAR0 0x10u
#define PCI_CAPABILITIES 0x34u
#define PCI_CAP_MSI 0x05u
#define PCI_CAP_MSIX 0x11u

uint32_t pci_read(uint16_t bdf, unsigned int reg, unsigned int bytes);
void pci_write(uint16_t bdf, unsigned int reg, unsigned int bytes, uint32_t value);
bool pci_present(uint16_t bdf);
unsigned int pci_find_capability(uint16_t bdf, uint8_t id); /* its offset; 0: none */

/*
 * A privileged guest's access to ports 0xcf8 to 0xcff, bytes 1, 2 or 4: true when it was served here (all of
 * its accesses to these ports must come this way; the address register is kept for it). Registers in which hv
 * programs messages ignore writes.
 */
bool pci_guest_port_read(uint16_t port, unsigned int bytes, uint32_t *value);
bool pci_guest_port_write(uint16_t port, unsigned int bytes, uint32_t value);

#endif
