/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the code that fuzzers compile too needs from its surroundings, as the kernel has it. The host's form
 * of the same names is ../host/platform.h; the -I list says which one is meant.
 */
#ifndef HV_PV_PLATFORM_H
#define HV_PV_PLATFORM_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/barrier.h>

#endif
