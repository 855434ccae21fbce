/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two vCPUs against each other, each breaking what the other is about to rely on. Whoever wins, a table stays a table, a count
 * stays right (the page can change its kind afterwards), and a TLB does not outlive a type.
 */
#include <guest.h>
#include <public/memory.h>
#include <public/sched.h>
#include <public/vcpu.h>

static volatile unsigned int stop, rounds;
static uint64_t *shared_page, *tree[5], *window;
static unsigned long window_va;

static uint64_t entry_for(const void *page, uint64_t flags)
{
    return va_to_mfn(page) * PAGE_SIZE | flags;
}

static void race(void (*other)(void *), void (*mine)(void), unsigned int ms, const char *what)
{
    uint64_t end = time_now() + ms * 1000000ull;
    unsigned int n = 0;

    stop = rounds = 0;
    cpu_start(1, other, NULL);
    while (time_now() < end) {
        mine();
        n++;
    }
    stop = 1;
    cpu_wait(1);
    ok(n && rounds, "%s: %u against %u rounds", what, n, rounds);
}

static bool is_free(void *page)
{
    bool good;

    if (map_rw(page))
        return false;
    memset(page, 0, PAGE_SIZE);
    good = !map_ro(page) && !pin(1, page) && !unpin(page);
    return !map_rw(page) && good;
}

static void make_tree(void)
{
    unsigned int level, i;

    tree[0] = page_alloc();
    for (level = 1; level <= 4; level++) {
        tree[level] = page_alloc();
        for (i = 0; i < (level == 4 ? 200 : 512); i++)
            tree[level][i] = entry_for(tree[level - 1], PTE_RW);
        map_ro(tree[level]);
    }
}

static void pin_random(unsigned int *random)
{
    unsigned int level = 1 + (*random >> 8 & 3);

    *random = *random * 1103515245 + 12345;
    if (*random >> 16 & 1)
        pin(level, tree[level]);
    else
        unpin(tree[level]);
}

static void other_pins(void *arg)
{
    unsigned int random = 42;

    (void)arg;
    for (; !stop; rounds++)
        pin_random(&random);
}

static void pins(void)
{
    static unsigned int random = 4711;

    pin_random(&random);
}

static void pinning(void)
{
    unsigned int level, wrong = 0;

    race(other_pins, pins, 500, "pin and unpin of one tree");
    for (level = 4; level >= 1; level--)
        unpin(tree[level]);
    for (level = 4; level >= 1; level--)
        wrong += !is_free(tree[level]);
    is(wrong, 0, "afterwards all its pages are free");
    ok(is_free(tree[0]), "and what it mapped, too");
}

static void other_maps_writable(void *arg)
{
    (void)arg;
    for (; !stop; rounds++) {
        map_rw(shared_page);
        map_ro(shared_page);
    }
}

static void pins_the_same(void)
{
    if (!pin(1, shared_page)) {
        if (entry_of(shared_page, 1)[0] & PTE_WRITE)
            bail("a page is a table and writable at the same time");
        unpin(shared_page);
    }
}

static void writable_or_table(void)
{
    shared_page = page_alloc();
    map_ro(shared_page);
    race(other_maps_writable, pins_the_same, 400, "writable on one, a page table on the other");
    ok(is_free(shared_page), "afterwards the page is free");
}

/* The other vCPU writes through a mapping that its TLB holds, while the page becomes a table here. */
static void other_writes(void *arg)
{
    volatile uint64_t *there = (volatile uint64_t *)(window_va + 20 * PAGE_SIZE);

    (void)arg;
    for (; !stop; rounds++)
        probe_write((void *)there, 0);
}

static unsigned int torn;

static void becomes_a_table(void)
{
    unsigned int i;

    set_entry(&window[20], entry_for(shared_page, PTE_RW));
    for (i = 0; i < 20; i++)
        asm volatile("pause");
    set_entry(&window[20], 0);          /* no flush: that is the hypervisor's duty now */
    if (pin(1, shared_page))
        bail("the page cannot become a table");
    if (set_entry(&shared_page[0], entry_for(tree[0], PTE_RO)))
        bail("the table cannot be written");
    for (i = 0; i < 50; i++)
        torn += (shared_page[0] & PTE_FRAME) != entry_for(tree[0], 0);
    set_entry(&shared_page[0], 0);
    unpin(shared_page);
}

static void stale_tlb(void)
{
    map_ro(shared_page);
    race(other_writes, becomes_a_table, 500, "a page becomes a table while another CPU writes to it");
    is(torn, 0, "no write arrived in the table");
    is(set_entry(&window[20], 0), 0, "cleared");
    ok(is_free(shared_page), "afterwards the page is free");
}

static void other_writes_entries(void *arg)
{
    uint64_t *pte = &window[30], e = entry_for(tree[0], PTE_RW);

    (void)arg;
    for (; !stop; rounds++) {
        try_insn("movq %1, %0", : "+m"(*pte) : "r"(e) : "memory");
        try_insn("lock btrq $1, %0", : "+m"(*pte) : : "memory", "cc");
        try_insn("movb $0, %0", : "+m"(*(uint8_t *)pte) : : "memory");
        set_entry(pte, 0);
    }
}

static void writes_entries(void)
{
    uint64_t *pte = &window[30], old = 0;

    try_insn("xchgq %0, %1", : "+r"(old), "+m"(*pte) : : "memory");
    hyp_update_va_mapping(window_va + 30 * PAGE_SIZE, entry_for(shared_page, PTE_RW), UVMF_INVLPG | UVMF_ALL);
    try_insn("lock andl $0xfffffffd, %0", : "+m"(*(uint32_t *)pte) : : "memory", "cc");
}

static void one_entry(void)
{
    map_rw(shared_page);
    map_rw(tree[0]);
    race(other_writes_entries, writes_entries, 500, "one entry, written in all ways by two");
    set_entry(&window[30], 0);
    ok(is_free(shared_page), "afterwards the one page is free");
    ok(is_free(tree[0]), "and the other");
}

static uint32_t shared_handle;

static void unmap_it(void)
{
    grant_unmap(window_va + 40 * PAGE_SIZE, shared_handle);
}

static void other_unmaps(void *arg)
{
    (void)arg;
    for (; !stop; rounds++)
        unmap_it();
}

static unsigned int odd_status;

static void maps_and_unmaps(void)
{
    int status = grant_map(self_domain(), 9, window_va + 40 * PAGE_SIZE, GNTMAP_host_map, &shared_handle);

    if (status != GNTST_okay)
        odd_status++;
    unmap_it();
}

static void grants(void)
{
    if (grant_init(1))
        bail("no grant table");
    map_rw(shared_page);
    grant_access(9, self_domain(), va_to_mfn(shared_page), 0);
    race(other_unmaps, maps_and_unmaps, 400, "one handle, unmapped by two");
    note("%u odd answers", odd_status);
    is(grant_entries[9].flags, GTF_permit_access, "the entry is not in use");
    ok(grant_end(9), "it can be taken back");
    set_entry(&window[40], 0);
    ok(is_free(shared_page), "and the page is free");
}

static uint64_t *gdt_page;

static void other_descriptors(void *arg)
{
    (void)arg;
    for (; !stop; rounds++) {
        hyp_update_descriptor(va_to_machine(&gdt_page[1]), 0x00cff2000000fffful);
        try_insn("movw %w0, %%ds", : : "r"(0xb));
        hyp_update_descriptor(va_to_machine(&gdt_page[1]), 0);
        try_insn("movw %w0, %%ds", : : "r"(0));
    }
}

static void gdt_comes_and_goes(void)
{
    unsigned long frame = va_to_mfn(gdt_page);

    hyp_set_gdt(&frame, 8);
    hyp_set_gdt(NULL, 0);
    if (!map_rw(gdt_page))
        map_ro(gdt_page);
}

static void descriptors(void)
{
    gdt_page = page_alloc();
    map_ro(gdt_page);
    race(other_descriptors, gdt_comes_and_goes, 400, "a GDT that comes and goes, its descriptors written by another");
    is(hyp_set_gdt(NULL, 0), 0, "no GDT");
    ok(is_free(gdt_page), "afterwards its page is free");
}

static void other_cuts(void *arg)
{
    uint64_t *l2e = entry_of((void *)window_va, 2) + 7;

    (void)arg;
    for (; !stop; rounds++) {
        set_entry(l2e, entry_for(tree[1], PTE_TABLE));
        set_entry(l2e, 0);
    }
}

static void uses_the_branch(void)
{
    unsigned long va = window_va + (7ul << 21);

    hyp_update_va_mapping(va, entry_for(tree[0], PTE_RO), UVMF_INVLPG);
    probe_read((void *)va, NULL);
    set_entry_machine(entry_machine(&tree[1][0]), 0, MMU_NORMAL_PT_UPDATE);
}

static void branches(void)
{
    map_rw(tree[1]);
    memset(tree[1], 0, PAGE_SIZE);
    map_ro(tree[1]);
    race(other_cuts, uses_the_branch, 400, "a branch that is cut off while it is used");
    set_entry(entry_of((void *)window_va, 2) + 7, 0);
    ok(is_free(tree[1]), "afterwards its table is free");
    ok(is_free(tree[0]), "and its page");
}

static void other_gives_back(void *arg)
{
    (void)arg;
    for (; !stop; rounds++) {
        xen_pfn_t list[1] = { va_to_mfn(tree[2]) };
        struct xen_memory_reservation op = { .extent_start.p = list, .nr_extents = 1, .domid = DOMID_SELF };

        map_none(tree[2]);
        if (hyp_memory_op(XENMEM_decrease_reservation, &op) == 1) {
            list[0] = va_to_pfn(tree[2]);
            while (hyp_memory_op(XENMEM_populate_physmap, &op) != 1)
                hyp_sched_op(SCHEDOP_yield, NULL);
            set_pfn_mfn(va_to_pfn(tree[2]), list[0]);
        }
        map_rw(tree[2]);
    }
}

static void maps_what_goes(void)
{
    unsigned long mfn = va_to_mfn(tree[2]);

    set_entry(&window[50], mfn * PAGE_SIZE | PTE_RW);
    set_entry(&window[50], 0);
    mmuext(MMUEXT_PIN_L1_TABLE, mfn);
    mmuext(MMUEXT_UNPIN_TABLE, mfn);
}

static void going_memory(void)
{
    race(other_gives_back, maps_what_goes, 400, "a page that is given back while another maps and pins it");
    set_entry(&window[50], 0);
    ok(is_free(tree[2]), "afterwards it is free");
}

/*
 * Where a third vCPU's vcpu_info is, told by two at once: one of them is late, for the place is chosen once. Two that were
 * both in time would leave a page held for ever, also by a domain that is gone.
 */
#define FIRST_SILENT 2u
#define LAST_SILENT 15u

static volatile unsigned int turn;
static long registered[2][LAST_SILENT + 1];

static void register_info(unsigned int who, unsigned int vcpu)
{
    struct vcpu_register_vcpu_info op = { 0 };
    void *page;

    while (turn < vcpu * 2 + who) /* one after the other up to here */
        asm volatile("pause");
    page = page_alloc();
    map_ro(page); /* it was a table last: becoming something else takes a while */
    pin(1, page);
    unpin(page);
    op.mfn = va_to_mfn(page);
    __atomic_fetch_add(&turn, 1, __ATOMIC_SEQ_CST);
    while (turn < vcpu * 2 + 2)
        asm volatile("pause");
    registered[who][vcpu] = hyp_vcpu_op(VCPUOP_register_vcpu_info, vcpu, &op);
}

static void other_registers(void *arg)
{
    (void)arg;
    for (unsigned int vcpu = FIRST_SILENT; vcpu <= LAST_SILENT; vcpu++)
        register_info(1, vcpu);
}

static void vcpu_infos(void)
{
    unsigned int vcpu, wrong = 0;

    if (hyp_vcpu_op(VCPUOP_is_up, LAST_SILENT, NULL) < 0) {
        skip("vcpu_info registered by two: not enough vCPUs");
        return;
    }
    turn = FIRST_SILENT * 2;
    cpu_start(1, other_registers, NULL);
    for (vcpu = FIRST_SILENT; vcpu <= LAST_SILENT; vcpu++)
        register_info(0, vcpu);
    cpu_wait(1);
    for (vcpu = FIRST_SILENT; vcpu <= LAST_SILENT; vcpu++)
        wrong += registered[0][vcpu] + registered[1][vcpu] != -XEN_EINVAL;
    note("the last two answers: %ld, %ld", registered[0][LAST_SILENT], registered[1][LAST_SILENT]);
    is(wrong, 0, "a third vCPU's vcpu_info is registered by one of two who try at once");
}

void test_main(void)
{
    if (cpu_count() < 2)
        skip_all("one vCPU only");
    window = new_window(&window_va);
    make_tree();
    pinning();
    writable_or_table();
    stale_tlb();
    one_entry();
    grants();
    descriptors();
    branches();
    going_memory();
    vcpu_infos();
}
