/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Building a PV domain: from a kernel, an initramfs, a command line and sizes to a paused domain that is
 * ready to run.
 */
#ifndef LIBHV_BUILD_H
#define LIBHV_BUILD_H

#include <stdint.h>
#include <libhv/handle.h>

struct hv_build {
    const char *name;       /* for messages only; may be NULL */
    uint8_t uuid[16];
    const char *kernel;     /* path of a bzImage or ELF */
    const char *initrd;     /* path, or NULL; passed to the guest as it is */
    const char *cmdline;    /* or NULL */
    uint64_t max_kib;       /* the most the guest may ever have */
    uint64_t current_kib;   /* what it gets now; the rest is for the balloon driver. 0: max_kib */
    unsigned max_vcpus;     /* 1.. */
    uint32_t store_domid;   /* domain at the other end of the store ring, usually 0 */
    uint32_t console_domid; /* the same for the console ring */
};

/* What the store has to be told about the new domain. */
struct hv_built {
    uint32_t domid;
    uint64_t store_mfn;    /* machine frame of the store ring; also grant HV_GRANT_STORE */
    uint32_t store_port;   /* port in the new domain, unbound, for store_domid to bind */
    uint64_t console_mfn;  /* machine frame of the console ring; also grant HV_GRANT_CONSOLE */
    uint32_t console_port;
};

/*
 * Checks without the hypervisor what can be checked: the kernel is readable and a PV kernel, the initramfs is
 * there, all fits in the memory. For dry runs. Does not decompress a cached kernel again.
 */
int hv_build_check(const struct hv_build *build, struct hv_error *err);

/*
 * Creates and fills a domain. On success it is paused, all its vCPUs exist and vCPU 0 has its start state;
 * hv_domain_unpause() sets it going. On failure nothing is left of it. -ENOMEM with free and wanted sizes in
 * the message when memory is short.
 */
int hv_build_pv(struct hv *hv, const struct hv_build *build, struct hv_built *built, struct hv_error *err);

#endif
