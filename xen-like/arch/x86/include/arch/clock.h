/* SPDX-License-Identifier: GPL-2.0-only */
/* System time from the TSC (hv/time.h). */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include <hv/types.h>

/* boot CPU: calibrate against a timer of known rate, read the wall clock */
void clock_init(void);
/* boot CPU, while cpu runs clock_check_partner(): are their TSCs the same? */
void clock_check_cpu(unsigned int cpu);
void clock_check_partner(void);
void clock_check_done(void);            /* all CPUs are up: say what guests may rely on */
uint64_t clock_tsc_at(s_time_t t);      /* this CPU's TSC when system time is t */
uint32_t clock_tsc_khz(void);

#endif
