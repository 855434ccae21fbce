/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From checked XML to the plain structure.
 */
#ifndef LIBHV_SRC_CONFIG_READ_H
#define LIBHV_SRC_CONFIG_READ_H

#include "config_reader.h"

/* Fills an empty structure from <domain>. The caller frees it in any case. */
int config_read(struct reader *r, const xmlNode *domain, struct hv_config *config);

/* A CD-ROM drive with nothing in it, which a PV guest has no use for. */
bool config_disk_is_empty_drive(const xmlNode *disk);

/* Fill an empty structure from <disk> or <interface>; the caller clears it in any case. */
int config_read_disk(struct reader *r, const xmlNode *node, struct hv_disk *disk);
int config_read_nic(struct reader *r, const xmlNode *node, struct hv_nic *nic);

/* Their limits, when their drivers are known. */
int config_read_iotune(struct reader *r, const xmlNode *node, struct hv_disk *disk);
int config_read_bandwidth(struct reader *r, const xmlNode *node, struct hv_nic *nic);

#endif
