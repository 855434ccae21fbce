/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own page tables (layout.h). Built once on the boot CPU; after paging_init() the 16 root entries and
 * all third-level tables stay as they are, so that a guest's root table may hold copies.
 *
 * No page is writable and executable: the image is mapped page by page with its sections' rights, and the
 * direct map is never executable and leaves out hv's text.
 */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/cpu_info.h>
#include <arch/frame_table.h>
#include <arch/paging.h>
#include <arch/smp.h>
#include <hv/console.h>
#include <hv/string.h>

#define LEVEL_BYTES(level) (1ul << (12 + 9 * ((level) - 1)))
#define BELOW_4G (1ul << 32)

uint64_t hv_root[512] __attribute__((aligned(4096)));

extern char _text_start[], _text_end[], _rodata_start[], _rodata_end[], _image_end[];
extern char boot_cpu_stack[];

static uint64_t *pte_table(uint64_t pte) { return (uint64_t *)(DIRECT_MAP_VIRT + (pte & PTE_ADDR_MASK)); }

static uint64_t image_maddr(const void *p) { return (uintptr_t)p - HV_IMAGE_VIRT + HV_IMAGE_PHYS; }

/* The entry at that level for va, its tables made as needed from memory that the boot tables reach. */
static uint64_t *entry_for(unsigned long va, unsigned int level)
{
    uint64_t *table = hv_root;

    for (unsigned int l = 4; l > level; l--) {
        uint64_t *e = &table[pt_index(va, l)];

        if (!(*e & PTE_P))
            *e = boot_alloc(PAGE_SIZE, PAGE_SIZE, BELOW_4G).v | PTE_HV_TABLE;
        BUG_ON(*e & PTE_PSE);
        table = pte_table(*e);
    }
    return &table[pt_index(va, level)];
}

void paging_map(unsigned long va, uint64_t maddr, uint64_t size, uint64_t flags)
{
    uint64_t end = maddr + size;

    while (maddr < end) {
        unsigned int level = 1;

        while (level < (cpu_features.page1g ? 3 : 2) && !((va | maddr) & (LEVEL_BYTES(level + 1) - 1)) &&
               end - maddr >= LEVEL_BYTES(level + 1))
            level++;
        *entry_for(va, level) = maddr | flags | (level > 1 ? PTE_PSE : 0);
        va += LEVEL_BYTES(level);
        maddr += LEVEL_BYTES(level);
    }
}

static void map_image(void)
{
    unsigned long guard = (unsigned long)boot_cpu_stack + CPU_STACK_GUARD * PAGE_SIZE;

    for (unsigned long va = (unsigned long)_text_start; va < (unsigned long)_image_end; va += PAGE_SIZE) {
        uint64_t flags = PTE_HV_RW;

        if (va < (unsigned long)_text_end)
            flags = PTE_HV_RX;
        else if (va < (unsigned long)_rodata_end)
            flags = PTE_HV_RO;
        if (va != guard)
            *entry_for(va, 1) = image_maddr((void *)va) | flags;
    }
}

/* RAM, also below 1 MiB where a boot module may lie; of hv's image only what is writable anyway. */
static void map_ram(void)
{
    uint64_t image = HV_IMAGE_PHYS, readonly_end = image_maddr(_rodata_end);

    for (unsigned int i = 0; i < boot_info.nr_memory; i++) {
        const struct boot_memory *m = &boot_info.memory[i];
        uint64_t start = ALIGN_UP(m->start, PAGE_SIZE), end = m->end & PAGE_MASK;

        end = min(end, DIRECT_MAP_END - DIRECT_MAP_VIRT);
        if (m->type != BOOT_RAM || start >= end)
            continue;
        if (start <= image && end >= readonly_end) {
            paging_map(DIRECT_MAP_VIRT + start, start, image - start, PTE_HV_RW);
            start = readonly_end;
        }
        paging_map(DIRECT_MAP_VIRT + start, start, end - start, PTE_HV_RW);
    }
}

uint64_t paging_hv_cr3(void) { return image_maddr(hv_root); }

void paging_load_root(void)
{
    unsigned long cr4 = read_cr4();

    /* Without PGE, so that nothing global of the tables before survives. */
    write_cr4(cr4 & ~CR4_PGE);
    write_cr3(paging_hv_cr3());
    cpu_info()->count.cr3_loads++;
    write_cr4(cr4);
}

void paging_init(void)
{
    for (unsigned int slot = HV_ROOT_SLOT_FIRST; slot <= HV_ROOT_SLOT_LAST; slot++)
        hv_root[slot] = boot_alloc(PAGE_SIZE, PAGE_SIZE, BELOW_4G).v | PTE_HV_TABLE;
    hv_root[pt_index(M2P_VIRT, 4)] |= PTE_US;

    map_image();
    map_ram();
    paging_load_root();
    frame_table_init();
    vmap_init();
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        boot_info.module[i].data = (void *)(DIRECT_MAP_VIRT + boot_info.module[i].start);
}

/* --- per-CPU windows --- */

void cpu_window_init(unsigned int cpu)
{
    unsigned long va = CPU_WINDOW_GDT(cpu);
    uint64_t *l3 = pte_table(hv_root[pt_index(va, 4)]), *l2;

    if (!(l3[pt_index(va, 3)] & PTE_P))
        l3[pt_index(va, 3)] = paging_new_table();
    l2 = pte_table(l3[pt_index(va, 3)]);
    if (!(l2[pt_index(va, 2)] & PTE_P))
        l2[pt_index(va, 2)] = paging_new_table();
}

void cpu_window_set(unsigned int cpu, unsigned int page, uint64_t pte)
{
    unsigned long va = CPU_WINDOW_GDT(cpu) + page * PAGE_SIZE;
    uint64_t *l3 = pte_table(hv_root[pt_index(va, 4)]), *l2 = pte_table(l3[pt_index(va, 3)]);

    WRITE_ONCE(pte_table(l2[pt_index(va, 2)])[pt_index(va, 1)], pte);
}
