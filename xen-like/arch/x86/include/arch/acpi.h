/* SPDX-License-Identifier: GPL-2.0-only */
/* What hv takes from the firmware's ACPI tables. It interprets no AML: that is dom0's part. */
#ifndef ARCH_ACPI_H
#define ARCH_ACPI_H

#include <hv/cpumask.h>
#include <hv/types.h>

#define ACPI_IOAPICS_MAX 16u
#define ACPI_OVERRIDES_MAX 24u
#define ACPI_MCFG_MAX 8u

struct acpi_address { /* "generic address structure" */
    uint8_t space;    /* 0 memory, 1 I/O port, 2 PCI configuration */
    uint8_t bit_width, bit_offset, access_size;
    uint64_t address;
} __attribute__((packed));

enum { ACPI_SPACE_MEMORY, ACPI_SPACE_IO, ACPI_SPACE_PCI };

struct acpi_override { /* ISA interrupt -> GSI */
    uint8_t irq;
    uint32_t gsi;
    bool active_low, level;
};

struct acpi_info {
    uint64_t rsdp;                /* machine address; 0: only the loader's copy is known, or there is none */
    uint64_t lapic_base;
    unsigned int nr_cpus;         /* those that may be started, boot CPU included */
    struct { uint32_t apic_id, acpi_id; } cpu[NR_CPUS];
    unsigned int nr_ioapics;
    struct { uint8_t id; uint64_t base; uint32_t gsi_base; } ioapic[ACPI_IOAPICS_MAX];
    unsigned int nr_overrides;
    struct acpi_override override[ACPI_OVERRIDES_MAX];
    unsigned int nr_mcfg;
    struct { uint64_t base; uint16_t segment; uint8_t start_bus, end_bus; } mcfg[ACPI_MCFG_MAX];
    uint64_t hpet_base;           /* 0 = none */
    uint16_t pm1a_control, pm1b_control, pm_timer; /* I/O ports, 0 = none */
    uint16_t sci_gsi;
    bool has_reset, has_s5;
    struct acpi_address reset;
    uint8_t reset_value;
    uint8_t s5_type_a, s5_type_b; /* SLP_TYP of \_S5, when has_s5 */
};
extern struct acpi_info acpi_info;

#define ACPI_SLEEP_ENABLE (1u << 13) /* in PM1 control: go */

void acpi_init(void);
void acpi_power_off(void);        /* returns if it did not work */
void acpi_reset(void);            /* returns if it did not work, or there is no reset register */

#endif
