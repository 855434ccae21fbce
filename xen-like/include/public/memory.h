/* SPDX-License-Identifier: MIT */
/*
 * memory_op(cmd, arg): how much memory a domain has, which frames, and what the machine has. Calls on another
 * domain than DOMID_SELF need privilege over it. An extent is 2^order frames, aligned on its size.
 */
#ifndef __XEN_PUBLIC_MEMORY_H__
#define __XEN_PUBLIC_MEMORY_H__

#include "xen.h"
#include "physdev.h"

/*
 * All three take a xen_memory_reservation; the result is the number of extents done, which is less than asked
 * when memory, or the domain's limit, ran out.
 *   increase_reservation  allocate; frame numbers are written to extent_start (may be NULL)
 *   decrease_reservation  free the extents listed in extent_start (PV: MFNs)
 *   populate_physmap      extent_start holds PFNs; allocate for each, record them in the M2P table, and write
 *                         the MFNs over the PFNs
 */
#define XENMEM_increase_reservation 0
#define XENMEM_decrease_reservation 1
#define XENMEM_populate_physmap     6

/* mem_flags */
#define XENMEMF_address_bits(x)      (x)                         /* Frames below 2^x bytes; 0: anywhere. */
#define XENMEMF_get_address_bits(x)  ((x) & 0xffU)
#define XENMEMF_node(x)              (((x) + 1) << 8)            /* Preferably from this NUMA node. */
#define XENMEMF_get_node(x)          ((((x) >> 8) - 1) & 0xffU)
#define XENMEMF_populate_on_demand   (1 << 16)
#define XENMEMF_exact_node_request   (1 << 17)                   /* From that node or not at all. */
#define XENMEMF_exact_node(n)        (XENMEMF_node(n) | XENMEMF_exact_node_request)
#define XENMEMF_vnode                (1 << 18)                   /* The node is a virtual one. */

struct xen_memory_reservation {
    XEN_GUEST_HANDLE(xen_pfn_t) extent_start;   /* in/out */
    xen_ulong_t nr_extents;                     /* in */
    uint32_t extent_order;                      /* in */
    uint32_t mem_flags;                         /* in: XENMEMF_* */
    domid_t domid;                              /* in */
};
typedef struct xen_memory_reservation xen_memory_reservation_t;

/*
 * Trade frames for as many others, e.g. scattered ones for a contiguous or low extent. `in` lists what is
 * given, `out` the PFNs, and receives the MFNs; extent count << order is the same on both sides. All of it
 * happens or, beyond nr_exchanged extents of `in`, nothing.
 */
#define XENMEM_exchange 11
struct xen_memory_exchange {
    struct xen_memory_reservation in;    /* in */
    struct xen_memory_reservation out;   /* in/out */
    xen_ulong_t nr_exchanged;            /* in: 0; out */
};
typedef struct xen_memory_exchange xen_memory_exchange_t;

#define XENMEM_maximum_ram_page 2   /* (no arg) Result: highest frame of RAM. */

/* These take a xen_memory_domain. */
#define XENMEM_current_reservation  3   /* Result: pages it has. */
#define XENMEM_maximum_reservation  4   /* Result: pages it may have. */
#define XENMEM_maximum_gpfn        14   /* Result: its highest PFN, by arch_shared_info.max_pfn for PV. */
struct xen_memory_domain {
    domid_t domid;   /* in */
};

/* Which frames hold the machine-to-physical table: one for each 2 MiB of it, so that tools can map it. */
#define XENMEM_machphys_mfn_list 5
struct xen_machphys_mfn_list {
    uint32_t max_extents;                       /* in: room in extent_start */
    XEN_GUEST_HANDLE(xen_pfn_t) extent_start;   /* in; first frame of each 2 MiB is written */
    uint32_t nr_extents;                        /* out: how many were written */
};
typedef struct xen_machphys_mfn_list xen_machphys_mfn_list_t;
#define XENMEM_machphys_compat_mfn_list 25   /* The same for the table of 32-bit guests. */

/* Where the table is in this guest's address space. */
#define XENMEM_machphys_mapping 12
struct xen_machphys_mapping {
    xen_ulong_t v_start, v_end;   /* out: virtual addresses */
    xen_ulong_t max_mfn;          /* out: highest entry */
};
typedef struct xen_machphys_mapping xen_machphys_mapping_t;

/* Kinds of page that add_to_physmap can place. For translated guests; PV refuses. */
#define XENMAPSPACE_shared_info  0
#define XENMAPSPACE_grant_table  1
#define XENMAPSPACE_gmfn         2
#define XENMAPSPACE_gmfn_range   3   /* Not in a batch. */
#define XENMAPSPACE_gmfn_foreign 4   /* Only in a batch. */
#define XENMAPSPACE_dev_mmio     5

#define XENMEM_add_to_physmap 7
#define XENMAPIDX_grant_table_status 0x80000000   /* In idx: a status frame, not a grant frame. */
struct xen_add_to_physmap {
    domid_t domid;     /* in */
    uint16_t size;     /* in: pages, for gmfn_range */
    uint32_t space;    /* in: XENMAPSPACE_* */
    xen_ulong_t idx;   /* in: which page of that space */
    xen_pfn_t gpfn;    /* in: where to */
};
typedef struct xen_add_to_physmap xen_add_to_physmap_t;

#define XENMEM_add_to_physmap_batch 23
union xen_add_to_physmap_batch_extra {
    domid_t foreign_domid;   /* For gmfn_foreign. */
    uint16_t res0;           /* Otherwise 0. */
};
struct xen_add_to_physmap_batch {
    domid_t domid;                          /* in */
    uint16_t space;                         /* in */
    uint16_t size;                          /* in: pages */
    union xen_add_to_physmap_batch_extra u; /* in */
    XEN_GUEST_HANDLE(xen_ulong_t) idxs;     /* in */
    XEN_GUEST_HANDLE(xen_pfn_t) gpfns;      /* in */
    XEN_GUEST_HANDLE(int) errs;             /* in; a result for each is written */
};
typedef struct xen_add_to_physmap_batch xen_add_to_physmap_batch_t;

#define XENMEM_remove_from_physmap 15
struct xen_remove_from_physmap {
    domid_t domid;    /* in */
    xen_pfn_t gpfn;   /* in */
};
typedef struct xen_remove_from_physmap xen_remove_from_physmap_t;

/*
 * The domain's memory map, in the 20-byte entries of the BIOS call E820: base, length (64 bits each), type
 * (32).
 */
#define XENMEM_memory_map         9
#define XENMEM_machine_memory_map 10   /* The machine's (hardware domain). */
struct xen_memory_map {
    uint32_t nr_entries;             /* in: room; out: entries */
    XEN_GUEST_HANDLE(void) buffer;   /* in */
};
typedef struct xen_memory_map xen_memory_map_t;

/* Set the map that memory_map will show to a domain (privileged). */
#define XENMEM_set_memory_map 13
struct xen_foreign_memory_map {
    domid_t domid;               /* in */
    struct xen_memory_map map;   /* in */
};
typedef struct xen_foreign_memory_map xen_foreign_memory_map_t;

/* Populate-on-demand, paging, sharing and access control are for translated guests: numbers only. */
#define XENMEM_set_pod_target           16
#define XENMEM_get_pod_target           17
#define XENMEM_get_sharing_freed_pages  18
#define XENMEM_get_sharing_shared_pages 19
#define XENMEM_paging_op                20
#define XENMEM_access_op                21
#define XENMEM_sharing_op               22

/*
 * Set memory aside for a domain that is about to be built (xen_memory_reservation with order 0; nr_extents
 * pages in all, those it has already included; 0 gives the claim up). -ENOMEM when there is too little free.
 */
#define XENMEM_claim_pages 24

/* Reserved memory of devices (IOMMU): a number only. */
#define XENMEM_reserved_device_memory_map 27

/* Where a resource of a domain is in memory, so that a tool stack can map it through privcmd. */
#define XENMEM_acquire_resource 28
#define XENMEM_resource_ioreq_server 0
#define XENMEM_resource_grant_table  1
#define XENMEM_resource_vmtrace_buf  2
#define XENMEM_resource_grant_table_id_shared 0   /* The entries; grows the table as setup_table does. */
#define XENMEM_resource_grant_table_id_status 1   /* The status words (version 2). */
struct xen_mem_acquire_resource {
    domid_t domid;                            /* in */
    uint16_t type;                            /* in: XENMEM_resource_* */
    uint32_t id;                              /* in: which of that type */
    uint32_t nr_frames;                       /* in: frames wanted; with a NULL list out: frames there are */
    uint32_t pad;                             /* in: 0 */
    uint64_t frame;                           /* in: first frame */
    XEN_GUEST_HANDLE(xen_pfn_t) frame_list;   /* in; PV: MFNs are written */
};
typedef struct xen_mem_acquire_resource xen_mem_acquire_resource_t;

/* The virtual NUMA layout of a domain. -EOPNOTSUPP if it has none. */
#define XENMEM_get_vnumainfo 26
struct xen_vmemrange {
    uint64_t start, end;   /* out: bytes */
    uint32_t flags;
    uint32_t nid;          /* out: virtual node */
};
typedef struct xen_vmemrange xen_vmemrange_t;

struct xen_vnuma_topology_info {
    domid_t domid;            /* in */
    uint16_t pad;
    uint32_t nr_vnodes;       /* in: room; out */
    uint32_t nr_vcpus;        /* in: room; out */
    uint32_t nr_vmemranges;   /* in: room; out */
    union {
        XEN_GUEST_HANDLE(unsigned int) h;
        uint64_t pad;
    } vdistance;
    union {
        XEN_GUEST_HANDLE(unsigned int) h;
        uint64_t pad;
    } vcpu_to_vnode;
    union {
        XEN_GUEST_HANDLE(xen_vmemrange_t) h;
        uint64_t pad;
    } vmemrange;
};
typedef struct xen_vnuma_topology_info xen_vnuma_topology_info_t;

#endif
