/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instead of core/domain.c: a few bare domains, found by id, for tests of what needs a domain only as an
 * owner.
 */
#include <stdlib.h>
#include <string.h>

#include <hv/console.h>
#include <hv/errno.h>

#include "host.h"

#define HOST_DOMAINS 16u

static struct domain *domains[HOST_DOMAINS];
static struct domain io = { .id = DOMID_IO, .refcount = 1 }, xen = { .id = DOMID_XEN, .refcount = 1 };
struct domain *dom0, *dom_io = &io, *dom_xen = &xen;

static void forget(struct domain *d)
{
    domains[d->id] = NULL;
    if (d == dom0)
        dom0 = NULL;
    for (unsigned int i = 0; i < d->max_vcpus; i++)
        free(d->vcpu[i]);
    free(d->vcpu);
    free(d->shared_info);
    free(d);
}

/* A domain of that number that an earlier test left is dropped: its frames went with host_reset(). */
struct domain *host_domain_new(domid_t id, bool privileged, unsigned int vcpus, unsigned int max_pages)
{
    struct domain *d = calloc(1, sizeof(*d));

    BUG_ON(id >= HOST_DOMAINS);
    if (domains[id])
        forget(domains[id]);
    d->id = id;
    d->privileged = privileged;
    d->arch.has_devices = privileged;
    d->refcount = 1;
    d->max_pages = max_pages;
    d->max_vcpus = vcpus;
    spin_lock_init(&d->lock, LOCK_DOMAIN);
    spin_lock_init(&d->page_lock, LOCK_DOMAIN_PAGES);
    spin_lock_init(&d->arch.lock, LOCK_PIRQ);
    rwlock_init(&d->evtchn.lock, LOCK_EVTCHN);
    list_init(&d->all);
    d->vcpu = calloc(vcpus, sizeof(*d->vcpu));
    d->shared_info = calloc(1, PAGE_SIZE);
    for (unsigned int i = 0; i < vcpus; i++) {
        struct vcpu *v = calloc(1, sizeof(*v));

        v->domain = d;
        v->id = i;
        v->initialised = true;
        v->arch.guest_kernel = true;
        v->arch.loaded_on = NR_CPUS;
        v->info = &d->shared_info->vcpu_info[i % XEN_LEGACY_MAX_VCPUS];
        d->vcpu[i] = v;
    }
    d->dirty_cpus = cpumask_of(0);
    domains[id] = d;
    if (!id)
        dom0 = d;
    return d;
}

void host_domain_free(struct domain *d)
{
    BUG_ON(d->page_list.count || d->xenheap_list.count || d->refcount != 1);
    forget(d);
}

bool domain_get(struct domain *d)
{
    d->refcount++;
    return true;
}

void domain_put(struct domain *d)
{
    BUG_ON(!d->refcount);
    d->refcount--;
}

struct domain *domain_get_by_id(domid_t id)
{
    if (id >= HOST_DOMAINS || !domains[id])
        return NULL;
    domain_get(domains[id]);
    return domains[id];
}

struct domain *domain_get_remote_or_self(domid_t id)
{
    return domain_get_by_id(id == DOMID_SELF ? host_current->domain->id : id);
}

struct domain *domain_next(domid_t from)
{
    for (; from < HOST_DOMAINS; from++)
        if (domains[from])
            return domain_get_by_id(from);
    return NULL;
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
    (void)fmt;
    d->is_shut_down = true;
    host_counters.crashes++;
}

void domain_shutdown(struct domain *d, uint8_t reason)
{
    d->is_shut_down = true;
    d->shutdown_code = reason;
}
