// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-bus: what hv's split drivers share. It does nothing by itself; modprobe loads it with the first of them.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("what hv's paravirtual drivers share");
MODULE_LICENSE("GPL");
