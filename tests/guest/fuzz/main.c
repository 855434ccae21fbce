/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random hypercalls whose arguments are nearly right: structures full of numbers that mean something somewhere, and now and then
 * a pointer that is bad. Nothing in particular is expected but that the hypervisor lives on and this kernel with it.
 *
 *   seed=N      printed at the start; the same seed makes the same calls
 *   count=N     how many
 *   two=1       on two vCPUs at once (then it depends on timing, too)
 *   from=N      print each call from this one on: to find the one that did it
 *
 * Calls by which a kernel may kill itself are left out, and frames are picked from a few pages set aside for it: what
 * this kernel needs to live is not offered.
 */
#include <guest.h>
#include <public/event_channel.h>
#include <public/memory.h>
#include <public/physdev.h>
#include <public/platform.h>
#include <public/sched.h>
#include <public/vcpu.h>

#define SCRATCH 16
#define SLOTS   64

/* Of each vCPU its own. */
static struct {
    uint64_t state;
    uint64_t *frames;       /* of frames, for memory_op */
    uint64_t *block;        /* what structures are made in; at a page's end, nothing behind it */
    unsigned long good;
} own[2];
#define argument (own[this_cpu()->id].block)
#define list (own[this_cpu()->id].frames)

static char *scratch[SCRATCH];          /* writable pages, target of everything that writes */
static uint64_t *table[5];              /* one free table of each level, read-only */
static uint64_t *window;
static unsigned long window_va;

static uint64_t random64(void)
{
    uint64_t *state = &own[this_cpu()->id].state;

    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dull;
}

static unsigned int below(unsigned int n)
{
    return (random64() >> 33) % n;
}

/* Any frame but those that this kernel lives in. */
static uint64_t any_frame(void)
{
    uint64_t mfn = below(65536), pfn = 0;

    probe_read((void *)(MACH2PHYS_VIRT_START + mfn * 8), &pfn);
    return pfn < pfn_count() && pfn_to_mfn(pfn) == mfn ? va_to_mfn(scratch[below(SCRATCH)]) : mfn;
}

static uint64_t some_frame(void)
{
    static const uint64_t odd[] = { 0, 1, 0xa0, 0x100, 0xfee00, 0xfec00, 0xfffff, 0x100000, 0xffffffffff, ~0ull >> 12, ~0ull };
    unsigned int n = below(16);

    if (n < 9)
        return va_to_mfn(scratch[below(SCRATCH)]);
    if (n < 12)
        return va_to_mfn(table[1 + below(4)]);
    if (n == 12)
        return va_to_mfn(window);
    if (n == 13)
        return any_frame();
    return odd[below(ARRAY_SIZE(odd))];
}

static uint64_t some_pointer(void)
{
    static const uint64_t bad[] = {
        0, 8, 0x1000, 0x7ffffffff000, 0x800000000000, 0x8000000000000000, HYPERVISOR_VIRT_START, 0xffff82d040000000,
        0xffff87fffffffff8, 0xfffffffffffffff8,
    };
    unsigned int n = below(8);

    if (n < 5)
        return (uint64_t)scratch[below(SCRATCH)] + below(512) * 8;
    if (n == 5)
        return window_va + below(512) * PAGE_SIZE + below(2) * 8 * below(512);
    if (n == 6)
        return (uint64_t)scratch[below(SCRATCH)] + PAGE_SIZE - below(32);
    return bad[below(ARRAY_SIZE(bad))];
}

static uint64_t some_entry_address(void)
{
    uint64_t *t = below(3) ? window : table[1 + below(4)];

    return va_to_machine(&t[below(512)]) + (below(16) ? 0 : below(8));
}

static uint64_t some_entry(void)
{
    static const uint64_t flags[] = { 0, PTE_RW, PTE_RO, PTE_RW | PTE_NX, PTE_PRESENT, PTE_RW | PTE_PSE, PTE_RW | PTE_GLOBAL,
                                      PTE_RW | PTE_PCD | PTE_PWT, PTE_RW | 1ul << 52, PTE_RW | 1ul << 51, 0xfff };

    return some_frame() * PAGE_SIZE | flags[below(ARRAY_SIZE(flags))];
}

static uint64_t some_number(void)
{
    static const uint64_t odd[] = {
        0, 1, 2, 3, 7, 8, 63, 64, 255, 256, 4095, 4096, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
        0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, DOMID_SELF, DOMID_IO, DOMID_XEN, 0x7ff4,
    };

    switch (below(12)) {
    case 0: case 1: case 2: return below(16);
    case 3: return below(4096);
    case 4: case 5: return some_frame();
    case 6: return some_pointer();
    case 7: return some_entry_address();
    case 8: return (uint64_t)odd[below(ARRAY_SIZE(odd))] << 32 | below(16);
    case 9: return below(16) | (uint64_t)below(16) << 16 | (uint64_t)below(16) << 32;
    case 10: return random64();
    default: return odd[below(ARRAY_SIZE(odd))];
    }
}

static void fill_argument(void)
{
    unsigned int i;

    for (i = 0; i < SLOTS; i++)
        argument[i] = some_number();
}

static uint64_t argument_or_bad(void)
{
    return below(10) ? (uint64_t)argument : some_pointer();
}

static bool tracing, on_hv;
static unsigned int me;

static long make(unsigned int nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    long result;

    if (tracing)
        note("hypercall %u (%lx, %lx, %lx, %lx) with %lx %lx %lx %lx %lx %lx", nr, (long)a, (long)b, (long)c, (long)d, (long)argument[0],
             (long)argument[1], (long)argument[2], (long)argument[3], (long)argument[4], (long)argument[5]);
    result = hypercall(nr, a, b, c, d, 0);
    if (tracing)
        note("    = %ld", result);
    return result;
}

static long fuzz_mmu_update(void)
{
    struct mmu_update *req = (void *)argument;
    unsigned int i, n = below(8);

    for (i = 0; i < n; i++) {
        req[i].ptr = some_entry_address() | (below(4) ? 0 : below(4));
        if ((req[i].ptr & 3) == MMU_MACHPHYS_UPDATE)
            req[i].ptr = some_frame() * PAGE_SIZE | MMU_MACHPHYS_UPDATE;
        req[i].val = some_entry();
    }
    return make(__HYPERVISOR_mmu_update, argument_or_bad(), n | (below(20) ? 0 : some_number()), below(2) ? 0 : some_pointer(),
                below(8) ? DOMID_SELF : some_number());
}

static long fuzz_mmuext_op(void)
{
    struct mmuext_op *op = (void *)argument;

    op->cmd = below(24);
    if (op->cmd == MMUEXT_NEW_BASEPTR)
        op->cmd = MMUEXT_UNPIN_TABLE;
    op->arg1.mfn = op->cmd == MMUEXT_SET_LDT || below(8) == 0 ? some_pointer() & -(below(4) ? PAGE_SIZE : 1) : some_frame();
    if (op->cmd == MMUEXT_CLEAR_PAGE || op->cmd == MMUEXT_COPY_PAGE)
        op->arg1.mfn = va_to_mfn(scratch[below(SCRATCH)]);
    op->arg2.src_mfn = below(2) ? some_frame() : below(9000);
    return make(__HYPERVISOR_mmuext_op, (uint64_t)op, 1, below(2) ? 0 : some_pointer(), below(8) ? DOMID_SELF : some_number());
}

static long fuzz_update_va_mapping(void)
{
    uint64_t va = below(10) ? window_va + below(512) * PAGE_SIZE : HYPERVISOR_VIRT_START + some_number() % 0x80000000000;

    return make(__HYPERVISOR_update_va_mapping, va, some_entry(), below(8), 0);
}

static long fuzz_plain_write(void)
{
    uint64_t *pte = &window[below(512)];
    uint64_t value = some_entry();

    switch (below(5)) {
    case 0: try_insn("movq %1, %0", : "+m"(*pte) : "r"(value) : "memory"); break;
    case 1: try_insn("lock btrq %1, %0", : "+m"(*pte) : "r"(value & 63) : "memory", "cc"); break;
    case 2: try_insn("xchgq %1, %0", : "+m"(*pte), "+r"(value) : : "memory"); break;
    case 3: try_insn("movl %1, %0", : "+m"(*(uint32_t *)((char *)pte + below(8))) : "r"((uint32_t)value) : "memory"); break;
    default: try_insn("lock orw %w1, %0", : "+m"(*(uint16_t *)pte) : "r"(value) : "memory", "cc"); break;
    }
    return 0;
}

static long fuzz_memory_op(void)
{
    static const unsigned int list_ops[] = { XENMEM_decrease_reservation, XENMEM_populate_physmap, XENMEM_exchange };
    struct xen_memory_reservation *res = (void *)argument;
    unsigned int i, op = below(2) ? list_ops[below(3)] : below(32);

    if (op == XENMEM_increase_reservation)
        op = XENMEM_current_reservation;        /* frames that nobody would give back */
    for (i = 0; i < 16; i++)
        list[i] = op == XENMEM_populate_physmap ? va_to_pfn(scratch[below(SCRATCH)]) : some_frame();
    if (below(4)) {
        res->extent_start.p = (void *)(below(8) ? (uint64_t)list : some_pointer());
        res->nr_extents = below(8) ? below(4) : some_number();
        res->extent_order = below(8) ? below(3) : some_number();
        res->mem_flags = below(2) ? 0 : some_number();
        res->domid = below(8) ? DOMID_SELF : some_number();
        if (below(2))
            res[1] = res[0];
    }
    return make(__HYPERVISOR_memory_op, op | (below(20) ? 0 : some_number() << 6), argument_or_bad(), 0, 0);
}

static long fuzz_grant_table_op(void)
{
    unsigned int op = below(13);
    uint64_t *a = argument;

    if (op == GNTTABOP_set_version || op == GNTTABOP_dump_table)
        op = GNTTABOP_map_grant_ref;
    if (op <= GNTTABOP_unmap_grant_ref && below(8)) {
        a[0] = below(2) ? window_va + below(64) * PAGE_SIZE : below(4) ? va_to_machine(&window[below(64)]) : some_pointer();
        a[1] = op ? 0 : below(32) | (uint64_t)below(16) << 32;
        a[2] = op ? below(16) : me | (uint64_t)below(4) << 32;
    }
    if (op == GNTTABOP_copy) {
        struct gnttab_copy *copy = (void *)argument;

        copy->dest.u.gmfn = below(2) ? va_to_mfn(scratch[below(SCRATCH)]) : below(16);
        copy->flags = copy->dest.u.gmfn < 16 ? below(4) | GNTCOPY_dest_gref : below(2);
    }
    return make(__HYPERVISOR_grant_table_op, op, argument_or_bad(), below(8) ? 1 : below(3), 0);
}

static void fuzz_grant_entries(void)
{
    unsigned int ref = below(16);

    grant_entries[ref].frame = some_frame();
    grant_entries[ref].domid = below(8) ? me : some_number();
    grant_entries[ref].flags = below(4) ? below(8) : some_number();
}

static long fuzz_vcpu_op(void)
{
    static const unsigned int ops[] = {
        VCPUOP_is_up, VCPUOP_get_runstate_info, VCPUOP_set_periodic_timer, VCPUOP_stop_periodic_timer,
        VCPUOP_set_singleshot_timer, VCPUOP_stop_singleshot_timer, VCPUOP_get_physid, 14, 99,
    };

    return make(__HYPERVISOR_vcpu_op, ops[below(ARRAY_SIZE(ops))], below(3) ? below(3) : some_number(), argument_or_bad(), 0);
}

static long fuzz_event_channel_op(void)
{
    uint32_t *a = (uint32_t *)argument;
    unsigned int op = below(15);

    if (op == EVTCHNOP_reset && below(50))
        op = EVTCHNOP_send;
    if (op == EVTCHNOP_bind_virq || op == EVTCHNOP_bind_pirq || op == EVTCHNOP_bind_ipi) {
        a[0] = below(30);
        a[1] = below(3);
    } else if (below(8)) {
        a[0] = op == EVTCHNOP_alloc_unbound ? DOMID_SELF | DOMID_SELF << 16 : op == EVTCHNOP_bind_interdomain ? DOMID_SELF : below(32);
        a[1] = below(32);
    }
    if (op == EVTCHNOP_init_control || op == EVTCHNOP_expand_array)
        argument[0] = va_to_mfn(scratch[below(SCRATCH)]);
    return make(__HYPERVISOR_event_channel_op, op, argument_or_bad(), 0, 0);
}

static long fuzz_sched_op(void)
{
    struct sched_poll *poll = (void *)argument;

    if (below(2))
        return make(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
    poll->ports.p = (void *)some_pointer();
    poll->nr_ports = below(4) ? below(4) : some_number();
    poll->timeout = 1 + below(1000);
    return make(__HYPERVISOR_sched_op, SCHEDOP_poll, (uint64_t)poll, 0, 0);
}

static long fuzz_descriptors(void)
{
    uint64_t *frames = argument;
    uint64_t descriptor = random64();

    if (below(2)) {
        if (below(4))
            frames[0] = some_frame();
        return make(__HYPERVISOR_set_gdt, (uint64_t)frames, below(4) ? below(513) : some_number(), 0, 0);
    }
    return make(__HYPERVISOR_update_descriptor, some_frame() * PAGE_SIZE + below(512) * 8, descriptor, 0, 0);
}

static long fuzz_debugreg(void)
{
    if (below(2))
        return make(__HYPERVISOR_get_debugreg, below(12), 0, 0, 0);
    return make(__HYPERVISOR_set_debugreg, below(10), some_pointer(), 0, 0);
}

static long fuzz_physdev_op(void)
{
    unsigned int op = below(34);

    if (op == PHYSDEVOP_set_iopl || op == PHYSDEVOP_set_iobitmap || op == PHYSDEVOP_apic_write)
        op = PHYSDEVOP_irq_status_query;
    /* Found by this very test: Xen 4.17 follows a null pointer when the first domain prepares a device that has no MSI-X. */
    if (!on_hv && (op == PHYSDEVOP_prepare_msix || op == PHYSDEVOP_release_msix))
        op = PHYSDEVOP_get_free_pirq;
    return make(__HYPERVISOR_physdev_op, op, argument_or_bad(), 0, 0);
}

static long fuzz_version(void)
{
    return make(__HYPERVISOR_xen_version, below(13), argument_or_bad(), 0, 0);
}

static long fuzz_misc(void)
{
    switch (below(6)) {
    case 0: return make(__HYPERVISOR_set_timer_op, below(2) ? some_number() : time_now() + below(100000), 0, 0, 0);
    case 1: return make(__HYPERVISOR_vm_assist, below(3), below(40), 0, 0);
    case 2: return make(__HYPERVISOR_set_segment_base, below(6), some_number(), 0, 0);
    case 3: return make(__HYPERVISOR_fpu_taskswitch, below(2), 0, 0, 0);
    case 4: return make(__HYPERVISOR_console_io, 1, below(64), some_pointer(), 0);
    default: return make(43 + below(80), some_number(), some_number(), some_number(), some_number());
    }
}

static long one_call(void);

/* A multicall of calls that are made up the same way, but only of kinds whose arguments are all in registers. */
static long fuzz_multicall(void)
{
    struct multicall_entry *call = (void *)argument;
    static const unsigned int ops[] = {
        __HYPERVISOR_update_va_mapping, __HYPERVISOR_xen_version, __HYPERVISOR_set_segment_base, __HYPERVISOR_fpu_taskswitch,
        __HYPERVISOR_get_debugreg, 63, 127, __HYPERVISOR_update_descriptor,
    };
    unsigned int i, n = below(6);

    for (i = 0; i < n; i++) {
        call[i].op = ops[below(ARRAY_SIZE(ops))];
        call[i].args[0] = call[i].op == __HYPERVISOR_update_va_mapping ? window_va + below(512) * PAGE_SIZE
                          : call[i].op == __HYPERVISOR_update_descriptor ? some_frame() * PAGE_SIZE : below(12);
        call[i].args[1] = call[i].op == __HYPERVISOR_xen_version ? (uint64_t)scratch[1] : some_entry();
        call[i].args[2] = below(8);
    }
    return make(__HYPERVISOR_multicall, (uint64_t)call, n, 0, 0);
}

static long one_call(void)
{
    static long (*const kinds[])(void) = {
        fuzz_mmu_update, fuzz_mmu_update, fuzz_mmuext_op, fuzz_mmuext_op, fuzz_update_va_mapping, fuzz_plain_write,
        fuzz_memory_op, fuzz_grant_table_op, fuzz_grant_table_op, fuzz_vcpu_op, fuzz_event_channel_op, fuzz_event_channel_op,
        fuzz_sched_op, fuzz_descriptors, fuzz_debugreg, fuzz_physdev_op, fuzz_version, fuzz_misc, fuzz_multicall,
    };

    fill_argument();
    if (!below(4))
        fuzz_grant_entries();
    return kinds[below(ARRAY_SIZE(kinds))]();
}

static bool ignore(struct regs *regs)
{
    (void)regs;
    return true;
}

static void prepare(void)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        char *pages = pages_alloc(2);

        map_none(pages + PAGE_SIZE);
        own[i].block = (uint64_t *)(pages + PAGE_SIZE - SLOTS * 8);
        own[i].frames = page_alloc();
    }
    for (i = 0; i < SCRATCH; i++)
        scratch[i] = page_alloc();
    for (i = 1; i <= 4; i++) {
        table[i] = page_alloc();
        map_ro(table[i]);
    }
    window = new_window(&window_va);
    if (grant_init(1))
        bail("no grant table");
    me = self_domain();
    on_hv = running_on_hv();
    trap_hook(VECTOR_DB, ignore);
    event_disable();
}

/* What a call took away is mapped again, if it is free now. */
static void touch_scratch(void)
{
    unsigned int i;

    for (i = 0; i < SCRATCH; i++)
        hyp_update_va_mapping((unsigned long)scratch[i], va_to_machine(scratch[i]) | PTE_RW, UVMF_INVLPG | UVMF_LOCAL);
}

static void many_calls(void *arg)
{
    uint64_t count = *(const uint64_t *)arg, from = option("from", ~0ull), i;

    for (i = 0; i < count; i++) {
        tracing = i >= from;
        if (tracing)
            note("call %lu", (unsigned long)i);
        own[this_cpu()->id].good += one_call() >= 0;
        event_disable();
        if (i % 128 == 0)
            touch_scratch();
    }
    hyp_set_debugreg(7, 0x400);
}

static uint64_t fresh_seed(void)
{
    uint32_t low, high;

    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return (low | (uint64_t)high << 32) % 1000000007;
}

void test_main(void)
{
    uint64_t seed = option("seed", fresh_seed()), count = option("count", (option("two", 0) ? 8000 : 60000) / (is_dom0() ? 1 : 4));
    bool two = option("two", 0) && cpu_count() > 1;

    note("seed=%lu count=%lu, on %s", (unsigned long)seed, (unsigned long)count, two ? "two vCPUs" : "one vCPU");
    own[0].state = seed * 0x9e3779b97f4a7c15ull + 1;
    own[1].state = seed * 0xc2b2ae3d27d4eb4full + 1;
    prepare();
    if (two && cpu_start(1, many_calls, &count))
        bail("the other vCPU does not start");
    many_calls(&count);
    if (two)
        cpu_wait(1);
    tracing = false;
    ok(own[0].good > count / 20, "%lu of %lu random calls succeeded", own[0].good, (unsigned long)count);
    if (two)
        ok(own[1].good > count / 20, "%lu of the other vCPU's", own[1].good);
    is(try_insn("ud2")->vector, VECTOR_UD, "traps still work");
    ok(hyp_xen_version(0, NULL) > 0, "and hypercalls");
}
