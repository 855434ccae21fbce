/* SPDX-License-Identifier: GPL-2.0-only */
/* hv's own descriptors in the reserved page of the GDT, and the TSS. Selectors are the ABI's flat ones. */
#ifndef ARCH_DESC_H
#define ARCH_DESC_H

#define HV_CS64 0xe008
#define HV_DS 0xe010
#define HV_USER_CS32 0xe023
#define HV_USER_DS 0xe02b
#define HV_USER_CS64 0xe033
#define HV_TSS 0xe040
#define HV_CPU_NUMBER 0xe050

#ifndef __ASSEMBLER__

#include <hv/types.h>

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7]; /* ist[n] is IST n + 1: CPU_STACK_IST_* of cpu_info.h, plus one in a gate */
    uint64_t reserved2;
    uint16_t reserved3, io_bitmap;
    uint8_t pad[24]; /* to 128 bytes, so that one in an aligned array lies within one page */
} __attribute__((packed, aligned(128)));

/* boot: memory, window and contents, for any CPU; its stack exists */
void desc_cpu_prepare(unsigned int cpu);
/* This CPU: GDT in its window, TSS with its stacks, segment registers. */
void desc_cpu_init(unsigned int cpu);

#endif

#endif
