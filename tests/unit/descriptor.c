/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors and selectors: nothing that a guest gets into its tables leads below ring 3. */
#include <arch/pv.h>

#include "harness.h"

#define CODE64 0x00af9a000000ffffull /* ring 0 */
#define DATA 0x00cf92000000ffffull

static uint64_t fixed(uint64_t desc)
{
    CU_ASSERT(pv_descriptor_ok(&desc));
    return desc;
}

static void rings(void)
{
    for (uint64_t dpl = 0; dpl < 4; dpl++) {
        CU_ASSERT_EQUAL(fixed((CODE64 & ~(3ull << 45)) | dpl << 45), CODE64 | 3ull << 45);
        CU_ASSERT_EQUAL(fixed((DATA & ~(3ull << 45)) | dpl << 45), DATA | 3ull << 45);
    }
}

static void not_present(void)
{
    for (uint64_t type = 0; type < 32; type++) {
        uint64_t desc = (type << 40 | 0xffff0000ffffull) & ~(1ull << 47);

        CU_ASSERT_EQUAL(fixed(desc), desc);
    }
    CU_ASSERT_EQUAL(fixed(0), 0);
}

static void system_types(void)
{
    for (uint64_t type = 1; type < 16; type++)
        for (uint64_t dpl = 0; dpl < 4; dpl++) {
            uint64_t desc = 1ull << 47 | dpl << 45 | type << 40 | 0x1234;

            CU_ASSERT(!pv_descriptor_ok(&desc));
        }
}

static void every_type(void)
{
    for (uint64_t high = 0; high < 0x10000; high++) { /* bits 40 to 55 */
        uint64_t desc = high << 40 | 0xffff;

        if (pv_descriptor_ok(&desc) && (desc >> 47 & 1))
            CU_ASSERT((desc >> 45 & 3) == 3 && ((desc >> 44 & 1) || !(desc >> 40 & 15)));
    }
}

static void selectors(void)
{
    for (unsigned int s = 0; s < 0x10000; s++)
        CU_ASSERT_EQUAL(pv_fix_selector(s), s < 4 ? s : s | 3);
}

const struct unit_test unit_tests[] = {
    { "code and data segments are raised to ring 3", rings },
    { "a descriptor that is not present stays as it is", not_present },
    { "gates, TSS and LDT descriptors are refused", system_types },
    { "whatever is let through is in ring 3", every_type },
    { "selectors are raised to ring 3, but for null ones", selectors },
    { NULL, NULL },
};
