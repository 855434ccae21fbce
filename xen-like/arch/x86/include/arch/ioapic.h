/* SPDX-License-Identifier: GPL-2.0-only */
/* I/O APICs: interrupt lines ("global system interrupts") to vectors. */
#ifndef ARCH_IOAPIC_H
#define ARCH_IOAPIC_H

#include <hv/types.h>

void ioapic_init(void);                     /* after acpi_init(): every line masked */
unsigned int ioapic_nr_gsis(void);          /* one past the highest */
bool ioapic_has(uint32_t gsi);
/* Where the line goes and how it signals; it stays masked. */
void ioapic_route(uint32_t gsi, uint8_t vector, uint32_t apic_id, bool level, bool active_low);
void ioapic_mask(uint32_t gsi);
void ioapic_unmask(uint32_t gsi);
bool ioapic_frame(uint64_t mfn);            /* is that a page of registers of one? */
int ioapic_read_register(uint64_t base, uint32_t reg, uint32_t *value); /* -EINVAL: no I/O APIC at base */
/* ISA interrupt -> line and its mode, as MADT overrides say; identity, edge, active high without one. */
uint32_t ioapic_isa_gsi(uint32_t irq, bool *level, bool *active_low);

#endif
