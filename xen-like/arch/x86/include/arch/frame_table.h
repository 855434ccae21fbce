/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame table and the M2P: where they lie and which frames have entries. */
#ifndef ARCH_FRAME_TABLE_H
#define ARCH_FRAME_TABLE_H

#include <arch/layout.h>
#include <hv/page.h>

#define M2P_CHUNK_SHIFT 18

void frame_table_init(void);
uint64_t frame_table_bytes(void); /* that it and the M2P take */

#endif
