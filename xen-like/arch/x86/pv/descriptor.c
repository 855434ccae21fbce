/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest's descriptors and selectors may be. Guest kernel and user programs are both in ring 3: what
 * asks for a ring below gets ring 3, and only code and data segments are let through. Pure functions.
 */
#include <arch/pv.h>

#define DESC_PRESENT (1ull << 47)
#define DESC_DPL (3ull << 45)
#define DESC_CODE_OR_DATA (1ull << 44)
#define DESC_TYPE (15ull << 40)

/* 0 to 3 are the null selector, which stays what it is. */
uint16_t pv_fix_selector(uint16_t selector) { return selector > 3 ? selector | 3 : selector; }

bool pv_descriptor_ok(uint64_t *desc)
{
    if (!(*desc & DESC_PRESENT)) /* faults whenever it is used */
        return true;
    if (!(*desc & DESC_CODE_OR_DATA) && (*desc & DESC_TYPE)) /* gates, TSS, LDT; 0 is harmless */
        return false;
    *desc |= DESC_DPL;
    return true;
}
