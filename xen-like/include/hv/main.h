/* SPDX-License-Identifier: GPL-2.0-only */
/* What core/ sets up for itself. */
#ifndef HV_MAIN_H
#define HV_MAIN_H

void main_init(void); /* needs a clock and one CPU, no memory */

#endif
