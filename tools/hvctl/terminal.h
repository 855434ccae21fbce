/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's console on the terminal.
 */
#ifndef HVCTL_TERMINAL_H
#define HVCTL_TERMINAL_H

#include <stdbool.h>

/*
 * Passes bytes between the terminal and a console's socket until ^] is typed or the console ends, then closes
 * the socket. The terminal is in raw mode meanwhile. `safe`: the guest's control characters are escaped.
 * Returns the exit status.
 */
int terminal_run(int console, bool safe);

#endif
