// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much an interface may carry a second, all its queues together; each way has its own limits.
 *
 * What is not yet due stays where it is: the guest's packets on its ring, those to it in the backlog, behind which the stack's queue
 * stops. A timer runs the poll again when the limit lets something pass.
 */
#include "back.h"

#include <linux/jiffies.h>

enum { AVERAGE, PEAK, PACKETS, EACH_WAY };

/* As the guest sees it: what comes in, what goes out. */
static const char *const names[] = {
    "inbound_average", "inbound_peak", "inbound_packets", "outbound_average", "outbound_peak", "outbound_packets",
};

int back_limits_start(struct back_vif *vif)
{
    return pv_limits_start(&vif->limits, vif->dev, names, ARRAY_SIZE(names));
}

void back_limits_stop(struct back_vif *vif)
{
    pv_limits_stop(&vif->limits);
}

static void fill(u64 *amounts, enum back_way way, u64 bytes, u64 packets)
{
    u64 *part = amounts + (way == BACK_TO_GUEST ? 0 : EACH_WAY);

    part[AVERAGE] = part[PEAK] = bytes;
    part[PACKETS] = packets;
}

bool back_limits_hold(struct back_queue *queue, enum back_way way)
{
    u64 amounts[2 * EACH_WAY] = { 0 }, wait;

    fill(amounts, way, 1, 1);
    wait = pv_limits_wait(&queue->vif->limits, amounts);
    if (wait && !timer_pending(&queue->limit_timer))
        mod_timer(&queue->limit_timer, jiffies + clamp(nsecs_to_jiffies(wait), 1UL, HZ / 4UL));
    return wait != 0;
}

void back_limits_count(struct back_queue *queue, enum back_way way, unsigned int bytes, unsigned int segment)
{
    u64 amounts[2 * EACH_WAY] = { 0 };

    if (!READ_ONCE(queue->vif->limits.any))
        return;
    fill(amounts, way, bytes, segment ? DIV_ROUND_UP(bytes, segment) : 1);
    pv_limits_take(&queue->vif->limits, amounts);
}

void back_limits_timeout(struct timer_list *timer)
{
    struct back_queue *queue = from_timer(queue, timer, limit_timer);

    napi_schedule(&queue->napi);
}
