/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables the ordinary way: entries are changed by hypercall or by a plain write that the hypervisor emulates, tables
 * get and lose their types, and the CPU sees the result.
 */
#include <guest.h>

static uint64_t *window;            /* an L1 table in use, mapped read-only */
static unsigned long window_va;     /* what its entry 0 maps */

static void *at(unsigned int index)
{
    return (void *)(window_va + index * PAGE_SIZE);
}

static uint64_t entry_for(void *page, uint64_t flags)
{
    return va_to_mfn(page) * PAGE_SIZE | flags;
}

static void mapping_by_hypercall(void)
{
    uint64_t *page = page_alloc(), value = 0;

    *page = 0x1111;
    is(set_entry(&window[0], entry_for(page, PTE_RW)), 0, "mmu_update of an L1 entry");
    is(probe_read(at(0), &value)->vector, NO_FAULT, "maps the page");
    is(value, 0x1111, "the right one");
    is(hyp_update_va_mapping((unsigned long)at(1), entry_for(page, PTE_RO), UVMF_INVLPG), 0, "update_va_mapping");
    is(probe_read(at(1), &value)->vector, NO_FAULT, "maps it again");
    is(probe_write(at(1), 1)->error, 3, "read-only this time");
    is(hyp_update_va_mapping((unsigned long)at(1), 0, UVMF_INVLPG), 0, "update_va_mapping to nothing");
    is(probe_read(at(1), &value)->error, 0, "unmaps it");
    is(set_entry(&window[0], 0), 0, "mmu_update to nothing");
    flush_tlb();
    is(probe_read(at(0), &value)->error, 0, "unmaps it");
    ok(entry_of(page, 1) && (*entry_of(page, 1) & PTE_FRAME) == va_to_mfn(page) * PAGE_SIZE, "tables can be read");
}

static void preserve_ad(void)
{
    void *page = page_alloc();
    uint64_t value;

    set_entry(&window[2], entry_for(page, PTE_PRESENT | PTE_WRITE | PTE_USER));
    is(window[2] & (PTE_ACCESSED | PTE_DIRTY), 0, "a fresh entry is neither accessed nor dirty");
    probe_read(at(2), &value);
    is(window[2] & (PTE_ACCESSED | PTE_DIRTY), PTE_ACCESSED, "reading marks it accessed");
    probe_write(at(2), 5);
    is(window[2] & (PTE_ACCESSED | PTE_DIRTY), PTE_ACCESSED | PTE_DIRTY, "writing marks it dirty");
    is(set_entry_machine(entry_machine(&window[2]), entry_for(page, PTE_PRESENT | PTE_USER),
                         MMU_PT_UPDATE_PRESERVE_AD), 0, "PRESERVE_AD");
    is(window[2] & (PTE_ACCESSED | PTE_DIRTY | PTE_WRITE), PTE_ACCESSED | PTE_DIRTY, "keeps both, takes write away");
    set_entry(&window[2], entry_for(page, PTE_PRESENT | PTE_USER));
    is(window[2] & (PTE_ACCESSED | PTE_DIRTY), 0, "a normal update does not");
    set_entry(&window[2], 0);
}

static void machphys(void)
{
    void *page = page_alloc();
    unsigned long mfn = va_to_mfn(page), pfn = va_to_pfn(page);

    is(set_entry_machine(mfn * PAGE_SIZE, 0x12345, MMU_MACHPHYS_UPDATE), 0, "MMU_MACHPHYS_UPDATE");
    is(mfn_to_pfn(mfn), 0x12345, "changes the table");
    is(set_entry_machine(mfn * PAGE_SIZE, pfn, MMU_MACHPHYS_UPDATE), 0, "and back");
    is(mfn_to_pfn(mfn), pfn, "and back");
    is(probe_write((void *)(MACH2PHYS_VIRT_START + mfn * 8), 0)->vector, VECTOR_PF, "a guest cannot write it itself");
}

/* Linux's ptep_set_wrprotect() and others modify entries in place, with VMASST_TYPE_writable_pagetables or without. */
static void plain_writes(void)
{
    uint64_t *page = page_alloc(), *other = page_alloc(), *pte = &window[8], value, e = entry_for(page, PTE_RW);
    struct fault *f;

    *page = 0xaaaa;
    *other = 0xbbbb;
    f = try_insn("movq %1, %0", : "+m"(*pte) : "r"(e) : "memory");
    is(f->vector, NO_FAULT, "mov of 8 bytes into a page table");
    is(*pte & PTE_FRAME, e & PTE_FRAME, "the entry has the frame");
    is(probe_read(at(8), &value)->vector, NO_FAULT, "and maps it");
    is(value, 0xaaaa, "the right one");
    f = try_insn("lock btrq $1, %0", : "+m"(*pte) : : "memory", "cc");
    is(f->vector, NO_FAULT, "lock btr of the write bit");
    is(*pte & PTE_WRITE, 0, "clears it");
    flush_tlb();
    is(probe_write(at(8), 1)->error, 3, "now read-only");
    f = try_insn("lock btsq $1, %0", : "+m"(*pte) : : "memory", "cc");
    is(f->vector, NO_FAULT, "lock bts");
    is(probe_write(at(8), 0xaaab)->vector, NO_FAULT, "writable again");
    f = try_insn("lock andb $0xfd, %0", : "+m"(*(uint8_t *)pte) : : "memory", "cc");
    is(f->vector, NO_FAULT, "lock and of one byte");
    is(*pte & PTE_WRITE, 0, "clears the write bit");
    f = try_insn("lock orw $2, %0", : "+m"(*(uint16_t *)pte) : : "memory", "cc");
    is(f->vector, NO_FAULT, "lock or of two bytes");
    is(*pte & PTE_WRITE, PTE_WRITE, "sets it");
    f = try_insn("andl %1, %0", : "+m"(*(uint32_t *)pte) : "r"(~2u) : "memory", "cc");
    is(f->vector, NO_FAULT, "and of four bytes, without lock");
    is(*pte & PTE_WRITE, 0, "clears it");
    value = entry_for(other, PTE_RW);
    f = try_insn("xchgq %0, %1", : "+r"(value), "+m"(*pte) : : "memory");
    is(f->vector, NO_FAULT, "xchg");
    is(value & (PTE_FRAME | PTE_WRITE), e & PTE_FRAME, "returns the old entry");
    flush_tlb();
    is(probe_read(at(8), &value)->vector, NO_FAULT, "and the new one");
    is(value, 0xbbbb, "maps the other page");
    value = *pte;
    f = try_insn("lock cmpxchgq %2, %1", : "+a"(value), "+m"(*pte) : "r"(e) : "memory", "cc");
    is(f->vector, NO_FAULT, "lock cmpxchg that matches");
    is(*pte & PTE_FRAME, e & PTE_FRAME, "stores");
    value = 0x1234;
    f = try_insn("lock cmpxchgq %2, %1", : "+a"(value), "+m"(*pte) : "r"(entry_for(other, PTE_RW)) : "memory", "cc");
    is(f->vector, NO_FAULT, "lock cmpxchg that does not match");
    is(*pte & PTE_FRAME, e & PTE_FRAME, "leaves the entry");
    is(value, *pte, "and returns it");
    f = try_insn("movl %1, %0", : "+m"(*((uint32_t *)pte + 1)) : "r"((uint32_t)(*pte >> 32)) : "memory");
    is(f->vector, NO_FAULT, "mov of the upper half");
    f = try_insn("movb $0, %0", : "+m"(*(uint8_t *)pte) : : "memory");
    is(f->vector, NO_FAULT, "mov of a zero byte: not present");
    is(*pte & PTE_PRESENT, 0, "it is gone");
    f = try_insn("movq %1, %0", : "+m"(*pte) : "r"(0ul) : "memory");
    is(*pte, 0, "mov of zero");
    flush_tlb();
    is(probe_read(at(8), &value)->error, 0, "nothing is mapped any more");
}

static void bad_plain_writes(void)
{
    uint64_t *pte = &window[9];
    struct fault *f = try_insn("movq %1, %0", : "+m"(*pte) : "r"(entry_for(window, PTE_RW)) : "memory");

    is(f->vector, VECTOR_PF, "a plain write that maps a page table writable: #PF");
    is(f->error, 3, "a write to a read-only page");
    is(f->cr2, (uint64_t)pte, "its address");
    is(*pte, 0, "and nothing is written");
}

/* A chain of tables that nothing uses yet: L4 -> L3 -> L2 -> L1 -> page. */
static void pinning(void)
{
    uint64_t *page = page_alloc(), *t[5];
    unsigned int level;

    t[0] = page;
    for (level = 1; level <= 4; level++) {
        t[level] = page_alloc();
        t[level][1] = entry_for(t[level - 1], PTE_RW);
    }
    is(pin(1, t[1]), -XEN_EINVAL, "an L1 that is mapped writable is not pinned");
    for (level = 1; level <= 4; level++)
        is(map_ro(t[level]), 0, "L%u made read-only", level);
    for (level = 1; level <= 4; level++) {
        is(pin(level, t[level]), 0, "L%u is pinned", level);
        is(pin(level, t[level]), -XEN_EINVAL, "but not twice");
        ok(map_rw(t[level]) < 0, "L%u cannot be mapped writable now", level);
    }
    ok(pin(2, t[1]) < 0, "an L1 cannot be pinned as L2");
    ok(pin(1, t[2]) < 0, "an L2 cannot be pinned as L1");
    is(unpin(t[2]), 0, "the L2 is unpinned");
    ok(map_rw(t[2]) < 0, "but its L3 still uses it");
    is(unpin(t[4]), 0, "the L4 is unpinned");
    is(map_rw(t[4]), 0, "and is ordinary memory");
    is(unpin(t[3]), 0, "the L3 is unpinned");
    is(map_rw(t[3]), 0, "and is ordinary memory");
    is(map_rw(t[2]), 0, "so is the L2 now");
    is(unpin(t[1]), 0, "the L1 is unpinned");
    is(map_rw(t[1]), 0, "and is ordinary memory");
    is(unpin(t[1]), -XEN_EINVAL, "unpinning what is not pinned");
    t[1][1] = 7;
    is(t[1][1], 7, "written");
}

static void switching_roots(void)
{
    uint64_t *root = clone_root(), value = 0, *page = page_alloc(), *l1, *l2, *l3;
    unsigned long va = 100ul << 39;

    l1 = page_alloc();
    l2 = page_alloc();
    l3 = page_alloc();
    *page = 0x7777;
    l1[0] = entry_for(page, PTE_RW);
    l2[0] = entry_for(l1, PTE_TABLE);
    l3[0] = entry_for(l2, PTE_TABLE);
    map_ro(l1);
    map_ro(l2);
    map_ro(l3);
    is(set_entry(&root[100], entry_for(l3, PTE_TABLE)), 0, "an L3 goes into an L4 that is pinned");
    is(probe_read((void *)va, &value)->vector, VECTOR_PF, "it is not the current one");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(root)), 0, "NEW_BASEPTR");
    is(probe_read((void *)va, &value)->vector, NO_FAULT, "now it is");
    is(value, 0x7777, "and maps our page");
    is(set_entry(&root[100], 0), 0, "the entry is taken out of the running L4");
    flush_tlb();
    flush_tlb(); /* the ABI leaves that to the guest, though Xen flushes here for its own reasons */
    is(probe_read((void *)va, &value)->vector, VECTOR_PF, "and is gone");
    is(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(boot_root())), 0, "NEW_BASEPTR back");
    is(map_rw(l3), 0, "the L3 is free");
    is(unpin(root), 0, "unpin the root");
    is(map_rw(root), 0, "it is free too");
    ok(mmuext(MMUEXT_NEW_BASEPTR, va_to_mfn(page)) < 0, "a page of data is no root");
}

static void batches(void)
{
    struct mmu_update req[8];
    unsigned int i, done = 99;
    void *page = page_alloc();

    for (i = 0; i < 8; i++)
        req[i] = (struct mmu_update){ entry_machine(&window[16 + i]), entry_for(page, PTE_RO) };
    is(hyp_mmu_update(req, 8, &done, DOMID_SELF), 0, "a batch of 8");
    is(done, 8, "all done");
    req[5].ptr = 0xfffffffff000;
    for (i = 0; i < 8; i++)
        req[i].val = 0;
    done = 99;
    ok(hyp_mmu_update(req, 8, &done, DOMID_SELF) < 0, "a batch whose sixth is bad");
    is(done, 5, "five done");
    is(window[20], 0, "the fifth is");
    ok(window[22] != 0, "the seventh is not");
    set_entry(&window[22], 0);
    set_entry(&window[23], 0);
    set_entry(&window[21], 0);
    is(hyp_mmu_update(req, 0, &done, DOMID_SELF), 0, "an empty batch");
}

static void multicall(void)
{
    struct multicall_entry call[4] = { { 0 } };
    uint64_t *page = page_alloc();
    unsigned int i;

    *page = 0x3333;
    for (i = 0; i < 2; i++) {
        call[i].op = __HYPERVISOR_update_va_mapping;
        call[i].args[0] = (unsigned long)at(30 + i);
        call[i].args[1] = entry_for(page, PTE_RW);
    }
    call[2].op = __HYPERVISOR_xen_version;
    call[3].op = 63;
    is(hyp_multicall(call, 4), 0, "multicall of four");
    is(call[0].result, 0, "the first's result");
    is(call[1].result, 0, "the second's result");
    is(call[2].result, hyp_xen_version(0, NULL), "the third's result");
    is(call[3].result, -XEN_ENOSYS, "the fourth is no hypercall");
    is(*(volatile uint64_t *)at(31), 0x3333, "the second mapping is there");
    is(hyp_multicall(call, 0), 0, "an empty multicall");
    is(hyp_multicall((void *)0x10, 1), -XEN_EFAULT, "calls at a bad address");
}

static void page_operations(void)
{
    uint64_t *from = page_alloc(), *to = page_alloc();
    struct mmuext_op op = { .cmd = MMUEXT_COPY_PAGE, .arg1.mfn = va_to_mfn(to), .arg2.src_mfn = va_to_mfn(from) };
    unsigned int done;

    from[511] = 99;
    is(hyp_mmuext_op(&op, 1, &done, DOMID_SELF), 0, "COPY_PAGE");
    is(to[511], 99, "copies");
    is(mmuext(MMUEXT_CLEAR_PAGE, va_to_mfn(to)), 0, "CLEAR_PAGE");
    is(to[511], 0, "clears");
    ok(mmuext(MMUEXT_CLEAR_PAGE, va_to_mfn(window)) < 0, "but not a page table");
    is(mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0), 0, "TLB_FLUSH_LOCAL");
    is(mmuext(MMUEXT_TLB_FLUSH_ALL, 0), 0, "TLB_FLUSH_ALL");
    is(mmuext(MMUEXT_INVLPG_LOCAL, window_va), 0, "INVLPG_LOCAL");
    is(mmuext(MMUEXT_INVLPG_ALL, window_va), 0, "INVLPG_ALL");
    is(mmuext(99, 0), -XEN_ENOSYS, "an unknown operation");
}

void test_main(void)
{
    window = new_window(&window_va);
    mapping_by_hypercall();
    preserve_ad();
    machphys();
    plain_writes();
    bad_plain_writes();
    pinning();
    switching_roots();
    batches();
    multicall();
    page_operations();
}
