/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Weight, cap and affinity.
 *
 * Which scheduler runs is asked each time: the domctl's layout depends on it, and a domain may move between
 * pools.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <public/xen.h>
#include <public/domctl.h>
#include <public/sysctl.h>

#include <libhv/sched.h>

#include "handle.h"

static const char *const sched_names[] = {
    [XEN_SCHEDULER_CREDIT] = "credit",
    [XEN_SCHEDULER_CREDIT2] = "credit2",
    [XEN_SCHEDULER_ARINC653] = "arinc653",
    [XEN_SCHEDULER_RTDS] = "rtds",
    [XEN_SCHEDULER_NULL] = "null",
};

static int failed(struct hv_error *err, int ret, const char *what, uint32_t domid)
{
    return hv_error_set(err, -ret, call_hint(-ret), "cannot %s domain %" PRIu32 ": %s", what, domid,
                        strerror(-ret));
}

static int sched_id(struct hv *hv, struct hv_error *err)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_sched_id };
    int ret = hv_sysctl(hv, &op);

    if (ret < 0)
        return hv_error_set(err, -ret, call_hint(-ret), "cannot ask which scheduler runs: %s",
                            strerror(-ret));
    return (int)op.u.sched_id.sched_id;
}

const char *hv_sched_name(struct hv *hv, struct hv_error *err)
{
    int id = sched_id(hv, err);

    if (id < 0)
        return NULL;
    if ((size_t)id >= sizeof(sched_names) / sizeof(sched_names[0]) || !sched_names[id])
        return "unknown";
    return sched_names[id];
}

/* Reads or writes the two parameters; weight and cap mean the same in both credit schedulers. */
static int params_op(struct hv *hv, uint32_t domid, uint32_t cmd, struct hv_sched_params *params,
                     struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_scheduler_op, .domain = (domid_t)domid };
    struct xen_domctl_scheduler_op *sched = &op.u.scheduler_op;
    int id = sched_id(hv, err), ret;

    if (id < 0)
        return id;
    if (id != XEN_SCHEDULER_CREDIT && id != XEN_SCHEDULER_CREDIT2)
        return hv_error_set(err, EOPNOTSUPP, "boot the hypervisor with a credit scheduler",
                            "the hypervisor's scheduler has no weight and cap");
    sched->sched_id = (uint32_t)id;
    sched->cmd = cmd;
    if (id == XEN_SCHEDULER_CREDIT) {
        sched->u.credit.weight = (uint16_t)params->weight;
        sched->u.credit.cap = (uint16_t)params->cap;
    } else {
        sched->u.credit2.weight = (uint16_t)params->weight;
        sched->u.credit2.cap = (uint16_t)params->cap;
    }
    ret = hv_domctl(hv, &op);
    if (ret < 0)
        return failed(err, ret, cmd == XEN_DOMCTL_SCHEDOP_getinfo ? "read the share of" : "set the share of",
                      domid);
    params->weight = id == XEN_SCHEDULER_CREDIT ? sched->u.credit.weight : sched->u.credit2.weight;
    params->cap = id == XEN_SCHEDULER_CREDIT ? sched->u.credit.cap : sched->u.credit2.cap;
    return 0;
}

int hv_sched_get(struct hv *hv, uint32_t domid, struct hv_sched_params *params, struct hv_error *err)
{
    memset(params, 0, sizeof(*params));
    return params_op(hv, domid, XEN_DOMCTL_SCHEDOP_getinfo, params, err);
}

int hv_sched_set(struct hv *hv, uint32_t domid, const struct hv_sched_params *params, struct hv_error *err)
{
    struct hv_sched_params copy = *params;
    int ret;

    if (copy.weight < 1 || copy.weight > 65535 || copy.cap > 65535)
        return hv_error_set(err, EINVAL, "a weight is 1 to 65535, a cap is a percentage of one CPU",
                            "weight %u with cap %u is out of range", copy.weight, copy.cap);
    ret = params_op(hv, domid, XEN_DOMCTL_SCHEDOP_putinfo, &copy, err);
    if (ret == -EINVAL)
        return hv_error_set(err, EINVAL, "a cap is at most 100 for each vCPU",
                            "weight %u with cap %u is out of range for domain %" PRIu32, params->weight,
                            params->cap, domid);
    return ret;
}

/* The map for a domctl lives in a hypercall buffer of its own, since the scratch page holds the domctl. */
static int affinity_op(struct hv *hv, uint32_t domid, unsigned vcpu, uint32_t cmd, struct hv_cpuset *set)
{
    struct xen_domctl op = { .cmd = cmd, .domain = (domid_t)domid };
    struct hv_cpuset *map = hv_buffer_alloc(hv, sizeof(*map));
    int ret;

    if (!map)
        return -errno;
    *map = *set;
    op.u.vcpuaffinity.vcpu = vcpu;
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    op.u.vcpuaffinity.cpumap_hard.bitmap.p = (void *)map;
    op.u.vcpuaffinity.cpumap_hard.nr_bits = HV_CPUS_MAX;
    ret = hv_domctl(hv, &op);
    *set = *map;
    hv_buffer_free(hv, map, sizeof(*map));
    return ret;
}

int hv_vcpu_get_affinity(struct hv *hv, uint32_t domid, unsigned vcpu, struct hv_cpuset *set,
                         struct hv_error *err)
{
    int ret;

    memset(set, 0, sizeof(*set));
    ret = affinity_op(hv, domid, vcpu, XEN_DOMCTL_getvcpuaffinity, set);
    return ret < 0 ? failed(err, ret, "read the affinity of a vCPU of", domid) : 0;
}

int hv_vcpu_set_affinity(struct hv *hv, uint32_t domid, unsigned vcpu, const struct hv_cpuset *set,
                         struct hv_error *err)
{
    struct hv_cpuset copy = *set;
    int ret = affinity_op(hv, domid, vcpu, XEN_DOMCTL_setvcpuaffinity, &copy);

    if (ret == -EINVAL)
        return hv_error_set(err, EINVAL, "`hvctl info` tells how many the machine has",
                            "cannot pin vCPU %u of domain %" PRIu32 ": no CPU of that set is there", vcpu,
                            domid);
    return ret < 0 ? failed(err, ret, "set the affinity of a vCPU of", domid) : 0;
}
