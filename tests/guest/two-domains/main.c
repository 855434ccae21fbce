/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two domains: what one lends the other and what it cannot take, and that the death of one leaves neither its memory nor its
 * secrets behind. The first domain starts this same kernel again; as an ordinary domain it plays the other part, and the
 * page that it grants first is where the two meet.
 */
#include <guest.h>
#include <build.h>
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/platform.h>
#include <public/sched.h>
#include <public/sysctl.h>

#define MAGIC    0x68767477646f6d73ull
#define SECRET   0x5ec2e75ec2e75ec2ull
#define MEETING  8      /* grant reference of the shared page */
#define READ_ONLY 9
#define FROM_PARENT 20  /* the parent's grant to the child */
#define OURS 16         /* pages that the parent's own ports, grants and handles may have cost since */

struct meeting {
    volatile uint64_t magic, port, pings, wrong, mapped_parent, parent_mfn, stop, step;
};

/* --- the child --- */

static struct meeting *meet;
static unsigned int port;

static void count_if(bool bad, unsigned int bit)
{
    if (bad)
        meet->wrong |= 1ull << bit;
}

/* What only a privileged domain may do; each bit of meet->wrong names one that worked. */
static void tries_what_it_may_not(void)
{
    struct xen_domctl op = { .u.max_mem.max_memkb = 1 };
    struct xen_sysctl sys = { .cmd = XEN_SYSCTL_physinfo, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
    struct xen_platform_op platform = { .cmd = XENPF_settime64, .interface_version = XENPF_INTERFACE_VERSION };
    struct sched_remote_shutdown shutdown = { .domain_id = 0, .reason = SHUTDOWN_crash };
    struct evtchn_alloc_unbound alloc = { .dom = 0, .remote_dom = DOMID_SELF };
    struct xen_memory_domain dom = { .domid = 0 };
    uint64_t *page = page_alloc();
    struct mmu_update req = { entry_machine(entry_of(page, 1)), meet->parent_mfn * PAGE_SIZE | PTE_RW };
    char text[] = "this must not appear\n";

    count_if(domctl(&op, XEN_DOMCTL_max_mem, 0) >= 0, 0);
    count_if(domctl(&op, XEN_DOMCTL_pausedomain, 0) >= 0, 1);
    count_if(HYPERCALL_1(__HYPERVISOR_sysctl, &sys) >= 0, 2);
    count_if(HYPERCALL_1(__HYPERVISOR_platform_op, &platform) >= 0, 3);
    count_if(hyp_sched_op(SCHEDOP_remote_shutdown, &shutdown) >= 0, 4);
    count_if(hyp_event_channel_op(EVTCHNOP_alloc_unbound, &alloc) >= 0, 5);
    count_if(hyp_memory_op(XENMEM_current_reservation, &dom) >= 0, 6);
    count_if(hyp_console_io(CONSOLEIO_write, sizeof(text) - 1, text) > 0, 7);
    count_if(hyp_mmu_update(&req, 1, NULL, DOMID_SELF) >= 0, 8);
    count_if(hyp_mmu_update(&req, 1, NULL, 0) >= 0, 9);
    count_if(map_mfn(page, meet->parent_mfn, PTE_RO) >= 0, 10);
    count_if(mmuext(MMUEXT_PIN_L1_TABLE, meet->parent_mfn) >= 0, 11);
    count_if(mmuext(MMUEXT_CLEAR_PAGE, meet->parent_mfn) >= 0, 12);
    count_if(set_entry_machine(meet->parent_mfn * PAGE_SIZE, 5, MMU_MACHPHYS_UPDATE) >= 0, 13);
    count_if(try_insn("outb %b0, $0x80", : : "a"(0))->vector != VECTOR_GP, 14);
    count_if(map_mfn(page, 0xfee00, PTE_RO) >= 0, 15);
    count_if(map_mfn(page, 0xb8, PTE_RO) >= 0, 16);
}

static void uses_the_parents_grant(void)
{
    volatile uint64_t *there = page_alloc();
    uint32_t handle;

    if (grant_map(0, FROM_PARENT, (uint64_t)there, GNTMAP_host_map, &handle) != GNTST_okay)
        return;
    if (*there == MAGIC)
        *there = ~MAGIC;
    meet->mapped_parent = grant_unmap((uint64_t)there, handle) == GNTST_okay;
    map_rw((void *)there);
}

static void pong(unsigned int p)
{
    meet->pings++;
    event_send(p);
}

static void fill_with_secrets(void)
{
    uint64_t *pages = pages_alloc(500);
    unsigned int i;

    for (i = 0; i < 500 * PAGE_SIZE / 8; i++)
        pages[i] = SECRET;
}

static void child(void)
{
    meet = page_alloc();
    port = event_alloc_unbound(DOMID_SELF, 0);
    event_bind(port, pong);
    if (grant_init(1))
        bail("no grant table");
    fill_with_secrets();
    grant_access(READ_ONLY, 0, va_to_mfn(page_alloc()), GTF_readonly);
    meet->port = port;
    meet->magic = MAGIC;
    grant_access(MEETING, 0, va_to_mfn(meet), 0);
    event_enable();
    while (!meet->step)
        hyp_sched_op(SCHEDOP_yield, NULL);
    tries_what_it_may_not();
    uses_the_parents_grant();
    meet->step = 2;
    while (!meet->stop)
        hyp_sched_op(SCHEDOP_yield, NULL);
    finish();
}

/* --- the parent --- */

static bool wait_for(volatile uint64_t *what, uint64_t value)
{
    uint64_t end = time_now() + 15000000000ull;

    while (*what != value && time_now() < end)
        hyp_sched_op(SCHEDOP_yield, NULL);
    return *what == value;
}

static struct meeting *meet_child(const struct child *c, uint32_t *handle)
{
    uint64_t end = time_now() + 15000000000ull;
    void *page = page_alloc();
    int status;

    do {
        status = grant_map(c->domain, MEETING, (uint64_t)page, GNTMAP_host_map, handle);
        hyp_sched_op(SCHEDOP_yield, NULL);
    } while (status != GNTST_okay && time_now() < end);
    if (status != GNTST_okay)
        bail("the child's page cannot be mapped: %d", status);
    return page;
}

static void lend_and_borrow(const struct child *c)
{
    uint64_t *mine = page_alloc(), *there = page_alloc();
    uint32_t handle;
    struct gnttab_copy copy = { .flags = GNTCOPY_source_gref, .len = 8 };

    is(grant_map(c->domain, READ_ONLY, (uint64_t)there, GNTMAP_host_map, &handle), GNTST_general_error, "its read-only page, writable: no");
    is(grant_map(c->domain, READ_ONLY, (uint64_t)there, GNTMAP_host_map | GNTMAP_readonly, &handle), GNTST_okay, "read-only: yes");
    is(probe_write(there, 1)->vector, VECTOR_PF, "and cannot be written");
    is(grant_unmap((uint64_t)there, handle), GNTST_okay, "unmapped");
    map_rw(there);
    copy.source.u.ref = MEETING;
    copy.source.domid = c->domain;
    copy.dest.u.gmfn = va_to_mfn(mine);
    copy.dest.domid = DOMID_SELF;
    is(hyp_grant_table_op(GNTTABOP_copy, &copy, 1), 0, "a copy from its page");
    is(*mine, MAGIC, "brings what is there");
    if (grant_init(1))
        bail("no grant table");
    grant_access(FROM_PARENT, c->domain, va_to_mfn(mine), 0);
    meet->parent_mfn = va_to_mfn(mine);
    meet->step = 1;
    ok(wait_for(&meet->step, 2), "the child has tried all that it may not do");
    is(meet->wrong, 0, "and nothing of it worked");
    is(meet->mapped_parent, 1, "it mapped our page and unmapped it");
    is(*mine, ~MAGIC, "and wrote to it");
    ok(grant_end(FROM_PARENT), "which is ours alone again");
}

static void ping(const struct child *c)
{
    long mine = event_bind_interdomain(c->domain, meet->port);
    unsigned int i;

    ok(mine > 0, "bound to its port %lu", (unsigned long)meet->port);
    event_clear(mine);
    event_bind(mine, NULL);
    event_enable();
    for (i = 0; i < 20; i++) {
        unsigned int old = event_count[mine];

        event_send(mine);
        if (!event_wait(&event_count[mine], old, 5000))
            break;
    }
    event_disable();
    is(i, 20, "20 events there and back");
}

/* It dies while we hold one of its pages; stays until we let go; then its number means nobody. */
static void dies_in_our_hands(struct child *c, uint32_t handle, uint64_t free_before)
{
    struct xen_domctl op = { 0 };
    struct xen_domctl_getdomaininfo info;
    uint64_t end;

    meet->stop = 1;
    if (child_info(c, &info))
        bail("it has gone already");
    map_rw((void *)c->console);
    event_close(c->console_port);
    is(domctl(&op, XEN_DOMCTL_destroydomain, c->domain), 0, "it is destroyed while we have a page of it");
    is(meet->magic, MAGIC, "the page is still what it was");
    is(child_info(c, &info), 0, "it is not quite gone");
    ok(info.flags & XEN_DOMINF_dying, "but dying, with %lu pages", (unsigned long)info.tot_pages);
    is(grant_unmap((uint64_t)meet, handle), GNTST_okay, "we let go");
    map_rw(meet);
    end = time_now() + 10000000000ull;
    while (!child_info(c, &info) && time_now() < end)
        hyp_sched_op(SCHEDOP_yield, NULL);
    is(child_info(c, &info), -XEN_ESRCH, "it is gone");
    while (machine_free_pages() + OURS < free_before && time_now() < end)
        hyp_sched_op(SCHEDOP_yield, NULL);
    ok(machine_free_pages() + OURS >= free_before, "and all its memory is back");
    is(domctl(&op, XEN_DOMCTL_unpausedomain, c->domain), -XEN_ESRCH, "its number means nobody");
    ok(grant_map(c->domain, MEETING, (uint64_t)page_alloc(), GNTMAP_host_map, &handle) < 0, "and grants nothing");
}

static void no_secrets(void)
{
    struct child next;
    unsigned long pages = child_create(&next, 1), pfn, found = 0, i;

    for (pfn = 0; pfn < pages; pfn++) {
        const uint64_t *page = child_page(&next, pfn);

        for (i = 0; i < PAGE_SIZE / 8; i += 8)
            if (page[i]) {
                found++;
                break;
            }
    }
    is(found, 0, "all %lu pages of the next domain are zero", pages);
    ok(child_destroy(&next), "it goes, without having lived");
}

/* The tool stack may take a vCPU's context away; without one it must not run, whoever unpauses it. */
static void loses_its_context(void)
{
    struct xen_domctl op = { .u.vcpucontext = { .vcpu = 0 } };
    struct xen_domctl_getdomaininfo info = { 0 };
    struct child c;

    child_create(&c, 1);
    child_load(&c, (const void *)start_info->mod_start, start_info->mod_len, "child=1");
    is(domctl(&op, XEN_DOMCTL_setvcpucontext, c.domain), 0, "a vCPU's context is taken away");
    child_unpause(&c);
    child_info(&c, &info);
    is(info.nr_online_vcpus, 0, "none of its vCPUs is up when it is unpaused");
    ok(child_destroy(&c), "it can be destroyed");
}

static void again_and_again(void)
{
    struct child c;
    uint64_t before = 0, end;
    unsigned int i;

    for (i = 0; i < 6; i++) {
        if (i == 1)
            before = machine_free_pages();      /* after a first one: the hypervisor's heap has grown as it will */
        child_create(&c, 2);
        child_load(&c, (const void *)start_info->mod_start, start_info->mod_len, "child=1");
        child_unpause(&c);
        if (!child_destroy(&c))
            break;
    }
    is(i, 6, "six domains are destroyed as soon as they run");
    end = time_now() + 10000000000ull;
    while (machine_free_pages() < before && time_now() < end)
        hyp_sched_op(SCHEDOP_yield, NULL);
    ok(machine_free_pages() >= before, "nothing is lost: %lu pages before, %lu now", (unsigned long)before,
       (unsigned long)machine_free_pages());
}

void test_main(void)
{
    struct child c;
    uint64_t before;
    uint32_t handle;

    if (option("child", 0))
        child();
    if (!start_info->mod_len)
        skip_all("no kernel was given as a module");
    if (child_create(&c, 1), !child_destroy(&c))
        bail("a domain cannot be destroyed");
    before = machine_free_pages();
    child_create(&c, 1);
    child_load(&c, (const void *)start_info->mod_start, start_info->mod_len, "child=1");
    child_unpause(&c);
    meet = meet_child(&c, &handle);
    ok(wait_for(&meet->magic, MAGIC), "we meet domain %u at its page", c.domain);
    ping(&c);
    lend_and_borrow(&c);
    dies_in_our_hands(&c, handle, before);
    no_secrets();
    loses_its_context();
    again_and_again();
}
