/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two domains that share a CPU. The first domain starts this kernel again (build.h); the two meet at a page that the other one
 * grants, and send each other events.
 */
#include "bench.h"
#include <build.h>
#include <public/event_channel.h>
#include <public/sched.h>

#define MAGIC   0x68767477646f6d73ull
#define MEETING 8u      /* grant reference */

struct meeting {
    volatile uint64_t magic, port, deaf_port;
};

/* --- the child --- */

void bench_child(void)
{
    struct meeting *meet = page_alloc();
    uint32_t seen = bench_upcalls[0].count;
    long port = event_alloc_unbound(DOMID_SELF, 0);

    DO(grant_init(1));
    upcall_on(port);
    meet->port = port;
    meet->deaf_port = event_alloc_unbound(DOMID_SELF, 0);
    meet->magic = MAGIC;
    grant_access(MEETING, 0, va_to_mfn(meet), 0);
    for (;;) {
        upcall_wait(&seen);
        event_send(port);
    }
}

/* --- the parent --- */

static long port;

static void ping(void)
{
    uint32_t seen = bench_upcalls[0].count;

    event_send(port);
    upcall_wait(&seen);
}

static struct meeting *meet_child(const struct child *c, uint32_t *handle)
{
    struct meeting *page = page_alloc();
    int status;

    do {
        hyp_sched_op(SCHEDOP_yield, NULL);
        status = grant_map(c->domain, MEETING, (uint64_t)page, GNTMAP_host_map, handle);
    } while (status != GNTST_okay);
    while (page->magic != MAGIC)
        hyp_sched_op(SCHEDOP_yield, NULL);
    return page;
}

static void foreign_grants(const struct child *c)
{
    struct figures mapped = { 0 }, unmapped = { 0 };
    struct gnttab_copy copy = { .flags = GNTCOPY_source_gref, .len = 4096 };
    void *there = page_alloc();
    uint32_t handle;

    for (unsigned int i = 0; i < TIMES + WARM_UP; i++) {
        uint32_t from = ticks();

        DO(grant_map(c->domain, MEETING, (uint64_t)there, GNTMAP_host_map, &handle));
        figures_add(&mapped, ticks() - from);
        from = ticks();
        DO(grant_unmap((uint64_t)there, handle));
        figures_add(&unmapped, ticks() - from);
    }
    figures_show("grant map, another domain's page", &mapped);
    figures_show("grant unmap, another domain's page", &unmapped);
    copy.source.u.ref = MEETING;
    copy.source.domid = c->domain;
    copy.dest.u.gmfn = va_to_mfn(page_alloc());
    copy.dest.domid = DOMID_SELF;
    MEASURE("grant copy, 4 KiB, another domain's page", DO(hyp_grant_table_op(GNTTABOP_copy, &copy, 1)));
}

void bench_domains(void)
{
    struct child c;
    struct meeting *meet;
    uint32_t handle;
    long deaf;

    if (!is_dom0() || !start_info->mod_len)
        return note("no kernel as module, or no right to start it: nothing between two domains is measured");
    child_create(&c, 1);
    child_load(&c, (const void *)start_info->mod_start, start_info->mod_len, "child=1");
    child_unpause(&c);
    meet = meet_child(&c, &handle);
    port = event_bind_interdomain(c.domain, meet->port);
    deaf = event_bind_interdomain(c.domain, meet->deaf_port);
    if (port < 0 || deaf < 0)
        bail("the child's ports: %ld %ld", port, deaf);
    upcall_on(port);
    MEASURE("event ping-pong between two domains, blocked", ping());
    event_disable();
    MEASURE("event send to another domain, masked there", DO(event_send(deaf)));
    upcall_off();
    event_mask(port);
    foreign_grants(&c);
    DO(grant_unmap((uint64_t)meet, handle));
    if (!child_destroy(&c))
        bail("the child stays");
}
