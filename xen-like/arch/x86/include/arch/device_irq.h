/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts of devices: each has a descriptor that knows where it comes from (I/O APIC pin, or message of a PCI
 * function), which CPU and vector it is sent to, and the pirq of dom0 that it is mapped to.
 */
#ifndef ARCH_DEVICE_IRQ_H
#define ARCH_DEVICE_IRQ_H

#include <hv/types.h>

void device_irq(unsigned int vector); /* one came; acknowledges it */

#endif
