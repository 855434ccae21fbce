/* SPDX-License-Identifier: GPL-2.0-only */
/* The CPU's own interrupt controller, xAPIC or x2APIC. All calls concern the CPU that makes them. */
#ifndef ARCH_LAPIC_H
#define ARCH_LAPIC_H

#include <hv/types.h>

void lapic_init(void);                       /* boot CPU, after acpi_init() */
void lapic_cpu_init(void);                   /* this CPU */
uint32_t lapic_id(void);
void lapic_eoi(void);
void lapic_send(uint32_t apic_id, uint32_t command); /* LAPIC_* below, or a vector */
void lapic_timer_calibrate(void);            /* boot CPU, after the TSC is known */
bool lapic_frame(uint64_t mfn);              /* is that its page of registers? */

#define LAPIC_NMI 0x400u
#define LAPIC_INIT 0x4500u
#define LAPIC_STARTUP 0x4600u

#endif
