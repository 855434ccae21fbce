/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel says with ELF notes where it wants things. This one asks like Linux: the list of frames at 512 GiB instead of behind
 * the image, the module by frame number and not mapped at all; and it leaves out what has a default.
 */
#include <guest.h>

#define INIT_P2M 0x8000000000ul

/* The entry that maps VA; the tables of the list are not in the boot mapping, so each is made visible on the way. */
static uint64_t leaf_entry(unsigned long va)
{
    char *page = page_alloc();
    uint64_t entry = boot_root()[va >> 39 & 511];
    unsigned int level;

    for (level = 3; level >= 1 && entry & PTE_PRESENT; level--) {
        if (map_mfn(page, (entry & PTE_FRAME) / PAGE_SIZE, PTE_RO))
            return 0;
        entry = ((volatile uint64_t *)page)[va >> (12 + 9 * (level - 1)) & 511];
    }
    return entry;
}

static void the_list(void)
{
    unsigned long frames = (start_info->nr_pages * 8 + PAGE_SIZE - 1) / PAGE_SIZE, pfn, wrong = 0;

    is(start_info->mfn_list, INIT_P2M, "the list of frames is where INIT_P2M asked");
    for (pfn = 0; pfn < start_info->nr_pages; pfn++)
        wrong += mfn_to_pfn(pfn_to_mfn(pfn)) != pfn;
    is(wrong, 0, "and right to its end");
    ok(start_info->nr_p2m_frames >= frames, "%lu frames are used for it (and its tables), from PFN %lx",
       (unsigned long)start_info->nr_p2m_frames, (unsigned long)start_info->first_p2m_pfn);
    ok(leaf_entry(INIT_P2M) & PTE_WRITE, "it is mapped writable");
    pfn = mfn_to_pfn((leaf_entry(INIT_P2M) & PTE_FRAME) / PAGE_SIZE);
    ok(pfn >= start_info->first_p2m_pfn && pfn < start_info->first_p2m_pfn + start_info->nr_p2m_frames,
       "its first page is one of them: PFN %lx", pfn);
    is(probe_write((void *)INIT_P2M, *(uint64_t *)INIT_P2M)->vector, NO_FAULT, "it is writable");
}

static void the_module(void)
{
    char *page = page_alloc();

    ok(start_info->flags & SIF_MOD_START_PFN, "the module is told by frame number");
    ok(start_info->mod_len > 100, "it has %lu bytes", (unsigned long)start_info->mod_len);
    ok(start_info->mod_start < start_info->nr_pages, "from PFN %lx", (unsigned long)start_info->mod_start);
    is(map_mfn(page, pfn_to_mfn(start_info->mod_start), PTE_RW), 0, "it can be mapped");
    ok(!memcmp(page, "#!/usr/bin/env", 14), "and is what the boot loader had: \"%c%c%c%c...\"", page[0], page[1], page[2], page[3]);
}

void test_main(void)
{
    if (!is_dom0())
        skip_all("this is about the first domain's builder");
    the_list();
    the_module();
    ok(start_info->pt_base > VIRT_BASE, "the page tables are in the boot mapping");
}
