/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Device memory that a privileged domain may map: all but the interrupt controllers. Two kinds it may only
 * read, and hv carries out the writes that it takes for harmless: tables of MSI-X messages, which hv alone
 * fills, and memory-mapped PCI configuration, where the same filter holds as for the ports.
 */
#include <arch/acpi.h>
#include <arch/cpu.h>
#include <arch/decode.h>
#include <arch/iomem.h>
#include <arch/ioapic.h>
#include <arch/lapic.h>
#include <arch/msi.h>
#include <arch/paging.h>
#include <arch/pci.h>
#include <arch/pv_mm.h>
#include <hv/arch.h>
#include <hv/guest_copy.h>

#define TABLES_MAX 256u

/* Only grows; a number is written before the entry that it makes valid may be read. */
static struct { uint64_t start, end; } tables[TABLES_MAX];
static unsigned int nr_tables;
static spinlock_t tables_lock = SPINLOCK(LOCK_DEVICE);

bool arch_iomem_frame_ok(mfn_t mfn)
{
    return mfn.v < 1ul << (cpu_features.phys_bits - PAGE_SHIFT) && !mfn_valid(mfn) && !lapic_frame(mfn.v) &&
           !ioapic_frame(mfn.v);
}

static bool is_table(uint64_t first, uint64_t end)
{
    unsigned int n = __atomic_load_n(&nr_tables, __ATOMIC_ACQUIRE);

    for (unsigned int i = 0; i < n; i++)
        if (first < tables[i].end && end > tables[i].start)
            return true;
    return false;
}

/* Configuration space that maddr is in: function and register. */
static bool is_configuration(uint64_t maddr, uint16_t *bdf, unsigned int *reg)
{
    for (unsigned int i = 0; i < acpi_info.nr_mcfg; i++) {
        uint64_t at = maddr - acpi_info.mcfg[i].base;

        if (acpi_info.mcfg[i].segment || maddr < acpi_info.mcfg[i].base ||
            at >> 20 < acpi_info.mcfg[i].start_bus ||
            at >> 20 > acpi_info.mcfg[i].end_bus)
            continue;
        *bdf = at >> 12;
        *reg = at & 0xfff;
        return true;
    }
    return false;
}

bool arch_iomem_frame_readonly(mfn_t mfn)
{
    uint64_t start = mfn.v << PAGE_SHIFT;
    unsigned int reg;
    uint16_t bdf;

    return is_configuration(start, &bdf, &reg) || is_table(start, start + PAGE_SIZE);
}

void iomem_protect_table(uint64_t start, uint64_t size)
{
    spin_lock(&tables_lock);
    for (unsigned int i = 0; i < nr_tables; i++)
        if (tables[i].start == start && tables[i].end >= start + size)
            goto out;
    if (nr_tables < TABLES_MAX) {
        tables[nr_tables].start = start;
        tables[nr_tables].end = start + size;
        __atomic_store_n(&nr_tables, nr_tables + 1, __ATOMIC_RELEASE);
    }
out:
    spin_unlock(&tables_lock);
}

/* --- writes --- */

static uint64_t read_device(const volatile void *p, unsigned int bytes)
{
    return bytes == 1 ? *(const volatile uint8_t *)p : bytes == 2 ? *(const volatile uint16_t *)p
         : bytes == 4 ? *(const volatile uint32_t *)p : *(const volatile uint64_t *)p;
}

static void write_device(volatile void *p, unsigned int bytes, uint64_t v)
{
    if (bytes == 1)
        *(volatile uint8_t *)p = v;
    else if (bytes == 2)
        *(volatile uint16_t *)p = v;
    else if (bytes == 4)
        *(volatile uint32_t *)p = v;
    else
        *(volatile uint64_t *)p = v;
}

/* May that be written, and what of it? */
static bool filter(uint64_t maddr, unsigned int bytes, uint64_t *value)
{
    uint32_t v = *value;
    unsigned int reg;
    uint16_t bdf;

    if (is_table(maddr, maddr + bytes))
        return false;
    if (!is_configuration(maddr, &bdf, &reg))
        return true;
    if (bytes > 4 || (reg < 0x100 && !msi_filter_write(bdf, reg, bytes, &v)))
        return false;
    *value = v;
    return true;
}

static bool carry_out(uint64_t maddr, const struct write_insn *insn, struct cpu_user_regs *regs)
{
    volatile void *p = vmap(MADDR(maddr), insn->bytes, PTE_UC | PTE_RW);
    uint64_t old, value;

    if (!p)
        return false;
    old = insn->op == WRITE_MOV ? 0 : read_device(p, insn->bytes);
    if (decode_apply(insn, old, &value, regs) && filter(maddr, insn->bytes, &value))
        write_device(p, insn->bytes, value);
    vunmap((void *)p);
    return true;
}

bool iomem_write_fault(struct vcpu *v, unsigned long va, struct cpu_user_regs *regs)
{
    uint8_t code[DECODE_MAX_BYTES];
    struct write_insn insn;
    unsigned int n;
    uint64_t entry;
    mfn_t mfn;

    if (!v->domain->arch.has_devices || !v->arch.guest_kernel || !pv_read_kernel_l1e(v, va, &entry) ||
        entry & PTE_RW)
        return false;
    mfn = MFN((entry & PTE_ADDR_MASK) >> PAGE_SHIFT);
    if (mfn_valid(mfn) || !arch_iomem_frame_readonly(mfn))
        return false;
    n = DECODE_MAX_BYTES - arch_copy_from_guest(code, (const void *)regs->rip, DECODE_MAX_BYTES);
    if (!decode_write(code, n, regs, &insn) || va - insn.address >= insn.bytes ||
        (insn.address & ~PAGE_MASK) + insn.bytes > PAGE_SIZE)
        return false;
    return carry_out((mfn.v << PAGE_SHIFT) + (insn.address & ~PAGE_MASK), &insn, regs);
}
