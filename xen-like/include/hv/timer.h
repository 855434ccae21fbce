/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One-shot timers on per-CPU pairing heaps, which need no memory of their own. A handler runs as softirq on the CPU that the timer was set for, without
 * locks held. Setting a timer again moves it. timer_kill waits until a running handler is done.
 */
#ifndef HV_TIMER_H
#define HV_TIMER_H

#include <hv/types.h>

struct timer {
    s_time_t expires;
    struct timer *child, *next, **link; /* pairing heap; link is the pointer that points here, NULL = not armed */
    uint16_t cpu;
    void (*handler)(void *data);
    void *data;
};

void timer_init(struct timer *t, void (*handler)(void *), void *data, unsigned int cpu);
void timer_set(struct timer *t, s_time_t expires); /* past: runs as soon as it can */
void timer_stop(struct timer *t);
void timer_migrate(struct timer *t, unsigned int cpu);
void timer_kill(struct timer *t);
void timer_wait(const struct timer *t); /* until a handler that is running now is done; it may have set the timer again */
void timers_init(void);
/* Run what is due on this CPU (the SOFTIRQ_TIMER handler), then program the hardware for the next. */

#endif
