/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can go wrong with a creation is found before anything is made, as far as it can be known before.
 */
#ifndef TOOLS_DOMAIN_CHECK_H
#define TOOLS_DOMAIN_CHECK_H

#include "tools.h"

/* `how` of check_config(). */
#define CHECK_KERNEL (1U << 0) /* look into the kernel, too: building does it anyway */

/*
 * Files and bridges are there and free, name and UUID are new, memory is free. `tools` may lack the
 * hypervisor or the store (a dry run on any machine); then what they would be asked is left out. 0 or -errno
 * with file and line.
 */
int check_config(struct tools *tools, const struct hv_config *config, unsigned how, struct hv_error *err);

/* Fills what libhv needs to know to build the domain. The strings stay the configuration's. */
struct hv_build check_build_wish(const struct hv_config *config);

#endif
