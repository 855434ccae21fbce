/* SPDX-License-Identifier: GPL-2.0-only */
/* A timer whose rate is known, to measure others by. */
#ifndef ARCH_REF_TIMER_H
#define ARCH_REF_TIMER_H

#include <hv/types.h>

const char *ref_timer_init(void);            /* chooses HPET, ACPI PM timer or PIT; its name */
/* TSC ticks in a second, measured over about that time. */
uint64_t ref_timer_measure_tsc(uint32_t microseconds);

#endif
