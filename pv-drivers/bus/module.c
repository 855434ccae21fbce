// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-bus: what hv's split drivers share. It does nothing by itself; modprobe loads it with the first of them.
 */
#include <linux/module.h>

#include "keep.h"

static int __init bus_init(void)
{
    return 0;
}
module_init(bus_init);

static void __exit bus_exit(void)
{
    pv_keep_exit();
}
module_exit(bus_exit);

MODULE_DESCRIPTION("what hv's paravirtual drivers share");
MODULE_LICENSE("GPL");
