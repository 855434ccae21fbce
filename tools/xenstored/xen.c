/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's side of the store on a real machine, through libhv. A domain's ring is mapped by the grant
 * that its builder leaves in a fixed slot, and by frame number where there is none.
 */
#include "xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libhv/domain.h>
#include <libhv/event.h>
#include <libhv/foreign.h>
#include <libhv/grant.h>
#include <libhv/handle.h>
#include <public/xen.h>

#include "alloc.h"
#include "log.h"

#define OWN_RING "/proc/xen/xsd_kva"
#define OWN_PORT "/proc/xen/xsd_port"
#define PAGE     4096

enum mapping_kind { MAPPED_GRANT, MAPPED_FRAME, MAPPED_OWN };

/* How each ring was mapped, to unmap it the same way. */
struct mapping {
    struct mapping *next;
    void *page;
    enum mapping_kind kind;
};

static struct hv *hv;
static struct hv_event *events;
static struct hv_grant_map *grants;
static struct mapping *mappings;
static uint32_t virq_port;

static void *note_mapping(void *page, enum mapping_kind kind)
{
    struct mapping *m;

    if (!page)
        return NULL;
    m = alloc_zeroed(sizeof(*m));
    *m = (struct mapping){ .next = mappings, .page = page, .kind = kind };
    mappings = m;
    return page;
}

static struct xenstore_domain_interface *map_ring(uint16_t domid, uint64_t mfn)
{
    struct hv_error err = { 0 };
    void *page = grants ? hv_grant_map_ref(grants, domid, HV_GRANT_STORE, true, &err) : NULL;

    if (page)
        return note_mapping(page, MAPPED_GRANT);
    page = hv_foreign_map(hv, domid, PROT_READ | PROT_WRITE, 1, &mfn, &err);
    if (!page)
        errno = err.code;
    return note_mapping(page, MAPPED_FRAME);
}

static struct xenstore_domain_interface *map_own_ring(uint32_t *port)
{
    FILE *f = fopen(OWN_PORT, "re");
    void *page;
    int fd, n;

    if (!f)
        return NULL;
    n = fscanf(f, "%u", port);
    fclose(f);
    fd = n == 1 ? open(OWN_RING, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return NULL;
    page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return page == MAP_FAILED ? NULL : note_mapping(page, MAPPED_OWN);
}

static void unmap_ring(struct xenstore_domain_interface *page)
{
    struct mapping **at = &mappings, *m;

    while (*at && (*at)->page != page)
        at = &(*at)->next;
    m = *at;
    if (!m)
        return;
    *at = m->next;
    switch (m->kind) {
    case MAPPED_GRANT:
        hv_grant_unmap(grants, page, 1, NULL);
        break;
    case MAPPED_FRAME:
        hv_foreign_unmap(page, 1);
        break;
    case MAPPED_OWN:
        munmap(page, PAGE);
        break;
    }
    free(m);
}

static int bind_port(uint16_t domid, uint32_t port)
{
    return hv_event_bind_interdomain(events, domid, port, NULL);
}

static void unbind_port(uint32_t local_port)
{
    hv_event_unbind(events, local_port, NULL);
}

static void notify(uint32_t local_port)
{
    hv_event_notify(events, local_port, NULL);
}

static enum xen_domain_state state(uint16_t domid)
{
    struct hv_domain_info info;
    int err = hv_domain_info(hv, domid, &info, NULL);

    if (err)
        return err == -ESRCH ? XEN_DOMAIN_GONE : XEN_DOMAIN_ALIVE;
    if (info.dying)
        return XEN_DOMAIN_GONE;
    return info.shutdown ? XEN_DOMAIN_SHUTDOWN : XEN_DOMAIN_ALIVE;
}

static uint32_t next_event(void)
{
    int port = hv_event_pending(events, NULL);

    if (port <= 0)
        return 0;
    hv_event_unmask(events, port, NULL);
    return (uint32_t)port == virq_port ? XEN_PORT_DOMAINS : (uint32_t)port;
}

static const struct xen_ops ops = {
    .map_ring = map_ring,
    .map_own_ring = map_own_ring,
    .unmap_ring = unmap_ring,
    .bind = bind_port,
    .unbind = unbind_port,
    .notify = notify,
    .state = state,
    .event = next_event,
};

static const struct xen_ops *fail(const struct hv_error *err)
{
    char text[512];

    log_message("%s", hv_error_text(err, text, sizeof(text)));
    return NULL;
}

const struct xen_ops *xen_open(int *event_fd)
{
    struct hv_error err = { 0 };
    int port;

    hv = hv_open(&err);
    events = hv ? hv_event_open(&err) : NULL;
    if (!events)
        return fail(&err);
    port = hv_event_bind_virq(events, VIRQ_DOM_EXC, &err);
    if (port < 0)
        return fail(&err);
    virq_port = port;
    grants = hv_grant_map_open(&err);
    if (!grants) {
        fail(&err);
        log_message("going on without grants: rings are mapped by frame");
    }
    *event_fd = hv_event_fd(events);
    return &ops;
}
