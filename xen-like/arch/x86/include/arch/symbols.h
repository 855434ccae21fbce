/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of hv's functions. */
#ifndef ARCH_SYMBOLS_H
#define ARCH_SYMBOLS_H

#include <hv/types.h>

bool symbol_is_text(uint64_t address);
const char *symbol_find(uint64_t address, uint64_t *offset);              /* NULL: not in hv's text */
/* by number; false: there are fewer */
bool symbol_get(uint32_t n, uint64_t *address, const char **name);

#endif
