/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The page by which guests make hypercalls: slot n, 32 bytes, makes call n. The guest calls a slot; only
 * iret's is jumped to, with an iret_context on the stack whose lowest word the slot pushes: rcx, r11 and rax
 * as the guest has them.
 */
#include <arch/pv.h>
#include <hv/string.h>

#define SLOT_BYTES 32u

/* push rcx; push r11; mov $n, eax; syscall; pop r11; pop rcx; ret */
static const uint8_t slot_code[] = { 0x51, 0x41, 0x53, 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3 };
/* push rcx; push r11; push rax; mov $n, eax; syscall */
static const uint8_t iret_code[] = { 0x51, 0x41, 0x53, 0x50, 0xb8, 0, 0, 0, 0, 0x0f, 0x05 };

static void put(uint8_t *slot, const uint8_t *code, size_t size, size_t immediate, uint32_t n)
{
    memcpy(slot, code, size);
    memcpy(slot + immediate, &n, sizeof(n));
}

void pv_hypercall_page_init(void *page)
{
    uint8_t *slots = page;

    memset(page, 0xcc, PAGE_SIZE);
    for (uint32_t n = 0; n < PAGE_SIZE / SLOT_BYTES; n++)
        put(slots + n * SLOT_BYTES, slot_code, sizeof(slot_code), 4, n);
    memset(slots + __HYPERVISOR_iret * SLOT_BYTES, 0xcc, SLOT_BYTES);
    put(slots + __HYPERVISOR_iret * SLOT_BYTES, iret_code, sizeof(iret_code), 5, __HYPERVISOR_iret);
}
