/* SPDX-License-Identifier: MIT */
/*
 * nmi_op(cmd, arg): the older way to register an NMI handler (callback.h has the newer), and reasons for
 * NMIs.
 */
#ifndef __XEN_PUBLIC_NMI_H__
#define __XEN_PUBLIC_NMI_H__

#include "xen.h"

/* Bits of arch_shared_info.nmi_reason, for dom0. */
#define _XEN_NMIREASON_io_error 0
#define XEN_NMIREASON_io_error  (1UL << _XEN_NMIREASON_io_error)
#define _XEN_NMIREASON_pci_serr 1
#define XEN_NMIREASON_pci_serr  (1UL << _XEN_NMIREASON_pci_serr)
#define _XEN_NMIREASON_unknown  2
#define XEN_NMIREASON_unknown   (1UL << _XEN_NMIREASON_unknown)

#define XENNMI_register_callback 0     /* xennmi_callback; vCPU 0 only. */
struct xennmi_callback {
    uint64_t handler_address;   /* in */
    uint64_t pad;
};
typedef struct xennmi_callback xennmi_callback_t;

#define XENNMI_unregister_callback 1   /* (no arg) */

#endif
