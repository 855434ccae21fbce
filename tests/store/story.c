/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * See story.h.
 */
#include <stdio.h>

#include "story.h"

void story_start(const char *journal)
{
    char path[32], perms[16];

    fake_start(journal);
    for (int d = 1; d <= 2; d++) {
        sprintf(path, "/local/domain/%d", d);
        sprintf(perms, "n%d", d);
        fake_introduce(d);
        OK(fake_path(0, XS_MKDIR, 0, path));
        OK(fake_two(0, XS_SET_PERMS, 0, path, perms));
    }
}

void story_end(void)
{
    CU_ASSERT_PTR_NULL(store_check(&fake));
    fake_end();
}
