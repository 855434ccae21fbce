/* SPDX-License-Identifier: GPL-2.0-only */
/* Guards against what CPUs do on a guess, and what they remember of it. */
#ifndef ARCH_SPECULATION_H
#define ARCH_SPECULATION_H

/* What a place in hv's text is changed for (guards.S). */
#define GUARD_ROOTS 0 /* guests run on roots of their own, or buffers are overwritten before a guest runs */
#define GUARD_JUMPS 1 /* no jump's target is guessed */

#ifndef __ASSEMBLER__

#include <hv/types.h>

void speculation_init(void);          /* boot CPU, before any guest and any other CPU run */
void speculation_switch_domain(void); /* this CPU goes on with another domain than it last ran */

#endif

#endif
