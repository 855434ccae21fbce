/* SPDX-License-Identifier: GPL-2.0-only */
/* memory_op: reservations and exchanges give what they say, all or nothing, and can be continued. */
#include <public/memory.h>

#include "pv_guest.h"

#include "harness.h"

static struct domain *d, *other;
static struct page_info *leaf;

static void begin(void)
{
    host_reset(2048);
    other = host_domain_new(2, false, 1, 64);
    d = host_domain_new(1, false, 1, 256);
    host_current = d->vcpu[0];
    leaf = new_page(d);
}

static void end(void)
{
    host_preempt_after = -1;
    relinquish(d);
    relinquish(other);
    CU_ASSERT_EQUAL(d->tot_pages + other->tot_pages, 0);
    CU_ASSERT_EQUAL(page_alloc_free_pages() + 1, 2048); /* the table of owners has one */
}

static long reservation(unsigned int cmd, xen_pfn_t *list, unsigned long n, unsigned int order, domid_t who)
{
    struct xen_memory_reservation r = { .extent_start.p = list, .nr_extents = n, .extent_order = order, .domid = who };
    long rc;

    do {
        rc = do_memory_op(cmd, (unsigned long)&r, 0, 0, 0, 0);
        if (rc == -ERESTART)
            cmd = host_hypercall_arg[1];
    } while (rc == -ERESTART);
    return rc;
}

static void populate_and_give_back(void)
{
    xen_pfn_t list[40];

    begin();
    for (unsigned int i = 0; i < 40; i++)
        list[i] = 1000 + i * 4;
    host_preempt_after = 0; /* one extent at a time */
    CU_ASSERT_EQUAL(reservation(XENMEM_populate_physmap, list, 40, 2, DOMID_SELF), 40);
    CU_ASSERT_EQUAL(d->tot_pages, 161);
    for (unsigned int i = 0; i < 40; i++) {
        CU_ASSERT_EQUAL(list[i] & 3, 0);
        CU_ASSERT_EQUAL(m2p_get(MFN(list[i] + 3)).v, 1000 + i * 4 + 3);
    }
    CU_ASSERT_EQUAL(reservation(XENMEM_populate_physmap, list, 40, 2, DOMID_SELF), 23); /* up to max_pages */
    for (unsigned int i = 0; i < 23; i++)
        CU_ASSERT_EQUAL(m2p_get(MFN(list[i] + 1)).v < 0x1000, true);
    CU_ASSERT_EQUAL(reservation(XENMEM_decrease_reservation, list, 23, 2, DOMID_SELF), 23);
    CU_ASSERT_EQUAL(reservation(XENMEM_decrease_reservation, list, 1, 2, DOMID_SELF), 0); /* gone */
    CU_ASSERT_EQUAL(m2p_get(MFN(list[0])).v, ~0ull);
    CU_ASSERT_EQUAL(d->tot_pages, 161);
    end();
}

static void bounds(void)
{
    xen_pfn_t list[4] = { 1, 2, 3, 4 };

    begin();
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, list, 1, 10, DOMID_SELF), 0); /* too large an extent */
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, list, ~0ul, 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, list, 4, 64, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, list, 4, 0, other->id), -EPERM);
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, list, 4, 0, 9), -ESRCH);
    d->privileged = true;
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, list, 4, 0, 9), -ESRCH);
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, list, 4, 0, other->id), 4);
    CU_ASSERT_EQUAL(other->tot_pages, 4);
    CU_ASSERT_EQUAL(reservation(XENMEM_decrease_reservation, list, 4, 0, DOMID_SELF), 0); /* not ours */
    CU_ASSERT_EQUAL(reservation(XENMEM_increase_reservation, NULL, 2, 0, DOMID_SELF), 2); /* no list: fine */
    CU_ASSERT_EQUAL(reservation(XENMEM_populate_physmap, NULL, 2, 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(do_memory_op(XENMEM_maximum_ram_page, 0, 0, 0, 0, 0), max_mfn.v - 1);
    CU_ASSERT_EQUAL(do_memory_op(XENMEM_add_to_physmap, 0, 0, 0, 0, 0), -EACCES);
    end();
}

/* A frame that is given back while it is mapped stays until it is unmapped. */
static void in_use_when_given_back(void)
{
    xen_pfn_t frame;
    struct chain c;

    begin();
    c = new_chain(d, 0x1000, leaf, RW);
    CU_ASSERT_EQUAL(run_on(d->vcpu[0], c.table[4]), 0);
    frame = page_to_mfn(leaf).v;
    CU_ASSERT_EQUAL(reservation(XENMEM_decrease_reservation, &frame, 1, 0, DOMID_SELF), 1);
    CU_ASSERT_EQUAL(page_owner(leaf), d);
    CU_ASSERT_EQUAL(d->tot_pages, 5);
    CU_ASSERT_EQUAL(mmu_update(entry_address(c.table[1], 1), 0, DOMID_SELF), 0);
    CU_ASSERT_EQUAL(d->tot_pages, 4);
    end();
}

static struct xen_memory_exchange exchange_of(xen_pfn_t *in, unsigned int nr_in, unsigned int in_order, xen_pfn_t *out,
                                              unsigned int nr_out, unsigned int out_order)
{
    return (struct xen_memory_exchange){
        .in = { .extent_start.p = in, .nr_extents = nr_in, .extent_order = in_order, .domid = DOMID_SELF },
        .out = { .extent_start.p = out, .nr_extents = nr_out, .extent_order = out_order, .domid = DOMID_SELF },
    };
}

static long exchange(struct xen_memory_exchange *x)
{
    long rc;

    do
        rc = do_memory_op(XENMEM_exchange, (unsigned long)x, 0, 0, 0, 0);
    while (rc == -ERESTART);
    return rc;
}

static void single_frames_for_an_extent(void)
{
    xen_pfn_t in[32], out[2] = { 500, 700 };
    struct xen_memory_exchange x;

    begin();
    for (unsigned int i = 0; i < 32; i++)
        in[i] = page_to_mfn(new_page(d)).v;
    x = exchange_of(in, 32, 0, out, 2, 4);
    x.out.mem_flags = XENMEMF_address_bits(22); /* RAM of the test: 1 MiB to 9 MiB */
    host_preempt_after = 0;
    CU_ASSERT_EQUAL(exchange(&x), 0);
    CU_ASSERT_EQUAL(x.nr_exchanged, 32);
    CU_ASSERT_EQUAL(d->tot_pages, 33);
    for (unsigned int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(out[i] & 15, 0);
        CU_ASSERT(out[i] + 16 <= 0x400);
        CU_ASSERT_EQUAL(page_owner(mfn_to_page(MFN(out[i] + 15))), d);
        CU_ASSERT_EQUAL(m2p_get(MFN(out[i] + 15)).v, (i ? 700 : 500) + 15);
    }
    /* And back. */
    x = exchange_of(out, 2, 4, in, 32, 0);
    for (unsigned int i = 0; i < 32; i++)
        in[i] = i;
    host_preempt_after = -1;
    CU_ASSERT_EQUAL(exchange(&x), 0);
    CU_ASSERT_EQUAL(d->tot_pages, 33);
    end();
}

static void all_or_nothing(void)
{
    xen_pfn_t in[16], out[1] = { 5 };
    struct xen_memory_exchange x;

    begin();
    for (unsigned int i = 0; i < 16; i++) {
        in[i] = page_to_mfn(new_page(d)).v;
        m2p_set(MFN(in[i]), PFN(100 + i));
    }
    CU_ASSERT(page_get(mfn_to_page(MFN(in[15])), d)); /* in use */
    x = exchange_of(in, 16, 0, out, 1, 4);
    CU_ASSERT_EQUAL(exchange(&x), -EINVAL);
    CU_ASSERT_EQUAL(x.nr_exchanged, 0);
    CU_ASSERT_EQUAL(d->tot_pages, 17);
    CU_ASSERT_EQUAL(page_owner(mfn_to_page(MFN(in[0]))), d);
    CU_ASSERT_EQUAL(m2p_get(MFN(in[0])).v, 100);
    page_put(mfn_to_page(MFN(in[15])));
    x.out.mem_flags = XENMEMF_address_bits(14); /* nothing so low */
    CU_ASSERT_EQUAL(exchange(&x), -ENOMEM);
    CU_ASSERT_EQUAL(d->tot_pages, 17);
    x.out.mem_flags = 0;
    x.in.nr_extents = 15;
    CU_ASSERT_EQUAL(exchange(&x), -EINVAL);
    x.in.nr_extents = 16;
    x.nr_exchanged = 17;
    CU_ASSERT_EQUAL(exchange(&x), -EINVAL);
    x.nr_exchanged = 3;
    CU_ASSERT_EQUAL(exchange(&x), -EINVAL);
    x.nr_exchanged = 0;
    x.out.extent_order = 60;
    CU_ASSERT_EQUAL(exchange(&x), -EPERM);
    x.out.extent_order = 4;
    in[3] = in[2]; /* one twice */
    CU_ASSERT_EQUAL(exchange(&x), -EINVAL);
    CU_ASSERT_EQUAL(d->tot_pages, 17);
    end();
}

/*
 * The guest had a frame mapped writable, unmapped it without a flush and gave it to an exchange that failed.
 * The frame comes back without a type: were it made a page table now, a stale translation could still write
 * to it.
 */
static void a_failed_exchange_flushes(void)
{
    xen_pfn_t in[2], out[1] = { 5 };
    struct xen_memory_exchange x;
    unsigned int flushes;

    begin();
    CU_ASSERT_EQUAL(page_get_type(leaf, PGT_WRITABLE), 0);
    page_put_type(leaf);
    flushes = host_counters.full_flushes;
    in[0] = page_to_mfn(leaf).v;
    in[1] = ~0ul;
    x = exchange_of(in, 2, 0, out, 1, 1);
    CU_ASSERT_EQUAL(exchange(&x), -EINVAL);
    CU_ASSERT_EQUAL(page_owner(leaf), d);
    CU_ASSERT_EQUAL(host_counters.full_flushes, flushes + 1);
    end();
}

static void claims(void)
{
    struct xen_memory_reservation r = { .nr_extents = 200, .domid = 1 };

    begin();
    CU_ASSERT_EQUAL(do_memory_op(XENMEM_claim_pages, (unsigned long)&r, 0, 0, 0, 0), -EPERM);
    d->privileged = true;
    CU_ASSERT_EQUAL(do_memory_op(XENMEM_claim_pages, (unsigned long)&r, 0, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(d->outstanding_claim, 199);
    r.nr_extents = 0;
    CU_ASSERT_EQUAL(do_memory_op(XENMEM_claim_pages, (unsigned long)&r, 0, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(d->outstanding_claim, 0);
    r.extent_order = 1;
    CU_ASSERT_EQUAL(do_memory_op(XENMEM_claim_pages, (unsigned long)&r, 0, 0, 0, 0), -EINVAL);
    end();
}

const struct unit_test unit_tests[] = {
    { "extents are populated, limited and given back", populate_and_give_back },
    { "sizes, orders and domains are checked", bounds },
    { "a frame in use stays until it is let go of", in_use_when_given_back },
    { "frames are exchanged for a low extent, and back", single_frames_for_an_extent },
    { "an exchange that fails leaves all as it was", all_or_nothing },
    { "a failed exchange flushes what it gives back", a_failed_exchange_flushes },
    { "claims", claims },
    { NULL, NULL },
};
