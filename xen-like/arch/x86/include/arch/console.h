/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's consoles: 16550 serial port, screen. */
#ifndef ARCH_CONSOLE_H
#define ARCH_CONSOLE_H

#include <hv/types.h>

void serial_init(void);            /* boot, after the options */
void serial_start_input(void);     /* when interrupts and timers work: keys go to console_input() */
bool serial_owns_port(uint16_t port); /* hv's own: no domain may have it */

void screen_init(void);            /* boot, after the final page tables */
void screen_release(void);         /* dom0 drives it from now on, unless vga=keep */

#endif
