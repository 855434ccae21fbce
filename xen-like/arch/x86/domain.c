/* SPDX-License-Identifier: GPL-2.0-only */
/* What x86 keeps of a domain as a whole: which I/O ports and devices it may use. */
#include <arch/console.h>
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/heap.h>
#include <hv/string.h>
#include <public/domctl.h>

#define PORTS 0x10000u

/* Ports that even the domain with the machine's devices does not get: hv drives what is behind them. */
static const struct { uint16_t first, last; } hv_ports[] = {
    { 0x20, 0x21 }, { 0xa0, 0xa1 }, { 0x4d0, 0x4d1 }, /* PIC */
    { 0x40, 0x43 },                                   /* PIT */
};

static void set_port(uint64_t *map, unsigned int port, bool allowed)
{
    if (allowed)
        map[port / 64] |= 1ull << (port % 64);
    else
        map[port / 64] &= ~(1ull << (port % 64));
}

static int permit_ports(struct domain *d, unsigned int first, unsigned int count, bool allowed)
{
    if (first >= PORTS || count > PORTS - first)
        return -EINVAL;
    if (!d->arch.ioport_bitmap && allowed)
        d->arch.ioport_bitmap = heap_alloc(PORTS / 8, 8);
    if (!d->arch.ioport_bitmap)
        return allowed ? -ENOMEM : 0;
    for (unsigned int port = first; port < first + count; port++)
        set_port(d->arch.ioport_bitmap, port, allowed);
    return 0;
}

int arch_domain_init(struct domain *d, const struct xen_domctl_createdomain *config)
{
    (void)config;
    spin_lock_init(&d->arch.lock, LOCK_PIRQ);
    if (!d->privileged)
        return 0;
    d->arch.has_devices = true;
    if (permit_ports(d, 0, PORTS, true))
        return -ENOMEM;
    for (unsigned int i = 0; i < ARRAY_SIZE(hv_ports); i++)
        permit_ports(d, hv_ports[i].first, hv_ports[i].last - hv_ports[i].first + 1u, false);
    for (unsigned int port = 0; port < PORTS; port++)
        if (serial_owns_port(port))
            permit_ports(d, port, 1, false);
    return 0;
}

void arch_domain_destroy(struct domain *d)
{
    heap_free(d->arch.ioport_bitmap);
    d->arch.ioport_bitmap = NULL;
}

/* No vCPU is tied to a CPU for good, so none has a physical id to tell. */
long arch_vcpu_op(unsigned int op, struct vcpu *v, unsigned long arg)
{
    (void)v;
    (void)arg;
    return op == VCPUOP_get_physid ? -EINVAL : -ENOSYS;
}
