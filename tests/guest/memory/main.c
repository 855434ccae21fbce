/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain gives memory back, asks for it again, and trades scattered frames for contiguous ones, as a balloon
 * driver and a DMA layer do.
 */
#include <guest.h>
#include <public/memory.h>

static long current(void)
{
    struct xen_memory_domain op = { .domid = DOMID_SELF };

    return hyp_memory_op(XENMEM_current_reservation, &op);
}

static void how_much(void)
{
    struct xen_memory_domain op = { .domid = DOMID_SELF };
    long now = current(), most = hyp_memory_op(XENMEM_maximum_reservation, &op), ram;

    ok(now >= (long)start_info->nr_pages, "the domain has %ld pages", now);
    ok(most >= now, "and may have %ld", most);
    ram = hyp_memory_op(XENMEM_maximum_ram_page, NULL);
    ok(ram > now, "the last frame of RAM is %lx", ram);
    op.domid = 0x7000;
    is_either(hyp_memory_op(XENMEM_current_reservation, &op), -XEN_ESRCH, is_dom0() ? -XEN_ESRCH : -XEN_EPERM, "no such domain");
    is(hyp_memory_op(99, &op), -XEN_ENOSYS, "an unknown operation");
    is(hyp_memory_op(XENMEM_current_reservation, NULL), -XEN_EFAULT, "no argument");
}

static long reserve(unsigned int cmd, xen_pfn_t *list, unsigned long count, unsigned int order, unsigned int flags)
{
    struct xen_memory_reservation op = {
        .extent_start.p = list, .nr_extents = count, .extent_order = order, .mem_flags = flags, .domid = DOMID_SELF,
    };

    return hyp_memory_op(cmd, &op);
}

static void give_and_take(void)
{
    uint64_t *page = page_alloc();
    unsigned long pfn = va_to_pfn(page), mfn = va_to_mfn(page);
    xen_pfn_t list[1] = { mfn };
    long before = current();

    map_none(page);
    is(reserve(XENMEM_decrease_reservation, list, 1, 0, 0), 1, "decrease_reservation of one page");
    is(current(), before - 1, "the domain has one page less");
    ok(map_mfn(page, mfn, PTE_RW) < 0, "and cannot map it any more");
    is(reserve(XENMEM_decrease_reservation, list, 1, 0, 0), 0, "nor give it twice");
    list[0] = pfn;
    is(reserve(XENMEM_populate_physmap, list, 1, 0, 0), 1, "populate_physmap");
    is(current(), before, "the domain has it back");
    ok(list[0] != pfn || list[0] == mfn, "as frame %lx (it was %lx)", (unsigned long)list[0], mfn);
    is(mfn_to_pfn(list[0]), pfn, "the machine-to-physical table knows it");
    set_pfn_mfn(pfn, list[0]);
    is(map_rw(page), 0, "it can be mapped");
    is(page[0] | page[511], 0, "and is zero");
}

static void increase(void)
{
    xen_pfn_t list[4];
    long before = current(), got = reserve(XENMEM_increase_reservation, list, 4, 0, 0);

    ok(got >= 0 && got <= 4, "increase_reservation: %ld of 4", got);
    is(current(), before + got, "all of it is counted");
    is(reserve(XENMEM_decrease_reservation, list, got, 0, 0), got, "and given back");
    is(current(), before, "none is left");
}

static void mapped_pages_stay(void)
{
    uint64_t *page = page_alloc();
    xen_pfn_t list[1] = { va_to_mfn(page) };
    long got, before = current();

    *page = 5;
    got = reserve(XENMEM_decrease_reservation, list, 1, 0, 0);
    ok(got == 0 || got == 1, "decrease_reservation of a page that is still mapped: %ld", got);
    is(*(volatile uint64_t *)page, 5, "the mapping holds it");
    map_none(page);
    if (got == 1)
        is(current(), before - 1, "and it goes with the mapping");
}

static void bad_extents(void)
{
    xen_pfn_t list[2] = { 0xfffffffffful, 0 };

    is(reserve(XENMEM_decrease_reservation, list, 1, 0, 0), 0, "a frame beyond memory is not given back");
    list[0] = va_to_mfn(boot_root());
    is(reserve(XENMEM_decrease_reservation, list, 1, 30, 0), 0, "an extent of 2^30 pages");
    is(reserve(XENMEM_populate_physmap, list, 1, 63, 0), 0, "an extent of 2^63 pages");
    is(reserve(XENMEM_populate_physmap, (void *)0x10, 1, 0, 0), 0, "a list at a bad address");
    is(reserve(XENMEM_decrease_reservation, (void *)0x10, 1, 0, 0), 0, "a list at a bad address");
    is(reserve(XENMEM_decrease_reservation, list, ~0ul >> 1, 0, 0), 0, "a count beyond all bounds");
}

/*
 * shared_info and the grant table are the hypervisor's frames, lent to the domain. Found by the fuzzer: a domain gave its grant
 * table back, as if it were its own, and the hypervisor freed the memory that it went on using.
 */
static void borrowed_frames(void)
{
    xen_pfn_t list[8] = { start_info->shared_info / PAGE_SIZE };
    unsigned int i, changed = 0;

    if (grant_init(1))
        bail("no grant table");
    list[1] = (*entry_of((void *)grant_entries, 1) & PTE_FRAME) / PAGE_SIZE;
    for (i = 0; i < 3; i++) {
        reserve(XENMEM_decrease_reservation, list, 1, 0, 0);
        reserve(XENMEM_decrease_reservation, list + 1, 1, 0, 0);
    }
    set_entry(entry_of((void *)grant_entries, 1), 0);
    for (i = 0; i < 8; i++)
        list[i] = va_to_pfn(page_alloc());
    i = reserve(XENMEM_populate_physmap, list, 8, 0, 0);        /* what was freed would come back here, as zeros */
    reserve(XENMEM_decrease_reservation, list, i, 0, 0);
    for (i = 0; i < 64; i++)
        changed += shared_info->evtchn_mask[i] != ~0ul;
    is(changed, 0, "shared_info and the grant table cannot be given back, or live on");
    if (!running_on_hv())
        return;         /* there the frame can be given back, and only harms its giver */
    is(grant_init(1), 0, "the grant table is still there");
    grant_entries[9].flags = 0x1234;
    is(grant_entries[9].flags, 0x1234, "and ours to write");
    grant_entries[9].flags = 0;
}

#define COUNT 16

static xen_pfn_t given[COUNT], wanted[COUNT];
static char *area;

static void exchange_op(struct xen_memory_exchange *op, unsigned int in_order, unsigned int out_order, unsigned int bits)
{
    *op = (struct xen_memory_exchange){
        .in = { .extent_start.p = given, .nr_extents = COUNT >> in_order, .extent_order = in_order, .domid = DOMID_SELF },
        .out = { .extent_start.p = wanted, .nr_extents = COUNT >> out_order, .extent_order = out_order,
                 .mem_flags = XENMEMF_address_bits(bits), .domid = DOMID_SELF },
    };
}

static void scattered_to_contiguous(void)
{
    struct xen_memory_exchange op;
    unsigned int i;
    long before = current();

    area = pages_alloc(COUNT);
    for (i = 0; i < COUNT; i++) {
        given[i] = va_to_mfn(area + i * PAGE_SIZE);
        map_none(area + i * PAGE_SIZE);
    }
    wanted[0] = va_to_pfn(area);
    exchange_op(&op, 0, 4, 32);
    is(hyp_memory_op(XENMEM_exchange, &op), 0, "exchange of 16 pages for one contiguous extent below 4 GiB");
    is(op.nr_exchanged, COUNT, "all exchanged");
    is(current(), before, "the domain has as many pages as before");
    is(wanted[0] % COUNT, 0, "the extent is aligned on its size");
    ok(wanted[0] + COUNT <= 1ul << 20, "and below 4 GiB: frame %lx", (unsigned long)wanted[0]);
    for (i = 0; i < COUNT; i++) {
        set_pfn_mfn(va_to_pfn(area) + i, wanted[0] + i);
        if (mfn_to_pfn(wanted[0] + i) != va_to_pfn(area) + i || map_rw(area + i * PAGE_SIZE))
            break;
    }
    is(i, COUNT, "each can be mapped and is known");
    memset(area, 1, COUNT * PAGE_SIZE);
}

static void contiguous_to_scattered(void)
{
    struct xen_memory_exchange op;
    unsigned int i;

    given[0] = va_to_mfn(area);
    for (i = 0; i < COUNT; i++) {
        map_none(area + i * PAGE_SIZE);
        wanted[i] = va_to_pfn(area) + i;
    }
    exchange_op(&op, 4, 0, 0);
    is(hyp_memory_op(XENMEM_exchange, &op), 0, "exchange of the extent for 16 pages");
    is(op.nr_exchanged, 1, "all exchanged");
    for (i = 0; i < COUNT; i++) {
        set_pfn_mfn(va_to_pfn(area) + i, wanted[i]);
        if (map_rw(area + i * PAGE_SIZE))
            break;
    }
    is(i, COUNT, "each can be mapped");
}

static void bad_exchanges(void)
{
    struct xen_memory_exchange op;
    long before = current();

    exchange_op(&op, 0, 4, 32);
    given[0] = 0xffffffffff;
    wanted[0] = va_to_pfn(area);
    ok(hyp_memory_op(XENMEM_exchange, &op) < 0, "exchange of a frame beyond memory");
    exchange_op(&op, 0, 4, 32);
    given[0] = va_to_mfn(area);
    op.in.nr_extents = 3;
    is(hyp_memory_op(XENMEM_exchange, &op), -XEN_EINVAL, "different amounts");
    exchange_op(&op, 0, 4, 32);
    op.nr_exchanged = 17;
    is(hyp_memory_op(XENMEM_exchange, &op), -XEN_EINVAL, "more done than there is");
    exchange_op(&op, 0, 4, 32);
    op.out.nr_extents = ~0ul;
    op.out.extent_order = 63;
    ok(hyp_memory_op(XENMEM_exchange, &op) < 0, "an order of 63");
    is(current(), before, "nothing was lost");
}

static void maps(void)
{
    static struct { uint64_t base, size; uint32_t type; } __attribute__((packed)) map[128];
    struct xen_memory_map op = { .nr_entries = 128, .buffer.p = map };
    struct xen_machphys_mapping mapping;
    xen_pfn_t frames[4];
    struct xen_machphys_mfn_list list = { .max_extents = 4, .extent_start.p = frames };

    if (is_dom0()) {
        is(hyp_memory_op(XENMEM_machine_memory_map, &op), 0, "the machine's memory map");
        ok(op.nr_entries >= 2 && op.nr_entries < 128, "%u entries", op.nr_entries);
        is(map[0].base, 0, "the first begins at 0");
        op.buffer.p = (void *)0x10;
        is(hyp_memory_op(XENMEM_machine_memory_map, &op), -XEN_EFAULT, "to a bad address");
    }
    is(hyp_memory_op(XENMEM_machphys_mapping, &mapping), 0, "machphys_mapping");
    is(mapping.v_start, MACH2PHYS_VIRT_START, "starts where the ABI says");
    ok(mapping.max_mfn >= va_to_mfn(boot_root()), "up to frame %lx", (unsigned long)mapping.max_mfn);
    is(hyp_memory_op(XENMEM_machphys_mfn_list, &list), 0, "machphys_mfn_list");
    ok(list.nr_extents >= 1 && list.nr_extents <= 4, "%u extents", list.nr_extents);
}

static void machine_to_physical(void)
{
    uint64_t value;

    is(probe_read((void *)MACH2PHYS_VIRT_START, &value)->vector, NO_FAULT, "the table begins at the ABI's address");
    is(probe_read((void *)(MACH2PHYS_VIRT_END - 8), &value)->vector, VECTOR_PF, "beyond the machine's memory: #PF");
    is(probe_write((void *)MACH2PHYS_VIRT_START, 0)->vector, VECTOR_PF, "it is read-only");
}

void test_main(void)
{
    how_much();
    give_and_take();
    increase();
    mapped_pages_stay();
    bad_extents();
    borrowed_frames();
    scattered_to_contiguous();
    contiguous_to_scattered();
    bad_exchanges();
    maps();
    machine_to_physical();
}
