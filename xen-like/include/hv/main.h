/* SPDX-License-Identifier: GPL-2.0-only */
/* What core/ sets up for itself, in two steps of the machine's start. */
#ifndef HV_MAIN_H
#define HV_MAIN_H

void main_init(void);      /* needs a clock and one CPU, no memory */
void main_init_late(void); /* all CPUs are online and memory can be had */

#endif
