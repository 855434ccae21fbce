/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mappings of device registers and firmware tables in the vmap area. A bitmap of pages says what is taken;
 * the page behind each mapping stays free as a guard and marks its end for vunmap().
 */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/paging.h>
#include <hv/arch.h>
#include <hv/page_alloc.h>
#include <hv/spinlock.h>

#define VMAP_PAGES 32768u /* 128 MiB of the area are used */

static uint64_t taken[VMAP_PAGES / 64];
static unsigned int search_from;
static spinlock_t vmap_lock = SPINLOCK(LOCK_CONSOLE);

static bool is_taken(unsigned int page) { return taken[page / 64] >> (page % 64) & 1; }

static uint64_t *vmap_l2(void)
{
    uint64_t *l3 = mfn_to_virt(MFN((hv_root[pt_index(VMAP_VIRT, 4)] & PTE_ADDR_MASK) >> PAGE_SHIFT));

    return mfn_to_virt(MFN((l3[pt_index(VMAP_VIRT, 3)] & PTE_ADDR_MASK) >> PAGE_SHIFT));
}

static uint64_t *vmap_pte(unsigned int page)
{
    uint64_t *l1 = mfn_to_virt(MFN((vmap_l2()[page / 512] & PTE_ADDR_MASK) >> PAGE_SHIFT));

    return &l1[page % 512];
}

void vmap_init(void)
{
    uint64_t *l3 = mfn_to_virt(MFN((hv_root[pt_index(VMAP_VIRT, 4)] & PTE_ADDR_MASK) >> PAGE_SHIFT));

    l3[pt_index(VMAP_VIRT, 3)] = paging_new_table();
    for (unsigned int i = 0; i < VMAP_PAGES / 512; i++)
        vmap_l2()[i] = paging_new_table();
}

uint64_t paging_new_table(void)
{
    return boot_alloc(PAGE_SIZE, PAGE_SIZE, 1ul << 32).v | PTE_HV_TABLE;
}

/* First page of a free run of n pages, all marked taken; VMAP_PAGES if there is none. Under the lock. */
static unsigned int take_run(unsigned int n)
{
    for (unsigned int round = 0; round < 2; round++) {
        unsigned int run = 0;

        for (unsigned int page = round ? 0 : search_from; page < VMAP_PAGES; page++) {
            run = is_taken(page) ? 0 : run + 1;
            if (run < n)
                continue;
            search_from = page + 1;
            for (unsigned int p = page - n + 1; p <= page; p++)
                taken[p / 64] |= 1ull << (p % 64);
            return page - n + 1;
        }
    }
    return VMAP_PAGES;
}

void *vmap(maddr_t start, size_t size, uint64_t cache)
{
    uint64_t offset = start.v & ~PAGE_MASK, base = start.v - offset;
    unsigned int pages, page;

    if (!size || size > (uint64_t)VMAP_PAGES << PAGE_SHIFT || start.v + size < start.v)
        return NULL;
    pages = (offset + size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    spin_lock(&vmap_lock);
    page = take_run(pages + 1);
    spin_unlock(&vmap_lock);
    if (page == VMAP_PAGES)
        return NULL;
    for (unsigned int i = 0; i < pages; i++)
        WRITE_ONCE(*vmap_pte(page + i), (base + ((uint64_t)i << PAGE_SHIFT)) | PTE_HV_RO | cache);
    return (char *)VMAP_VIRT + ((uint64_t)page << PAGE_SHIFT) + offset;
}

static void flush_page(void *va) { invlpg(va); }

void vunmap(void *va)
{
    unsigned int page = ((uintptr_t)va - VMAP_VIRT) >> PAGE_SHIFT, end = page;

    for (; *vmap_pte(end) & PTE_P; end++) {
        WRITE_ONCE(*vmap_pte(end), 0);
        smp_call(arch_online_cpus(), flush_page, (char *)VMAP_VIRT + ((uint64_t)end << PAGE_SHIFT));
    }
    spin_lock(&vmap_lock);
    for (unsigned int p = page; p <= end; p++)
        taken[p / 64] &= ~(1ull << (p % 64));
    spin_unlock(&vmap_lock);
}
