/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's own nodes in the store: /local/domain/N and /vm/UUID.
 *
 * All of them belong to dom0 and the guest may read them, but for what a guest has to write: its shutdown
 * request's acknowledgement, what it says of its abilities, and the folders `data`, `drivers`, `attr`,
 * `error` and `feature`.
 */
#ifndef TOOLS_DOMAIN_NODES_H
#define TOOLS_DOMAIN_NODES_H

#include "store.h"
#include "tools.h"

void nodes_of_domain(struct store_batch *batch, const struct hv_config *config, const struct hv_built *built);
int nodes_remove(struct xs_handle *xs, unsigned domid, const uint8_t uuid[16], struct hv_error *err);

#endif
