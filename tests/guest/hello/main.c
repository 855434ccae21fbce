/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first thing that can work: the kernel is loaded, entered, told about its memory, and can print.
 *
 * It needs console_io (or the console ring), update_va_mapping for the shared page, set_trap_table,
 * set_callbacks, xen_version and sched_op shutdown, and nothing else.
 */
#include <guest.h>
#include <public/version.h>

static void start_info_is_sane(void)
{
    unsigned long here = va_to_pfn((void *)start_info);

    ok(!strncmp(start_info->magic, "xen-3.0-x86_64", 14), "start_info magic is \"%s\"", start_info->magic);
    ok(start_info->nr_pages > 1024, "the domain has %lu pages", start_info->nr_pages);
    ok(!((unsigned long)start_info % PAGE_SIZE), "start_info is page aligned, at %p", start_info);
    ok(here < start_info->nr_pages, "start_info lies in the boot mapping");
    ok(start_info->pt_base > VIRT_BASE && !(start_info->pt_base % PAGE_SIZE), "page tables at %lx", start_info->pt_base);
    ok(start_info->nr_pt_frames >= 4 && start_info->nr_pt_frames < 100, "%lu page table frames", start_info->nr_pt_frames);
    ok(start_info->mfn_list > VIRT_BASE, "the list of frames is in the boot mapping, at %lx", start_info->mfn_list);
    ok(!(start_info->shared_info % PAGE_SIZE), "shared_info at machine address %lx", start_info->shared_info);
    if (is_dom0())
        ok(start_info->flags & SIF_PRIVILEGED, "the first domain is privileged, flags %x", start_info->flags);
}

static void memory_is_ours(void)
{
    unsigned long pfn, wrong = 0;

    for (pfn = 0; pfn < start_info->nr_pages; pfn++)
        if (mfn_to_pfn(pfn_to_mfn(pfn)) != pfn)
            wrong++;
    is(wrong, 0, "m2p[p2m[pfn]] is pfn for all pages");
}

static int bss_word, data_word = 42;

void test_main(void)
{
    unsigned long version = hyp_xen_version(XENVER_version, NULL);

    note("hello, this is a test kernel on version %lu.%lu, %s", version >> 16, version & 0xffff,
         running_on_hv() ? "hv" : "not hv");
    note("command line: \"%s\"", (const char *)start_info->cmd_line);
    start_info_is_sane();
    memory_is_ours();
    is(bss_word, 0, "bss is zero");
    is(data_word, 42, "data is loaded");
}
