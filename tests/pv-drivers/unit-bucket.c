// SPDX-License-Identifier: GPL-2.0-only
//
// The token bucket of the back-ends' limits, on a clock that the tests turn.

#include "harness.h"

#include "bucket.h"

#define MS 1000000ULL

// Passes pieces as soon as they may, until `end`; returns how much passed.
static u64 pass(struct bucket *bucket, u64 piece, u64 now, u64 end)
{
    u64 passed = 0, wait;

    while (now < end) {
        wait = bucket_wait(bucket, now);
        if (wait) {
            now += wait;
            continue;
        }
        bucket_take(bucket, piece, now);
        passed += piece;
    }
    return passed;
}

static void no_limit(void)
{
    struct bucket bucket;

    bucket_set(&bucket, 0, 0, 5 * BUCKET_SECOND);
    bucket_take(&bucket, ~0ULL, 5 * BUCKET_SECOND);
    CU_ASSERT_EQUAL(bucket_wait(&bucket, 5 * BUCKET_SECOND), 0);
}

// Whatever the size of the pieces, ten seconds let ten seconds' worth pass, and one piece more at most.
static void mean(void)
{
    static const u64 pieces[] = { 512, 4096, 65536, 1 << 20 }, rates[] = { 100000, 1 << 20, 1ULL << 30 };
    struct bucket bucket;

    for (int i = 0; i < 4; i++)
        for (int k = 0; k < 3; k++) {
            u64 start = 77 * BUCKET_SECOND, passed;

            bucket_set(&bucket, rates[k], 0, start);
            passed = pass(&bucket, pieces[i], start, start + 10 * BUCKET_SECOND);
            CU_ASSERT(passed <= 10 * rates[k] + 10 * rates[k] / 500 + pieces[i]);
            CU_ASSERT(passed + pieces[i] >= 10 * rates[k] - rates[k] / 1000);
        }
}

// After a pause, of whatever length, the burst passes at once and no more.
static void burst(void)
{
    struct bucket bucket;
    u64 now = BUCKET_SECOND;

    bucket_set(&bucket, 1000, 5000, now);
    CU_ASSERT(pass(&bucket, 1, now, now + 1) <= 2);
    for (u64 pause = 10; pause < 100000; pause *= 10) {
        now += pause * BUCKET_SECOND;
        CU_ASSERT(pass(&bucket, 1, now, now + MS / 2) >= 4999);
        CU_ASSERT(bucket_wait(&bucket, now + MS / 2) > 0);
        CU_ASSERT(pass(&bucket, 1, now + MS, now + BUCKET_SECOND) <= 1001);
    }
}

// Without a burst of its own, a tenth of a second is saved up.
static void default_burst(void)
{
    struct bucket bucket;
    u64 now = BUCKET_SECOND;

    bucket_set(&bucket, 1000, 0, now);
    now += 50 * BUCKET_SECOND;
    CU_ASSERT(pass(&bucket, 1, now, now + 1) <= 101);
}

// A new limit holds at once: what was owed under a slow one is forgotten.
static void change(void)
{
    struct bucket bucket;
    u64 now = BUCKET_SECOND;

    bucket_set(&bucket, 10, 0, now);
    bucket_take(&bucket, 1 << 20, now);
    CU_ASSERT(bucket_wait(&bucket, now) > 1000 * BUCKET_SECOND);
    bucket_set(&bucket, 1 << 20, 0, now);
    CU_ASSERT_EQUAL(bucket_wait(&bucket, now), 0);
}

// The largest numbers there are make no arithmetic overflow.
static void large(void)
{
    struct bucket bucket;

    bucket_set(&bucket, ~0ULL, ~0ULL, 0);
    bucket_take(&bucket, ~0ULL, 0);
    CU_ASSERT(bucket_wait(&bucket, 1) == 0);
    bucket_set(&bucket, 1, ~0ULL, 0);
    bucket_take(&bucket, ~0ULL, BUCKET_SECOND);
    CU_ASSERT(bucket_wait(&bucket, BUCKET_SECOND) > 0);
}

const struct unit_test unit_tests[] = {
    { "without a limit everything passes", no_limit },
    { "the mean is the limit, however large the pieces", mean },
    { "after a pause the burst passes at once", burst },
    { "a tenth of a second is saved up by default", default_burst },
    { "a new limit holds at once", change },
    { "the largest numbers do not overflow", large },
    { NULL, NULL },
};
