/* SPDX-License-Identifier: MIT */
/*
 * grant_table_op(cmd, args[], count): let another domain use a page, and use a page of another domain.
 *
 * A domain offers a page by filling an entry of its grant table, which is memory shared with the hypervisor;
 * the entry's index, the grant reference, is what it tells the other domain. Each structure carries its own
 * status (GNTST_*), and one that fails does not stop the batch; the hypercall itself fails only for bad
 * arguments.
 */
#ifndef __XEN_PUBLIC_GRANT_TABLE_H__
#define __XEN_PUBLIC_GRANT_TABLE_H__

#include "xen.h"

typedef uint32_t grant_ref_t;
typedef uint32_t grant_handle_t;   /* Names a mapping; given by map, wanted by unmap. */

/*
 * An entry (version 1). To grant: write frame and domid, then a write barrier, then flags. To take back:
 * compare and exchange flags to 0 while neither GTF_reading nor GTF_writing is set.
 */
struct grant_entry_v1 {
    uint16_t flags;   /* GTF_*; the hypervisor sets reading and writing */
    domid_t domid;    /* Who may use it. */
    uint32_t frame;   /* The frame (PV: an MFN). */
};
typedef struct grant_entry_v1 grant_entry_v1_t;

/* The tool stack fills these entries in for a new domain. */
#define GNTTAB_NR_RESERVED_ENTRIES 8
#define GNTTAB_RESERVED_CONSOLE    0
#define GNTTAB_RESERVED_XENSTORE   1

/* Type of an entry, in flags. */
#define GTF_invalid         (0U << 0)
#define GTF_permit_access   (1U << 0)   /* domid may map or copy the frame. */
#define GTF_accept_transfer (2U << 0)   /* domid may give a frame away to this domain; hv refuses. */
#define GTF_transitive      (3U << 0)   /* Version 2 only. */
#define GTF_type_mask       (3U << 0)

/* With GTF_permit_access. */
#define _GTF_readonly (2)
#define GTF_readonly  (1U << _GTF_readonly)   /* No writable use. */
#define _GTF_reading  (3)
#define GTF_reading   (1U << _GTF_reading)    /* In use (set by the hypervisor). */
#define _GTF_writing  (4)
#define GTF_writing   (1U << _GTF_writing)    /* In writable use (set by the hypervisor). */
#define _GTF_PWT      (5)                     /* Cacheability of mappings ... */
#define GTF_PWT       (1U << _GTF_PWT)
#define _GTF_PCD      (6)
#define GTF_PCD       (1U << _GTF_PCD)
#define _GTF_PAT      (7)
#define GTF_PAT       (1U << _GTF_PAT)        /* ... as in a PTE. */
#define _GTF_sub_page (8)
#define GTF_sub_page  (1U << _GTF_sub_page)   /* Version 2 only. */

/* With GTF_accept_transfer. */
#define _GTF_transfer_committed (2)
#define GTF_transfer_committed  (1U << _GTF_transfer_committed)
#define _GTF_transfer_completed (3)
#define GTF_transfer_completed  (1U << _GTF_transfer_completed)

#define GNTTABOP_map_grant_ref     0
#define GNTTABOP_unmap_grant_ref   1
#define GNTTABOP_setup_table       2
#define GNTTABOP_dump_table        3
#define GNTTABOP_transfer          4
#define GNTTABOP_copy              5
#define GNTTABOP_query_size        6
#define GNTTABOP_unmap_and_replace 7
#define GNTTABOP_set_version       8
#define GNTTABOP_get_status_frames 9
#define GNTTABOP_get_version      10
#define GNTTABOP_swap_grant_ref   11
#define GNTTABOP_cache_flush      12

/* Map a granted page into the caller's address space, its device's, or both. */
struct gnttab_map_grant_ref {
    uint64_t host_addr;      /* in: virtual address, or with contains_pte the PTE's machine address */
    uint32_t flags;          /* in: GNTMAP_* */
    grant_ref_t ref;         /* in */
    domid_t dom;             /* in: who granted */
    int16_t status;          /* out */
    grant_handle_t handle;   /* out */
    uint64_t dev_bus_addr;   /* out: machine address of the page */
};
typedef struct gnttab_map_grant_ref gnttab_map_grant_ref_t;

/* Undo a mapping. An address of 0 leaves that half alone; it must otherwise be what was mapped. */
struct gnttab_unmap_grant_ref {
    uint64_t host_addr;      /* in */
    uint64_t dev_bus_addr;   /* in */
    grant_handle_t handle;   /* in */
    int16_t status;          /* out */
};
typedef struct gnttab_unmap_grant_ref gnttab_unmap_grant_ref_t;

/*
 * Make the table at least this long, and say where it is. A single structure; another domain's needs
 * privilege.
 */
struct gnttab_setup_table {
    domid_t dom;                              /* in */
    uint32_t nr_frames;                       /* in */
    int16_t status;                           /* out */
    XEN_GUEST_HANDLE(xen_pfn_t) frame_list;   /* in: room for nr_frames, which are written */
};
typedef struct gnttab_setup_table gnttab_setup_table_t;

/* Print the table on the hypervisor's console, for debugging. */
struct gnttab_dump_table {
    domid_t dom;      /* in */
    int16_t status;   /* out */
};
typedef struct gnttab_dump_table gnttab_dump_table_t;

/* Give a frame away. hv refuses. */
struct gnttab_transfer {
    xen_pfn_t mfn;     /* in */
    domid_t domid;     /* in: receiver */
    grant_ref_t ref;   /* in: its GTF_accept_transfer entry */
    int16_t status;    /* out */
};
typedef struct gnttab_transfer gnttab_transfer_t;

/* Copy bytes within a page to within a page, each either granted or the caller's own. */
#define _GNTCOPY_source_gref (0)
#define GNTCOPY_source_gref  (1 << _GNTCOPY_source_gref)
#define _GNTCOPY_dest_gref   (1)
#define GNTCOPY_dest_gref    (1 << _GNTCOPY_dest_gref)
struct gnttab_copy_ptr {
    union {
        grant_ref_t ref;   /* With GNTCOPY_*_gref. */
        xen_pfn_t gmfn;    /* Without; the domain must be the caller. */
    } u;
    domid_t domid;
    uint16_t offset;       /* Bytes into the page. */
};
struct gnttab_copy {
    struct gnttab_copy_ptr source, dest;   /* in */
    uint16_t len;                          /* in: bytes; neither end may leave its page */
    uint16_t flags;                        /* in: GNTCOPY_* */
    int16_t status;                        /* out */
};
typedef struct gnttab_copy gnttab_copy_t;

/* How long the table is and may become. A single structure. */
struct gnttab_query_size {
    domid_t dom;              /* in */
    uint32_t nr_frames;       /* out */
    uint32_t max_nr_frames;   /* out */
    int16_t status;           /* out */
};
typedef struct gnttab_query_size gnttab_query_size_t;

/* Undo a mapping, and in one step put what new_addr maps in its place; new_addr is left unmapped. */
struct gnttab_unmap_and_replace {
    uint64_t host_addr;      /* in */
    uint64_t new_addr;       /* in */
    grant_handle_t handle;   /* in */
    int16_t status;          /* out */
};
typedef struct gnttab_unmap_and_replace gnttab_unmap_and_replace_t;

/*
 * Choose the entries' layout. hv knows version 1: another is -ENOSYS (in range) or -EINVAL. A single
 * structure.
 */
struct gnttab_set_version {
    uint32_t version;   /* in: wanted; out: in effect */
};
typedef struct gnttab_set_version gnttab_set_version_t;

/* Version 2: where the status words are. */
struct gnttab_get_status_frames {
    uint32_t nr_frames;                      /* in */
    domid_t dom;                             /* in */
    int16_t status;                          /* out */
    XEN_GUEST_HANDLE(uint64_t) frame_list;   /* in */
};
typedef struct gnttab_get_status_frames gnttab_get_status_frames_t;

/* Which layout a domain uses. A single structure. */
struct gnttab_get_version {
    domid_t dom;        /* in */
    uint16_t pad;
    uint32_t version;   /* out */
};
typedef struct gnttab_get_version gnttab_get_version_t;

/* Exchange the contents of two entries that are not in use. */
struct gnttab_swap_grant_ref {
    grant_ref_t ref_a;   /* in */
    grant_ref_t ref_b;   /* in */
    int16_t status;      /* out */
};
typedef struct gnttab_swap_grant_ref gnttab_swap_grant_ref_t;

/* Clean or invalidate the data cache for part of a page, for devices that do not see the caches. */
#define GNTTAB_CACHE_CLEAN       (1U << 0)
#define GNTTAB_CACHE_INVAL       (1U << 1)
#define GNTTAB_CACHE_SOURCE_GREF (1U << 31)
struct gnttab_cache_flush {
    union {
        uint64_t dev_bus_addr;
        grant_ref_t ref;   /* With GNTTAB_CACHE_SOURCE_GREF. */
    } a;                   /* in */
    uint16_t offset;       /* in: bytes into the page */
    uint16_t length;       /* in: bytes */
    uint32_t op;           /* in: GNTTAB_CACHE_* */
};
typedef struct gnttab_cache_flush gnttab_cache_flush_t;

/* gnttab_map_grant_ref.flags */
#define _GNTMAP_device_map      (0)
#define GNTMAP_device_map       (1 << _GNTMAP_device_map)        /* For a device; fills dev_bus_addr. */
#define _GNTMAP_host_map        (1)
#define GNTMAP_host_map         (1 << _GNTMAP_host_map)          /* For the caller's CPUs, at host_addr. */
#define _GNTMAP_readonly        (2)
#define GNTMAP_readonly         (1 << _GNTMAP_readonly)
#define _GNTMAP_application_map (3)
#define GNTMAP_application_map  (1 << _GNTMAP_application_map)   /* User mode may use the mapping. */
#define _GNTMAP_contains_pte    (4)
#define GNTMAP_contains_pte     (1 << _GNTMAP_contains_pte)      /* host_addr is where the PTE is. */
#define _GNTMAP_guest_avail0    (16)   /* From here: bits for the PTE's available ones. */
#define GNTMAP_guest_avail_mask ((uint32_t)~0 << _GNTMAP_guest_avail0)

/* Status. */
#define GNTST_okay               (0)
#define GNTST_general_error     (-1)
#define GNTST_bad_domain        (-2)
#define GNTST_bad_gntref        (-3)
#define GNTST_bad_handle        (-4)
#define GNTST_bad_virt_addr     (-5)
#define GNTST_bad_dev_addr      (-6)
#define GNTST_no_device_space   (-7)
#define GNTST_permission_denied (-8)
#define GNTST_bad_page          (-9)
#define GNTST_bad_copy_arg     (-10)
#define GNTST_address_too_big  (-11)
#define GNTST_eagain           (-12)
#define GNTST_no_space         (-13)

#endif
