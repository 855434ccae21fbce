/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Life and death of domains, with the real core/domain.c: what is made can be found, counted, paused and ended, and
 * ends only when nobody needs it any more; then nothing of it is left.
 */
#include "harness.h"
#include "pv_guest.h"

#include <hv/grant_internal.h>
#include <hv/heap.h>
#include <hv/softirq.h>
#include <hv/time.h>
#include <public/domctl.h>
#include <public/sched.h>
#include <public/vcpu.h>

#define FRAMES 2048u
#define REF 9u

static const struct xen_domctl_createdomain config = { .max_vcpus = 2, .max_evtchn_port = 1023, .max_grant_frames = 4,
                                                       .max_maptrack_frames = 4 };
static struct domain *a, *b;

static struct domain *create(domid_t id)
{
    struct domain *d;
    int rc;

    d = domain_create(id, &config, false, &rc);
    CU_ASSERT_EQUAL_FATAL(!!d, !rc);
    if (!d)
        return NULL;
    d->max_pages = 256;
    for (unsigned int i = 0; i < d->max_vcpus; i++)
        CU_ASSERT_PTR_NOT_NULL_FATAL(vcpu_create(d, i));
    return d;
}

static void begin(void)
{
    host_reset(FRAMES);
    sched_init();
    sched_cpu_online(0);
    timers_init();
    CU_ASSERT_PTR_NULL_FATAL(domain_next(0)); /* or the last test left one, whose memory is gone now */
    a = create(1);
    b = create(2);
    host_current = b->vcpu[0];
}

static bool known(domid_t id)
{
    struct domain *d = domain_get_by_id(id);

    if (d)
        domain_put(d);
    return d;
}

static int kill_it(struct domain *d)
{
    struct vcpu *v;
    int rc;

    if (host_current && host_current->domain == d)
        host_current = NULL;
    for_each_vcpu(d, v)
        v->arch.loaded_on = NR_CPUS;
    do
        rc = domain_kill(d);
    while (rc == -ERESTART);
    return rc;
}

/* All that a test made is taken back to the last frame, but for the pages of the table of owners, which are kept. */
static void end_but_for(unsigned int pages)
{
    struct domain *d;

    host_preempt_after = -1;
    host_current = NULL;
    for (domid_t id = 1; (d = domain_next(id)); id++) {
        id = d->id;
        kill_it(d);
        domain_put(d);
    }
    CU_ASSERT_PTR_NULL(domain_next(0));
    CU_ASSERT_EQUAL(page_alloc_free_pages(), FRAMES - pages);
}

static void end(void) { end_but_for(1); }

static void finding(void)
{
    struct domain *d;
    int rc;

    begin();
    CU_ASSERT_EQUAL(a->refcount, 2); /* its own, and one for the frames it has */
    d = domain_get_by_id(1);
    CU_ASSERT_PTR_EQUAL(d, a);
    CU_ASSERT_EQUAL(a->refcount, 3);
    domain_put(d);
    d = domain_get_remote_or_self(DOMID_SELF);
    CU_ASSERT_PTR_EQUAL(d, b);
    domain_put(d);
    CU_ASSERT_PTR_NULL(domain_get_by_id(DOMID_SELF));
    CU_ASSERT_PTR_NULL(domain_get_by_id(1 + 256)); /* the same slot of the table */
    CU_ASSERT_PTR_NULL(domain_create(2, &config, false, &rc));
    CU_ASSERT_EQUAL(rc, -EEXIST);
    create(1 + 256);
    create(DOMID_FIRST_RESERVED - 1);
    CU_ASSERT_EQUAL(create(DOMID_INVALID)->id, 3); /* the next after the last, from 1 again */
    for (domid_t id = 0, n = 0; (d = domain_next(id)); id++, n++) {
        static const domid_t want[] = { 1, 2, 3, 257, DOMID_FIRST_RESERVED - 1 };

        id = d->id;
        CU_ASSERT_EQUAL(id, want[n]);
        domain_put(d);
    }
    kill_it(a);
    CU_ASSERT(!known(1));
    CU_ASSERT(known(257));
    end_but_for(2);
}

static void references(void)
{
    struct domain d = { .refcount = 0 };

    CU_ASSERT(!domain_get(&d)); /* it is being freed */
    d.refcount = UINT32_MAX;
    CU_ASSERT(!domain_get(&d));
    CU_ASSERT_EQUAL(d.refcount, UINT32_MAX);
}

static struct domain *seen_early;

static int look(struct domain *d)
{
    seen_early = domain_get_by_id(d->id);
    if (!seen_early)
        seen_early = domain_next(d->id);
    return 0;
}

static int fail(struct domain *d) { return (void)d, -ENODEV; }

/* Found by review: a guest that named the next id in time met a domain without a grant table. */
static void not_before_it_is_whole(void)
{
    int rc;

    begin();
    host_domain_init_hook = look;
    CU_ASSERT_PTR_NOT_NULL(domain_create(7, &config, false, &rc));
    CU_ASSERT_PTR_NULL(seen_early);
    CU_ASSERT(known(7));
    end();
}

static void give_back(struct domain *d)
{
    struct page_info *pg = page_list_first(&d->page_list);

    __atomic_fetch_and(&pg->count, ~PGC_ALLOCATED, __ATOMIC_SEQ_CST);
    page_put(pg);
}

static void making_fails(void)
{
    uint64_t free_before;
    unsigned int failures = 0;
    int rc;

    begin();
    kill_it(b);
    free_before = page_alloc_free_pages();
    host_domain_init_hook = fail;
    CU_ASSERT_PTR_NULL(domain_create(5, &config, false, &rc));
    CU_ASSERT_EQUAL(rc, -ENODEV);
    CU_ASSERT(!known(5));
    CU_ASSERT_EQUAL(page_alloc_free_pages(), free_before);
    host_domain_init_hook = NULL;
    a->max_pages = UINT32_MAX;
    while (page_alloc_domain(a, 0, PAGE_ANY)) /* nothing left; then a frame more at each try */
        ;
    for (;;) {
        struct domain *d;

        free_before = page_alloc_free_pages();
        d = domain_create(5, &config, false, &rc);
        if (d) {
            unsigned int i = 0;

            while (i < d->max_vcpus && vcpu_create(d, i))
                i++;
            rc = i < d->max_vcpus ? -ENOMEM : 0;
            domain_kill(d);
        }
        CU_ASSERT(!known(5));
        CU_ASSERT_EQUAL_FATAL(page_alloc_free_pages(), free_before);
        if (!rc)
            break;
        CU_ASSERT_EQUAL(rc, -ENOMEM);
        failures++;
        give_back(a);
    }
    CU_ASSERT(failures > 8);
    end();
}

static void all_is_taken_back(void)
{
    struct chain tables;
    uint32_t port, other;

    begin();
    tables = new_chain(b, 0x40000000, new_page(b), RW);
    CU_ASSERT_EQUAL(run_on(b->vcpu[0], tables.table[4]), 0);
    CU_ASSERT_EQUAL(pin(1, tables.table[1]), 0);
    CU_ASSERT_EQUAL(evtchn_alloc_unbound(a, b->id, &port), 0);
    CU_ASSERT_EQUAL(evtchn_bind_interdomain(b, a, port, &other), 0);
    b->vcpu[0]->periodic_period = MILLISECONDS(5);
    timer_set(&b->vcpu[0]->periodic_timer, now() + MILLISECONDS(5));
    timer_set(&b->watchdog[0], now() + SECONDS(5));
    CU_ASSERT_EQUAL(kill_it(b), 0);
    CU_ASSERT(!known(2));
    CU_ASSERT_EQUAL(evtchn_send(a, port), 0); /* nobody there any more */
    host_now += SECONDS(100);
    softirq_raise(SOFTIRQ_TIMER); /* no timer of it fires */
    softirq_run();
    b = create(2); /* and its number may be another's, who connects anew */
    CU_ASSERT_EQUAL(evtchn_bind_interdomain(b, a, port, &other), 0);
    end();
}

static void with_breaks(void)
{
    struct chain tables;
    unsigned int again = 0;
    uint32_t port;

    begin();
    tables = new_chain(b, 0x40000000, new_page(b), RW);
    CU_ASSERT_EQUAL(run_on(b->vcpu[0], tables.table[4]), 0);
    for (unsigned int i = 0; i < 200; i++)
        new_page(b);
    for (unsigned int i = 0; i < 300; i++)
        CU_ASSERT_EQUAL(evtchn_alloc_unbound(b, 1, &port), 0);
    host_current = NULL;
    b->vcpu[0]->arch.loaded_on = NR_CPUS;
    host_preempt_after = 0;
    domain_get(b);
    while (domain_kill(b) == -ERESTART) {
        struct domain *d = domain_get_by_id(2);

        CU_ASSERT_PTR_EQUAL(d, b); /* all the while it is there, dying */
        CU_ASSERT_EQUAL(evtchn_alloc_unbound(b, 1, &port), -EINVAL);
        CU_ASSERT_PTR_NULL(page_alloc_domain(b, 0, PAGE_ANY));
        domain_put(d);
        again++;
    }
    CU_ASSERT(again > 5);
    CU_ASSERT_EQUAL(b->dying, DOMAIN_DEAD);
    CU_ASSERT_EQUAL(b->refcount, 1);
    CU_ASSERT_EQUAL(domain_kill(b), 0); /* it dies once */
    CU_ASSERT_EQUAL(b->refcount, 1);
    domain_put(b);
    CU_ASSERT(!known(2));
    end();
}

static void zombies(void)
{
    struct page_info *pg;
    int rc;

    begin();
    pg = new_page(a);
    CU_ASSERT(page_get(pg, a)); /* as another domain's tables hold it */
    CU_ASSERT_EQUAL(kill_it(a), 0);
    CU_ASSERT(known(1));
    CU_ASSERT_EQUAL(a->dying, DOMAIN_DEAD);
    CU_ASSERT_EQUAL(a->tot_pages, 1);
    CU_ASSERT(!page_get_id(pg, 2));
    CU_ASSERT_PTR_NULL(domain_create(1, &config, false, &rc)); /* its number is not free yet */
    CU_ASSERT_EQUAL(rc, -EEXIST);
    page_put(pg);
    CU_ASSERT(!known(1));
    a = create(1);
    CU_ASSERT(!page_get(pg, a));
    end();
}

static void grant(struct page_info *pg)
{
    CU_ASSERT_EQUAL(grant_table_seed(a, REF, b->id, PFN(page_to_mfn(pg).v)), 0);
}

static int16_t map(uint32_t flags, uint64_t va, uint32_t *handle)
{
    struct gnttab_map_grant_ref op = { .host_addr = va, .flags = flags, .ref = REF, .dom = 1 };

    host_current = b->vcpu[0];
    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_map_grant_ref, (unsigned long)&op, 1, 0, 0, 0), 0);
    *handle = op.handle;
    return op.status;
}

static int16_t unmap(uint32_t handle, uint64_t va, uint64_t bus)
{
    struct gnttab_unmap_grant_ref op = { .host_addr = va, .dev_bus_addr = bus, .handle = handle };

    CU_ASSERT_EQUAL(do_grant_table_op(GNTTABOP_unmap_grant_ref, (unsigned long)&op, 1, 0, 0, 0), 0);
    return op.status;
}

static void the_granter_waits_for_its_mapper(void)
{
    struct page_info *pg;
    uint32_t device, host, none;
    struct chain tables;

    begin();
    pg = new_page(a);
    grant(pg);
    tables = new_chain(b, 0x40000000, NULL, 0);
    CU_ASSERT_EQUAL(run_on(b->vcpu[0], tables.table[4]), 0);
    CU_ASSERT_EQUAL(map(GNTMAP_device_map, 0, &device), GNTST_okay);
    CU_ASSERT_EQUAL(map(GNTMAP_host_map, 0x40000000, &host), GNTST_okay);
    CU_ASSERT_EQUAL(kill_it(a), 0);
    CU_ASSERT(known(1));
    CU_ASSERT_EQUAL(map(GNTMAP_device_map, 0, &none), GNTST_bad_gntref);
    CU_ASSERT_EQUAL(unmap(host, 0x40000000, 0), GNTST_okay);
    CU_ASSERT(known(1));
    CU_ASSERT_EQUAL(unmap(device, 0, mfn_to_maddr(page_to_mfn(pg)).v), GNTST_okay);
    CU_ASSERT(!known(1));
    CU_ASSERT_EQUAL(map(GNTMAP_device_map, 0, &none), GNTST_bad_domain);
    end();
}

static void both_die(void)
{
    struct page_info *pg;
    struct chain tables;
    uint32_t handle;

    for (unsigned int first = 0; first < 2; first++) {
        begin();
        pg = new_page(a);
        grant(pg);
        tables = new_chain(b, 0x40000000, NULL, 0);
        CU_ASSERT_EQUAL(run_on(b->vcpu[0], tables.table[4]), 0);
        CU_ASSERT_EQUAL(map(GNTMAP_device_map, 0, &handle), GNTST_okay);
        CU_ASSERT_EQUAL(map(GNTMAP_host_map, 0x40000000, &handle), GNTST_okay);
        CU_ASSERT_EQUAL(kill_it(first ? a : b), 0);
        CU_ASSERT_EQUAL(known(1), true);
        CU_ASSERT_EQUAL(known(2), first);
        CU_ASSERT_EQUAL(kill_it(first ? b : a), 0);
        CU_ASSERT(!known(1));
        CU_ASSERT(!known(2));
        end();
    }
}

static void pauses(void)
{
    unsigned int n = 0;

    begin();
    CU_ASSERT_EQUAL(a->pause_count, 1); /* as it is made */
    CU_ASSERT_EQUAL(a->controller_pause_count, 1);
    CU_ASSERT_EQUAL(domain_unpause_by_controller(a), 0);
    CU_ASSERT_EQUAL(domain_unpause_by_controller(a), -EINVAL);
    CU_ASSERT_EQUAL(a->pause_count, 0);
    domain_pause(a); /* hv's own pauses are not the tool stack's to undo */
    CU_ASSERT_EQUAL(domain_unpause_by_controller(a), -EINVAL);
    CU_ASSERT_EQUAL(a->pause_count, 1);
    domain_unpause(a);
    while (domain_pause_by_controller(a) == 0)
        n++;
    CU_ASSERT_EQUAL(n, 255);
    CU_ASSERT_EQUAL(domain_pause_by_controller(a), -EOVERFLOW);
    CU_ASSERT_EQUAL(a->pause_count, 255);
    end();
}

static void shutting_down(void)
{
    struct sched_shutdown code = { SHUTDOWN_suspend };

    begin();
    domain_shutdown(a, SHUTDOWN_reboot);
    CU_ASSERT(a->is_shut_down);
    CU_ASSERT_EQUAL(a->shutdown_code, SHUTDOWN_reboot);
    CU_ASSERT_EQUAL(a->pause_count, 2);
    domain_shutdown(a, SHUTDOWN_crash); /* the first says why */
    CU_ASSERT_EQUAL(a->shutdown_code, SHUTDOWN_reboot);
    CU_ASSERT_EQUAL(a->pause_count, 2);
    domain_resume(a);
    CU_ASSERT(!a->is_shut_down);
    CU_ASSERT_EQUAL(a->pause_count, 1);
    domain_resume(a);
    CU_ASSERT_EQUAL(a->pause_count, 1);
    CU_ASSERT_EQUAL(do_sched_op(SCHEDOP_shutdown_code, (unsigned long)&code, 0, 0, 0, 0), 0); /* b's */
    domain_shutdown(b, SHUTDOWN_poweroff);
    CU_ASSERT_EQUAL(b->shutdown_code, SHUTDOWN_suspend);
    domain_resume(b);
    domain_crash(b, "%s", "a test");
    CU_ASSERT_EQUAL(b->shutdown_code, SHUTDOWN_crash);
    end();
}

static void the_last_vcpu_goes_down(void)
{
    begin();
    for (unsigned int i = 0; i < 2; i++) {
        b->vcpu[i]->initialised = true;
        CU_ASSERT_EQUAL(do_vcpu_op(VCPUOP_up, i, 0, 0, 0, 0), 0);
        CU_ASSERT_EQUAL(do_vcpu_op(VCPUOP_is_up, i, 0, 0, 0, 0), 1);
    }
    CU_ASSERT_EQUAL(do_vcpu_op(VCPUOP_is_up, 2, 0, 0, 0, 0), -ENOENT);
    CU_ASSERT_EQUAL(do_vcpu_op(VCPUOP_down, 1, 0, 0, 0, 0), 0);
    CU_ASSERT(!b->is_shut_down);
    CU_ASSERT_EQUAL(do_vcpu_op(VCPUOP_is_up, 1, 0, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(do_vcpu_op(VCPUOP_down, 0, 0, 0, 0, 0), 0);
    CU_ASSERT(b->is_shut_down);
    CU_ASSERT_EQUAL(b->shutdown_code, SHUTDOWN_poweroff);
    end();
}

static void without_dom0_no_machine(void)
{
    struct domain *d;
    int rc;

    begin();
    d = domain_create(0, &config, true, &rc);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_PTR_NOT_NULL_FATAL(vcpu_create(d, 0));
    dom0 = d;
    if (!__builtin_setjmp(host_panic_jump))
        domain_shutdown(dom0, SHUTDOWN_poweroff);
    CU_ASSERT_EQUAL(host_counters.shutdowns, 1);
    dom0 = NULL;
    CU_ASSERT_EQUAL(kill_it(d), 0);
    end();
}

static void dom0_is_told(void)
{
    struct page_info *pg;
    uint32_t port;
    int rc;

    begin();
    dom0 = domain_create(0, &config, true, &rc);
    CU_ASSERT_PTR_NOT_NULL_FATAL(vcpu_create(dom0, 0));
    CU_ASSERT_EQUAL(evtchn_bind_virq(dom0, VIRQ_DOM_EXC, 0, &port), 0);
    domain_shutdown(a, SHUTDOWN_poweroff);
    CU_ASSERT(evtchn_port_pending(dom0, port));
    dom0->shared_info->evtchn_pending[0] = 0;
    pg = new_page(a);
    page_get(pg, a);
    kill_it(a);
    CU_ASSERT(evtchn_port_pending(dom0, port)); /* when it is dead */
    dom0->shared_info->evtchn_pending[0] = 0;
    page_put(pg);
    CU_ASSERT(evtchn_port_pending(dom0, port)); /* and when it is gone */
    a = dom0;
    dom0 = NULL;
    kill_it(a);
    end();
}

const struct unit_test unit_tests[] = {
    { "domains are found by number, each with a reference", finding },
    { "a reference that cannot be had", references },
    { "nobody finds a domain that is not whole yet", not_before_it_is_whole },
    { "making one fails at each allocation, and leaves nothing", making_fails },
    { "killing takes back tables, ports, timers", all_is_taken_back },
    { "killing takes breaks, and cannot be undone or done twice", with_breaks },
    { "a dead domain stays while a page of it is held", zombies },
    { "a dead granter stays while a grant is in use", the_granter_waits_for_its_mapper },
    { "granter and mapper die, in either order", both_die },
    { "pauses are counted, the tool stack's apart", pauses },
    { "the first reason of a shutdown counts", shutting_down },
    { "the last vCPU that goes down ends the domain", the_last_vcpu_goes_down },
    { "dom0's end is the machine's", without_dom0_no_machine },
    { "dom0 is told of every end", dom0_is_told },
    { NULL, NULL },
};
