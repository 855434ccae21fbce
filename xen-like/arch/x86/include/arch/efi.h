/* SPDX-License-Identifier: GPL-2.0-only */
/* UEFI firmware, once boot services have ended: what its tables say, and calls to its runtime services. */
#ifndef ARCH_EFI_H
#define ARCH_EFI_H

#include <public/platform.h>

void efi_init(void); /* after paging_init(); nothing on a BIOS */
/* XEN_FW_EFI_INFO: 0 or -errno; -ENOSYS on a BIOS. */
int efi_get_info(uint32_t index, union xenpf_efi_info *info);
/* 0: op->status and results are set. -ENOSYS on a BIOS, -EFAULT, -EINVAL, -ENOMEM. */
int efi_runtime_call(struct xenpf_efi_runtime_call *op);
/* Reset or power off by the firmware; returns if there is none. */
void efi_reset(bool power_off);

#endif
