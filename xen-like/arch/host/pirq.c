/* SPDX-License-Identifier: GPL-2.0-only */
/* Physical interrupts: this machine has one, number 5, which one port at a time may have. */
#include <hv/errno.h>

#include "host.h"

static uint32_t bound;

int arch_pirq_bind(struct domain *d, uint32_t pirq, uint32_t port, bool share)
{
    (void)share;
    if (!d->privileged || pirq != 5)
        return -EINVAL;
    if (bound)
        return -EBUSY;
    bound = port;
    return 0;
}

void arch_pirq_unbind(struct domain *d, uint32_t pirq)
{
    (void)d;
    (void)pirq;
    bound = 0;
}
