/* SPDX-License-Identifier: GPL-2.0-only */
/* core/'s own order of setting up: the last thing before the other CPUs come. */
#include <hv/console.h>
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/main.h>
#include <hv/sched.h>
#include <hv/timer.h>

void main_init(void)
{
    console_init();
    hypercall_table_init();
    timers_init();
    sched_init();
    sched_cpu_online(0);
}
