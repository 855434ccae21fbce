/* SPDX-License-Identifier: GPL-2.0-only */
/* clamp_index(), x86's: what a CPU that guessed a bounds check wrong goes on with. */
#include "harness.h"

#include "../../xen-like/arch/x86/include/arch/clamp.h" /* not the host's */

#include <hv/types.h>

static void inside_stays(void)
{
    for (uint64_t size = 1; size < 300; size++)
        for (uint64_t i = 0; i < size; i++)
            CU_ASSERT_EQUAL(clamp_index(i, size), i);
    CU_ASSERT_EQUAL(clamp_index((1ull << 62) - 1, 1ull << 62), (1ull << 62) - 1);
}

static void outside_is_0(void)
{
    static const uint64_t far[] = { 1, 2, 63, 64, 4095, UINT32_MAX, 1ull << 32, 1ull << 62, INT64_MAX, 1ull << 63, UINT64_MAX };

    for (uint64_t size = 1; size < 300; size++) {
        CU_ASSERT_EQUAL(clamp_index(size, size), 0);
        for (unsigned int i = 0; i < ARRAY_SIZE(far); i++)
            if (far[i] >= size)
                CU_ASSERT_EQUAL(clamp_index(far[i], size), 0);
    }
    CU_ASSERT_EQUAL(clamp_index(5, 0), 0);
}

const struct unit_test unit_tests[] = {
    { "an index inside stays what it is", inside_stays },
    { "one outside becomes 0", outside_is_0 },
    { NULL, NULL },
};
