/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels: ports, what they are bound to, and sending on them.
 *
 * Invariant: the two ends of an interdomain channel name each other, and both domains' event locks are held to make or
 * break that; so whoever holds the lock of one end may use the other end's port. A remote domain named by an
 * open port is alive enough to be used: killing it closes its ports before anything is freed.
 */
#include <hv/arch.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/string.h>

/* VIRQs that are the machine's, not a vCPU's: bound on vCPU 0, delivered to the privileged domain. */
#define GLOBAL_VIRQS                                                                                         \
    (1u << VIRQ_CONSOLE | 1u << VIRQ_DOM_EXC | 1u << VIRQ_TBUF | 1u << VIRQ_DEBUGGER | 1u << VIRQ_CON_RING | \
     1u << VIRQ_PCPU_STATE | 1u << VIRQ_MEM_EVENT | 1u << VIRQ_ARGO | 1u << VIRQ_ENOMEM)

static bool virq_is_global(unsigned int virq) { return GLOBAL_VIRQS >> virq & 1; }

/* --- ports --- */

/* A port that hv has noted itself, and so exists. */
static struct evtchn *port_of(const struct domain *d, uint32_t port)
{
    return &d->evtchn.buckets[port / EVTCHNS_PER_BUCKET][port % EVTCHNS_PER_BUCKET];
}

struct evtchn *evtchn_lookup(const struct domain *d, uint32_t port)
{
    uint32_t valid = __atomic_load_n(&d->evtchn.valid, __ATOMIC_ACQUIRE);

    return likely(port < valid) ? port_of(d, clamp_index(port, valid)) : NULL;
}

static int add_bucket(struct domain *d)
{
    struct evtchn_domain *e = &d->evtchn;
    struct evtchn *bucket;

    if (e->valid > e->max_port || e->valid >= e->abi->max_ports)
        return -ENOSPC;
    bucket = heap_new_array(struct evtchn, EVTCHNS_PER_BUCKET);
    if (!bucket)
        return -ENOMEM;
    for (uint32_t i = 0; i < EVTCHNS_PER_BUCKET; i++)
        bucket[i].port = e->valid + i;
    e->buckets[e->valid / EVTCHNS_PER_BUCKET] = bucket;
    __atomic_store_n(&e->valid, e->valid + EVTCHNS_PER_BUCKET, __ATOMIC_RELEASE);
    return 0;
}

/* The lowest free port, in state FREE; the lock is held. NULL and *rc. */
static struct evtchn *free_port(struct domain *d, int *rc)
{
    struct evtchn_domain *e = &d->evtchn;
    uint32_t end = min((uint64_t)e->max_port + 1, (uint64_t)e->abi->max_ports);

    *rc = -EINVAL;
    if (d->dying)
        return NULL;
    *rc = -ENOSPC;
    for (uint32_t port = e->maybe_free; port < end; port++) {
        struct evtchn *chn;

        if (port >= e->valid && (*rc = add_bucket(d)))
            return NULL;
        chn = evtchn_lookup(d, port);
        if (chn->state == ECS_FREE) {
            e->maybe_free = port;
            *rc = 0;
            return chn;
        }
    }
    return NULL;
}

static void bind(struct domain *d, struct evtchn *chn, enum evtchn_state state, uint16_t vcpu)
{
    chn->notify_vcpu = vcpu;
    chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    chn->state = state;
    d->evtchn.open++;
    if (chn->port == d->evtchn.maybe_free)
        d->evtchn.maybe_free++;
}

static void release_port(struct domain *d, struct evtchn *chn)
{
    d->evtchn.abi->clear_pending(d, chn);
    chn->state = ECS_FREE;
    chn->notify_vcpu = 0;
    d->evtchn.open--;
    d->evtchn.maybe_free = min(d->evtchn.maybe_free, chn->port);
}

static void lock_both(struct domain *a, struct domain *b)
{
    if (a > b) {
        struct domain *t = a;

        a = b;
        b = t;
    }
    write_lock(&a->evtchn.lock);
    if (a != b)
        write_lock(&b->evtchn.lock);
}

static void unlock_both(struct domain *a, struct domain *b)
{
    write_unlock(&a->evtchn.lock);
    if (a != b)
        write_unlock(&b->evtchn.lock);
}

/* --- telling the guest --- */

void vcpu_mark_events_pending(struct vcpu *v)
{
    if (__atomic_exchange_n(&v->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
        return;
    if (v == current)
        return;
    vcpu_unblock(v);
    vcpu_kick(v);
}

static __attribute__((noinline)) void end_polls(struct domain *d, uint32_t port)
{
    for (unsigned int word = 0; word * 64 < d->max_vcpus; word++) {
        uint64_t polling = __atomic_load_n(&d->poll_mask[word], __ATOMIC_SEQ_CST);

        for (; polling; polling &= polling - 1) {
            struct vcpu *v = d->vcpu[word * 64 + __builtin_ctzll(polling)];

            if (!v->poll_port || v->poll_port == port)
                vcpu_end_poll(v);
        }
    }
}

static inline bool anybody_polls(const struct domain *d)
{
    uint64_t polling = 0;

    for (unsigned int word = 0; word < ARRAY_SIZE(d->poll_mask); word++)
        polling |= __atomic_load_n(&d->poll_mask[word], __ATOMIC_SEQ_CST);
    return polling;
}

/* Makes it pending for its vCPU, and ends the polls that wait for it. */
static inline void set_pending(struct domain *d, struct evtchn *chn)
{
    d->evtchn.abi->set_pending(d->vcpu[chn->notify_vcpu], chn);
    if (unlikely(anybody_polls(d)))
        end_polls(d, chn->port);
}

int evtchn_send(struct domain *d, uint32_t port)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    int rc = 0;

    if (!chn)
        return -EINVAL;
    read_lock(&d->evtchn.lock);
    switch (chn->state) {
    case ECS_INTERDOMAIN: {
        struct domain *remote = chn->u.interdomain.remote;

        set_pending(remote, port_of(remote, chn->u.interdomain.remote_port));
        break;
    }
    case ECS_IPI:
        set_pending(d, chn);
        break;
    case ECS_UNBOUND:
        break;
    default:
        rc = -EINVAL;
    }
    read_unlock(&d->evtchn.lock);
    return rc;
}

void evtchn_send_virq(struct vcpu *v, unsigned int virq)
{
    struct domain *d = v->domain;
    uint32_t port;

    read_lock(&d->evtchn.lock);
    port = v->virq_to_port[virq];
    if (port)
        set_pending(d, port_of(d, port));
    read_unlock(&d->evtchn.lock);
}

void evtchn_send_global_virq(unsigned int virq)
{
    if (dom0 && dom0->vcpu[0])
        evtchn_send_virq(dom0->vcpu[0], virq);
}

void evtchn_send_pirq(struct domain *d, uint32_t port)
{
    struct evtchn *chn = evtchn_lookup(d, port);

    if (!chn)
        return;
    read_lock(&d->evtchn.lock);
    if (chn->state == ECS_PIRQ)
        set_pending(d, chn);
    read_unlock(&d->evtchn.lock);
}

bool evtchn_port_valid(const struct domain *d, uint32_t port)
{
    return evtchn_lookup(d, port) != NULL;
}

/* Under the lock: another vCPU may be resetting the channels, and take the ABI's pages away. */
bool evtchn_port_pending(struct domain *d, uint32_t port)
{
    const struct evtchn *chn = evtchn_lookup(d, port);
    bool pending;

    if (!chn)
        return false;
    read_lock(&d->evtchn.lock);
    pending = d->evtchn.abi->is_pending(d, chn);
    read_unlock(&d->evtchn.lock);
    return pending;
}

/* --- binding --- */

int evtchn_alloc_unbound(struct domain *d, domid_t remote, uint32_t *port)
{
    struct evtchn *chn;
    int rc;

    write_lock(&d->evtchn.lock);
    chn = free_port(d, &rc);
    if (chn) {
        chn->u.unbound.remote_domid = remote;
        bind(d, chn, ECS_UNBOUND, 0);
        *port = chn->port;
    }
    write_unlock(&d->evtchn.lock);
    return rc;
}

int evtchn_bind_interdomain(struct domain *d, struct domain *remote, uint32_t remote_port, uint32_t *port)
{
    struct evtchn *chn, *other;
    int rc;

    lock_both(d, remote);
    chn = free_port(d, &rc);
    if (!chn)
        goto out;
    rc = -EINVAL;
    other = evtchn_lookup(remote, remote_port);
    if (!other || other->state != ECS_UNBOUND || other->u.unbound.remote_domid != d->id)
        goto out;
    chn->u.interdomain.remote = remote;
    chn->u.interdomain.remote_port = remote_port;
    bind(d, chn, ECS_INTERDOMAIN, 0);
    other->u.interdomain.remote = d;
    other->u.interdomain.remote_port = chn->port;
    other->state = ECS_INTERDOMAIN;
    *port = chn->port;
    set_pending(d, chn); /* what was sent while nobody was bound is lost: look once */
    rc = 0;
out:
    unlock_both(d, remote);
    return rc;
}

int evtchn_bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu, uint32_t *port)
{
    struct evtchn *chn;
    struct vcpu *v;
    int rc;

    if (virq >= NR_VIRQS || (virq_is_global(virq) && vcpu))
        return -EINVAL;
    virq = clamp_index(virq, NR_VIRQS);
    v = domain_vcpu(d, vcpu);
    if (!v)
        return -ENOENT;
    write_lock(&d->evtchn.lock);
    rc = -EEXIST;
    if (v->virq_to_port[virq])
        goto out;
    chn = free_port(d, &rc);
    if (!chn)
        goto out;
    chn->u.virq = virq;
    bind(d, chn, ECS_VIRQ, vcpu);
    v->virq_to_port[virq] = *port = chn->port;
out:
    write_unlock(&d->evtchn.lock);
    return rc;
}

int evtchn_bind_ipi(struct domain *d, unsigned int vcpu, uint32_t *port)
{
    struct evtchn *chn;
    int rc;

    if (!domain_vcpu(d, vcpu))
        return -ENOENT;
    write_lock(&d->evtchn.lock);
    chn = free_port(d, &rc);
    if (chn) {
        bind(d, chn, ECS_IPI, vcpu);
        *port = chn->port;
    }
    write_unlock(&d->evtchn.lock);
    return rc;
}

int evtchn_bind_pirq(struct domain *d, uint32_t pirq, bool share, uint32_t *port)
{
    struct evtchn *chn;
    int rc;

    write_lock(&d->evtchn.lock);
    chn = free_port(d, &rc);
    if (!chn)
        goto out;
    chn->u.pirq = pirq;
    bind(d, chn, ECS_PIRQ, 0);
    rc = arch_pirq_bind(d, pirq, chn->port, share);
    if (rc)
        release_port(d, chn);
    else
        *port = chn->port;
out:
    write_unlock(&d->evtchn.lock);
    return rc;
}

int evtchn_bind_vcpu(struct domain *d, uint32_t port, unsigned int vcpu)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    int rc = -EINVAL;

    if (!domain_vcpu(d, vcpu))
        return -ENOENT;
    if (!chn)
        return -EINVAL;
    write_lock(&d->evtchn.lock);
    if (chn->state == ECS_UNBOUND || chn->state == ECS_INTERDOMAIN || chn->state == ECS_PIRQ ||
        (chn->state == ECS_VIRQ && virq_is_global(chn->u.virq))) {
        chn->notify_vcpu = vcpu;
        rc = 0;
    }
    write_unlock(&d->evtchn.lock);
    return rc;
}

int evtchn_unmask(struct domain *d, uint32_t port)
{
    struct evtchn *chn = evtchn_lookup(d, port);

    if (!chn)
        return -EINVAL;
    read_lock(&d->evtchn.lock);
    d->evtchn.abi->unmask(d, chn);
    read_unlock(&d->evtchn.lock);
    return 0;
}

/* --- closing --- */

/*
 * Lock d, and the remote domain of the port if it has one, in order. *remote is that domain, referenced, or NULL. What the port is
 * may change between looking and locking, so look again.
 */
static void lock_port(struct domain *d, struct evtchn *chn, struct domain **remote)
{
    for (;;) {
        struct domain *r = NULL;

        read_lock(&d->evtchn.lock);
        if (chn->state == ECS_INTERDOMAIN && chn->u.interdomain.remote != d) {
            r = chn->u.interdomain.remote;
            if (!domain_get(r))
                panic("event channel to a domain that is gone");
        }
        read_unlock(&d->evtchn.lock);
        lock_both(d, r ? r : d);
        *remote = r;
        if (chn->state != ECS_INTERDOMAIN ? !r : chn->u.interdomain.remote == (r ? r : d))
            return;
        unlock_both(d, r ? r : d);
        if (r)
            domain_put(r);
    }
}

static void disconnect(struct domain *d, struct evtchn *chn)
{
    struct evtchn *other = port_of(chn->u.interdomain.remote, chn->u.interdomain.remote_port);

    other->state = ECS_UNBOUND;
    other->u.unbound.remote_domid = d->id;
}

static void unbind(struct domain *d, struct evtchn *chn)
{
    struct vcpu *v;

    switch (chn->state) {
    case ECS_PIRQ:
        arch_pirq_unbind(d, chn->u.pirq);
        break;
    case ECS_VIRQ:
        for_each_vcpu(d, v)
            if (v->virq_to_port[chn->u.virq] == chn->port)
                v->virq_to_port[chn->u.virq] = 0;
        break;
    case ECS_INTERDOMAIN:
        disconnect(d, chn);
        break;
    }
}

int evtchn_close(struct domain *d, uint32_t port)
{
    struct evtchn *chn = evtchn_lookup(d, port);
    struct domain *remote;
    int rc = -EINVAL;

    if (!chn)
        return -EINVAL;
    lock_port(d, chn, &remote);
    if (chn->state != ECS_FREE && chn->state != ECS_RESERVED) {
        unbind(d, chn);
        release_port(d, chn);
        rc = 0;
    }
    unlock_both(d, remote ? remote : d);
    if (remote)
        domain_put(remote);
    return rc;
}

int evtchn_status(struct domain *d, struct evtchn_status *status)
{
    struct evtchn *chn = evtchn_lookup(d, status->port);

    if (!chn)
        return -EINVAL;
    read_lock(&d->evtchn.lock);
    status->status = EVTCHNSTAT_closed;
    status->vcpu = chn->notify_vcpu;
    memset(&status->u, 0, sizeof(status->u));
    switch (chn->state) {
    case ECS_UNBOUND:
        status->status = EVTCHNSTAT_unbound;
        status->u.unbound.dom = chn->u.unbound.remote_domid;
        break;
    case ECS_INTERDOMAIN:
        status->status = EVTCHNSTAT_interdomain;
        status->u.interdomain.dom = chn->u.interdomain.remote->id;
        status->u.interdomain.port = chn->u.interdomain.remote_port;
        break;
    case ECS_PIRQ:
        status->status = EVTCHNSTAT_pirq;
        status->u.pirq = chn->u.pirq;
        break;
    case ECS_VIRQ:
        status->status = EVTCHNSTAT_virq;
        status->u.virq = chn->u.virq;
        break;
    case ECS_IPI:
        status->status = EVTCHNSTAT_ipi;
        break;
    }
    read_unlock(&d->evtchn.lock);
    return 0;
}

/* --- life --- */

int evtchn_init(struct domain *d, uint32_t max_port)
{
    int rc;

    rwlock_init(&d->evtchn.lock, LOCK_EVTCHN);
    d->evtchn.abi = &evtchn_2l;
    d->evtchn.max_port = min(max_port, (uint32_t)EVTCHN_FIFO_NR_CHANNELS - 1);
    d->evtchn.buckets = heap_new_array(struct evtchn *, EVTCHN_BUCKETS);
    if (!d->evtchn.buckets)
        return -ENOMEM;
    rc = add_bucket(d);
    if (rc) {
        heap_free(d->evtchn.buckets);
        d->evtchn.buckets = NULL;
        return rc;
    }
    evtchn_lookup(d, 0)->state = ECS_RESERVED;
    d->evtchn.maybe_free = 1;
    return 0;
}

/*
 * With no port open nobody can be sending to d, so its queues may go. Another vCPU of d may open a port while we
 * close them, in a reset: then there is more to do.
 */
bool evtchn_destroy(struct domain *d)
{
    bool done;

    for (uint32_t port = d->evtchn.closed + 1; port < d->evtchn.valid; port++) {
        evtchn_close(d, port);
        d->evtchn.closed = port;
        if (port % EVTCHNS_PER_BUCKET == 0 && preempt_check())
            return false;
    }
    d->evtchn.closed = 0;
    write_lock(&d->evtchn.lock);
    done = !d->evtchn.open;
    if (done)
        evtchn_fifo_destroy(d);
    write_unlock(&d->evtchn.lock);
    return done;
}

/*
 * Close all ports and go back to the 2-level ABI. -ERESTART: run again. The caller's own vCPUs may be running. Their upcall
 * flags and selectors are left alone: a flag cleared under a selector that is set would lose the next event.
 */
int evtchn_reset(struct domain *d)
{
    return evtchn_destroy(d) ? 0 : -ERESTART;
}

void evtchn_destroy_final(struct domain *d)
{
    for (uint32_t i = 0; d->evtchn.buckets && i < EVTCHN_BUCKETS; i++)
        heap_free(d->evtchn.buckets[i]);
    heap_free(d->evtchn.buckets);
    d->evtchn.buckets = NULL;
    d->evtchn.valid = 0;
}
