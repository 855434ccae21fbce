/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Letters of 5 by 7 dots, one byte a column with the top dot in bit 0, for the characters from space to
 * tilde.
 */
#ifndef ARCH_FONT_H
#define ARCH_FONT_H

#include <hv/types.h>

#define FONT_FIRST ' '
#define FONT_LAST '~'
#define FONT_COLUMNS 5u
#define FONT_ROWS 8u /* with descenders */

extern const uint8_t font_5x7[FONT_LAST - FONT_FIRST + 1][FONT_COLUMNS];

#endif
