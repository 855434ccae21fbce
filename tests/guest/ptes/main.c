/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own extension: entries that follow on each other, changed by one call. The rules of a page table hold
 * for each of them, and what a CPU may still know of the old ones goes with the flush that is asked for.
 */
#include <guest.h>

#define N 512u

static uint64_t *window, words[N];
static unsigned long window_va;
static uint64_t *page[2];
static struct hv_update_ptes op;

static uint64_t entry(unsigned int which, uint64_t flags) { return va_to_mfn(page[which]) * PAGE_SIZE | flags; }
static void *at(unsigned int i) { return (void *)(window_va + i * PAGE_SIZE); }

static long update(unsigned int mode, unsigned int first, unsigned int count, void *entries, uint64_t flush)
{
    op = (struct hv_update_ptes){
        .ptr = entry_machine(&window[first]), .count = count, .mode = mode, .entries = (uint64_t)entries, .flush = flush,
        .va = (uint64_t)at(first), .done = 0x7777,
    };
    return hyp_hv_op(HVOP_update_ptes, &op);
}

static void fill(unsigned int n, uint64_t value)
{
    for (unsigned int i = 0; i < n; i++)
        words[i] = value;
}

static unsigned int differ(unsigned int n, uint64_t want)
{
    unsigned int wrong = 0;

    for (unsigned int i = 0; i < n; i++)
        wrong += window[i] != want;
    return wrong;
}

static void setting(void)
{
    uint64_t value = 0;

    fill(N, entry(0, PTE_RW));
    is(update(HV_PTES_SET, 0, N, words, UVMF_NONE), 0, "a whole table");
    is(differ(N, entry(0, PTE_RW)), 0, "each entry is there");
    is(probe_read(at(N - 1), &value)->vector, NO_FAULT, "and maps");
    is(value, 0xaaaa, "the page");
    for (unsigned int i = 0; i < N; i++)
        words[i] = i % 3 == 0 ? 0 : entry(i % 2, i % 5 ? PTE_RO : PTE_RW);
    is(update(HV_PTES_SET, 0, N, words, UVMF_TLB_FLUSH | UVMF_LOCAL), 0, "others, mixed");
    for (unsigned int i = 0; i < N; i++)
        value += window[i] != words[i];
    is(value, 0xaaaa, "each is what it should be");
    is(probe_read(at(N - 1), &value)->vector, NO_FAULT, "the last maps");
    is(value, 0xbbbb, "the other page, after the flush");
    is(probe_write(at(1), 1)->error, 3, "one is read-only");
    is(update(HV_PTES_SET, 7, 1, &words[3], UVMF_NONE), 0, "one alone");
    is(window[7], words[3], "it is there");
}

static void accessed_and_dirty(void)
{
    uint64_t value;

    fill(8, entry(0, PTE_PRESENT | PTE_WRITE | PTE_USER));
    update(HV_PTES_SET, 0, 8, words, UVMF_TLB_FLUSH | UVMF_LOCAL);
    probe_read(at(1), &value);
    probe_write(at(2), 0xaaaa);
    fill(8, entry(0, PTE_PRESENT | PTE_USER));
    is(update(HV_PTES_SET_KEEP_AD, 0, 8, words, UVMF_INVLPG | UVMF_ALL), 0, "read-only, with what the CPU noted");
    is(window[0], words[0], "nothing, where it did nothing");
    is(window[1], words[0] | PTE_ACCESSED, "accessed");
    is(window[2], words[0] | PTE_ACCESSED | PTE_DIRTY, "dirty");
    is(probe_write(at(2), 1)->error, 3, "a write faults: the old entry is gone from the TLB");
    fill(8, entry(1, PTE_PRESENT | PTE_USER));
    is(update(HV_PTES_SET_KEEP_AD, 0, 8, words, UVMF_INVLPG | UVMF_LOCAL), 0, "another page");
    is(window[2], words[0] | PTE_ACCESSED | PTE_DIRTY, "keeps them too");
}

static void clearing(void)
{
    uint64_t value;

    fill(N, entry(0, PTE_PRESENT | PTE_WRITE | PTE_USER));
    update(HV_PTES_SET, 0, N, words, UVMF_TLB_FLUSH | UVMF_LOCAL);
    probe_write(at(5), 0xaaaa);
    fill(N, 0x1234);
    is(update(HV_PTES_CLEAR, 0, N, words, UVMF_TLB_FLUSH | UVMF_ALL), 0, "cleared");
    is(differ(N, 0), 0, "all are gone");
    is(words[0], entry(0, PTE_PRESENT | PTE_WRITE | PTE_USER), "what they were");
    is(words[5], entry(0, PTE_RW), "with accessed and dirty");
    is(probe_read(at(5), &value)->error, 0, "and from the TLB");
    is(update(HV_PTES_CLEAR, 0, N, NULL, UVMF_NONE), 0, "empty ones, and no array");
}

static void protecting(void)
{
    uint64_t *table = page_alloc();

    fill(4, entry(0, PTE_RW));
    words[1] = 0x2000;                              /* not present */
    words[2] = va_to_mfn(table) * PAGE_SIZE | PTE_RW;
    words[3] = entry(0, PTE_RO);
    map_ro(table);
    update(HV_PTES_SET, 0, 4, words, UVMF_TLB_FLUSH | UVMF_LOCAL);
    probe_write(at(0), 0xaaaa);
    probe_write(at(2), 0);
    is(pin(1, table), -XEN_EINVAL, "a page that is mapped writable is no table");
    is(update(HV_PTES_PROTECT, 0, 4, NULL, UVMF_NONE), 0, "protected");
    ok(window[0] == (words[0] & ~PTE_WRITE) && window[1] == 0x2000 && window[2] == (words[2] & ~PTE_WRITE) &&
       window[3] == words[3], "each by what it was");
    is(pin(1, table), 0, "now the page may become one");
    words[2] = va_to_mfn(table) * PAGE_SIZE | PTE_RW;
    is(probe_write(at(2), words[2])->error, 3, "though nobody asked for a flush, a write to it goes the hypervisor's way");
    is(*table, 0, "who refuses what is no good entry");
    is(update(HV_PTES_SET, 0, 4, words, UVMF_NONE), -XEN_EBUSY, "and is not mapped writable again");
    is(op.done, 2, "two were changed");
    ok(window[0] == words[0] && window[2] == (words[2] & ~PTE_WRITE), "the rest is as it was");
    update(HV_PTES_CLEAR, 0, 4, NULL, UVMF_TLB_FLUSH | UVMF_LOCAL);
    is(unpin(table), 0, "it is no table any more");
}

/* A table of its own that is cleared may be freed and used for anything, at once. */
static void references(void)
{
    uint64_t *frame = page_alloc();

    fill(2, va_to_mfn(frame) * PAGE_SIZE | PTE_RW);
    update(HV_PTES_SET, 0, 2, words, UVMF_NONE);
    map_ro(frame);
    is(pin(1, frame), -XEN_EINVAL, "two writable mappings");
    update(HV_PTES_CLEAR, 0, 1, NULL, UVMF_NONE);
    is(pin(1, frame), -XEN_EINVAL, "one of them gone");
    update(HV_PTES_CLEAR, 1, 1, NULL, UVMF_NONE);
    is(pin(1, frame), 0, "both");
    is(unpin(frame), 0, "back");
    fill(1, va_to_mfn(frame) * PAGE_SIZE | PTE_RO);
    for (unsigned int i = 0; i < 3; i++) {
        words[0] ^= PTE_WRITE;
        update(i & 1 ? HV_PTES_SET_KEEP_AD : HV_PTES_SET, 3, 1, words, UVMF_NONE);
    }
    is(pin(1, frame), -XEN_EINVAL, "flags alone, to and fro: writable");
    update(HV_PTES_PROTECT, 3, 1, NULL, UVMF_NONE);
    is(pin(1, frame), 0, "protected");
    unpin(frame);
    update(HV_PTES_CLEAR, 3, 1, NULL, UVMF_NONE);
}

static long with(uint64_t ptr, uint32_t count, uint16_t mode, uint64_t entries)
{
    op = (struct hv_update_ptes){ .ptr = ptr, .count = count, .mode = mode, .entries = entries };
    return hyp_hv_op(HVOP_update_ptes, &op);
}

static void refusals(void)
{
    uint64_t here = entry_machine(window), array = (uint64_t)words;

    fill(N, 0);
    is(hyp_hv_op(HVOP_update_ptes, NULL), -XEN_EFAULT, "no structure");
    is(hyp_hv_op(HVOP_update_ptes, (void *)0xffff800000000000), -XEN_EFAULT, "one in the hypervisor");
    is(with(here, 0, HV_PTES_SET, array), -XEN_EINVAL, "no entries");
    is(with(here, 513, HV_PTES_SET, array), -XEN_EINVAL, "more than a table has");
    is(with(here + 8, 512, HV_PTES_SET, array), -XEN_EINVAL, "beyond its end");
    is(with(here, ~0u, HV_PTES_SET, array), -XEN_EINVAL, "far beyond");
    is(with(here + 4, 1, HV_PTES_SET, array), -XEN_EINVAL, "between two entries");
    is(with(here, 1, 4, array), -XEN_EINVAL, "a mode that does not exist");
    is(with(here, 1, 0xffff, array), -XEN_EINVAL, "another");
    is(with(~7ul, 1, HV_PTES_SET, array), -XEN_EINVAL, "no frame at all");
    is(with(va_to_machine(page[0]), 1, HV_PTES_SET, array), -XEN_EINVAL, "an ordinary page");
    is(with(entry_machine(entry_of(page[0], 2)), 1, HV_PTES_SET, array), -XEN_EINVAL, "a level-2 table");
    is(with(0x100000, 1, HV_PTES_CLEAR, 0), -XEN_EINVAL, "somebody else's frame");
    is(with(here, 1, HV_PTES_SET, 0xffff800000000000), -XEN_EFAULT, "an array in the hypervisor");
    is(with(here, 1, HV_PTES_SET, 0x8000000000000000), -XEN_EFAULT, "at no address");
    is(with(here, 100, HV_PTES_CLEAR, 0x1000), -XEN_EFAULT, "nowhere to put what was there");
    is(hypercall(__HYPERVISOR_hv_op, HVOP_update_ptes, (unsigned long)&op, 100, 0, 0), -XEN_EINVAL, "begun behind the end");
    is(hypercall(__HYPERVISOR_hv_op, HVOP_update_ptes, (unsigned long)&op, ~0ul, 0, 0), -XEN_EINVAL, "far behind");
    is(update(HV_PTES_SET, 0, 1, words, UVMF_TLB_FLUSH | 0xffff800000000000), -XEN_EFAULT, "vCPUs named in the hypervisor");
    words[0] = va_to_mfn(window) * PAGE_SIZE | PTE_RW;
    is(update(HV_PTES_SET, 0, 2, words, UVMF_NONE), -XEN_EBUSY, "the table itself, writable");
    is(op.done, 0, "nothing was changed");
    words[0] = entry(0, PTE_RW | PTE_PSE);
    is(update(HV_PTES_SET_KEEP_AD, 0, 1, words, UVMF_NONE), is_dom0() ? 0 : -XEN_EINVAL,
       "bits of caching are for domains with devices");
    words[0] = entry(0, PTE_RW) | 1ul << 51;
    ok(update(HV_PTES_SET, 0, 1, words, UVMF_NONE) < 0, "a frame beyond everything");
    words[0] = entry(0, PTE_RW | PTE_GLOBAL);
    is(update(HV_PTES_SET, 0, 1, words, UVMF_NONE), 0, "the global bit");
    is(window[0], entry(0, PTE_RW), "is dropped");
    words[0] = entry(0, PTE_PRESENT | PTE_WRITE);
    is(update(HV_PTES_SET, 0, 1, words, UVMF_NONE), 0, "a page of the kernel's only");
    is(window[0], entry(0, PTE_PRESENT | PTE_WRITE | PTE_USER), "is user mode's too");
    update(HV_PTES_CLEAR, 0, N, NULL, UVMF_TLB_FLUSH | UVMF_ALL);
}

void test_main(void)
{
    if (!running_on_hv())
        return (void)skip("this is hv's own");
    if (!hv_offers(HV_FEATURE_update_ptes)) {
        is(hyp_hv_op(HVOP_update_ptes, &op), -XEN_ENOSYS, "not offered, and not there");
        return;
    }
    window = new_window(&window_va);
    page[0] = page_alloc();
    page[1] = page_alloc();
    page[0][0] = 0xaaaa;
    page[1][0] = 0xbbbb;
    refusals();
    setting();
    accessed_and_dirty();
    clearing();
    protecting();
    references();
}
