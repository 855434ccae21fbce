/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Domain operations: each is one domctl and a message if it fails.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <public/xen.h>
#include <public/domctl.h>
#include <public/sched.h>
#include <public/sysctl.h>

#include <libhv/domain.h>

#include "handle.h"

/* Highest port of a new domain: bounds what its event channels cost the hypervisor */
#define EVENT_PORTS_MAX 1023
#define LIST_BATCH 64

static int failed(struct hv_error *err, int ret, const char *what, uint32_t domid)
{
    return hv_error_set(err, -ret, call_hint(-ret), "cannot %s domain %" PRIu32 ": %s", what, domid,
                        strerror(-ret));
}

/* A domctl that takes nothing but the domain. */
static int plain(struct hv *hv, uint32_t cmd, uint32_t domid, const char *what, struct hv_error *err)
{
    struct xen_domctl op = { .cmd = cmd, .domain = (domid_t)domid };
    int ret = domid < HV_DOMID_FIRST_RESERVED ? hv_domctl(hv, &op) : -ESRCH;

    return ret < 0 ? failed(err, ret, what, domid) : 0;
}

static void from_abi(const struct xen_domctl_getdomaininfo *in, struct hv_domain_info *out)
{
    *out = (struct hv_domain_info) {
        .domid = in->domain,
        .dying = in->flags & XEN_DOMINF_dying,
        .shutdown = in->flags & XEN_DOMINF_shutdown,
        .paused = in->flags & XEN_DOMINF_paused,
        .blocked = in->flags & XEN_DOMINF_blocked,
        .running = in->flags & XEN_DOMINF_running,
        .hvm = in->flags & XEN_DOMINF_hvm_guest,
        .shutdown_reason = (in->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask,
        .tot_pages = in->tot_pages,
        .max_pages = in->max_pages,
        .shr_pages = in->shr_pages,
        .outstanding_pages = in->outstanding_pages,
        .cpu_time_ns = in->cpu_time,
        .vcpus_online = in->nr_online_vcpus,
        .vcpus_max = in->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : in->max_vcpu_id + 1,
        .cpupool = in->cpupool,
        .shared_info_frame = in->shared_info_frame,
    };
    memcpy(out->uuid, in->handle, sizeof(out->uuid));
}

int hv_domain_info(struct hv *hv, uint32_t domid, struct hv_domain_info *info, struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_getdomaininfo, .domain = (domid_t)domid };
    int ret = domid < HV_DOMID_FIRST_RESERVED ? hv_domctl(hv, &op) : -ESRCH;

    /* The ABI answers for the next existing domain if this one does not exist. */
    if (ret >= 0 && op.domain != domid)
        ret = -ESRCH;
    if (ret < 0)
        return failed(err, ret, "get information on", domid);
    op.u.getdomaininfo.domain = op.domain;
    from_abi(&op.u.getdomaininfo, info);
    return 0;
}

/* One batch of the list from domain `first` on. Returns how many. */
static int list_batch(struct hv *hv, uint32_t first, struct xen_domctl_getdomaininfo *buffer)
{
    struct xen_sysctl op = { .cmd = XEN_SYSCTL_getdomaininfolist };
    int ret;

    op.u.getdomaininfolist.first_domain = (domid_t)first;
    op.u.getdomaininfolist.max_domains = LIST_BATCH;
    op.u.getdomaininfolist.buffer.p = buffer;
    ret = hv_sysctl(hv, &op);
    return ret < 0 ? ret : (int)op.u.getdomaininfolist.num_domains;
}

int hv_domain_list(struct hv *hv, struct hv_domain_info **list, struct hv_error *err)
{
    size_t size = LIST_BATCH * sizeof(struct xen_domctl_getdomaininfo);
    struct xen_domctl_getdomaininfo *buffer = hv_buffer_alloc(hv, size);
    struct hv_domain_info *all = NULL, *grown;
    uint32_t first = 0;
    int count = 0, got;

    if (!buffer)
        return hv_error_set(err, errno, NULL, "cannot list domains: %s", strerror(errno));
    do {
        got = list_batch(hv, first, buffer);
        if (got < 0) {
            hv_error_set(err, -got, call_hint(-got), "cannot list domains: %s", strerror(-got));
            goto free_list;
        }
        grown = realloc(all, (size_t)(count + got + 1) * sizeof(*all));
        if (!grown) {
            got = hv_error_set(err, ENOMEM, NULL, "cannot list domains: out of memory");
            goto free_list;
        }
        all = grown;
        for (int i = 0; i < got; i++)
            from_abi(&buffer[i], &all[count++]);
        if (got)
            first = all[count - 1].domid + 1;
    } while (got == LIST_BATCH);
    hv_buffer_free(hv, buffer, size);
    *list = all;
    return count;

free_list:
    free(all);
    hv_buffer_free(hv, buffer, size);
    return got;
}

int hv_domain_create(struct hv *hv, const uint8_t uuid[16], unsigned max_vcpus, uint64_t max_kib,
                     uint32_t *domid, struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_createdomain, .domain = (domid_t)*domid };
    struct hv_error ignored;
    uint32_t id;
    int ret;

    memcpy(op.u.createdomain.handle, uuid, sizeof(op.u.createdomain.handle));
    op.u.createdomain.max_vcpus = max_vcpus;
    op.u.createdomain.max_evtchn_port = EVENT_PORTS_MAX;
    op.u.createdomain.max_grant_frames = -1;
    op.u.createdomain.max_maptrack_frames = -1;
    op.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
    ret = hv_domctl(hv, &op);
    if (ret < 0)
        return hv_error_set(err, -ret, call_hint(-ret),
                            "the hypervisor refuses to create a domain with %u vCPUs: %s", max_vcpus,
                            strerror(-ret));
    id = op.domain;

    op = (struct xen_domctl) { .cmd = XEN_DOMCTL_max_vcpus, .domain = (domid_t)id };
    op.u.max_vcpus.max = max_vcpus;
    ret = hv_domctl(hv, &op);
    if (ret < 0)
        failed(err, ret, "allocate vCPUs for", id);
    else
        ret = hv_domain_set_max_mem(hv, id, max_kib, err);
    if (ret < 0)
        hv_domain_destroy(hv, id, &ignored);
    else
        *domid = id;
    return ret;
}

int hv_domain_destroy(struct hv *hv, uint32_t domid, struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_destroydomain, .domain = (domid_t)domid };
    int ret;

    if (domid == 0)
        return hv_error_set(err, EINVAL, "shut the machine down instead", "cannot destroy domain 0");
    do {
        ret = domid < HV_DOMID_FIRST_RESERVED ? hv_domctl(hv, &op) : -ESRCH;
    } while (ret == -EAGAIN || ret == -EINTR);
    return ret < 0 ? failed(err, ret, "destroy", domid) : 0;
}

/* The ABI counts pauses; a user does not. So a domain that is in the wanted state is left alone. */
static int set_paused(struct hv *hv, uint32_t domid, bool pause, struct hv_error *err)
{
    struct hv_domain_info info;
    int ret = hv_domain_info(hv, domid, &info, NULL);

    if (ret == 0 && info.paused == pause)
        return 0;
    return plain(hv, pause ? XEN_DOMCTL_pausedomain : XEN_DOMCTL_unpausedomain, domid,
                 pause ? "pause" : "unpause", err);
}

int hv_domain_pause(struct hv *hv, uint32_t domid, struct hv_error *err)
{
    return set_paused(hv, domid, true, err);
}

int hv_domain_unpause(struct hv *hv, uint32_t domid, struct hv_error *err)
{
    return set_paused(hv, domid, false, err);
}

int hv_domain_force_shutdown(struct hv *hv, uint32_t domid, unsigned reason, struct hv_error *err)
{
    struct sched_remote_shutdown arg = { .domain_id = (domid_t)domid, .reason = reason };
    long ret = call_with(hv, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, 0, &arg, sizeof(arg), 1);

    return ret < 0 ? failed(err, (int)ret, "stop", domid) : 0;
}

int hv_domain_set_uuid(struct hv *hv, uint32_t domid, const uint8_t uuid[16], struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_setdomainhandle, .domain = (domid_t)domid };
    int ret;

    memcpy(op.u.setdomainhandle.handle, uuid, sizeof(op.u.setdomainhandle.handle));
    ret = hv_domctl(hv, &op);
    return ret < 0 ? failed(err, ret, "set the UUID of", domid) : 0;
}

int hv_domain_set_max_mem(struct hv *hv, uint32_t domid, uint64_t max_kib, struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_max_mem, .domain = (domid_t)domid };
    int ret;

    op.u.max_mem.max_memkb = max_kib;
    ret = hv_domctl(hv, &op);
    return ret < 0 ? failed(err, ret, "set the memory limit of", domid) : 0;
}

int hv_vcpu_info(struct hv *hv, uint32_t domid, unsigned vcpu, struct hv_vcpu_info *info,
                 struct hv_error *err)
{
    struct xen_domctl op = { .cmd = XEN_DOMCTL_getvcpuinfo, .domain = (domid_t)domid };
    int ret;

    op.u.getvcpuinfo.vcpu = vcpu;
    ret = hv_domctl(hv, &op);
    /*
     * A number beyond the last vCPU is an invalid argument to the ABI, one without a vCPU behind it is not.
     */
    if (ret == -EINVAL)
        ret = -ESRCH;
    if (ret == -ESRCH)
        return hv_error_set(err, ESRCH, NULL, "there is no vCPU %u of a domain %" PRIu32, vcpu, domid);
    if (ret < 0)
        return failed(err, ret, "get information on a vCPU of", domid);
    *info = (struct hv_vcpu_info) {
        .online = op.u.getvcpuinfo.online,
        .blocked = op.u.getvcpuinfo.blocked,
        .running = op.u.getvcpuinfo.running,
        .cpu_time_ns = op.u.getvcpuinfo.cpu_time,
        .cpu = op.u.getvcpuinfo.cpu,
    };
    return 0;
}
