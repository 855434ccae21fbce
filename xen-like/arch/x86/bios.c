/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of the BIOS: prepares the low memory in which bios_page.S works. Three pages are borrowed while hv starts: code and
 * stack, and one for data.
 */
#include <arch/bios.h>
#include <arch/boot.h>
#include <arch/layout.h>
#include <arch/paging.h>
#include <hv/string.h>

#define CODE_PAGES 2ul
#define CARRY 1u

extern char bios_page_start[], bios_page_end[], bios_page_registers[], bios_page_vector[], bios_page_gdt[],
    bios_page_pointers[];
void bios_enter(uint64_t area);

static uint64_t area; /* machine address, and as that the address it is entered at */

static void *low(uint64_t maddr) { return (void *)(DIRECT_MAP_VIRT + maddr); }
static void *in_area(const char *symbol) { return low(area + (symbol - bios_page_start)); }

static void set_base(uint64_t *descriptor, uint64_t base) { *descriptor |= (base & 0xffffff) << 16; }

static void write_area(void)
{
    struct { /* bios_page.S, from bios_page_pointers on */
        uint16_t gdt_limit;
        uint32_t gdt[2];
        uint16_t pad;
        struct { uint32_t offset; uint16_t selector, pad; } to_32, to_16, to_real, back;
    } __attribute__((packed)) *p;
    uint64_t *gdt;

    memcpy(low(area), bios_page_start, bios_page_end - bios_page_start);
    p = in_area(bios_page_pointers);
    p->gdt[0] += area;
    p->to_32.offset += area;
    p->to_real.selector = area >> 4;
    p->back.offset += area;
    gdt = in_area(bios_page_gdt);
    set_base(&gdt[4], area);
    set_base(&gdt[5], area);
}

bool bios_open(struct bios_buffer *buffer)
{
    if (boot_info.efi_system_table)
        return false;
    area = boot_low_memory((CODE_PAGES + 1) * PAGE_SIZE);
    if (!area)
        return false;
    write_area();
    buffer->segment = (area + CODE_PAGES * PAGE_SIZE) >> 4;
    buffer->data = low(area + CODE_PAGES * PAGE_SIZE);
    return true;
}

/* A vector that leads into RAM was not set by firmware: without a BIOS, anything may lie there. */
static bool is_handled(uint8_t vector)
{
    const volatile uint16_t *far = low(vector * 4ul);

    return boot_memory_type(far[1] * 16ul + far[0]) != BOOT_RAM;
}

bool bios_call(uint8_t vector, struct bios_registers *r)
{
    if (!is_handled(vector))
        return false;
    memcpy(in_area(bios_page_registers), r, sizeof(*r));
    *(uint8_t *)in_area(bios_page_vector) = vector;
    bios_enter(area);
    memcpy(r, in_area(bios_page_registers), sizeof(*r));
    return !(r->flags & CARRY);
}
