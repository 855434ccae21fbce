/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory while hv sets itself up: whole pages from the top of the highest range that fits, so that low memory
 * stays for devices. What is left goes to the page allocator once; from then on this file gives nothing out.
 *
 * Left out from the start: the first MiB (firmware and devices live there), hv's image, the boot modules.
 */
#include <arch/boot.h>
#include <arch/layout.h>
#include <arch/paging.h>
#include <hv/console.h>
#include <hv/page_alloc.h>
#include <hv/string.h>

struct range { uint64_t start, end; };

static struct range free_ranges[BOOT_MEMORY_MAX + BOOT_MODULES_MAX + 2];
static unsigned int nr_ranges;
static bool closed;

extern char _text_start[], _image_end[];

static void range_add(uint64_t start, uint64_t end)
{
    if (start >= end)
        return;
    BUG_ON(nr_ranges == ARRAY_SIZE(free_ranges));
    free_ranges[nr_ranges++] = (struct range){ start, end };
}

static void range_cut(uint64_t start, uint64_t end)
{
    start &= PAGE_MASK;
    end = ALIGN_UP(end, PAGE_SIZE);
    for (unsigned int i = nr_ranges; i-- > 0;) {
        struct range r = free_ranges[i];

        if (end <= r.start || start >= r.end)
            continue;
        free_ranges[i].end = max(r.start, start);
        range_add(end, r.end);
    }
}

void boot_alloc_init(void)
{
    for (unsigned int i = 0; i < boot_info.nr_memory; i++) {
        const struct boot_memory *m = &boot_info.memory[i];

        if (m->type == BOOT_RAM)
            range_add(max(ALIGN_UP(m->start, PAGE_SIZE), 0x100000ul), m->end & PAGE_MASK);
    }
    range_cut(HV_IMAGE_PHYS, HV_IMAGE_PHYS + (uint64_t)(_image_end - _text_start));
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        range_cut(boot_info.module[i].start, boot_info.module[i].start + boot_info.module[i].size);
}

maddr_t boot_alloc(uint64_t bytes, uint64_t align, uint64_t limit)
{
    struct range *best = NULL;
    uint64_t best_start = 0;

    BUG_ON(closed);
    bytes = ALIGN_UP(bytes, PAGE_SIZE);
    for (unsigned int i = 0; i < nr_ranges; i++) {
        uint64_t end = min(free_ranges[i].end, limit), start;

        if (end < free_ranges[i].start + bytes)
            continue;
        start = (end - bytes) & ~(align - 1);
        if (start >= free_ranges[i].start && start >= best_start) {
            best = &free_ranges[i];
            best_start = start;
        }
    }
    if (!best)
        panic("no %lu KiB of memory for hv itself", bytes >> 10);
    range_add(best_start + bytes, best->end);
    best->end = best_start;
    memset((void *)(DIRECT_MAP_VIRT + best_start), 0, bytes);
    return MADDR(best_start);
}

static bool low_page_is_free(uint64_t page)
{
    if (boot_memory_type(page) != BOOT_RAM || boot_memory_type(page + PAGE_SIZE - 1) != BOOT_RAM)
        return false;
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        if (page < boot_info.module[i].start + boot_info.module[i].size &&
            page + PAGE_SIZE > boot_info.module[i].start)
            return false;
    return true;
}

uint64_t boot_low_memory(uint64_t bytes)
{
    uint64_t start = 0x8000; /* below are the BIOS's own variables, and its stacks */

    for (uint64_t page = start; page < 0xa0000; page += PAGE_SIZE) {
        if (!low_page_is_free(page))
            start = page + PAGE_SIZE;
        else if (page + PAGE_SIZE - start >= bytes)
            return start;
    }
    return 0;
}

void boot_alloc_finish(void)
{
    closed = true;
    for (unsigned int i = 0; i < nr_ranges; i++)
        if (free_ranges[i].start < free_ranges[i].end)
            page_alloc_add(MADDR(free_ranges[i].start), MADDR(free_ranges[i].end));
}

void boot_release_modules(void)
{
    for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
        struct boot_module *m = &boot_info.module[i];
        /* The first and the last page may be shared with others' data; the first MiB counts as I/O memory. */
        uint64_t start = max(ALIGN_UP(m->start, PAGE_SIZE), 0x100000ul);
        uint64_t end = (m->start + m->size) & PAGE_MASK;

        if (boot_memory_type(m->start) == BOOT_RAM && start < end)
            page_alloc_add(MADDR(start), MADDR(end));
        m->size = 0;
    }
    boot_info.nr_modules = 0;
}
