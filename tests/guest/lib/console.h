/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where text goes: console_io for the first domain, the console ring for all others. The same binary
 * does the right thing in both places.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stddef.h>

void console_init(void);

/* Waits while a ring is full, so nothing is lost; may be called from any vCPU and with events masked. */
void console_write(const char *text, size_t size);

/* Returns when the ring's reader has taken everything, or after a bounded number of yields. */
void console_flush(void);

#endif
