/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine and the hypervisor on it: `hvctl info` and `hvctl dmesg`.
 */
#ifndef LIBHV_HOST_H
#define LIBHV_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <libhv/handle.h>

struct hv_host_info {
    /* xen_version */
    unsigned version_major, version_minor; /* of the ABI: 4, 17 */
    char extra_version[16];                /* ".1-hv" */
    char capabilities[1024];               /* "xen-3.0-x86_64 " */
    char changeset[64];
    char command_line[1024];
    char compiler[64], compile_by[16], compile_domain[32], compile_date[32];
    uint64_t virt_start;                   /* lowest address the hypervisor keeps in a guest */
    bool is_hv;                            /* hv's own CPUID leaf is there; false on Xen */
    /* sysctl physinfo */
    unsigned threads_per_core, cores_per_socket;
    unsigned cpus, max_cpu_id, nodes;
    unsigned cpu_khz;
    uint64_t total_kib, free_kib, scrub_kib, outstanding_kib;
};

int hv_host_info(struct hv *hv, struct hv_host_info *info, struct hv_error *err);

/* Free memory only, in KiB: what hv_build_pv() may use. */
int hv_host_free_kib(struct hv *hv, uint64_t *free_kib, struct hv_error *err);

/*
 * The hypervisor's log. *text is malloc'ed, terminated and may hold any byte. `clear` empties the ring.
 * If `index` is not NULL, the log from *index on is read and *index advances, so that a follower sees each
 * byte once (start with 0). Returns the number of bytes.
 */
long hv_host_log(struct hv *hv, bool clear, uint32_t *index, char **text, struct hv_error *err);

struct hv_counter {
    char name[80];
    unsigned nr_values;       /* mostly one for each CPU */
    const uint32_t *values;   /* they wrap */
};

/*
 * What the hypervisor counts, or with `reset` sets to 0 before. Returns how many; *counters is one malloc'ed block. Not every
 * hypervisor counts (ENOSYS).
 */
int hv_host_counters(struct hv *hv, bool reset, struct hv_counter **counters, struct hv_error *err);

/* Sends keys to the hypervisor's debug console (like xl debug-keys). */
int hv_host_debug_keys(struct hv *hv, const char *keys, struct hv_error *err);

#endif
