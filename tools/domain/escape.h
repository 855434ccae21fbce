/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Showing text from a guest without letting it play with the terminal.
 */
#ifndef TOOLS_DOMAIN_ESCAPE_H
#define TOOLS_DOMAIN_ESCAPE_H

#include <stddef.h>

/* Bytes that escape() may make of one. */
#define ESCAPE_MAX 4

/*
 * Writes `size` bytes to `out` (room for ESCAPE_MAX times as many): newline and tab as they are, a carriage
 * return in front of a newline dropped, other control characters and bytes that are not valid UTF-8 as \xHH,
 * a backslash doubled; C1 controls, which some terminals obey, count as control characters. A sequence must
 * not be cut in two: returns how many bytes were taken, in *written how many were made; with `last`, all are
 * taken.
 */
size_t escape(const char *in, size_t size, int last, char *out, size_t *written);

#endif
