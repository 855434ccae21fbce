/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BIOS knows about the machine's disks, asked once and kept for dom0, who cannot ask. */
#ifndef ARCH_EDD_H
#define ARCH_EDD_H

#include <public/platform.h>

void edd_init(void); /* see bios.h for when */
/* Fill in info->u for disk number info->index; -ESRCH if there are not so many, -EFAULT. */
long edd_disk_info(struct xenpf_firmware_info *info);
long edd_mbr_signature(struct xenpf_firmware_info *info);

#endif
