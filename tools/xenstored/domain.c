/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains: records, introduction, death; see domain.h.
 */
#include "domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "domain_ring.h"
#include "persist.h"
#include "store.h"
#include "watch.h"
#include "xen.h"

static struct domain **bucket_of(struct store *s, uint16_t domid)
{
    return &s->domains.bucket[domid % DOMAIN_BUCKETS];
}

struct domain *domain_find(const struct store *s, uint16_t domid)
{
    struct domain *d = s->domains.bucket[domid % DOMAIN_BUCKETS];

    while (d && d->domid != domid)
        d = d->chain;
    return d;
}

struct domain *domain_get(struct store *s, uint16_t domid)
{
    struct domain *d = domain_find(s, domid);

    if (!d) {
        d = alloc_zeroed(sizeof(*d));
        d->domid = domid;
        d->chain = *bucket_of(s, domid);
        *bucket_of(s, domid) = d;
    }
    return d;
}

struct domain *domain_next(struct store *s, const struct domain *d)
{
    size_t i = 0;

    if (d && d->chain)
        return d->chain;
    if (d)
        i = d->domid % DOMAIN_BUCKETS + 1;
    while (i < DOMAIN_BUCKETS && !s->domains.bucket[i])
        i++;
    return i < DOMAIN_BUCKETS ? s->domains.bucket[i] : NULL;
}

static void domain_free(struct store *s, struct domain *d)
{
    struct domain **at = bucket_of(s, d->domid);

    while (*at != d)
        at = &(*at)->chain;
    *at = d->chain;
    free(d);
}

void domain_table_free(struct store *s)
{
    for (struct domain *d; (d = domain_next(s, NULL)); )
        domain_free(s, d);
}

bool domain_all_exist(struct store *s, const struct acl *acl)
{
    for (uint32_t i = 0; i < acl->count; i++) {
        uint16_t domid = acl->entry[i].domid;

        if (domid >= DOMAIN_ID_SELF)
            return false;
        if (domid && s->xen && !domain_find(s, domid) && s->xen->state(domid) == XEN_DOMAIN_GONE)
            return false;
        /* The record is what makes domain_check_all() look after this id. */
        domain_get(s, domid);
    }
    return true;
}

static void fire_special(struct store *s, enum special which, const char *name)
{
    watch_fire_special(s, name, s->special[which]);
}

/* Unmaps, unbinds and drops the connection. */
static void disconnect(struct store *s, struct domain *d)
{
    struct xenstore_domain_interface *page;

    if (!d->ring)
        return;
    page = d->ring->ring.page;
    domain_ring_free(d->ring);
    if (!page)
        return;
    s->xen->unbind(d->local_port);
    s->xen->unmap_ring(page);
}

static int connect_ring(struct store *s, struct domain *d, struct xenstore_domain_interface *page)
{
    int port = s->xen->bind(d->domid, d->port);

    if (port < 0)
        return port;
    d->local_port = port;
    d->shutdown = false;
    domain_ring_new(s, d, page);
    persist_introduce(s, d);
    /* The domain may have sent before we were here. */
    s->xen->notify(port);
    return 0;
}

/* The domain's event channel is a new one: a kernel that resumed, or another in its place. */
static int reintroduce(struct store *s, struct domain *d, uint32_t port)
{
    int local;

    if (port != d->port) {
        local = s->xen->bind(d->domid, port);
        if (local < 0)
            return local;
        s->xen->unbind(d->local_port);
        d->local_port = local;
        d->port = port;
        persist_port(s, d);
    }
    domain_ring_event(d->ring);
    return 0;
}

int domain_introduce(struct store *s, uint16_t domid, uint64_t mfn, uint32_t port)
{
    struct xenstore_domain_interface *page;
    struct domain *d;
    int err;

    if (!s->xen)
        return -ENOSYS;
    if (!domid || domid >= DOMAIN_ID_SELF)
        return -EINVAL;
    d = domain_find(s, domid);
    if (d && d->ring) {
        err = reintroduce(s, d, port);
        goto fire;
    }
    page = s->xen->map_ring(domid, mfn);
    if (!page) {
        err = -errno;
        log_message("domain %u: cannot map its ring (frame %#llx): %s", domid, (unsigned long long)mfn,
                    strerror(errno));
        return err == -ENOENT || err == -ESRCH ? -ENOENT : -EINVAL;
    }
    d = domain_get(s, domid);
    d->mfn = mfn;
    d->port = port;
    err = connect_ring(s, d, page);
    if (err) {
        log_message("domain %u: cannot bind its port %u: %s", domid, port, strerror(-err));
        s->xen->unmap_ring(page);
        return -EINVAL;
    }
fire:
    if (!err)
        fire_special(s, SPECIAL_INTRODUCE, "@introduceDomain");
    return err;
}

int domain_introduce_self(struct store *s)
{
    struct domain *d = domain_get(s, 0);
    struct xenstore_domain_interface *page = s->xen->map_own_ring(&d->port);
    int err;

    if (!page)
        return -errno;
    err = connect_ring(s, d, page);
    if (err)
        s->xen->unmap_ring(page);
    return err;
}

/* Removes the domain's nodes (the root it may only lose), and its name from other nodes' lists. */
static void purge(struct store *s, uint16_t domid)
{
    struct node *n = s->tree.root, *after;
    struct acl *acl;

    for (; n; n = after) {
        if (n->parent && acl_owner(n->acl) == domid) {
            after = node_skip(n, s->tree.root);
            watch_fire_deletion(s, n);
            store_delete(s, n);
            continue;
        }
        after = node_next(n, s->tree.root);
        acl = acl_owner(n->acl) == domid ? acl_with_owner(n->acl, 0) : acl_without(n->acl, domid);
        if (acl != n->acl)
            store_set_acl(s, n, acl);
        acl_put(acl);
    }
    for (int i = 0; i < SPECIALS; i++) {
        acl = acl_without(s->special[i], domid);
        if (acl != s->special[i])
            store_set_special(s, i, acl);
        acl_put(acl);
    }
}

/* Forgets a domain with all that was its. True if it had been introduced. */
static bool forget(struct store *s, struct domain *d)
{
    bool introduced = d->ring != NULL;

    disconnect(s, d);
    purge(s, d->domid);
    persist_release(s, d->domid);
    domain_free(s, d);
    return introduced;
}

int domain_release(struct store *s, uint16_t domid)
{
    struct domain *d = domain_find(s, domid);

    if (!domid || domid >= DOMAIN_ID_SELF)
        return -EINVAL;
    if (!d || !d->ring)
        return -ENOENT;
    forget(s, d);
    fire_special(s, SPECIAL_RELEASE, "@releaseDomain");
    return 0;
}

int domain_resume(struct store *s, uint16_t domid)
{
    struct domain *d = domain_find(s, domid);

    if (!domid || domid >= DOMAIN_ID_SELF)
        return -EINVAL;
    if (!d || !d->ring)
        return -ENOENT;
    d->shutdown = false;
    persist_shutdown(s, d);
    return 0;
}

bool domain_is_introduced(struct store *s, uint16_t domid)
{
    struct domain *d = domain_find(s, domid);

    return d && (d->ring || !domid);
}

void domain_check_all(struct store *s)
{
    struct domain *d, *after;
    bool changed = false;

    for (d = domain_next(s, NULL); d; d = after) {
        enum xen_domain_state state = d->domid ? s->xen->state(d->domid) : XEN_DOMAIN_ALIVE;

        after = domain_next(s, d);
        if (state == XEN_DOMAIN_GONE) {
            changed |= forget(s, d);
        } else if (state == XEN_DOMAIN_SHUTDOWN && d->ring && !d->shutdown) {
            d->shutdown = changed = true;
            persist_shutdown(s, d);
        }
    }
    if (changed)
        fire_special(s, SPECIAL_RELEASE, "@releaseDomain");
}

void domain_event(struct store *s, uint32_t local_port)
{
    struct list *link, *after;

    list_for_each(link, after, &s->connections) {
        struct domain *d = list_entry(link, struct conn, all)->domain;

        if (d && d->local_port == local_port && d->ring->ring.page)
            domain_ring_event(d->ring);
    }
}

static int reattach(struct store *s, struct domain *d)
{
    struct xenstore_domain_interface *page = d->domid ? s->xen->map_ring(d->domid, d->mfn)
                                                      : s->xen->map_own_ring(&d->port);
    int port;

    if (!page)
        return -errno;
    port = s->xen->bind(d->domid, d->port);
    if (port < 0) {
        s->xen->unmap_ring(page);
        return port;
    }
    d->local_port = port;
    domain_ring_reattach(d->ring, page);
    return 0;
}

void domain_reattach_all(struct store *s)
{
    struct domain *d, *after;
    bool changed = false;

    for (d = domain_next(s, NULL); d; d = after) {
        int err = d->ring ? reattach(s, d) : 0;

        after = domain_next(s, d);
        if (err) {
            log_message("domain %u: cannot go on with its ring: %s", d->domid, strerror(-err));
            if (d->domid)
                changed |= forget(s, d);
            else
                disconnect(s, d);
        }
    }
    if (changed)
        fire_special(s, SPECIAL_RELEASE, "@releaseDomain");
}

void domain_detach_all(struct store *s)
{
    for (struct domain *d = domain_next(s, NULL); d; d = domain_next(s, d))
        disconnect(s, d);
}
