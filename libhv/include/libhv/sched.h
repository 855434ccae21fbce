/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shares of CPU time, and where a vCPU may run.
 */
#ifndef LIBHV_SCHED_H
#define LIBHV_SCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <libhv/handle.h>

/* A set of CPUs, bit 0 of bits[0] being CPU 0. */
#define HV_CPUS_MAX 512
struct hv_cpuset {
    uint64_t bits[HV_CPUS_MAX / 64];
};

void hv_cpuset_fill(struct hv_cpuset *set); /* all CPUs there may be */
bool hv_cpuset_has(const struct hv_cpuset *set, unsigned cpu);
void hv_cpuset_add(struct hv_cpuset *set, unsigned cpu);
bool hv_cpuset_empty(const struct hv_cpuset *set);

/*
 * Reads "0-3,^2,5" (libvirt's syntax; also "all"). -EINVAL for anything else, for an empty set and for a CPU
 * of HV_CPUS_MAX or above.
 */
int hv_cpuset_parse(const char *text, struct hv_cpuset *set);

/* The reverse: "0-1,3,5", "all" for a filled set. Truncated if `size` is too small. Returns buf. */
char *hv_cpuset_text(const struct hv_cpuset *set, char *buf, size_t size);

struct hv_sched_params {
    unsigned weight; /* 1..65535, 256 is the default: a share relative to the other domains */
    unsigned cap;    /* percent of one CPU, 0: none; 150 = one and a half CPUs */
};

/* Name of the scheduler in use ("credit", "credit2", ...), a constant; NULL on failure. */
const char *hv_sched_name(struct hv *hv, struct hv_error *err);
int hv_sched_get(struct hv *hv, uint32_t domid, struct hv_sched_params *params, struct hv_error *err);
int hv_sched_set(struct hv *hv, uint32_t domid, const struct hv_sched_params *params, struct hv_error *err);

/* Hard affinity: the CPUs a vCPU may use. set() returns an error when no online CPU is in the set. */
int hv_vcpu_get_affinity(struct hv *hv, uint32_t domid, unsigned vcpu, struct hv_cpuset *set,
                         struct hv_error *err);
int hv_vcpu_set_affinity(struct hv *hv, uint32_t domid, unsigned vcpu, const struct hv_cpuset *set,
                         struct hv_error *err);

#endif
