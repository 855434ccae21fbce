/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables in bad faith. A frame is a page table or writable, never both; a table refers to frames of the guest's own, with
 * harmless bits; the hypervisor's slots are not the guest's. Most published holes in PV hypervisors broke one of these.
 */
#include <guest.h>
#include <public/memory.h>

static uint64_t *window;
static unsigned long window_va;

static uint64_t entry_for(const void *page, uint64_t flags)
{
    return va_to_mfn(page) * PAGE_SIZE | flags;
}

static void refused(long result, const char *what)
{
    ok(result < 0, "%s is refused (%ld)", what, result);
}

static void try_entry(unsigned int index, uint64_t value, const char *what)
{
    uint64_t before = window[index];

    refused(set_entry(&window[index], value), what);
    is(window[index], before, "and the entry is as before");
}

/* The tables that are in use must not become writable by any road. */
static void tables_stay_read_only(void)
{
    unsigned int level;
    uint64_t *table;
    static const char *const road[] = { "mmu_update", "update_va_mapping", "a plain write" };

    for (level = 1; level <= 4; level++) {
        table = (uint64_t *)((unsigned long)entry_of(window, level) & -PAGE_SIZE);
        refused(set_entry(&window[0], entry_for(table, PTE_RW)), road[0]);
        refused(hyp_update_va_mapping(window_va, entry_for(table, PTE_RW), UVMF_INVLPG), road[1]);
        is(probe_write(&window[0], entry_for(table, PTE_RW))->vector, VECTOR_PF, "%s of an L%u is refused", road[2], level);
        is(set_entry(&window[0], entry_for(table, PTE_RO)), 0, "but it may be seen");
        is(probe_write((void *)window_va, entry_for(table, PTE_RW))->error, 3, "read-only");
        is(probe_write(&window[0], window[0] | PTE_WRITE)->vector, VECTOR_PF, "and not made writable");
        refused(set_entry(&window[0], window[0] | PTE_WRITE), "write access added to the entry");
        set_entry(&window[0], 0);
    }
}

static void type_confusion(void)
{
    uint64_t *page = page_alloc(), *other = page_alloc(), *spare = page_alloc();
    unsigned int level;

    is(set_entry(&window[1], entry_for(page, PTE_RW)), 0, "a page is mapped writable twice");
    is(map_ro(page), 0, "one mapping becomes read-only");
    for (level = 1; level <= 4; level++)
        refused(pin(level, page), "pinning it while the other is writable");
    refused(set_entry(entry_of((void *)window_va, 2) + 1, entry_for(page, PTE_TABLE)), "using it as an L1");
    is(set_entry(&window[1], 0), 0, "the other goes");
    is(pin(1, page), 0, "now it can be pinned");
    refused(pin(2, page), "as an L2 too");
    refused(set_entry(entry_of((void *)window_va, 3) + 1, entry_for(page, PTE_TABLE)), "as an L2 by use");
    refused(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(page)), "as a root");
    refused(mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(page)), "as a user root");
    refused(mmuext(MMUEXT_CLEAR_PAGE, va_to_mfn(page)), "clearing it");
    refused(hyp_update_descriptor(va_to_machine(page), 0), "a descriptor in it");
    is(unpin(page), 0, "unpinned");
    is(map_rw(page), 0, "and writable");
    map_ro(other);
    map_ro(spare);
    other[0] = other[0];
    is(set_entry(entry_of((void *)window_va, 2) + 2, entry_for(other, PTE_TABLE)), 0, "a table in use");
    refused(map_rw(other), "mapping it writable");
    is(set_entry(entry_of((void *)window_va, 2) + 2, entry_for(spare, PTE_TABLE)), 0, "replaced by another");
    is(map_rw(other), 0, "the first is free");
    is(set_entry(entry_of((void *)window_va, 2) + 2, 0), 0, "taken out");
    is(map_rw(spare), 0, "the second is free");
}

static void frames_of_others(void)
{
    unsigned long top = ((unsigned long)1 << 40) - 1;

    try_entry(2, top * PAGE_SIZE | PTE_RW, "a frame beyond memory");
    try_entry(2, 0xfffffful * PAGE_SIZE | PTE_RW | 1ul << 51, "a frame beyond the CPU's address width");
    try_entry(2, 0xfee00000 | PTE_RW | PTE_PCD, "the local APIC, writable");
    if (!is_dom0())
        try_entry(2, 0xb8000 | PTE_RW, "the VGA's memory");
    try_entry(2, 0x100000 | PTE_RW, "the hypervisor's first frame");
}

/* RAM that M2P does not give to us belongs to the hypervisor or is free: none may be mapped writable. */
static void every_foreign_frame(void)
{
    unsigned long mfn, mapped = 0, tried = 0, max = hyp_memory_op(XENMEM_maximum_ram_page, NULL);

    for (mfn = 256; mfn <= max; mfn += 37) {
        unsigned long pfn = mfn_to_pfn(mfn);

        if (pfn < pfn_count() && pfn_to_mfn(pfn) == mfn)
            continue;
        if (mfn * PAGE_SIZE >= (start_info->shared_info & -PAGE_SIZE) && mfn * PAGE_SIZE <= start_info->shared_info)
            continue;
        tried++;
        if (!set_entry(&window[3], mfn * PAGE_SIZE | PTE_RW)) {
            if (mapped++ < 5)
                note("frame %lx, pfn %lx, can be mapped", mfn, pfn);
            set_entry(&window[3], 0);
        }
    }
    ok(tried > 100, "%lu frames that are not ours, of %lu", tried, max);
    is(mapped, 0, "none can be mapped writable");
}

static void bad_bits(void)
{
    void *page = page_alloc();
    uint64_t *l1 = page_alloc(), *l2e = entry_of((void *)window_va, 2) + 3, *l3e = entry_of((void *)window_va, 3) + 3;

    try_entry(4, entry_for(page, PTE_RW) | 1ul << 51, "a reserved address bit");
    map_ro(l1);
    refused(set_entry(l2e, (va_to_mfn(page) & ~511ul) * PAGE_SIZE | PTE_RW | PTE_PSE), "a 2 MiB superpage");
    refused(set_entry(l3e, PTE_RW | PTE_PSE), "a 1 GiB superpage");
    refused(set_entry(l2e, entry_for(l1, PTE_TABLE) | 1ul << 51), "a reserved address bit in an L2");
    refused(set_entry(entry_of((void *)window_va, 4), entry_for(l1, PTE_TABLE) | PTE_PSE), "PSE in an L4");
    is(*l2e | *l3e, 0, "the entries are empty");
    is(map_rw(l1), 0, "and the table is free");
}

/* Each error must undo all references it took: the last entry of a table is bad, and all pages before it are freed. */
static void a_bad_entry_at_the_end(void)
{
    uint64_t *page = page_alloc(), *t = page_alloc(), *l1 = page_alloc();
    unsigned int i;

    for (i = 0; i < 511; i++)
        t[i] = entry_for(page, PTE_RW);
    t[511] = entry_for(t, PTE_RW);
    map_ro(t);
    refused(pin(1, t), "an L1 whose last entry maps itself writable");
    is(map_rw(t), 0, "leaves it free");
    is(map_ro(page), 0, "and its pages too");
    is(pin(1, page), 0, "that can now become tables");
    is(unpin(page), 0, "again");
    map_rw(page);
    for (i = 0; i < 511; i++)
        t[i] = entry_for(l1, PTE_TABLE);
    t[511] = 0xffffffff000ul | PTE_TABLE;
    map_ro(l1);
    map_ro(t);
    refused(pin(2, t), "an L2 whose last entry is beyond memory");
    is(map_rw(t), 0, "leaves it free");
    is(map_rw(l1), 0, "and its L1 too");
}

static void hypervisor_slots(void)
{
    uint64_t *root = boot_root(), *l3 = page_alloc(), *fake = page_alloc();
    unsigned int i, changed = 0;

    map_ro(l3);
    for (i = 256; i <= 271; i++) {
        uint64_t before = root[i];

        if (set_entry(&root[i], entry_for(l3, PTE_TABLE)) >= 0 || root[i] != before)
            changed++;
        if (probe_write(&root[i], 0)->vector != VECTOR_PF || root[i] != before)
            changed++;
        if (set_entry(&root[i], 0) >= 0 && before)
            changed++;
    }
    is(changed, 0, "the hypervisor's 16 slots of a root table cannot be changed");
    for (i = 256; i <= 271; i++)
        fake[i] = entry_for(l3, PTE_TABLE);
    for (i = 0; i < 512; i++)
        if (i < 256 || i > 271)
            fake[i] = root[i];
    map_ro(fake);
    if (pin(4, fake) < 0) {
        ok(true, "a root that brings its own is refused");
    } else {
        for (i = 256, changed = 0; i <= 271; i++)
            changed += (fake[i] & PTE_FRAME) == (entry_for(l3, 0) & PTE_FRAME);
        is(changed, 0, "a root that brings its own gets the hypervisor's instead");
        unpin(fake);
    }
    is(map_rw(fake), 0, "and is free afterwards");
    is(map_rw(l3), 0, "so is its L3");
    is(probe_write((void *)(HYPERVISOR_VIRT_START + 0x40000000000ul), 0)->vector, VECTOR_PF, "the hypervisor's memory: #PF");
    is(hyp_update_va_mapping(HYPERVISOR_VIRT_START, 0, 0), -XEN_EINVAL, "update_va_mapping of the hypervisor's addresses");
    is(hyp_update_va_mapping(0x8000000000000000ul, 0, 0), -XEN_EINVAL, "of a non-canonical address");
    is(hyp_update_va_mapping(0x600000000000, 0, 0), -XEN_EINVAL, "of an address without tables");
}

static void linear_tables(void)
{
    uint64_t *root = clone_root();
    long result = set_entry(&root[300], entry_for(root, PTE_PRESENT | PTE_USER | PTE_ACCESSED));

    if (running_on_hv())
        ok(result < 0, "a root that maps itself is refused");
    else
        note("a root that maps itself: %ld", result);
    refused(set_entry(&root[301], entry_for(root, PTE_TABLE)), "a root that maps itself writable");
    set_entry(&root[300], 0);
    unpin(root);
    is(map_rw(root), 0, "the root is free");
}

/* A table that is loaded may lose its pin, but not its type. */
static void the_loaded_root(void)
{
    uint64_t *root = clone_root();

    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(root)), 0, "a cloned root is loaded");
    is(unpin(root), 0, "and unpinned");
    refused(map_rw(root), "mapping it writable while it is loaded");
    refused(pin(1, root), "making it an L1");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot_root())), 0, "the first is loaded again");
    is(map_rw(root), 0, "now it is free");
    root = clone_root();
    is(mmuext(MMUEXT_NEW_USER_BASEPTR, va_to_mfn(root)), 0, "a user root");
    unpin(root);
    refused(map_rw(root), "mapping it writable while it is the user root");
    is(mmuext(MMUEXT_NEW_USER_BASEPTR, 0), 0, "no user root");
    is(map_rw(root), 0, "now it is free");
}

/* A translation that the TLB still holds must not outlive the frame's being writable: a page becomes a table only after the
 * CPUs that may have it in their TLB have flushed. */
static void stale_translations(void)
{
    uint64_t *page = page_alloc(), *l1 = page_alloc(), *l2 = page_alloc(), *l3 = page_alloc(), value = 0;
    unsigned long va = 90ul << 39;

    set_entry(&window[10], entry_for(page, PTE_RW));
    *(volatile uint64_t *)(window_va + 10 * PAGE_SIZE) = 0;     /* now the TLB has it */
    map_ro(page);
    *(volatile uint64_t *)(window_va + 10 * PAGE_SIZE) = 0;
    is(set_entry(&window[10], 0), 0, "a writable mapping is removed, and the guest does not flush");
    is(pin(1, page), 0, "the page becomes a table");
    is(probe_write((void *)(window_va + 10 * PAGE_SIZE), 0x123)->vector, VECTOR_PF, "the old translation is gone");
    is(page[0], 0, "nothing was written");
    unpin(page);
    map_rw(page);
    l1[0] = entry_for(page, PTE_RW);
    l2[0] = entry_for(l1, PTE_TABLE);
    l3[0] = entry_for(l2, PTE_TABLE);
    map_ro(l1);
    map_ro(l2);
    map_ro(l3);
    set_entry(entry_of((void *)va, 4), entry_for(l3, PTE_TABLE));
    *(volatile uint64_t *)va = 1;
    set_entry(entry_of((void *)va, 4), 0);
    is(map_ro(page), 0, "a whole tree is cut off, and the guest does not flush");
    map_rw(page);
    *page = 0;
    map_ro(page);
    is(pin(1, page), 0, "a page of it becomes a table");
    is(probe_write((void *)va, 0x123)->vector, VECTOR_PF, "the old translation is gone");
    is(probe_read(page, &value)->vector + value, NO_FAULT, "nothing was written");
    unpin(page);
    map_rw(page);
}

static void odd_requests(void)
{
    uint64_t machine = entry_machine(&window[5]);
    unsigned int done = 77;
    int none = is_dom0() ? -XEN_ESRCH : -XEN_EPERM;     /* one without rights need not be told which domains there are */
    struct mmu_update req = { machine | 4, entry_for(window, PTE_RO) };

    refused(hyp_mmu_update(&req, 1, &done, DOMID_SELF), "an entry that is not aligned on 8 bytes");
    is(done, 0, "nothing is done");
    req.ptr = va_to_machine(page_alloc());
    is_either(hyp_mmu_update(&req, 1, &done, DOMID_SELF), 0, -XEN_EINVAL, "an entry in a page that is no table: as good as a write");
    req.ptr = machine;
    is_either(hyp_mmu_update(&req, 1, &done, 0x7000), -XEN_ESRCH, none, "frames of a domain that does not exist");
    is_either(hyp_mmu_update(&req, 1, &done, 0x7001 << 16 | DOMID_SELF), -XEN_ESRCH, none, "tables of one");
    req.ptr = 0xfffffffff000ul | MMU_MACHPHYS_UPDATE;
    refused(hyp_mmu_update(&req, 1, &done, DOMID_SELF), "M2P beyond memory");
    req.ptr = 0x100000 | MMU_MACHPHYS_UPDATE;
    refused(hyp_mmu_update(&req, 1, &done, DOMID_SELF), "M2P of a frame of the hypervisor");
    ok(window[5] == 0, "the entry is untouched");
}

/* The write must not reach beyond what was validated. */
static void straddling_writes(void)
{
    uint64_t before6 = window[6], before7 = window[7];
    struct fault *f;

    f = try_insn("movq %1, %0", : "=m"(*(uint64_t *)((char *)&window[6] + 4)) : "r"(~0ul) : "memory");
    is(f->vector, VECTOR_PF, "a write across two entries: #PF");
    f = try_insn("movq %1, %0", : "=m"(*(uint64_t *)((char *)&window[511] + 4)) : "r"(~0ul) : "memory");
    is(f->vector, VECTOR_PF, "a write across the table's end: #PF");
    ok(window[6] == before6 && window[7] == before7, "nothing was written");
    f = try_insn("lock cmpxchg16b %0", : "+m"(*(unsigned __int128 *)&window[6]) : "a"(0ul), "d"(0ul), "b"(1ul), "c"(1ul) : "memory", "cc");
    is_either(f->vector, VECTOR_PF, NO_FAULT, "a write of 16 bytes is refused, or does nothing bad");
    ok(!(window[6] & PTE_PRESENT) || window[6] == 1, "the entry is harmless");
    set_entry(&window[6], 0);
    set_entry(&window[7], 0);
    f = try_insn("incq %0", : "+m"(window[6]) : : "memory", "cc");
    is_either(f->vector, VECTOR_PF, NO_FAULT, "inc is refused or emulated");
    is(window[6] & PTE_FRAME, 0, "and changes nothing else");
    set_entry(&window[6], 0);
}

void test_main(void)
{
    window = new_window(&window_va);
    tables_stay_read_only();
    type_confusion();
    frames_of_others();
    every_foreign_frame();
    bad_bits();
    a_bad_entry_at_the_end();
    hypervisor_slots();
    linear_tables();
    the_loaded_root();
    stale_translations();
    odd_requests();
    straddling_writes();
}
