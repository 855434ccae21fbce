/* SPDX-License-Identifier: MIT */
/* xen_version(cmd, arg): who the hypervisor is and what it can do. Any domain may ask; texts end in a NUL. */
#ifndef __XEN_PUBLIC_VERSION_H__
#define __XEN_PUBLIC_VERSION_H__

#include "xen.h"
#include "features.h"

#define XENVER_version 0        /* (no arg) Result: major << 16 | minor. */

#define XENVER_extraversion 1   /* xen_extraversion_t, out: what follows "major.minor". */
typedef char xen_extraversion_t[16];
#define XEN_EXTRAVERSION_LEN (sizeof(xen_extraversion_t))

#define XENVER_compile_info 2   /* xen_compile_info, out. */
struct xen_compile_info {
    char compiler[64];
    char compile_by[16];
    char compile_domain[32];
    char compile_date[32];
};
typedef struct xen_compile_info xen_compile_info_t;

#define XENVER_capabilities 3   /* xen_capabilities_info_t, out: guest types, e.g. "xen-3.0-x86_64 ". */
typedef char xen_capabilities_info_t[1024];
#define XEN_CAPABILITIES_INFO_LEN (sizeof(xen_capabilities_info_t))

#define XENVER_changeset 4      /* xen_changeset_info_t, out. */
typedef char xen_changeset_info_t[64];
#define XEN_CHANGESET_INFO_LEN (sizeof(xen_changeset_info_t))

#define XENVER_platform_parameters 5   /* xen_platform_parameters, out. */
struct xen_platform_parameters {
    xen_ulong_t virt_start;   /* First address that is the hypervisor's. */
};
typedef struct xen_platform_parameters xen_platform_parameters_t;

#define XENVER_get_features 6   /* xen_feature_info: -EINVAL beyond the last word. */
struct xen_feature_info {
    uint32_t submap_idx;   /* in: which word of 32 bits */
    uint32_t submap;       /* out: bits XENFEAT_* */
};
typedef struct xen_feature_info xen_feature_info_t;

#define XENVER_pagesize 7       /* (no arg) Result: bytes in a page. */
#define XENVER_guest_handle 8   /* xen_domain_handle_t, out: the caller's UUID. */

#define XENVER_commandline 9    /* xen_commandline_t, out: the hypervisor's options (privileged). */
typedef char xen_commandline_t[1024];

/*
 * The linker's build id. A NULL arg asks only for the size. Result: bytes. -ENOBUFS if len is too small, -ENODATA
 * if there is none.
 */
#define XENVER_build_id 10
struct xen_build_id {
    uint32_t len;          /* in: room in buf, bytes */
    unsigned char buf[];   /* out */
};
typedef struct xen_build_id xen_build_id_t;

#endif
