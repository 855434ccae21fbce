// SPDX-License-Identifier: GPL-2.0-only
/* The facts as libxen-dev's header has them. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <xen/xen.h>
#include <xen/io/blkif.h>

#define FACT(x) (long)(x),
const long published_facts[] = {
#include "format-facts.h"
};
