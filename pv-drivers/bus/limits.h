/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The limits of one device: buckets that the tool stack sets through the folder `limits` of the back-end, at any time.
 *
 * A driver names them; key NAME is the rate a second (0 or absent: none), NAME_max how much may pass at once after a pause. What
 * passes is told as one array with an amount for each bucket, 0 for those that it does not concern.
 */
#ifndef HV_PV_LIMITS_H
#define HV_PV_LIMITS_H

#include <linux/spinlock.h>
#include <xen/xenbus.h>

#include "bucket.h"

#define PV_LIMITS_MAX 8

struct pv_limits {
    struct xenbus_device *dev;
    const char *const *names;
    unsigned int count;
    struct xenbus_watch watch;
    bool any;                               /* is there one? read without the lock */
    spinlock_t lock;                        /* of the buckets; interrupts off */
    struct bucket buckets[PV_LIMITS_MAX];
    u64 rates[PV_LIMITS_MAX], bursts[PV_LIMITS_MAX];    /* as last read; the watch's own */
};

/* Reads them, and again whenever they change. 0 or -errno; then, and after a stop, there are no limits. */
int pv_limits_start(struct pv_limits *limits, struct xenbus_device *dev, const char *const *names, unsigned int count);
void pv_limits_stop(struct pv_limits *limits);

/* How many nanoseconds what has these amounts has to wait; 0: it may pass, and pv_limits_take() has it counted. */
u64 pv_limits_wait(struct pv_limits *limits, const u64 *amounts);
void pv_limits_take(struct pv_limits *limits, const u64 *amounts);

#endif
