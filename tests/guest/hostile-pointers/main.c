/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every operation of every hypercall, with pointers that a guest may not use: null, unmapped, non-canonical, in the hypervisor,
 * at the end of a page behind which nothing is, read-only where something is written. No answer is expected but an error (or
 * success where the pointer is not used); what counts is that nothing of the hypervisor's is read or written, and all live on.
 */
#include <guest.h>
#include <public/sched.h>

struct call {
    const char *name;
    unsigned int nr;
    unsigned int first, last;   /* operation numbers, in argument 0; last < first: the call has none */
    unsigned int pointer;       /* which argument is the pointer */
    uint64_t skip;              /* operations (below 64) that end or stop the domain */
};

#define OPS_MASK(op) (1ull << (op))

static const struct call calls[] = {
    { "set_trap_table", __HYPERVISOR_set_trap_table, 1, 0, 0, 0 },
    { "mmu_update", __HYPERVISOR_mmu_update, 1, 0, 0, 0 },
    { "set_gdt", __HYPERVISOR_set_gdt, 1, 0, 0, 0 },
    { "multicall", __HYPERVISOR_multicall, 1, 0, 0, 0 },
    { "mmuext_op", __HYPERVISOR_mmuext_op, 1, 0, 0, 0 },
    { "memory_op", __HYPERVISOR_memory_op, 0, 28, 1, 0 },
    { "xen_version", __HYPERVISOR_xen_version, 0, 10, 1, 0 },
    { "console_io", __HYPERVISOR_console_io, 1, 1, 2, 0 },
    { "grant_table_op", __HYPERVISOR_grant_table_op, 0, 12, 1, 0 },
    { "vcpu_op", __HYPERVISOR_vcpu_op, 0, 13, 2, OPS_MASK(2) | OPS_MASK(5) | OPS_MASK(10) | OPS_MASK(11) | OPS_MASK(13) },
    { "xsm_op", __HYPERVISOR_xsm_op, 1, 0, 0, 0 },
    { "nmi_op", __HYPERVISOR_nmi_op, 0, 1, 1, 0 },
    { "sched_op", __HYPERVISOR_sched_op, 0, 7, 1, OPS_MASK(1) | OPS_MASK(2) | OPS_MASK(5) },
    { "callback_op", __HYPERVISOR_callback_op, 0, 1, 1, 0 },
    { "event_channel_op", __HYPERVISOR_event_channel_op, 0, 13, 1, 0 },
    { "event_channel_op_compat", __HYPERVISOR_event_channel_op_compat, 1, 0, 0, 0 },
    { "physdev_op", __HYPERVISOR_physdev_op, 0, 31, 1, 0 },
    { "physdev_op_compat", __HYPERVISOR_physdev_op_compat, 1, 0, 0, 0 },
    { "platform_op", __HYPERVISOR_platform_op, 1, 0, 0, 0 },
    { "sysctl", __HYPERVISOR_sysctl, 1, 0, 0, 0 },
    { "domctl", __HYPERVISOR_domctl, 1, 0, 0, 0 },
};

static uint64_t bad[24];
static unsigned int bads;
static char *page;

static void collect_bad_pointers(void)
{
    char *read_only = page_alloc();

    page = pages_alloc(2);
    map_none(page + PAGE_SIZE);
    memset(read_only, 0xff, PAGE_SIZE);     /* zeros would mean: poll without ports, for ever */
    map_ro(read_only);
    bad[bads++] = 0;
    bad[bads++] = 8;
    bad[bads++] = 0x1000;
    bad[bads++] = 0x7ffffffff000;
    bad[bads++] = 0x7ffffffffff8;
    bad[bads++] = 0x800000000000;
    bad[bads++] = 0x8000000000000000;
    bad[bads++] = 0xffff7ffffffffff8;
    bad[bads++] = HYPERVISOR_VIRT_START;
    bad[bads++] = HYPERVISOR_VIRT_START + 0x1000;
    bad[bads++] = 0xffff82d040000000;
    bad[bads++] = 0xffff830000000000;
    bad[bads++] = 0xffff87fffffffff8;
    bad[bads++] = 0xfffffffffffffff8;
    bad[bads++] = 0xffffffffffffffff;
    bad[bads++] = (uint64_t)page + PAGE_SIZE - 4;
    bad[bads++] = (uint64_t)page + PAGE_SIZE - 8;
    bad[bads++] = (uint64_t)page + PAGE_SIZE - 1;
    bad[bads++] = (uint64_t)read_only;
}

static uint64_t m2p_sum(void)
{
    const uint64_t *m2p = (const uint64_t *)MACH2PHYS_VIRT_START;
    uint64_t sum = 0;
    unsigned int i;

    for (i = 0; i < 1024; i++)
        sum += m2p[i];
    return sum;
}

static void one(const struct call *call, unsigned int op, uint64_t pointer, unsigned long count)
{
    unsigned long arg[4] = { op, count, count, count };

    if (call->last < call->first)
        arg[0] = pointer;
    arg[call->pointer] = pointer;
    if (call->nr == __HYPERVISOR_vcpu_op)
        arg[1] = 0;
    if (call->nr == __HYPERVISOR_mmu_update || call->nr == __HYPERVISOR_mmuext_op) {
        arg[2] = pointer;
        arg[3] = DOMID_SELF;
    }
    if (option("trace", 0))
        note("%s %lx %lx %lx %lx", call->name, arg[0], arg[1], arg[2], arg[3]);
    hypercall(call->nr, arg[0], arg[1], arg[2], arg[3], 0);
}

static void all_operations(const struct call *call)
{
    unsigned int op, i, n = 0;
    uint64_t before = m2p_sum();

    for (op = call->last < call->first ? 0 : call->first; op <= (call->last < call->first ? 0 : call->last); op++) {
        if (call->skip & OPS_MASK(op))
            continue;
        for (i = 0; i < bads; i++, n += 3) {
            memset(page, 0xff, PAGE_SIZE);      /* what a call wrote there must not become a good argument */
            one(call, op, bad[i], 1);
            one(call, op, bad[i], 3);
            one(call, op, bad[i], 1000);
        }
    }
    is(m2p_sum(), before, "%s: %u calls with bad pointers change nothing", call->name, n);
    trap_init();
}

/* An argument that is good, with a pointer inside it that is not. */
static void inner_pointers(void)
{
    uint64_t *block = page_alloc();     /* some answers are long */
    unsigned int c, op, i, slot, n = 0;

    for (c = 0; c < ARRAY_SIZE(calls); c++) {
        const struct call *call = &calls[c];

        if (call->last < call->first || call->nr == __HYPERVISOR_vcpu_op || call->nr == __HYPERVISOR_console_io ||
            call->nr == __HYPERVISOR_sched_op || call->nr == __HYPERVISOR_callback_op || call->nr == __HYPERVISOR_nmi_op ||
            call->nr == __HYPERVISOR_event_channel_op)
            continue;
        for (op = call->first; op <= call->last; op++)
            for (i = 0; i < bads; i++)
                for (slot = 0; slot < 6; slot++, n++) {
                    memset(block, 0, 512);
                    block[slot] = bad[i];
                    block[(slot + 1) % 6] = 1;
                    hypercall(call->nr, op, (unsigned long)block, 1, 0, 0);
                }
    }
    ok(true, "%u calls with bad pointers inside good arguments", n);
}

static void still_sane(void)
{
    is(try_insn("int3")->vector, VECTOR_BP, "traps still work");
    ok(hyp_xen_version(0, NULL) > 0, "hypercalls too");
}

void test_main(void)
{
    unsigned int i;

    collect_bad_pointers();
    for (i = 0; i < ARRAY_SIZE(calls); i++)
        all_operations(&calls[i]);
    still_sane();
    inner_pointers();
    still_sane();
}
