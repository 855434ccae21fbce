// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits from the store; see limits.h.
 */
#include "limits.h"

#include <linux/ktime.h>
#include <linux/module.h>

static u64 read_number(struct pv_limits *limits, const char *name, const char *suffix)
{
    char path[96], key[48];
    u64 value;

    snprintf(path, sizeof(path), "%s/limits", limits->dev->nodename);
    snprintf(key, sizeof(key), "%s%s", name, suffix);
    return xenbus_scanf(XBT_NIL, path, key, "%llu", &value) == 1 ? value : 0;
}

/* A limit that is what it was goes on as it is: to write it again gives nobody a new burst. */
static void limits_changed(struct xenbus_watch *watch, const char *path, const char *token)
{
    struct pv_limits *limits = container_of(watch, struct pv_limits, watch);
    bool any = false;
    unsigned int i;

    for (i = 0; i < limits->count; i++) {
        u64 rate = read_number(limits, limits->names[i], ""), burst = read_number(limits, limits->names[i], "_max");
        unsigned long flags;

        any |= rate != 0;
        if (rate == limits->rates[i] && burst == limits->bursts[i])
            continue;
        limits->rates[i] = rate;
        limits->bursts[i] = burst;
        spin_lock_irqsave(&limits->lock, flags);
        bucket_set(&limits->buckets[i], rate, burst, ktime_get_ns());
        spin_unlock_irqrestore(&limits->lock, flags);
    }
    WRITE_ONCE(limits->any, any);
}

int pv_limits_start(struct pv_limits *limits, struct xenbus_device *dev, const char *const *names, unsigned int count)
{
    limits->dev = dev;
    limits->names = names;
    limits->count = min(count, (unsigned int)PV_LIMITS_MAX);
    spin_lock_init(&limits->lock);
    /* It fires at once, too; but the device may be served before that. */
    limits_changed(&limits->watch, NULL, NULL);
    return xenbus_watch_pathfmt(dev, &limits->watch, NULL, limits_changed, "%s/limits", dev->nodename);
}
EXPORT_SYMBOL_GPL(pv_limits_start);

void pv_limits_stop(struct pv_limits *limits)
{
    if (!limits->watch.node)
        return;
    unregister_xenbus_watch(&limits->watch);
    kfree(limits->watch.node);
    limits->watch.node = NULL;
    WRITE_ONCE(limits->any, false);
}
EXPORT_SYMBOL_GPL(pv_limits_stop);

u64 pv_limits_wait(struct pv_limits *limits, const u64 *amounts)
{
    unsigned long flags;
    unsigned int i;
    u64 longest = 0, now;

    if (!READ_ONCE(limits->any))
        return 0;
    now = ktime_get_ns();
    spin_lock_irqsave(&limits->lock, flags);
    for (i = 0; i < limits->count; i++)
        if (amounts[i])
            longest = max(longest, bucket_wait(&limits->buckets[i], now));
    spin_unlock_irqrestore(&limits->lock, flags);
    return longest;
}
EXPORT_SYMBOL_GPL(pv_limits_wait);

void pv_limits_take(struct pv_limits *limits, const u64 *amounts)
{
    unsigned long flags;
    unsigned int i;
    u64 now;

    if (!READ_ONCE(limits->any))
        return;
    now = ktime_get_ns();
    spin_lock_irqsave(&limits->lock, flags);
    for (i = 0; i < limits->count; i++)
        bucket_take(&limits->buckets[i], amounts[i], now);
    spin_unlock_irqrestore(&limits->lock, flags);
}
EXPORT_SYMBOL_GPL(pv_limits_take);
