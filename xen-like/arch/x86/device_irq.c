/* SPDX-License-Identifier: GPL-2.0-only */
#include <arch/device_irq.h>
#include <arch/lapic.h>

void device_irq(unsigned int vector)
{
    (void)vector;
    lapic_eoi();
}
