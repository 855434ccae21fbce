/* SPDX-License-Identifier: GPL-2.0-only */
/* Instead of core/hypercall.c: arguments that a continuation sets are kept for the test to look at. */
#include <hv/hypercall.h>

#include "host.h"

long host_preempt_after;
unsigned long host_hypercall_arg[7];

void hypercall_set_arg(unsigned int n, unsigned long value)
{
    host_hypercall_arg[0]++;
    host_hypercall_arg[n] = value;
}

bool preempt_check(void)
{
    if (host_preempt_after < 0)
        return false;
    if (host_preempt_after == 0)
        return true;
    host_preempt_after--;
    return false;
}
