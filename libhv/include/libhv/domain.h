/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Domains as the hypervisor knows them: by number, without name or configuration.
 *
 * Names live in the store, configuration in hvd's definitions; nothing here reads either.
 */
#ifndef LIBHV_DOMAIN_H
#define LIBHV_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <libhv/handle.h>

#define HV_DOMID_FIRST_RESERVED 0x7ff0U /* the ABI keeps domain ids from here on for itself */

/* Why a domain stopped (SHUTDOWN_* of public/sched.h). Any other value: treat as a crash. */
enum hv_shutdown_reason {
    HV_SHUTDOWN_POWEROFF = 0,
    HV_SHUTDOWN_REBOOT = 1,
    HV_SHUTDOWN_SUSPEND = 2,
    HV_SHUTDOWN_CRASH = 3,
    HV_SHUTDOWN_WATCHDOG = 4,
    HV_SHUTDOWN_SOFT_RESET = 5,
};

struct hv_domain_info {
    uint32_t domid;
    uint8_t uuid[16];
    bool dying;    /* being destroyed; a zombie while someone still maps its memory */
    bool shutdown; /* stopped by itself: shutdown_reason tells why */
    bool paused;   /* by the tool stack */
    bool blocked;  /* all vCPUs wait for an event */
    bool running;  /* some vCPU is on a CPU now */
    bool hvm;      /* not a PV domain */
    unsigned shutdown_reason;
    uint64_t tot_pages;         /* frames the domain owns now */
    uint64_t max_pages;         /* its limit */
    uint64_t shr_pages;
    uint64_t outstanding_pages; /* claimed, not yet allocated */
    uint64_t cpu_time_ns;       /* all vCPUs together */
    unsigned vcpus_online;
    unsigned vcpus_max;         /* highest vCPU id + 1 */
    unsigned cpupool;
    uint64_t shared_info_frame; /* machine frame number */
};

/* Information on exactly this domain; -ESRCH if there is none. */
int hv_domain_info(struct hv *hv, uint32_t domid, struct hv_domain_info *info, struct hv_error *err);

/* All domains in order of id: a malloc'ed array in *list (free() it). Returns how many. */
int hv_domain_list(struct hv *hv, struct hv_domain_info **list, struct hv_error *err);

/*
 * Creates an empty, paused PV domain with `max_vcpus` vCPUs (vCPU 0 is allocated, none has a state) and a
 * limit of `max_kib` of memory. *domid 0: the hypervisor takes the next free id. hv_build_pv() is what a tool
 * wants.
 */
int hv_domain_create(struct hv *hv, const uint8_t uuid[16], unsigned max_vcpus, uint64_t max_kib,
                     uint32_t *domid, struct hv_error *err);

/*
 * Takes everything from the domain. Preemptible inside; may take a while. A domain whose memory is still
 * mapped by a back-end stays listed as `dying` until it is unmapped. -ESRCH if it does not exist.
 */
int hv_domain_destroy(struct hv *hv, uint32_t domid, struct hv_error *err);

/* Pausing a paused domain, or unpausing one that is not, is no error and changes nothing. */
int hv_domain_pause(struct hv *hv, uint32_t domid, struct hv_error *err);
int hv_domain_unpause(struct hv *hv, uint32_t domid, struct hv_error *err);

/* Marks the domain as stopped with this reason at once, without asking it (sched_op remote_shutdown). */
int hv_domain_force_shutdown(struct hv *hv, uint32_t domid, unsigned reason, struct hv_error *err);

int hv_domain_set_uuid(struct hv *hv, uint32_t domid, const uint8_t uuid[16], struct hv_error *err);

/*
 * The limit that populate_physmap observes. Lowering it below tot_pages is allowed: then nothing more is
 * given.
 */
int hv_domain_set_max_mem(struct hv *hv, uint32_t domid, uint64_t max_kib, struct hv_error *err);

struct hv_vcpu_info {
    bool online;
    bool blocked;
    bool running;
    uint64_t cpu_time_ns;
    unsigned cpu; /* where it runs or ran last */
};

/* -ESRCH: no such domain or no such vCPU. */
int hv_vcpu_info(struct hv *hv, uint32_t domid, unsigned vcpu, struct hv_vcpu_info *info,
                 struct hv_error *err);

#endif
