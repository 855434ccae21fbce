/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that does anything with its page tables, in any order, interrupted anywhere. After each step every
 * reference of every frame is counted anew from what holds one (pins, roots, entries of tables, mappings of
 * others) and compared with the frame table: a count too low would free or retype a frame in use, one too
 * high would leak it.
 */
#include <stdio.h>
#include <stdlib.h>

#include <public/grant_table.h>
#include <public/hv.h>
#include <public/memory.h>

#include "pv_guest.h"

#define PAGES 20u
#define FOREIGN 3u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct domain *d, *other;
static struct vcpu *v;
static struct page_info *page[PAGES + FOREIGN]; /* the last ones are other's */
static unsigned int held[PAGES + FOREIGN];      /* writable references that "the grant table" holds on them */
static uint64_t first_mfn, last_mfn;
static const uint16_t slots[] = { 0, 1, 2, 3, 255, 256, 271, 272, 511 };

static struct { uint64_t general, typed; } want[8192];

static void check(bool good, const char *what, const struct page_info *pg)
{
    if (good)
        return;
    fprintf(stderr, "%s: frame %lx count %lx type %lx validated %u, wanted %lu and %lu\n", what, page_to_mfn(pg).v,
            pg->count, pg->type, pg->validated, want[page_to_mfn(pg).v].general, want[page_to_mfn(pg).v].typed);
    abort();
}

/* --- counting anew --- */

static void want_frame(uint64_t mfn, unsigned int general, unsigned int typed)
{
    want[mfn].general += general;
    want[mfn].typed += typed;
}

static void want_entry(unsigned int level, uint64_t entry)
{
    mfn_t mfn = MFN((entry & PTE_ADDR_MASK) >> PAGE_SHIFT);

    if (!(entry & PTE_P) || !mfn_valid(mfn))
        return;
    want_frame(mfn.v, 1, level > 1 || entry & PTE_RW);
}

static void want_table(const struct page_info *pg)
{
    unsigned int level = page_type_of(pg->type), n = 512;

    if (level < PGT_L1_TABLE || level > PGT_L4_TABLE || !typed(pg))
        return;
    if (has(pg, PGT_PARTIAL))
        n = pg->validated;
    for (unsigned int i = 0; i < ARRAY_SIZE(slots); i++) /* the only ones that anything writes to */
        if (slots[i] < n && (level < 4 || pv_root_slot_is_guests(slots[i])))
            want_entry(level, entries((struct page_info *)pg)[slots[i]]);
}

static void check_all(void)
{
    memset(want + first_mfn, 0, (last_mfn - first_mfn + 1) * sizeof(want[0]));
    for (uint64_t m = first_mfn; m <= last_mfn; m++) {
        const struct page_info *pg = mfn_to_page(MFN(m));

        if (pg->count & PGC_ALLOCATED)
            want_frame(m, 1, 0);
        if (has(pg, PGT_PINNED))
            want_frame(m, 1, 1);
        if (has(pg, PGT_KEPT))
            want_frame(m, 1, 1);
        if (pg->owner < DOMID_FIRST_RESERVED)
            want_table(pg);
    }
    for (unsigned int i = 0; i < PAGES + FOREIGN; i++)
        want_frame(page_to_mfn(page[i]).v, held[i], held[i]);
    for (unsigned int i = 0; i < d->max_vcpus; i++) {
        const struct arch_vcpu *a = &d->vcpu[i]->arch;

        if (a->kernel_root.v)
            want_frame(a->kernel_root.v, 1, 1);
        if (a->user_root.v)
            want_frame(a->user_root.v, 1, 1);
        if (a->old_root)
            want_frame(a->old_root, 1, 1);
        if (a->old_root_too)
            want_frame(a->old_root_too, 1, 1);
        for (unsigned int j = 0; j < LDT_GUEST_FRAMES; j++)
            if (a->ldt_frame[j].v)
                want_frame(a->ldt_frame[j].v, 1, 1);
    }
    for (uint64_t m = first_mfn; m <= last_mfn; m++) {
        const struct page_info *pg = mfn_to_page(MFN(m));

        if (pg->owner >= DOMID_FIRST_RESERVED)
            continue;
        check(general(pg) == want[m].general, "general count", pg);
        check(typed(pg) == want[m].typed, "type count", pg);
        check(!has(pg, PGT_LOCKED), "left locked", pg);
    }
}

/* --- the guest --- */

static const uint8_t *in;
static size_t left;

static uint8_t byte(void)
{
    if (!left)
        return 0;
    left--;
    return *in++;
}

static struct page_info *any_page(void) { return page[byte() % (PAGES + FOREIGN)]; }

static unsigned int any_slot(void)
{
    return slots[byte() % ARRAY_SIZE(slots)];
}

static uint64_t any_entry(void)
{
    static const uint64_t bits[] = { RW, RO, 0, PTE_P, RW | PTE_A, RW | PTE_D, RO | PTE_NX, RW | PTE_PSE, RW | PTE_G,
                                     RW | PTE_PCD, RO | PTE_SOFT, PTE_RW };
    uint8_t which = byte();
    uint64_t b = bits[byte() % ARRAY_SIZE(bits)];

    if (which == 255)
        return mfn_to_maddr(MFN(host_iomem_first)).v | b;
    if (which == 254)
        return b; /* frame 0: no RAM */
    if (which == 253)
        return 0;
    return entry_for(page[which % (PAGES + FOREIGN)], b);
}

static uint64_t any_va(void) { return (uint64_t)any_slot() << 12; }

/* A plain write by the guest, where it could have the frame mapped writable. */
static void write_plain(void)
{
    struct page_info *pg = any_page();
    unsigned int slot = any_slot();
    uint64_t entry = any_entry();

    if (pg->owner == d->id && (!typed(pg) || page_type_of(pg->type) == PGT_WRITABLE))
        entries(pg)[slot] = entry;
}

static void fault(void)
{
    static const uint8_t code[4][16] = { { 0x48, 0x89, 0x07 }, { 0xf0, 0x48, 0x0f, 0xba, 0x37, 0x01 },
                                         { 0x48, 0x87, 0x07 }, { 0xf0, 0x48, 0x0f, 0xb1, 0x0f } };
    struct cpu_user_regs regs = { .rip = (uint64_t)code[byte() & 3] };

    regs.rdi = any_va() + any_slot() * 8;
    regs.rax = any_entry();
    regs.rcx = any_entry();
    pv_fault_fixup(v, regs.rdi, 7, &regs);
}

static void grant(void)
{
    unsigned int i = byte() % (PAGES + FOREIGN), flags = GNTMAP_host_map;
    struct page_info *pg = page[i];
    uint64_t addr;

    addr = byte() & 1 ? any_va() : entry_address(any_page(), any_slot());
    if (addr & 0xff8 || addr > 512ul << 12)
        flags |= GNTMAP_contains_pte;
    if (byte() & 1) { /* references go to the entry */
        struct domain *owner = page_owner(pg);

        if (owner && !page_get_and_type(pg, owner, PGT_WRITABLE) &&
            arch_grant_map(v, addr, page_to_mfn(pg), flags) != GNTST_okay)
            page_put_and_type(pg);
    } else if (arch_grant_unmap(v, addr, page_to_mfn(pg), byte() & 1 ? any_va() : 0, flags) == GNTST_okay) {
        page_put_and_type(pg);
    }
}

static void hold(void)
{
    unsigned int i = byte() % (PAGES + FOREIGN);
    struct domain *owner = page_owner(page[i]);

    if (held[i]) {
        held[i]--;
        page_put_and_type(page[i]);
    } else if (owner && !page_get_and_type(page[i], owner, PGT_WRITABLE)) {
        held[i]++;
    }
}

/* Give a frame back, or trade it for another. */
static void reserve(void)
{
    unsigned int i = byte() % PAGES;
    xen_pfn_t in = page_to_mfn(page[i]).v, out = i;
    struct xen_memory_reservation r = { .extent_start.p = &in, .nr_extents = 1, .domid = DOMID_SELF };
    struct xen_memory_exchange x = { .in = r, .out = r };

    if (byte() & 1) {
        do_memory_op(XENMEM_decrease_reservation, (unsigned long)&r, 0, 0, 0, 0);
        return;
    }
    x.out.extent_start.p = &out;
    if (!do_memory_op(XENMEM_exchange, (unsigned long)&x, 0, 0, 0, 0))
        page[i] = mfn_to_page(MFN(out));
}

static void batch(void)
{
    struct mmu_update req[3];

    for (unsigned int i = 0; i < 3; i++) {
        req[i].ptr = entry_address(any_page(), any_slot()) | byte() % 4;
        req[i].val = any_entry();
    }
    do_mmu_update((unsigned long)req, 3, 0, DOMID_SELF, 0, 0);
}

/* hv's extensions: the first slots are the ones that follow on each other. */
static void at_once(void)
{
    uint64_t words[4];
    unsigned int first = byte() % 4;
    struct hv_update_ptes op = {
        .ptr = entry_address(any_page(), first), .count = 1 + byte() % (4 - first), .mode = byte() % 4,
        .entries = (uint64_t)words, .flush = byte() % 3, .va = any_va(),
    };

    for (unsigned int i = 0; i < op.count; i++)
        words[i] = any_entry();
    do_hv_op(HVOP_update_ptes, (unsigned long)&op, 0, 0, 0, 0);
}

static void both_roots(void)
{
    struct hv_switch s = { .what = HV_SWITCH_ROOTS, .kernel_root = page_to_mfn(any_page()).v };

    s.user_root = byte() & 1 ? page_to_mfn(any_page()).v : 0;
    do_hv_op(HVOP_switch, (unsigned long)&s, 0, 0, 0, 0);
}

static void step(void)
{
    switch (byte() % 19) {
    case 0: case 1: case 2:
        write_plain();
        break;
    case 3: case 4:
        pin(1 + byte() % 4, any_page());
        break;
    case 5:
        unpin(any_page());
        break;
    case 6: case 7:
        mmu_update(entry_address(any_page(), any_slot()), any_entry(), DOMID_SELF);
        break;
    case 8:
        batch();
        break;
    case 9:
        mmuext(MMUEXT_NEW_BASEPTR, page_to_mfn(any_page()).v, 0);
        break;
    case 10:
        mmuext(MMUEXT_NEW_USER_BASEPTR, byte() & 1 ? page_to_mfn(any_page()).v : 0, 0);
        break;
    case 11:
        do_update_va_mapping(any_va(), any_entry(), byte() % 3, 0, 0, 0);
        break;
    case 12:
        fault();
        break;
    case 13:
        grant();
        break;
    case 14:
        if (byte() & 1)
            hold();
        else if (byte() & 1)
            pv_ldt_fault(v, byte() * 64);
        else
            mmuext(MMUEXT_SET_LDT, any_va(), byte() * 32);
        break;
    case 15:
        host_preempt_after = byte() % 8 - 1;
        break;
    case 16:
        reserve();
        break;
    case 17:
        at_once();
        break;
    case 18:
        both_roots();
        break;
    }
}

/* To start from: two trees that share tables, as yet plain data. */
static void plant(void)
{
    for (unsigned int i = 0; i < 8; i++)
        for (unsigned int j = 0; j < 3; j++)
            entries(page[i])[slots[(i + 4 * j) % ARRAY_SIZE(slots)]] =
                entry_for(page[i < 2 ? 8 + i + j : 2 * (i / 2) - 2 + (i + j) % 2], RW);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    in = data;
    left = size;
    host_reset(128);
    d = host_domain_new(1, false, 1, 64);
    other = host_domain_new(2, false, 1, 64);
    v = d->vcpu[0];
    host_current = v;
    v->arch.loaded_on = 0;
    d->privileged = byte() & 1;
    d->arch.has_devices = byte() & 1;
    first_mfn = HOST_FIRST_MFN;
    last_mfn = max_mfn.v - 1;
    for (unsigned int i = 0; i < PAGES + FOREIGN; i++) {
        page[i] = new_page(i < PAGES ? d : other);
        held[i] = 0;
    }
    if (byte() & 1)
        plant();
    while (left) {
        step();
        check_all();
    }
    host_preempt_after = -1;
    for (unsigned int i = 0; i < PAGES + FOREIGN; i++)
        for (; held[i]; held[i]--)
            page_put_and_type(page[i]);
    relinquish(d);
    relinquish(other);
    if (d->tot_pages || other->tot_pages || d->refcount != 1 || other->refcount != 1)
        abort();
    return 0;
}
