/* SPDX-License-Identifier: GPL-2.0-only */
/* The way in and out: the table of calls is the test's, which also says when something waits. */
#include <arch/hypercall.h>

#include "host.h"

long host_preempt_after;
unsigned long host_hypercall_arg[7];
hypercall_fn *host_hypercalls[NR_HYPERCALLS];

bool preempt_check(void)
{
    if (host_preempt_after < 0)
        return false;
    if (host_preempt_after == 0)
        return true;
    host_preempt_after--;
    return false;
}
