/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When a back-end lets an answer wait for others, so that one notification tells of several.
 *
 * An answer waits only while at least three times as many requests are under way, and only if these are being
 * answered fast enough that the batch will be full within the limit. So what is asked alone, or few at a time,
 * is answered at once, a slow disk's answers are not made slower, and no more than a quarter of what the
 * front-end wants to be under way is ever kept from it. Whoever holds sets a timer for the limit: the requests
 * that were expected may not come.
 *
 * Plain arithmetic, for the host too. Times are in nanoseconds.
 */
#ifndef HV_BLK_HOLD_H
#define HV_BLK_HOLD_H

#include "platform.h"

struct blk_hold {
    u64 last;   /* when there was an answer with others under way; 0: since then there were none under way */
    u64 gap;    /* between two such answers, averaged over about the last eight */
};

/*
 * An answer is there at `now`. held: answers that are not shown, with this one; busy: requests under way. True
 * if they may wait.
 */
static inline bool blk_hold(struct blk_hold *hold, u64 now, u32 held, u32 busy, u64 limit)
{
    u32 batch = (held + busy) / 4;
    u64 gap;

    if (!busy) {
        hold->last = 0;
        return false;
    }
    if (hold->last) {
        gap = now - hold->last;
        /* A pause is no more than a reason not to wait. */
        if (gap > 2 * limit)
            gap = 2 * limit;
        hold->gap = (hold->gap * 7 + gap) / 8;
    }
    hold->last = now;
    return held < batch && hold->gap * (batch - held) < limit;
}

#endif
