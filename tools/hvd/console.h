/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's console: its ring, mapped by grant; the event channel beside it; the log; the viewers.
 *
 * A guest that writes, or fires events, without end is slowed down, not served at any price: each console has
 * an allowance of bytes that refills with time, and while it is used up the ring stays full and its event
 * masked.
 */
#ifndef HVD_CONSOLE_H
#define HVD_CONSOLE_H

#include "daemon.h"

struct console;

/* Connects to the console of a domain whose nodes are in the store. NULL with a message. */
struct console *console_open(struct daemon *d, unsigned domid, const char *name, struct hv_error *err);

/* Takes what is left in the ring, and lets go of everything. */
void console_close(struct console *console);

/* Its event has fired: moves bytes both ways. */
void console_fired(struct console *console);

/* Time has passed: the same. */
void console_pump(struct console *console);

/* Its allowance is used up: it waits to be pumped when time has passed. */
bool console_is_throttled(const struct console *console);

/* The local port of its event channel. */
unsigned console_port(const struct console *console);
unsigned console_viewers(const struct console *console);

#endif
