/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving domains other names.
 */
#ifndef TOOLS_DOMAIN_RENAME_H
#define TOOLS_DOMAIN_RENAME_H

#include "domain.h"

/*
 * Renames a running domain: its nodes and its record. The caller has seen that the name is free, and holds
 * the lock.
 */
int domain_rename(struct tools *tools, const struct domain *domain, const char *name, struct hv_error *err);

/*
 * Moves a stopped domain out of the way of its successor: it gets a free name "NAME-kept", "NAME-kept2", ...
 * and a new UUID, loses its devices, and stays until it is destroyed. `config` is a copy of its
 * configuration, changed to match.
 */
int domain_set_aside(struct tools *tools, unsigned domid, struct hv_config *config, struct hv_error *err);

#endif
