/* SPDX-License-Identifier: GPL-2.0-only */
/* System time: nanoseconds since hv started, the same on every CPU, never backwards; wall clock = offset to it. */
#ifndef HV_TIME_H
#define HV_TIME_H

#include <hv/types.h>

#define NANOSECONDS(n) ((s_time_t)(n))
#define MICROSECONDS(n) ((s_time_t)(n) * 1000)
#define MILLISECONDS(n) ((s_time_t)(n) * 1000000)
#define SECONDS(n) ((s_time_t)(n) * 1000000000)

struct vcpu;
struct domain;

s_time_t now(void); /* arch/clock.c; the fakes of arch/host let a test set it */

void time_set_wallclock(uint64_t secs, uint32_t nsecs, s_time_t at); /* wall time was secs.nsecs at system time at */
void time_update_domain_wallclock(struct domain *d);                  /* shared_info's wc_* with its version */
void time_update_vcpu(struct vcpu *v);                                /* vcpu_time_info, when its CPU's scale or stamp changed */

#endif
