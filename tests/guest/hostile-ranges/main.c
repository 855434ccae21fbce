/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts and sizes that are too large: products that wrap around 64 bits, ranges that leave what was checked, and the
 * progress of a continuation, which a guest can forge. Each must be refused, or be preemptible and harmless.
 */
#include <guest.h>
#include <public/memory.h>
#include <public/physdev.h>
#include <public/sched.h>

static const uint64_t huge[] = {
    0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x0fffffffffffffff, 0x1000000000000000, 0x1fffffffffffffff,
    0x2000000000000001, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
};

static void batches(void)
{
    static struct mmu_update req[4];
    static struct mmuext_op ext[4];
    char *page = pages_alloc(2);
    struct multicall_entry *call = (void *)(page + PAGE_SIZE - 4 * sizeof(*call));
    unsigned int i, j, done, wrong = 0;

    map_none(page + PAGE_SIZE);     /* or the results would run over the rest of the kernel */
    for (i = 0; i < ARRAY_SIZE(huge); i++) {
        memset(req, 0xff, sizeof(req));
        memset(ext, 0xff, sizeof(ext));
        if (HYPERCALL_4(__HYPERVISOR_mmu_update, req, huge[i], &done, DOMID_SELF) > 0)
            wrong++;
        if (HYPERCALL_4(__HYPERVISOR_mmuext_op, ext, huge[i], &done, DOMID_SELF) > 0)
            wrong++;
        for (j = 0; j < 4; j++)
            call[j].op = 63;
        if (HYPERCALL_2(__HYPERVISOR_multicall, call, huge[i]) > 0)
            wrong++;
        if (HYPERCALL_2(__HYPERVISOR_set_gdt, req, huge[i]) > 0)
            wrong++;
    }
    is(wrong, 0, "mmu_update, mmuext_op, multicall and set_gdt with huge counts");
}

/* Progress is carried in the count's upper bits (mmu_update, mmuext_op) or in the operation (memory_op). */
static void forged_progress(void)
{
    static struct mmu_update req[4];
    static struct mmuext_op ext[4];
    xen_pfn_t frame = 0;
    struct xen_memory_reservation res = { .extent_start.p = &frame, .nr_extents = 1, .domid = DOMID_SELF };
    unsigned int i, done = 0, wrong = 0;
    long result;

    for (i = 0; i < 32; i++) {
        result = HYPERCALL_4(__HYPERVISOR_mmu_update, req, 1u << i | 1, &done, DOMID_SELF);
        result = HYPERCALL_4(__HYPERVISOR_mmuext_op, ext, 1u << i | 0x80000000u, &done, DOMID_SELF);
    }
    ok(true, "forged progress of mmu_update and mmuext_op (%ld)", result);
    for (i = 6; i < 64; i++) {
        result = HYPERCALL_2(__HYPERVISOR_memory_op, XENMEM_decrease_reservation | 1ul << i, &res);
        if (result > 1 && (unsigned long)result > 1ul << (i - 6))
            wrong++;
        result = HYPERCALL_2(__HYPERVISOR_memory_op, XENMEM_populate_physmap | 1ul << i, &res);
        if (result > 1 && (unsigned long)result > 1ul << (i - 6))
            wrong++;
    }
    is(wrong, 0, "forged progress of memory_op");
}

static void reservations(void)
{
    static xen_pfn_t list[16];
    struct xen_memory_reservation res;
    static const unsigned int cmds[] = {
        XENMEM_increase_reservation, XENMEM_decrease_reservation, XENMEM_populate_physmap,
    };
    unsigned int c, order, wrong = 0, i;
    struct xen_memory_domain dom = { .domid = DOMID_SELF };
    long before = hyp_memory_op(XENMEM_current_reservation, &dom), result;

    for (c = 0; c < ARRAY_SIZE(cmds); c++)
        for (order = 19; order < 300; order++) {
            memset(list, 0xff, sizeof(list));
            res = (struct xen_memory_reservation){
                .extent_start.p = list, .nr_extents = 1, .extent_order = order, .domid = DOMID_SELF };
            if (hyp_memory_op(cmds[c], &res) > 0)
                wrong++;
        }
    is(wrong, 0, "extents of 2^19 to 2^299 pages");
    for (i = 0; i < ARRAY_SIZE(huge); i++) {
        memset(list, 0xff, sizeof(list));
        res = (struct xen_memory_reservation){ .extent_start.p = list, .nr_extents = huge[i], .domid = DOMID_SELF };
        result = hyp_memory_op(XENMEM_decrease_reservation, &res);
        if (result > 0)
            wrong++;
        res.extent_start.p = (void *)(0xffffffffffffff00);
        hyp_memory_op(XENMEM_populate_physmap, &res);
    }
    is(wrong, 0, "huge counts of extents");
    is(hyp_memory_op(XENMEM_current_reservation, &dom), before, "the domain has the memory it had");
}

static void exchanges(void)
{
    static xen_pfn_t in[16], out[16];
    struct xen_memory_exchange op;
    unsigned int i, j, wrong = 0;
    struct xen_memory_domain dom = { .domid = DOMID_SELF };
    long before = hyp_memory_op(XENMEM_current_reservation, &dom);

    for (i = 0; i < ARRAY_SIZE(huge); i++)
        for (j = 0; j < 70; j++) {
            memset(in, 0xff, sizeof(in));
            memset(out, 0xff, sizeof(out));
            op = (struct xen_memory_exchange){
                .in = { .extent_start.p = in, .nr_extents = huge[i], .extent_order = j, .domid = DOMID_SELF },
                .out = { .extent_start.p = out, .nr_extents = huge[i] << j, .extent_order = 0, .domid = DOMID_SELF },
                .nr_exchanged = j % 3 ? huge[(i + j) % ARRAY_SIZE(huge)] : 0,
            };
            if (hyp_memory_op(XENMEM_exchange, &op) > 0)
                wrong++;
            op.out.nr_extents = huge[i];
            op.out.extent_order = j;
            op.in.nr_extents = huge[i] << j;
            op.in.extent_order = 0;
            op.nr_exchanged = 0;
            if (hyp_memory_op(XENMEM_exchange, &op) > 0)
                wrong++;
        }
    is(wrong, 0, "exchanges whose sizes wrap around");
    is(hyp_memory_op(XENMEM_current_reservation, &dom), before, "the domain has the memory it had");
}

/* The list of an exchange must lie in the guest: the result was once written wherever it pointed. */
static void exchange_into_the_hypervisor(void)
{
    static xen_pfn_t in[1];
    void *page = page_alloc();
    struct xen_memory_exchange op = {
        .in = { .extent_start.p = in, .nr_extents = 1, .domid = DOMID_SELF },
        .out = { .extent_start.p = (void *)(HYPERVISOR_VIRT_START + 0x30000000000ul), .nr_extents = 1, .domid = DOMID_SELF },
    };
    unsigned long mfn = va_to_mfn(page);

    in[0] = mfn;
    map_none(page);
    op.nr_exchanged = 0;
    ok(hyp_memory_op(XENMEM_exchange, &op) < 0, "an exchange whose result goes into the hypervisor");
    op.out.extent_start.p = (void *)(HYPERVISOR_VIRT_START - 8);
    op.nr_exchanged = 1;
    ok(hyp_memory_op(XENMEM_exchange, &op) <= 0, "with the list shifted by what is already done");
    is(map_rw(page), 0, "our page is still ours");
}

static void others(void)
{
    char *text = pages_alloc(2);
    struct physdev_set_iobitmap bitmap = { .bitmap.p = (void *)0xffffffffffffff00, .nr_ports = 65536 };
    struct sched_poll poll = { .ports.p = (void *)text, .nr_ports = 0xffffffff };
    struct gnttab_copy copy[2];
    unsigned int i, wrong = 0;

    map_none(text + PAGE_SIZE);
    for (i = 0; i < ARRAY_SIZE(huge); i++) {
        if (HYPERCALL_3(__HYPERVISOR_console_io, 1, huge[i], 0xffffffffffffff00) > 0)
            wrong++;
        if (HYPERCALL_3(__HYPERVISOR_grant_table_op, GNTTABOP_unmap_grant_ref, text, huge[i]) > 0)
            wrong++;
    }
    is(wrong, 0, "console_io and grant_table_op with huge counts");
    is(hyp_sched_op(SCHEDOP_poll, &poll), -XEN_EINVAL, "poll for 4294967295 ports");
    if (is_dom0()) {
        ok(hyp_physdev_op(PHYSDEVOP_set_iobitmap, &bitmap) <= 0, "a port bitmap at the end of memory");
        is(try_insn("outb %b0, %%dx", : : "a"(0), "d"(0x1234))->vector, VECTOR_GP, "allows nothing: #GP");
        bitmap.nr_ports = 65537;
        is(hyp_physdev_op(PHYSDEVOP_set_iobitmap, &bitmap), -XEN_EINVAL, "a port bitmap with 65537 ports");
        bitmap.bitmap.p = NULL;
        bitmap.nr_ports = 0;
        hyp_physdev_op(PHYSDEVOP_set_iobitmap, &bitmap);
    }
    memset(copy, 0xff, sizeof(copy));
    hyp_grant_table_op(GNTTABOP_copy, copy, 2);
    ok(copy[0].status < 0, "a copy with all bits set");
}

/* A long batch must not keep the CPU: the timer's event comes in the middle of it, not after. */
static volatile unsigned int ticks;

static void tick(unsigned int port)
{
    (void)port;
    ticks++;
    hyp_set_timer_op(time_now() + 1000000);
}

static void long_batches_are_preempted(void)
{
    enum { COUNT = 60000 };
    struct mmu_update *req = pages_alloc(COUNT * sizeof(*req) / PAGE_SIZE + 1);
    unsigned long va;
    uint64_t *l1 = new_window(&va);
    unsigned int i, done = 0;
    long port = event_bind_virq(VIRQ_TIMER, 0);

    for (i = 0; i < COUNT; i++)
        req[i] = (struct mmu_update){ entry_machine(&l1[i % 512]), 0 };
    event_bind(port, tick);
    event_enable();
    hyp_set_timer_op(time_now() + 1000000);
    is(hyp_mmu_update(req, COUNT, &done, DOMID_SELF), 0, "an mmu_update of %u requests", COUNT);
    is(done, COUNT, "all done");
    note("%u timer events came during it", ticks);
    event_disable();
    event_close(port);
}

void test_main(void)
{
    batches();
    forged_progress();
    reservations();
    exchanges();
    exchange_into_the_hypervisor();
    others();
    long_batches_are_preempted();
}
