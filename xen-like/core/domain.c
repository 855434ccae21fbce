/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The life of domains: found by id, created, paused, shut down, killed, freed.
 *
 * Invariants: a domain is on the list and in the hash while its reference count is above 0, and is found there from
 * the moment that it is whole; killing it gives up the reference it was created with; while it owns frames the page allocator holds one more, so a dying domain
 * whose pages others still map stays, as a zombie, until they let go. A pause of the domain or of a vCPU
 * is a count: each pause needs its unpause.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/grant_table.h>
#include <hv/heap.h>
#include <hv/page_alloc.h>
#include <hv/string.h>
#include <hv/time.h>
#include <hv/vcpu_op.h>
#include <public/domctl.h>
#include <public/sched.h>

#define HASH_SIZE 256u

static spinlock_t domlist_lock = SPINLOCK(LOCK_DOMLIST);
static struct list all_domains = { &all_domains, &all_domains }; /* by id */
static struct domain *hash[HASH_SIZE];
static domid_t last_id;

static struct domain pseudo_io = { .id = DOMID_IO, .refcount = 1 }, pseudo_xen = { .id = DOMID_XEN, .refcount = 1 };
struct domain *dom0, *dom_io = &pseudo_io, *dom_xen = &pseudo_xen;

/* --- finding --- */

static struct domain **hash_slot(domid_t id)
{
    struct domain **slot = &hash[id % HASH_SIZE];

    while (*slot && (*slot)->id != id)
        slot = &(*slot)->hash_next;
    return slot;
}

bool domain_get(struct domain *d)
{
    uint32_t seen = __atomic_load_n(&d->refcount, __ATOMIC_RELAXED);

    while (seen && seen < UINT32_MAX)
        if (__atomic_compare_exchange_n(&d->refcount, &seen, seen + 1, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
    return false;
}

struct domain *domain_get_by_id(domid_t id)
{
    struct domain *d;

    spin_lock(&domlist_lock);
    d = *hash_slot(id);
    if (d && (!d->whole || !domain_get(d)))
        d = NULL;
    spin_unlock(&domlist_lock);
    return d;
}

struct domain *domain_get_remote_or_self(domid_t id)
{
    struct domain *self = current->domain;

    if (id == DOMID_SELF || id == self->id)
        return domain_get(self) ? self : NULL;
    return domain_get_by_id(id);
}

struct domain *domain_next(domid_t from)
{
    struct domain *d, *found = NULL;

    spin_lock(&domlist_lock);
    list_for_each(d, &all_domains, all) {
        if (d->id >= from && d->whole && domain_get(d)) {
            found = d;
            break;
        }
    }
    spin_unlock(&domlist_lock);
    return found;
}

/* Take the number, or the next free one; nobody finds d by it before show(). */
/*
 * Numbers of domains come again, these marks do not: when all are used, domains get their own frames cleared like anybody's.
 */
static uint16_t new_frame_mark(void)
{
    static uint16_t last;

    return last == FRAME_MARK_NONE ? last : ++last;
}

static int publish(struct domain *d, domid_t id)
{
    struct domain *at;
    int rc = -EEXIST;

    spin_lock(&domlist_lock);
    if (id == DOMID_INVALID) {
        id = last_id;
        for (unsigned int tries = 0; tries < DOMID_FIRST_RESERVED; tries++) {
            id = id + 1u < DOMID_FIRST_RESERVED ? id + 1 : 1;
            if (!*hash_slot(id))
                break;
        }
    }
    if (*hash_slot(id))
        goto out;
    d->id = last_id = id;
    d->frame_mark = new_frame_mark();
    *hash_slot(id) = d;
    list_for_each(at, &all_domains, all)
        if (at->id > id)
            break;
    list_insert_before(&at->all, &d->all);
    rc = 0;
out:
    spin_unlock(&domlist_lock);
    return rc;
}

static void show(struct domain *d)
{
    spin_lock(&domlist_lock);
    d->whole = true;
    spin_unlock(&domlist_lock);
}

static void unpublish(struct domain *d)
{
    spin_lock(&domlist_lock);
    *hash_slot(d->id) = d->hash_next;
    list_remove(&d->all);
    spin_unlock(&domlist_lock);
}

/* --- creating and freeing --- */

static void vcpu_free(struct vcpu *v)
{
    vcpu_op_destroy(v);
    sched_vcpu_destroy(v);
    arch_vcpu_destroy(v);
    heap_free(v);
}

struct vcpu *vcpu_create(struct domain *d, unsigned int id)
{
    struct vcpu *v;

    if (id >= d->max_vcpus || d->vcpu[id])
        return NULL;
    v = heap_new(struct vcpu);
    if (!v)
        return NULL;
    v->domain = d;
    v->id = id;
    v->pause_flags = VPF_DOWN;
    if (vcpu_op_init(v))
        goto free_vcpu;
    if (arch_vcpu_init(v))
        goto op_destroy;
    if (sched_vcpu_init(v))
        goto arch_destroy;
    vcpu_op_place_timers(v);
    __atomic_store_n(&d->vcpu[id], v, __ATOMIC_RELEASE);
    return v;

arch_destroy:
    arch_vcpu_destroy(v);
op_destroy:
    vcpu_op_destroy(v);
free_vcpu:
    heap_free(v);
    return NULL;
}

struct domain *domain_create(domid_t id, const struct xen_domctl_createdomain *config, bool privileged, int *err)
{
    struct domain *d = heap_new(struct domain);

    *err = -ENOMEM;
    if (!d)
        return NULL;
    d->privileged = privileged;
    d->refcount = 1;
    d->pause_count = d->controller_pause_count = 1;
    d->max_pages = privileged ? UINT32_MAX : 0;
    spin_lock_init(&d->lock, LOCK_DOMAIN);
    spin_lock_init(&d->page_lock, LOCK_DOMAIN_PAGES);
    list_init(&d->all);
    memcpy(d->handle, config->handle, sizeof(d->handle));
    d->max_vcpus = config->max_vcpus;
    d->vcpu = heap_new_array(struct vcpu *, d->max_vcpus);
    if (!d->vcpu)
        goto free_domain;
    sched_domain_init(d);
    *err = publish(d, id);
    if (*err)
        goto free_vcpus;
    *err = -ENOMEM;
    d->shared_info = page_alloc_virt(0);
    if (!d->shared_info)
        goto unpublish;
    page_share_with_guest(mfn_to_page(virt_to_mfn(d->shared_info)), d, false);
    *err = arch_domain_init(d, config);
    if (*err)
        goto free_shared;
    *err = evtchn_init(d, config->max_evtchn_port);
    if (*err)
        goto arch_destroy;
    *err = grant_table_create(d, config->max_grant_frames, config->max_maptrack_frames);
    if (*err)
        goto evtchn_destroy;
    sched_op_domain_init(d);
    time_update_domain_wallclock(d);
    show(d);
    return d;

evtchn_destroy:
    evtchn_destroy(d);
    evtchn_destroy_final(d);
arch_destroy:
    arch_domain_destroy(d);
free_shared:
    page_unshare(mfn_to_page(virt_to_mfn(d->shared_info)));
unpublish:
    unpublish(d);
free_vcpus:
    heap_free(d->vcpu);
free_domain:
    heap_free(d);
    return NULL;
}

/* The last reference is gone: nothing can find it any more and no frame of it is left. */
static void domain_free(struct domain *d)
{
    struct vcpu *v;

    unpublish(d);
    for_each_vcpu(d, v)
        vcpu_free(v);
    grant_table_destroy(d);
    evtchn_destroy_final(d);
    arch_domain_destroy(d);
    heap_free(d->vcpu);
    heap_free(d);
    evtchn_send_global_virq(VIRQ_DOM_EXC);
}

void domain_put(struct domain *d)
{
    if (__atomic_sub_fetch(&d->refcount, 1, __ATOMIC_ACQ_REL) == 0)
        domain_free(d);
}

/* --- pausing --- */

static void pause_nosync(struct domain *d)
{
    struct vcpu *v;

    __atomic_fetch_add(&d->pause_count, 1, __ATOMIC_SEQ_CST);
    for_each_vcpu(d, v)
        vcpu_sleep_nosync(v);
}

void domain_pause(struct domain *d)
{
    struct vcpu *v;

    BUG_ON(current && d == current->domain);
    pause_nosync(d);
    for_each_vcpu(d, v)
        vcpu_sync(v);
}

void domain_unpause(struct domain *d)
{
    struct vcpu *v;

    if (__atomic_sub_fetch(&d->pause_count, 1, __ATOMIC_SEQ_CST))
        return;
    for_each_vcpu(d, v)
        vcpu_wake(v);
}

int domain_pause_by_controller(struct domain *d)
{
    int rc = 0;

    spin_lock(&d->lock);
    if (d->controller_pause_count >= 255)
        rc = -EOVERFLOW;
    else
        d->controller_pause_count++;
    spin_unlock(&d->lock);
    if (!rc)
        domain_pause(d);
    return rc;
}

int domain_unpause_by_controller(struct domain *d)
{
    int rc = 0;

    spin_lock(&d->lock);
    if (!d->controller_pause_count)
        rc = -EINVAL;
    else
        d->controller_pause_count--;
    spin_unlock(&d->lock);
    if (!rc)
        domain_unpause(d);
    return rc;
}

/* --- shutting down and killing --- */

void domain_shutdown(struct domain *d, uint8_t reason)
{
    bool first;

    if (d == dom0)
        arch_machine_shutdown(reason);
    spin_lock(&d->lock);
    first = !d->is_shut_down;
    if (first) {
        if (!d->shutdown_code_set)
            d->shutdown_code = reason;
        d->is_shut_down = true;
    }
    spin_unlock(&d->lock);
    if (!first)
        return;
    pause_nosync(d);
    evtchn_send_global_virq(VIRQ_DOM_EXC);
}

void domain_resume(struct domain *d)
{
    bool was;

    spin_lock(&d->lock);
    was = d->is_shut_down;
    d->is_shut_down = d->shutdown_code_set = false;
    spin_unlock(&d->lock);
    if (was)
        domain_unpause(d);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
    struct vcpu *v = current;
    char why[128];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof(why), fmt, args);
    va_end(args);
    if (!d->is_shut_down) {
        printk(LOG_ERR, "d%d crashed: %s\n", d->id, why);
        if (v && v->domain == d)
            arch_crash_dump(v);
    }
    d->shutdown_code_set = false;
    domain_shutdown(d, SHUTDOWN_crash);
}

static int reset_vcpus(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v) {
        int rc;

        vcpu_op_stop(v);
        rc = arch_vcpu_reset(v);
        if (rc)
            return rc;
    }
    return 0;
}

static int close_ports(struct domain *d) { return evtchn_destroy(d) ? 0 : -ERESTART; }
static int release_grants(struct domain *d) { return grant_table_release_mappings(d) ? 0 : -ERESTART; }

/* What killing takes apart, in order; each step may ask to be run again. */
static int (*const kill_steps[])(struct domain *) = {
    close_ports,
    release_grants,
    reset_vcpus,
    arch_relinquish_memory,
};

int domain_kill(struct domain *d)
{
    bool begin;

    spin_lock(&d->lock);
    if (d->dying == DOMAIN_DEAD) {
        spin_unlock(&d->lock);
        return 0;
    }
    begin = d->dying == DOMAIN_ALIVE;
    d->dying = DOMAIN_DYING;
    spin_unlock(&d->lock);
    if (begin) {
        domain_pause(d);
        sched_op_domain_stop(d);
        page_alloc_claim(d, 0);
    }
    while (d->destroy_step < ARRAY_SIZE(kill_steps)) {
        int rc = kill_steps[d->destroy_step](d);

        if (rc)
            return rc;
        d->destroy_step++;
    }
    page_unshare(mfn_to_page(virt_to_mfn(d->shared_info)));
    d->dying = DOMAIN_DEAD;
    grant_table_retire(d);
    evtchn_send_global_virq(VIRQ_DOM_EXC);
    domain_put(d);
    return 0;
}
