/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine keeps of the domains and vCPUs that core/domain.c makes and ends: here next to nothing, and what the tool
 * stack asks of it is counted.
 */
#include <arch/pv_mm.h>
#include <hv/errno.h>
#include <hv/time.h>
#include <public/domctl.h>
#include <public/sysctl.h>

#include "host.h"

int (*host_domain_init_hook)(struct domain *d);

int arch_domain_init(struct domain *d, const struct xen_domctl_createdomain *config)
{
    (void)config;
    spin_lock_init(&d->arch.lock, LOCK_PIRQ);
    d->arch.has_devices = d->privileged;
    return host_domain_init_hook ? host_domain_init_hook(d) : 0;
}

void arch_domain_destroy(struct domain *d) { (void)d; }

int arch_vcpu_init(struct vcpu *v)
{
    v->arch.loaded_on = NR_CPUS;
    v->arch.guest_kernel = true;
    return 0;
}

void arch_vcpu_destroy(struct vcpu *v) { (void)v; }

int arch_vcpu_reset(struct vcpu *v)
{
    int rc = pv_drop_roots(v);

    if (!rc)
        v->initialised = false;
    return rc;
}

/* A context without page tables: the test gives the vCPU its roots if it wants any. */
int arch_set_guest_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
    v->arch.regs = c->user_regs;
    v->initialised = true;
    return 0;
}

void arch_get_guest_context(struct vcpu *v, struct vcpu_guest_context *c) { c->user_regs = v->arch.regs; }
void arch_crash_dump(const struct vcpu *v) { (void)v; }

void time_update_domain_wallclock(struct domain *d) { (void)d; }
void time_update_vcpu(struct vcpu *v) { (void)v; }

long arch_vcpu_op(unsigned int op, struct vcpu *v, unsigned long arg)
{
    (void)op;
    (void)v;
    (void)arg;
    return -ENOSYS;
}

long arch_domctl(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback)
{
    (void)d;
    (void)op;
    (void)arg;
    (void)copyback;
    return -ENOSYS;
}

long arch_sysctl(struct xen_sysctl *op, unsigned long arg, bool *copyback)
{
    (void)op;
    (void)arg;
    (void)copyback;
    return -ENOSYS;
}

/* dom0 is gone, and with it the machine: the test goes on where it said. */
void arch_machine_shutdown(uint8_t reason)
{
    host_counters.shutdowns++;
    (void)reason;
    __builtin_longjmp(host_panic_jump, 1);
}
