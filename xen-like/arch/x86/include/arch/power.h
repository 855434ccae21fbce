/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's end, beside arch_machine_shutdown(). */
#ifndef ARCH_POWER_H
#define ARCH_POWER_H

#include <hv/types.h>

/* Write these to the PM1 control registers, as dom0 read them from ACPI's \_S5; then whatever else works. */
void power_off_with(uint16_t pm1a, uint16_t pm1b) __attribute__((noreturn));

#endif
