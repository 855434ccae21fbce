/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A limit on how much may pass a second, with some at once after a pause: a token bucket, kept as one moment in time.
 *
 * What passes moves that moment ahead by the time it takes at the limit's rate; as long as the moment lies ahead of now, nothing
 * passes. It never lies further back than the time in which `burst` passes: that much is saved up at most. So the
 * mean is exact however large a single piece is, and nothing has to be added up while nobody is looking.
 *
 * No lock is taken here. Times are in nanoseconds, of a clock that never goes back.
 */
#ifndef HV_PV_BUCKET_H
#define HV_PV_BUCKET_H

#include "platform.h"

#define BUCKET_SECOND   1000000000ULL
#define BUCKET_PIECE_MAX (1ULL << 34)   /* more than that at once is counted as that much */

struct bucket {
    u64 rate;       /* a second; 0: no limit */
    u64 saved;      /* how far back the moment may lie */
    u64 moment;
};

static inline u64 bucket_time(const struct bucket *bucket, u64 amount)
{
    if (amount > BUCKET_PIECE_MAX)
        amount = BUCKET_PIECE_MAX;
    return amount * BUCKET_SECOND / bucket->rate;
}

/* Sets the limit, and `burst`, which is a tenth of a second's worth if it is 0. Nothing is saved up, and nothing is owed. */
static inline void bucket_set(struct bucket *bucket, u64 rate, u64 burst, u64 now)
{
    bucket->rate = rate;
    bucket->moment = now;
    bucket->saved = rate && burst ? bucket_time(bucket, burst) : BUCKET_SECOND / 10;
}

/* How long nothing may pass; 0: something may, however large. */
static inline u64 bucket_wait(const struct bucket *bucket, u64 now)
{
    return bucket->rate && bucket->moment > now ? bucket->moment - now : 0;
}

/* Something passes. */
static inline void bucket_take(struct bucket *bucket, u64 amount, u64 now)
{
    if (!bucket->rate)
        return;
    if (now > bucket->saved && bucket->moment < now - bucket->saved)
        bucket->moment = now - bucket->saved;
    bucket->moment += bucket_time(bucket, amount);
}

#endif
