// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkback: how many requests and bytes a second a disk may have, all its rings together.
 *
 * A ring's thread waits before it serves a request that is not yet due, and with it what comes behind on that ring; what was
 * answered before is shown meanwhile. The front-end's requests stay on the ring, so a guest that asks for more than it may
 * have fills nothing but its own ring.
 */
#include "back.h"

#include <linux/jiffies.h>

static const char *const names[] = {
    "total_bytes_sec", "read_bytes_sec", "write_bytes_sec", "total_iops_sec", "read_iops_sec", "write_iops_sec",
};

int back_limits_start(struct blk_back *back)
{
    return pv_limits_start(&back->throttle, back->dev, names, ARRAY_SIZE(names));
}

void back_limits_stop(struct blk_back *back)
{
    pv_limits_stop(&back->throttle);
}

void back_limits_pass(struct back_slot *slot)
{
    const struct blk_request *request = &slot->request;
    struct pv_limits *limits = &slot->ring->back->throttle;
    bool read = request->action == BLKIF_OP_READ;
    u64 bytes = (u64)request->sectors << SECTOR_SHIFT, wait;
    const u64 amounts[] = { bytes, read ? bytes : 0, read ? 0 : bytes, 1, read, !read };

    if (!READ_ONCE(limits->any) ||
        (request->action != BLKIF_OP_READ && request->action != BLKIF_OP_WRITE && request->action != BLKIF_OP_WRITE_BARRIER))
        return;
    while ((wait = pv_limits_wait(limits, amounts)) && !kthread_should_stop())
        back_pause(slot->ring, clamp(nsecs_to_jiffies(wait), 1UL, HZ / 4UL));
    pv_limits_take(limits, amounts);
}
