/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the ACPI tables and keeps what hv needs of them: processors, I/O APICs and their overrides (MADT),
 * HPET, PCI memory configuration (MCFG), power and reset registers (FADT). Each table is mapped, checked by
 * length and sum, read, and unmapped. Layouts: ACPI Specification 6.4, chapters 4 and 5.
 */
#include <arch/acpi.h>
#include <arch/boot.h>
#include <arch/io.h>
#include <arch/paging.h>
#include <hv/console.h>
#include <hv/string.h>

struct acpi_info acpi_info;

struct rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t extended_checksum, reserved[3];
} __attribute__((packed));

struct table {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char oem[6], oem_table[8];
    uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

struct fadt {
    struct table header;
    uint32_t facs, dsdt;
    uint8_t model, profile;
    uint16_t sci;
    uint32_t smi_command;
    uint8_t enable, disable, s4bios, pstate;
    uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer, gpe0, gpe1;
    uint8_t lengths[8];
    uint16_t c2, c3, flush_size, flush_stride;
    uint8_t duty_offset, duty_width, day, month, century;
    uint16_t boot_arch;
    uint8_t reserved;
    uint32_t flags;
    struct acpi_address reset;
    uint8_t reset_value;
    uint16_t arm_boot_arch;
    uint8_t minor;
    uint64_t x_facs, x_dsdt;
} __attribute__((packed));
#define FADT_RESET_SUPPORTED (1u << 10)

struct madt { struct table header; uint32_t lapic, flags; } __attribute__((packed));
struct madt_entry { uint8_t type, length; } __attribute__((packed));
struct madt_lapic { struct madt_entry e; uint8_t acpi_id, apic_id; uint32_t flags; } __attribute__((packed));
struct madt_ioapic {
    struct madt_entry e;
    uint8_t id, reserved;
    uint32_t base, gsi_base;
} __attribute__((packed));
struct madt_override {
    struct madt_entry e;
    uint8_t bus, irq;
    uint32_t gsi;
    uint16_t flags;
} __attribute__((packed));
struct madt_lapic_base { struct madt_entry e; uint16_t reserved; uint64_t base; } __attribute__((packed));
struct madt_x2apic {
    struct madt_entry e;
    uint16_t reserved;
    uint32_t apic_id, flags, acpi_id;
} __attribute__((packed));
enum { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_BASE = 5, MADT_X2APIC = 9 };
#define MADT_CPU_ENABLED 1u

struct hpet_table {
    struct table header;
    uint32_t block_id;
    struct acpi_address address;
} __attribute__((packed));
struct mcfg_entry {
    uint64_t base;
    uint16_t segment;
    uint8_t start, end;
    uint32_t reserved;
} __attribute__((packed));

static bool sum_ok(const void *p, size_t n)
{
    const uint8_t *b = p;
    uint8_t sum = 0;

    while (n--)
        sum += *b++;
    return sum == 0;
}

/* A whole table, mapped; NULL if it is not one. To be given to vunmap(). */
static struct table *map_table(uint64_t maddr)
{
    struct table *t = vmap(MADDR(maddr), sizeof(*t), 0);
    uint32_t length;

    if (!t)
        return NULL;
    length = t->length;
    vunmap(t);
    if (length < sizeof(*t) || length > 16u << 20)
        return NULL;
    t = vmap(MADDR(maddr), length, 0);
    if (t && !sum_ok(t, length)) {
        vunmap(t);
        return NULL;
    }
    return t;
}

/* --- single tables --- */

static void add_cpu(uint32_t apic_id, uint32_t acpi_id, uint32_t flags)
{
    if (!(flags & MADT_CPU_ENABLED) || acpi_info.nr_cpus == NR_CPUS)
        return;
    for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
        if (acpi_info.cpu[i].apic_id == apic_id)
            return;
    acpi_info.cpu[acpi_info.nr_cpus].apic_id = apic_id;
    acpi_info.cpu[acpi_info.nr_cpus++].acpi_id = acpi_id;
}

static void add_override(const struct madt_override *o)
{
    struct acpi_override *n = &acpi_info.override[acpi_info.nr_overrides];

    if (acpi_info.nr_overrides == ACPI_OVERRIDES_MAX)
        return;
    n->irq = o->irq;
    n->gsi = o->gsi;
    /* bits 0-1 polarity, 2-3 trigger; 0 = as the bus: ISA, high and edge */
    n->active_low = (o->flags & 3) == 3;
    n->level = (o->flags >> 2 & 3) == 3;
    acpi_info.nr_overrides++;
}

static void read_madt_entry(const struct madt_entry *e)
{
    switch (e->type) {
    case MADT_LAPIC: {
        const struct madt_lapic *l = (const void *)e;

        if (e->length >= sizeof(*l))
            add_cpu(l->apic_id, l->acpi_id, l->flags);
        break;
    }
    case MADT_X2APIC: {
        const struct madt_x2apic *l = (const void *)e;

        if (e->length >= sizeof(*l))
            add_cpu(l->apic_id, l->acpi_id, l->flags);
        break;
    }
    case MADT_IOAPIC: {
        const struct madt_ioapic *io = (const void *)e;

        if (e->length >= sizeof(*io) && acpi_info.nr_ioapics < ACPI_IOAPICS_MAX) {
            acpi_info.ioapic[acpi_info.nr_ioapics].id = io->id;
            acpi_info.ioapic[acpi_info.nr_ioapics].base = io->base;
            acpi_info.ioapic[acpi_info.nr_ioapics++].gsi_base = io->gsi_base;
        }
        break;
    }
    case MADT_OVERRIDE:
        if (e->length >= sizeof(struct madt_override))
            add_override((const void *)e);
        break;
    case MADT_LAPIC_BASE:
        if (e->length >= sizeof(struct madt_lapic_base))
            acpi_info.lapic_base = ((const struct madt_lapic_base *)e)->base;
        break;
    }
}

static void read_madt(const struct table *t)
{
    const struct madt *m = (const void *)t;

    acpi_info.lapic_base = m->lapic;
    for (uint32_t at = sizeof(*m); at + sizeof(struct madt_entry) <= t->length;) {
        const struct madt_entry *e = (const void *)((const char *)t + at);

        if (e->length < sizeof(*e) || e->length > t->length - at)
            break;
        read_madt_entry(e);
        at += e->length;
    }
}

/* A small constant of AML: ZeroOp, OneOp, BytePrefix, or the byte itself. */
static uint8_t aml_byte(const uint8_t **p)
{
    uint8_t b = *(*p)++;

    return b == 0x0a ? *(*p)++ : b;
}

/*
 * \_S5 is by custom a name followed by a package of constants: that much can be read without an interpreter.
 */
static void read_dsdt(const struct table *t)
{
    const uint8_t *p = (const uint8_t *)t, *end = p + t->length;

    for (p += sizeof(*t); p + 16 < end; p++) {
        const uint8_t *q = p + 4;

        if (memcmp(p, "_S5_", 4) || *q != 0x12 || !(p[-1] == 0x08 || (p[-1] == '\\' && p[-2] == 0x08)))
            continue;
        q += 1 + 1 + (q[1] >> 6) + 1; /* PackageOp, its length's bytes, number of elements */
        acpi_info.s5_type_a = aml_byte(&q);
        acpi_info.s5_type_b = aml_byte(&q);
        acpi_info.has_s5 = true;
        return;
    }
}

static void read_fadt(const struct table *t)
{
    const struct fadt *f = (const void *)t;
    uint64_t dsdt = f->dsdt;
    struct table *d;

    acpi_info.pm1a_control = f->pm1a_control;
    acpi_info.pm1b_control = f->pm1b_control;
    acpi_info.pm_timer = f->pm_timer;
    acpi_info.sci_gsi = f->sci;
    if (t->length >= offsetof(struct fadt, arm_boot_arch) && (f->flags & FADT_RESET_SUPPORTED)) {
        acpi_info.reset = f->reset;
        acpi_info.reset_value = f->reset_value;
        acpi_info.has_reset = f->reset.address != 0;
    }
    if (t->length >= sizeof(*f) && f->x_dsdt)
        dsdt = f->x_dsdt;
    d = map_table(dsdt);
    if (d) {
        read_dsdt(d);
        vunmap(d);
    }
}

static void read_hpet(const struct table *t)
{
    const struct hpet_table *h = (const void *)t;

    if (t->length >= sizeof(*h) && h->address.space == ACPI_SPACE_MEMORY)
        acpi_info.hpet_base = h->address.address;
}

static void read_mcfg(const struct table *t)
{
    const struct mcfg_entry *e = (const void *)((const char *)t + sizeof(*t) + 8);

    for (; (const char *)(e + 1) <= (const char *)t + t->length && acpi_info.nr_mcfg < ACPI_MCFG_MAX; e++) {
        acpi_info.mcfg[acpi_info.nr_mcfg].base = e->base;
        acpi_info.mcfg[acpi_info.nr_mcfg].segment = e->segment;
        acpi_info.mcfg[acpi_info.nr_mcfg].start_bus = e->start;
        acpi_info.mcfg[acpi_info.nr_mcfg++].end_bus = e->end;
    }
}

static const struct { char signature[5]; void (*read)(const struct table *t); } readers[] = {
    { "APIC", read_madt }, { "FACP", read_fadt }, { "HPET", read_hpet }, { "MCFG", read_mcfg },
};

/* --- the root --- */

static void read_root(uint64_t maddr, unsigned int entry_size)
{
    struct table *root = map_table(maddr);
    unsigned int n;

    if (!root)
        return;
    n = (root->length - sizeof(*root)) / entry_size;
    for (unsigned int i = 0; i < n; i++) {
        uint64_t at = 0;
        struct table *t;

        memcpy(&at, (const char *)(root + 1) + i * entry_size, entry_size);
        t = map_table(at);
        if (!t)
            continue;
        for (unsigned int r = 0; r < ARRAY_SIZE(readers); r++)
            if (!memcmp(t->signature, readers[r].signature, 4))
                readers[r].read(t);
        vunmap(t);
    }
    vunmap(root);
}

static bool is_rsdp(const struct rsdp *r) { return !memcmp(r->signature, "RSD PTR ", 8) && sum_ok(r, 20); }

/* On a BIOS: on a 16-byte boundary in the first KiB of the EBDA, or below 1 MiB in the BIOS's area. */
static bool search_rsdp(uint64_t start, uint64_t size, struct rsdp *found)
{
    const char *area = vmap(MADDR(start), size, 0);

    for (uint64_t at = 0; area && at + sizeof(*found) <= size; at += 16)
        if (is_rsdp((const void *)(area + at))) {
            memcpy(found, area + at, sizeof(*found));
            acpi_info.rsdp = start + at;
            break;
        }
    if (area)
        vunmap((void *)area);
    return acpi_info.rsdp;
}

static uint64_t ebda(void)
{
    const uint16_t *segment = vmap(MADDR(0x40e), 2, 0);
    uint64_t start = segment ? (uint64_t)*segment << 4 : 0;

    vunmap((void *)segment);
    return start >= 0x80000 && start < 0xa0000 ? start : 0x9fc00;
}

void acpi_init(void)
{
    struct rsdp rsdp;

    acpi_info.lapic_base = 0xfee00000;
    if (boot_info.has_rsdp_copy)
        memcpy(&rsdp, boot_info.rsdp_copy, sizeof(rsdp));
    else if (!search_rsdp(ebda(), 1024, &rsdp) && !search_rsdp(0xe0000, 0x20000, &rsdp)) {
        printk(LOG_WARN, "no ACPI tables: one CPU, no I/O APIC\n");
        return;
    }
    if (rsdp.revision >= 2 && rsdp.xsdt)
        read_root(rsdp.xsdt, 8);
    else
        read_root(rsdp.rsdt, 4);
    printk(LOG_INFO, "ACPI: %u CPUs, %u I/O APICs, HPET at %lx, PM timer at %x\n", acpi_info.nr_cpus,
           acpi_info.nr_ioapics, acpi_info.hpet_base, acpi_info.pm_timer);
}

/* --- power --- */

void acpi_power_off(void)
{
    if (!acpi_info.has_s5 || !acpi_info.pm1a_control)
        return;
    outw(acpi_info.pm1a_control, acpi_info.s5_type_a << 10 | ACPI_SLEEP_ENABLE);
    if (acpi_info.pm1b_control)
        outw(acpi_info.pm1b_control, acpi_info.s5_type_b << 10 | ACPI_SLEEP_ENABLE);
}

void acpi_reset(void)
{
    if (!acpi_info.has_reset)
        return;
    if (acpi_info.reset.space == ACPI_SPACE_IO) {
        outb(acpi_info.reset.address, acpi_info.reset_value);
    } else if (acpi_info.reset.space == ACPI_SPACE_MEMORY) {
        volatile uint8_t *reg = vmap(MADDR(acpi_info.reset.address), 1, PTE_UC | PTE_RW);

        if (reg)
            *reg = acpi_info.reset_value;
    }
}
