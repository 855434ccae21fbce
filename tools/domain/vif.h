/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's network interfaces: Linux's xen-netback, its end of the wire being a port of a bridge in dom0.
 *
 *   vif_check    the bridge is there
 *   vif_nodes    describes it in the store; the kernel makes the interface vifDOMID.INDEX
 *   vif_connect  waits for the interface, puts it into the bridge, and tells the kernel that it may go on
 */
#ifndef TOOLS_DOMAIN_VIF_H
#define TOOLS_DOMAIN_VIF_H

#include "backend.h"

int vif_check(const struct hv_nic *nic, const char *file, struct hv_error *err);
void vif_nodes(struct store_batch *batch, const struct hv_nic *nic, unsigned domid, unsigned index);
int vif_connect(struct tools *tools, const struct hv_nic *nic, unsigned domid, unsigned index,
                struct hv_error *err);

#endif
