/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzzers share: an input is a sequence of bytes, each of which decides something; at its end all are 0. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "pv_guest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *fuzz_in;
static size_t fuzz_left;

static inline void fuzz_begin(const uint8_t *data, size_t size)
{
    fuzz_in = data;
    fuzz_left = size;
}

static inline uint8_t byte(void)
{
    if (!fuzz_left)
        return 0;
    fuzz_left--;
    return *fuzz_in++;
}

#define one_of(array) ((array)[byte() % ARRAY_SIZE(array)])

/* An invariant of the file's does not hold: say which, with numbers that help, and stop. */
#define CHECK(cond, ...)                                                                                     \
    do {                                                                                                     \
        if (!(cond)) {                                                                                       \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #cond);                                       \
            fprintf(stderr, __VA_ARGS__);                                                                    \
            fputc('\n', stderr);                                                                             \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

#endif
