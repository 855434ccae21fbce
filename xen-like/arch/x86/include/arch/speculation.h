/* SPDX-License-Identifier: GPL-2.0-only */
/* Barriers against what a CPU learns from one domain and shows another. */
#ifndef ARCH_SPECULATION_H
#define ARCH_SPECULATION_H

void speculation_init(void);          /* boot CPU */
void speculation_switch_domain(void); /* this CPU goes on with another domain than it last ran */

#endif
