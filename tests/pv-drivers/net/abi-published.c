/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The facts by Debian's libxen-dev.
 */
#include <stdint.h>
#include <xen/xen.h>
#include <xen/io/netif.h>

#include "abi-facts.h"

const struct fact facts_published[] = FACTS;
