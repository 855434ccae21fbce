/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands that do the same to several domains: to those named, or with -a to all but dom0.
 */
#ifndef HVCTL_EACH_H
#define HVCTL_EACH_H

#include "command.h"

/* Returns 0, or a negative errno with a message. */
typedef int each_fn(struct tools *tools, const struct domain *domain, struct hv_error *err);

/*
 * Finds the domains (NULL: all but dom0) and applies `fn` to each; a failure is said, and the next one is
 * tried. The domains that it worked for are left in *done (NULL: not wanted; malloc'ed, *done_count). dom0 is
 * refused. Returns the exit status.
 */
int each_domain(struct tools *tools, char **names, int count, each_fn *fn, struct domain **done,
                int *done_count);

#endif
