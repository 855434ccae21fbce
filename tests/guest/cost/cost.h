/* SPDX-License-Identifier: GPL-2.0-only */
/* Ticks per operation, printed as a comment line that tests/bench/run reads. */
#ifndef COST_H
#define COST_H

#include <guest.h>

#define TIMES 1000u

static inline uint32_t ticks(void)
{
    uint32_t lo, hi;

    asm volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return lo;
}

#define COST_OF(what, times, statement)                                                                      \
    do {                                                                                                     \
        uint32_t from_;                                                                                      \
                                                                                                             \
        statement; /* once before: tables and caches are warm then */                                        \
        from_ = ticks();                                                                                     \
        for (unsigned int i_ = 0; i_ < (times); i_++)                                                        \
            statement;                                                                                       \
        note("%s: %d", what, (ticks() - from_) / (times));                                                   \
    } while (0)
#define COST(what, statement) COST_OF(what, TIMES, statement)

void cost_tables(void);

#endif
