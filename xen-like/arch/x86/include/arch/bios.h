/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calling the BIOS, only between boot_info_read() and disable_pic(): on boot.S's tables, with interrupt controllers
 * as the BIOS knows them, and before other processors run.
 */
#ifndef ARCH_BIOS_H
#define ARCH_BIOS_H

#include <hv/types.h>

struct bios_registers { /* bios_page.S knows the layout */
    uint32_t eax, ebx, ecx, edx, esi, edi;
    uint16_t es, ds, flags, unused;
};

struct bios_buffer { /* a page that the BIOS reaches at segment:0 */
    uint16_t segment;
    void *data;
};

/* False: this machine has no BIOS that could be called, or there is no low memory for it. */
bool bios_open(struct bios_buffer *buffer);
/* INT vector with *r, which holds the registers afterwards. True if the carry flag is clear: success, mostly. */
bool bios_call(uint8_t vector, struct bios_registers *r);

#endif
