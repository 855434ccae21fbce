/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits of disks and interfaces: keys in the folder `limits` of a back-end, which hv's back-ends heed whenever they change. Linux's
 * own do not know them, so a limit for a device that they serve is an error, not a wish.
 */
#ifndef TOOLS_DOMAIN_LIMITS_H
#define TOOLS_DOMAIN_LIMITS_H

#include "backend.h"
#include "domain.h"

/* Before a device is made: could its limits be kept? `file` is the XML for messages, or NULL. */
int limits_check_disk(const struct hv_disk *disk, const char *file, struct hv_error *err);
int limits_check_nic(const struct hv_nic *nic, const char *file, struct hv_error *err);

/* The keys of a new device. */
void limits_disk_nodes(struct store_batch *batch, const struct device *device, const struct hv_disk *disk);
void limits_nic_nodes(struct store_batch *batch, const struct device *device, const struct hv_nic *nic);

/* When it is served: is it hv's back-end that does? `what` is for messages. */
int limits_check_served(const struct device *device, const char *what, struct hv_error *err);

/* What holds for a running domain's device now. */
void limits_get_disk(struct tools *tools, const struct device *device, struct hv_limit iotune[HV_IOTUNE_COUNT]);
void limits_get_nic(struct tools *tools, const struct device *device, struct hv_bandwidth *in, struct hv_bandwidth *out);

/* Change it, and the domain's record, so that a reboot keeps it. The caller holds the lock. */
int limits_set_disk(struct tools *tools, const struct domain *domain, const struct device *device,
                    const struct hv_limit iotune[HV_IOTUNE_COUNT], struct hv_error *err);
int limits_set_nic(struct tools *tools, const struct domain *domain, const struct device *device,
                   const struct hv_bandwidth *in, const struct hv_bandwidth *out, struct hv_error *err);

#endif
