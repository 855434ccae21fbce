/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices that come to a running domain and leave it. Its record follows, so that a reboot keeps what it has.
 *
 * The caller holds the lock.
 */
#ifndef TOOLS_DOMAIN_HOTPLUG_H
#define TOOLS_DOMAIN_HOTPLUG_H

#include "domain.h"

/* Give the device; on failure nothing is left of it. -EEXIST if the target is taken. */
int hotplug_disk(struct tools *tools, const struct domain *domain, const struct hv_disk *disk,
                 struct hv_error *err);
int hotplug_nic(struct tools *tools, const struct domain *domain, const struct hv_nic *nic,
                struct hv_error *err);

/* Take "vbd" or "vif" `number` away. Without `force` the guest has to agree: -EBUSY if it does not (device_close()). */
int hotplug_remove(struct tools *tools, const struct domain *domain, const char *kind, unsigned number,
                   bool force, struct hv_error *err);

#endif
