/* SPDX-License-Identifier: GPL-2.0-only */
/* From vectors to what serves them. hv's own vectors here; devices' in device_irq.c. */
#include <arch/device_irq.h>
#include <arch/irq.h>
#include <arch/lapic.h>
#include <hv/arch.h>
#include <hv/softirq.h>

void irq_dispatch(unsigned int vector)
{
    switch (vector) {
    case VECTOR_TIMER:
        lapic_eoi();
        softirq_raise(SOFTIRQ_TIMER);
        break;
    case VECTOR_KICK:
        lapic_eoi();
        break;
    case VECTOR_ERROR:
        lapic_eoi();
        break;
    case VECTOR_SPURIOUS: /* has no bit in service */
        break;
    default:
        device_irq(vector);
    }
    smp_poll();
}
