/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs MSI and MSI-X capabilities (PCI Local Bus Specification 3.0, section 6.8). Of the registers, dom0
 * may change the bits that switch a function's messages on and off; addresses, data and masks are hv's.
 */
#include <arch/io.h>
#include <arch/iomem.h>
#include <arch/msi.h>
#include <arch/paging.h>
#include <arch/pci.h>
#include <hv/errno.h>

#define MSI_CONTROL 2u
#define MSI_ENABLE 0x0001u
#define MSI_CAPABLE(control) (1u << ((control) >> 1 & 7))
#define MSI_COUNT_SHIFT 4
#define MSI_COUNT_MASK 0x0070u
#define MSI_64BIT 0x0080u
#define MSI_MASKABLE 0x0100u
#define MSI_ADDRESS 4u

#define MSIX_CONTROL 2u
#define MSIX_TABLE 4u
#define MSIX_ENABLE 0x8000u
#define MSIX_MASK_ALL 0x4000u
#define MSIX_ENTRY_BYTES 16u
#define MSIX_MASKED 1u

#define MESSAGE_ADDRESS 0xfee00000u

static uint32_t message_address(uint32_t apic_id) { return MESSAGE_ADDRESS | (apic_id & 0xff) << 12; }

/* --- MSI --- */

static unsigned int data_offset(uint16_t control) { return control & MSI_64BIT ? 0xc : 8; }
static unsigned int mask_offset(uint16_t control) { return control & MSI_64BIT ? 0x10 : 0xc; }

static uint16_t msi_control(const struct msi *m) { return pci_read(m->bdf, m->capability + MSI_CONTROL, 2); }

int msi_find(struct msi *m, uint16_t bdf, unsigned int count)
{
    *m = (struct msi){ .bdf = bdf, .capability = pci_find_capability(bdf, PCI_CAP_MSI) };
    if (!m->capability)
        return -ENODEV;
    return count && count <= MSI_CAPABLE(msi_control(m)) ? 0 : -EINVAL;
}

static void program_msi(const struct msi *m, unsigned int count, uint32_t apic_id, uint8_t vector)
{
    uint16_t control = msi_control(m) & ~(MSI_ENABLE | MSI_COUNT_MASK);
    unsigned int order = count > 1 ? 32 - __builtin_clz(count - 1) : 0;

    pci_write(m->bdf, m->capability + MSI_CONTROL, 2, control);
    if (control & MSI_MASKABLE)
        pci_write(m->bdf, m->capability + mask_offset(control), 4, (uint32_t)((1ull << count) - 1));
    pci_write(m->bdf, m->capability + MSI_ADDRESS, 4, message_address(apic_id));
    if (control & MSI_64BIT)
        pci_write(m->bdf, m->capability + MSI_ADDRESS + 4, 4, 0);
    pci_write(m->bdf, m->capability + data_offset(control), 2, vector);
    pci_write(m->bdf, m->capability + MSI_CONTROL, 2, control | order << MSI_COUNT_SHIFT | MSI_ENABLE);
}

static void mask_msi(const struct msi *m, bool masked)
{
    uint16_t control = msi_control(m);
    uint32_t bits;

    if (!(control & MSI_MASKABLE))
        return;
    bits = pci_read(m->bdf, m->capability + mask_offset(control), 4);
    bits = masked ? bits | 1u << m->entry : bits & ~(1u << m->entry);
    pci_write(m->bdf, m->capability + mask_offset(control), 4, bits);
}

/* --- MSI-X --- */

static uint64_t read_bar(uint16_t bdf, unsigned int bar)
{
    uint32_t low = pci_read(bdf, PCI_BAR0 + 4 * bar, 4);

    if (low & 1) /* I/O */
        return 0;
    if ((low & 6) == 4 && bar < 5)
        return (low & ~15u) | (uint64_t)pci_read(bdf, PCI_BAR0 + 4 * bar + 4, 4) << 32;
    return low & ~15u;
}

/* The table's machine address and bytes; 0: not known (yet). */
static uint64_t table_of(uint16_t bdf, unsigned int capability, uint64_t bar_hint, uint64_t *size)
{
    uint32_t where = pci_read(bdf, capability + MSIX_TABLE, 4);
    uint64_t base;

    *size = ((pci_read(bdf, capability + MSIX_CONTROL, 2) & 0x7ff) + 1ul) * MSIX_ENTRY_BYTES;
    if ((where & 7) > 5)
        return 0;
    base = read_bar(bdf, where & 7);
    if (!base)
        base = bar_hint;
    return base ? base + (where & ~7u) : 0;
}

void msix_protect(uint16_t bdf)
{
    unsigned int capability = pci_find_capability(bdf, PCI_CAP_MSIX);
    uint64_t size, table = capability ? table_of(bdf, capability, 0, &size) : 0;

    if (table)
        iomem_protect_table(table, size);
}

int msix_find(struct msi *m, uint16_t bdf, unsigned int entry, uint64_t bar_hint)
{
    uint64_t table, size;

    *m = (struct msi){ .bdf = bdf, .is_msix = true, .entry = entry };
    m->capability = pci_find_capability(bdf, PCI_CAP_MSIX);
    if (!m->capability)
        return -ENODEV;
    table = table_of(bdf, m->capability, bar_hint, &size);
    if ((uint64_t)entry * MSIX_ENTRY_BYTES >= size)
        return -EINVAL;
    if (!table || !(pci_read(bdf, PCI_COMMAND, 2) & 2))
        return -ENXIO;
    iomem_protect_table(table, size);
    m->table = vmap(MADDR(table + (uint64_t)entry * MSIX_ENTRY_BYTES), MSIX_ENTRY_BYTES, PTE_UC | PTE_RW);
    return m->table ? 0 : -ENOMEM;
}

void msix_release(struct msi *m)
{
    if (m->table)
        vunmap((void *)m->table);
    m->table = NULL;
}

static void mask_msix(const struct msi *m, bool masked)
{
    if (!(pci_read(m->bdf, PCI_COMMAND, 2) & 2)) /* its memory is off: nothing to write to */
        return;
    m->table[3] = masked ? MSIX_MASKED : 0;
    (void)m->table[3]; /* the write has arrived */
}

static void program_msix(const struct msi *m, uint32_t apic_id, uint8_t vector)
{
    mask_msix(m, true);
    m->table[0] = message_address(apic_id);
    m->table[1] = 0;
    m->table[2] = vector;
}

/* --- both --- */

void msi_program(const struct msi *m, unsigned int count, uint32_t apic_id, uint8_t vector)
{
    if (m->is_msix)
        program_msix(m, apic_id, vector);
    else
        program_msi(m, count, apic_id, vector);
}

void msi_set_mask(const struct msi *m, bool masked)
{
    if (m->is_msix)
        mask_msix(m, masked);
    else
        mask_msi(m, masked);
}

void msi_disable(const struct msi *m)
{
    if (m->is_msix)
        mask_msix(m, true);
    else
        pci_write(m->bdf, m->capability + MSI_CONTROL, 2, msi_control(m) & ~MSI_ENABLE);
}

/* One byte at capability offset at: which of its bits may a guest change? */
static uint8_t guest_bits(uint8_t id, uint16_t control, unsigned int at)
{
    if (id == PCI_CAP_MSI) {
        unsigned int end = control & MSI_MASKABLE ? mask_offset(control) + 4 : data_offset(control) + 2;

        if (at == MSI_CONTROL)
            return MSI_ENABLE;
        return at >= end ? 0xff : 0;
    }
    if (at == MSIX_CONTROL + 1)
        return (MSIX_ENABLE | MSIX_MASK_ALL) >> 8;
    return at >= 12 ? 0xff : 0;
}

static bool filter_capability(uint16_t bdf, uint8_t id, unsigned int reg, unsigned int bytes, uint32_t *value)
{
    unsigned int cap = pci_find_capability(bdf, id);
    uint32_t keep = 0, old;
    uint16_t control;

    if (!cap || reg + bytes <= cap || reg >= cap + 0x18)
        return true;
    control = pci_read(bdf, cap + 2, 2);
    for (unsigned int i = 0; i < bytes; i++)
        if (reg + i >= cap && reg + i < cap + 0x18)
            keep |= (uint32_t)(uint8_t)~guest_bits(id, control, reg + i - cap) << (8 * i);
    if (keep == (bytes == 4 ? ~0u : (1u << 8 * bytes) - 1))
        return false;
    if (keep) {
        old = pci_read(bdf, reg, bytes);
        *value = (*value & ~keep) | (old & keep);
    }
    return true;
}

bool msi_filter_write(uint16_t bdf, unsigned int reg, unsigned int bytes, uint32_t *value)
{
    if (reg < 0x40)
        return true;
    return filter_capability(bdf, PCI_CAP_MSI, reg, bytes, value) &&
           filter_capability(bdf, PCI_CAP_MSIX, reg, bytes, value);
}
