/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each CPU has its own GDT in its window: pages 0 to 13 are the running guest's (its frames are mapped
 * there), page 14 is hv's. Page 14 is per CPU, because of the TSS. The selectors are the ABI's, so guests use
 * the same entries.
 */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/desc.h>
#include <arch/paging.h>
#include <arch/smp.h>
#include <hv/console.h>
#include <hv/page.h>

#define HV_GDT_PAGE FIRST_RESERVED_GDT_PAGE
#define ENTRY(selector) (((selector) & 0xff8) >> 3)

static struct tss tss_of[NR_CPUS];

struct descriptor_pointer { uint16_t limit; uint64_t base; } __attribute__((packed));

static void fill_descriptors(uint64_t *d, unsigned int cpu)
{
    uint64_t tss = (uint64_t)&tss_of[cpu];

    d[ENTRY(HV_CS64)] = 0x00af9b000000ffff;
    d[ENTRY(HV_DS)] = 0x00cf93000000ffff;
    d[ENTRY(HV_USER_CS32)] = 0x00cffb000000ffff;
    d[ENTRY(HV_USER_DS)] = 0x00cff3000000ffff;
    d[ENTRY(HV_USER_CS64)] = 0x00affb000000ffff;
    d[ENTRY(HV_TSS)] = 0x0000890000000000 | (offsetof(struct tss, pad) - 1) | (tss & 0xffffff) << 16 |
                       (tss >> 24 & 0xff) << 56;
    d[ENTRY(HV_TSS) + 1] = tss >> 32;
    d[ENTRY(HV_CPU_NUMBER)] = 0x0040f10000000000 | cpu; /* LSL reads the limit */
}

static void fill_tss(struct tss *t, unsigned int cpu)
{
    char *stack = cpu_stack(cpu);

    t->rsp[0] = (uint64_t)&cpu_info_of(cpu)->regs.es;
    for (unsigned int i = CPU_STACK_IST_DF; i <= CPU_STACK_IST_DB; i++)
        t->ist[i] = (uint64_t)stack + (i + 1) * PAGE_SIZE;
    t->io_bitmap = offsetof(struct tss, pad); /* beyond the limit: none */
}

void desc_cpu_prepare(unsigned int cpu)
{
    maddr_t page = boot_alloc(PAGE_SIZE, PAGE_SIZE, ~0ul);

    cpu_window_init(cpu);
    fill_descriptors(mfn_to_virt(maddr_to_mfn(page)), cpu);
    cpu_window_set(cpu, HV_GDT_PAGE, page.v | PTE_HV_RW);
    fill_tss(&tss_of[cpu], cpu);
}

void desc_cpu_init(unsigned int cpu)
{
    struct descriptor_pointer gdt = { (HV_GDT_PAGE + 1) * PAGE_SIZE - 1, CPU_WINDOW_GDT(cpu) };

    __asm__ volatile("lgdt %0" : : "m"(gdt));
    __asm__ volatile("pushq %0\n\t"
                     "lea 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\tmov %1, %%ss\n\t"
                     "mov %2, %%ds\n\t"
                     "mov %2, %%es\n\t"
                     "mov %2, %%fs\n\t"
                     "mov %2, %%gs"
                     : : "i"(HV_CS64), "r"(HV_DS), "r"(0) : "rax", "memory");
    __asm__ volatile("lldt %w0" : : "r"(0));
    __asm__ volatile("ltr %w0" : : "r"(HV_TSS));
}
