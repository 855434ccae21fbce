/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The I/O APICs, reached through an index and a data register, hence a lock around each pair of accesses. A
 * line is masked from the start and whenever nobody waits for it. Layout: Intel 82093AA data sheet.
 */
#include <arch/acpi.h>
#include <arch/ioapic.h>
#include <arch/io.h>
#include <arch/paging.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/spinlock.h>

enum { REG_ID = 0, REG_VERSION = 1, REG_PIN = 0x10 };
#define PIN_ACTIVE_LOW (1u << 13)
#define PIN_LEVEL (1u << 15)
#define PIN_MASKED (1u << 16)

static struct ioapic {
    char *regs;
    uint64_t base;
    uint32_t gsi_base, pins;
} ioapics[ACPI_IOAPICS_MAX];
static unsigned int nr_ioapics, nr_gsis;
static spinlock_t ioapic_lock = SPINLOCK(LOCK_DEVICE);

static uint32_t reg_read(const struct ioapic *io, uint32_t reg)
{
    mmio_write32(io->regs, reg);
    return mmio_read32(io->regs + 0x10);
}

static void reg_write(const struct ioapic *io, uint32_t reg, uint32_t v)
{
    mmio_write32(io->regs, reg);
    mmio_write32(io->regs + 0x10, v);
}

static const struct ioapic *find(uint32_t gsi, uint32_t *pin)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (gsi - ioapics[i].gsi_base < ioapics[i].pins) {
            *pin = gsi - ioapics[i].gsi_base;
            return &ioapics[i];
        }
    return NULL;
}

void ioapic_init(void)
{
    for (unsigned int i = 0; i < acpi_info.nr_ioapics; i++) {
        struct ioapic *io = &ioapics[nr_ioapics];

        io->base = acpi_info.ioapic[i].base;
        io->gsi_base = acpi_info.ioapic[i].gsi_base;
        io->regs = vmap(MADDR(io->base), 0x20, PTE_UC | PTE_RW);
        if (!io->regs)
            continue;
        io->pins = (reg_read(io, REG_VERSION) >> 16 & 0xff) + 1;
        for (uint32_t pin = 0; pin < io->pins; pin++)
            reg_write(io, REG_PIN + 2 * pin, PIN_MASKED);
        nr_gsis = max(nr_gsis, io->gsi_base + io->pins);
        nr_ioapics++;
    }
}

unsigned int ioapic_nr_gsis(void) { return nr_gsis; }

bool ioapic_has(uint32_t gsi)
{
    uint32_t pin;

    return find(gsi, &pin) != NULL;
}

void ioapic_route(uint32_t gsi, uint8_t vector, uint32_t apic_id, bool level, bool active_low)
{
    uint32_t pin = 0, low = vector | PIN_MASKED | (level ? PIN_LEVEL : 0) | (active_low ? PIN_ACTIVE_LOW : 0);
    const struct ioapic *io = find(gsi, &pin);

    spin_lock(&ioapic_lock);
    reg_write(io, REG_PIN + 2 * pin, low);
    reg_write(io, REG_PIN + 2 * pin + 1, apic_id << 24);
    spin_unlock(&ioapic_lock);
}

static void set_mask(uint32_t gsi, uint32_t mask)
{
    uint32_t pin = 0;
    const struct ioapic *io = find(gsi, &pin);

    spin_lock(&ioapic_lock);
    reg_write(io, REG_PIN + 2 * pin, (reg_read(io, REG_PIN + 2 * pin) & ~PIN_MASKED) | mask);
    spin_unlock(&ioapic_lock);
}

void ioapic_mask(uint32_t gsi) { set_mask(gsi, PIN_MASKED); }
void ioapic_unmask(uint32_t gsi) { set_mask(gsi, 0); }

bool ioapic_frame(uint64_t mfn)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (ioapics[i].base >> PAGE_SHIFT == mfn)
            return true;
    return false;
}

int ioapic_read_register(uint64_t base, uint32_t reg, uint32_t *value)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (ioapics[i].base == base && reg < REG_PIN + 2 * ioapics[i].pins) {
            spin_lock(&ioapic_lock);
            *value = reg_read(&ioapics[i], reg);
            spin_unlock(&ioapic_lock);
            return 0;
        }
    return -EINVAL;
}

uint32_t ioapic_isa_gsi(uint32_t irq, bool *level, bool *active_low)
{
    *level = *active_low = false;
    for (unsigned int i = 0; i < acpi_info.nr_overrides; i++)
        if (acpi_info.override[i].irq == irq) {
            *level = acpi_info.override[i].level;
            *active_low = acpi_info.override[i].active_low;
            return acpi_info.override[i].gsi;
        }
    return irq;
}
