/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices in a configuration: freeing what they own, and the lists they are in.
 */
#ifndef LIBHV_SRC_CONFIG_DEVICES_H
#define LIBHV_SRC_CONFIG_DEVICES_H

#include <libhv/config.h>

void disk_clear(struct hv_disk *disk);
void nic_clear(struct hv_nic *nic);

/* Copies; -ENOMEM and an empty `to` if memory is short. */
int disk_copy(struct hv_disk *to, const struct hv_disk *from);
int nic_copy(struct hv_nic *to, const struct hv_nic *from);

#endif
