/* SPDX-License-Identifier: MIT */
/*
 * physdev_op(cmd, arg): interrupts and PCI devices, for a domain that drives hardware.
 *
 * A pirq is a number, private to a domain, for an interrupt line or message of a device. It is mapped here,
 * then bound to an event channel with EVTCHNOP_bind_pirq.
 */
#ifndef __XEN_PUBLIC_PHYSDEV_H__
#define __XEN_PUBLIC_PHYSDEV_H__

#include "xen.h"

/* The guest has served the interrupt; a level line may fire again. */
#define PHYSDEVOP_eoi 12
struct physdev_eoi {
    uint32_t irq;   /* in: pirq */
};
typedef struct physdev_eoi physdev_eoi_t;

/*
 * Give a page to be filled with one bit per pirq: does it need PHYSDEVOP_eoi? v1 also makes unmasking the
 * port an end of interrupt.
 */
#define PHYSDEVOP_pirq_eoi_gmfn_v1 17
#define PHYSDEVOP_pirq_eoi_gmfn_v2 28
#define PHYSDEVOP_pirq_eoi_gmfn    PHYSDEVOP_pirq_eoi_gmfn_v2
struct physdev_pirq_eoi_gmfn {
    xen_pfn_t gmfn;   /* in: frame */
};
typedef struct physdev_pirq_eoi_gmfn physdev_pirq_eoi_gmfn_t;

/* Must the guest send PHYSDEVOP_eoi for it? */
#define PHYSDEVOP_irq_status_query 5
struct physdev_irq_status_query {
    uint32_t irq;     /* in: pirq */
    uint32_t flags;   /* out: XENIRQSTAT_* */
};
typedef struct physdev_irq_status_query physdev_irq_status_query_t;
#define _XENIRQSTAT_needs_eoi (0)
#define XENIRQSTAT_needs_eoi  (1U << _XENIRQSTAT_needs_eoi)
#define _XENIRQSTAT_shared    (1)
#define XENIRQSTAT_shared     (1U << _XENIRQSTAT_shared)   /* By several domains. */

/*
 * The vCPU's I/O privilege level; 1 gives the kernel, 3 user mode too, the ports that the domain has rights
 * to.
 */
#define PHYSDEVOP_set_iopl 6
struct physdev_set_iopl {
    uint32_t iopl;   /* in: 0 to 3 */
};
typedef struct physdev_set_iopl physdev_set_iopl_t;

/* The vCPU's I/O bitmap for user mode: a 0 bit allows the port. */
#define PHYSDEVOP_set_iobitmap 7
struct physdev_set_iobitmap {
    XEN_GUEST_HANDLE(uint8_t) bitmap;   /* in: kept, not copied */
    uint32_t nr_ports;                  /* in: up to 65536 */
};
typedef struct physdev_set_iobitmap physdev_set_iobitmap_t;

/* Read or write an I/O APIC register (write: obsolete way to route interrupts). */
#define PHYSDEVOP_apic_read  8
#define PHYSDEVOP_apic_write 9
struct physdev_apic {
    uint64_t apic_physbase;   /* in: which I/O APIC */
    uint32_t reg;             /* in */
    uint32_t value;           /* in or out */
};
typedef struct physdev_apic physdev_apic_t;

/* A CPU vector for a line; what guests still use is only that it succeeds. */
#define PHYSDEVOP_alloc_irq_vector 10
#define PHYSDEVOP_free_irq_vector  11
struct physdev_irq {
    uint32_t irq;      /* in */
    uint32_t vector;   /* out */
};
typedef struct physdev_irq physdev_irq_t;

#define MAP_PIRQ_TYPE_MSI       0x0   /* MSI or MSI-X, segment 0. */
#define MAP_PIRQ_TYPE_GSI       0x1
#define MAP_PIRQ_TYPE_UNKNOWN   0x2
#define MAP_PIRQ_TYPE_MSI_SEG   0x3   /* As MSI; bits 16 to 31 of `bus` are the segment. */
#define MAP_PIRQ_TYPE_MULTI_MSI 0x4   /* As MSI_SEG; entry_nr consecutive messages. */

/* Give an interrupt a pirq. -EBUSY, -EEXIST: it, or the number, is taken. */
#define PHYSDEVOP_map_pirq 13
struct physdev_map_pirq {
    domid_t domid;         /* in: usually DOMID_SELF */
    int32_t type;          /* in: MAP_PIRQ_TYPE_* */
    int32_t index;         /* in: the GSI; MSI: ignored (-1) */
    int32_t pirq;          /* in: wanted number, or negative to have one chosen; out */
    int32_t bus;           /* in: MSI: PCI bus | segment << 16 */
    int32_t devfn;         /* in: MSI: device << 3 | function */
    int32_t entry_nr;      /* in: MSI-X: table entry; MULTI_MSI: messages, out: how many there were */
    uint64_t table_base;   /* in: MSI-X: physical address of the table; 0: plain MSI */
};
typedef struct physdev_map_pirq physdev_map_pirq_t;

#define PHYSDEVOP_unmap_pirq 14
struct physdev_unmap_pirq {
    domid_t domid;   /* in */
    int32_t pirq;    /* in */
};
typedef struct physdev_unmap_pirq physdev_unmap_pirq_t;

/* Older forms of pci_device_add and _remove, segment 0. */
#define PHYSDEVOP_manage_pci_add    15
#define PHYSDEVOP_manage_pci_remove 16
struct physdev_manage_pci {
    uint8_t bus;     /* in */
    uint8_t devfn;   /* in */
};
typedef struct physdev_manage_pci physdev_manage_pci_t;

/* Older form of restore_msi_ext, segment 0. */
#define PHYSDEVOP_restore_msi 19
struct physdev_restore_msi {
    uint8_t bus;     /* in */
    uint8_t devfn;   /* in */
};
typedef struct physdev_restore_msi physdev_restore_msi_t;

#define PHYSDEVOP_manage_pci_add_ext 20
struct physdev_manage_pci_ext {
    uint8_t bus;           /* in */
    uint8_t devfn;         /* in */
    uint32_t is_extfn;     /* in */
    uint32_t is_virtfn;    /* in */
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn;              /* in: of a virtual function */
};
typedef struct physdev_manage_pci_ext physdev_manage_pci_ext_t;

/* Argument of physdev_op_compat. */
struct physdev_op {
    uint32_t cmd;   /* in: PHYSDEVOP_* */
    union {
        physdev_irq_status_query_t irq_status_query;
        physdev_set_iopl_t set_iopl;
        physdev_set_iobitmap_t set_iobitmap;
        physdev_apic_t apic_op;
        physdev_irq_t irq_op;
    } u;
};
typedef struct physdev_op physdev_op_t;

/* How a line signals, as ACPI told dom0. */
#define PHYSDEVOP_setup_gsi 21
struct physdev_setup_gsi {
    int32_t gsi;          /* in */
    uint8_t triggering;   /* in: 0 edge, 1 level */
    uint8_t polarity;     /* in: 0 active high, 1 active low */
};
typedef struct physdev_setup_gsi physdev_setup_gsi_t;

/* A pirq that is not in use. -ENOSPC */
#define PHYSDEVOP_get_free_pirq 23
struct physdev_get_free_pirq {
    int32_t type;    /* in: MAP_PIRQ_TYPE_* */
    uint32_t pirq;   /* out */
};
typedef struct physdev_get_free_pirq physdev_get_free_pirq_t;

/* Whether firmware reserved a MMCFG region, i.e. it can be trusted. */
#define XEN_PCI_MMCFG_RESERVED 0x1
#define PHYSDEVOP_pci_mmcfg_reserved 24
struct physdev_pci_mmcfg_reserved {
    uint64_t address;    /* in: as in ACPI's MCFG */
    uint16_t segment;    /* in */
    uint8_t start_bus;   /* in */
    uint8_t end_bus;     /* in */
    uint32_t flags;      /* in: XEN_PCI_MMCFG_RESERVED */
};
typedef struct physdev_pci_mmcfg_reserved physdev_pci_mmcfg_reserved_t;

/* dom0 found a PCI device. */
#define XEN_PCI_DEV_EXTFN  0x1   /* An ARI extended function. */
#define XEN_PCI_DEV_VIRTFN 0x2   /* A virtual function; physfn is its parent. */
#define XEN_PCI_DEV_PXM    0x4   /* optarr[0] is the proximity domain. */
#define PHYSDEVOP_pci_device_add 25
struct physdev_pci_device_add {
    uint16_t seg;        /* in */
    uint8_t bus;         /* in */
    uint8_t devfn;       /* in */
    uint32_t flags;      /* in: XEN_PCI_DEV_* */
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn;            /* in */
    uint32_t optarr[];   /* in */
};
typedef struct physdev_pci_device_add physdev_pci_device_add_t;

/* These take a physdev_pci_device. */
#define PHYSDEVOP_pci_device_remove 26
#define PHYSDEVOP_restore_msi_ext   27   /* Program its messages again, e.g. after a reset. */
#define PHYSDEVOP_prepare_msix      30   /* MSI-X is about to be used: reserve it ... */
#define PHYSDEVOP_release_msix      31   /* ... and release it. */
struct physdev_pci_device {
    uint16_t seg;    /* in */
    uint8_t bus;     /* in */
    uint8_t devfn;   /* in */
};
typedef struct physdev_pci_device physdev_pci_device_t;

/* A USB host controller whose debug port the hypervisor may be using is about to be, or was, reset. */
#define PHYSDEVOP_DBGP_RESET_PREPARE 1
#define PHYSDEVOP_DBGP_RESET_DONE    2
#define PHYSDEVOP_DBGP_BUS_UNKNOWN   0
#define PHYSDEVOP_DBGP_BUS_PCI       1
#define PHYSDEVOP_dbgp_op 29
struct physdev_dbgp_op {
    uint8_t op;    /* in: PHYSDEVOP_DBGP_RESET_* */
    uint8_t bus;   /* in: PHYSDEVOP_DBGP_BUS_* */
    union {
        physdev_pci_device_t pci;
    } u;           /* in */
};
typedef struct physdev_dbgp_op physdev_dbgp_op_t;

/* Of the compat call: the same as PHYSDEVOP_eoi for every line. */
#define PHYSDEVOP_IRQ_UNMASK_NOTIFY 4

#endif
