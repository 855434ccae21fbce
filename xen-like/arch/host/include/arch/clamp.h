/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For all indices that guests choose: clamp_index(index, size) of an index that has been found to be below size. A CPU that
 * guesses what is found may go on with any index before it knows; then this is 0, without anything to guess.
 */
#ifndef ARCH_CLAMP_H
#define ARCH_CLAMP_H

#include <stdint.h>

static inline uint64_t clamp_index(uint64_t index, uint64_t size) { return index < size ? index : 0; }

#endif
