// SPDX-License-Identifier: GPL-2.0-only
//
// hypervisor-calls: libhv's small operations, each once, in dom0 of hv or of real Xen. An empty domain is the
// subject: it has no memory and no state, so nothing of it can run.

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <libhv.h>

static int number, failures;
static struct hv *hv;
static struct hv_error err;

static bool check(bool good, const char *what)
{
    char text[1200];

    if (good)
        printf("ok %d - %s\n", ++number, what);
    else
        printf("not ok %d - %s: %s\n", ++number, what, hv_error_text(&err, text, sizeof(text)));
    fflush(stdout);
    failures += !good;
    err = (struct hv_error) { 0 };
    return good;
}

static void host(void)
{
    struct hv_host_info info;
    uint64_t free_kib;
    uint32_t index = 0, before;
    char *text = NULL;
    long length;

    check(!hv_host_info(hv, &info, &err), "information on the machine");
    printf("# version %u.%u%s is_hv %d cpus %u MHz %u memory %llu KiB capabilities %s\n", info.version_major,
           info.version_minor, info.extra_version, info.is_hv, info.cpus, info.cpu_khz / 1000,
           (unsigned long long)info.total_kib, info.capabilities);
    check(info.version_major == 4 && info.version_minor == 17, "the ABI is that of 4.17");
    check(strstr(info.capabilities, "xen-3.0-x86_64"), "64-bit PV guests can be built");
    check(info.cpus >= 1 && info.total_kib > info.free_kib && info.free_kib > 0, "its sizes make sense");
    check(!hv_host_free_kib(hv, &free_kib, &err) && free_kib == info.free_kib,
          "free memory alone is the same");
    length = hv_host_log(hv, false, &index, &text, &err);
    check(length > 0 && (size_t)length == strlen(text), "the log is read");
    free(text);
    before = index;
    text = NULL;
    length = hv_host_log(hv, false, &index, &text, &err);
    check(length >= 0 && index - before == (uint32_t)length, "from where it ended, only what is new is read");
    free(text);
    check(hv_host_debug_keys(hv, "", &err) == 0 || err.code == ENOSYS,
          "debug keys are sent, where there are any");
}

static void scheduling(uint32_t domid)
{
    struct hv_sched_params params = { .weight = 512, .cap = 50 };
    struct hv_cpuset set;
    struct hv_vcpu_info vcpu;
    const char *name = hv_sched_name(hv, &err);

    check(name && !strncmp(name, "credit", 6), "a credit scheduler runs");
    check(!hv_sched_set(hv, domid, &params, &err), "weight and cap are set");
    params = (struct hv_sched_params) { 0 };
    check(!hv_sched_get(hv, domid, &params, &err) && params.weight == 512 && params.cap == 50,
          "and read back");
    params.weight = 0;
    check(hv_sched_set(hv, domid, &params, &err) == -EINVAL, "a weight of 0 is refused");
    memset(&set, 0, sizeof(set));
    hv_cpuset_add(&set, 0);
    check(!hv_vcpu_set_affinity(hv, domid, 1, &set, &err), "a vCPU is pinned");
    hv_cpuset_fill(&set);
    check(!hv_vcpu_get_affinity(hv, domid, 1, &set, &err) && hv_cpuset_has(&set, 0) &&
              !hv_cpuset_has(&set, 1),
          "and is where it was pinned");
    memset(&set, 0, sizeof(set));
    check(hv_vcpu_set_affinity(hv, domid, 1, &set, &err) < 0, "an empty set is refused");
    check(hv_vcpu_set_affinity(hv, domid, 2, &set, &err) < 0, "a vCPU that does not exist is refused");
    check(!hv_vcpu_info(hv, 0, 0, &vcpu, &err) && vcpu.online && vcpu.cpu_time_ns > 0,
          "dom0's first vCPU has run");
    check(!hv_vcpu_info(hv, domid, 0, &vcpu, &err) && !vcpu.running, "the domain's has not");
    check(hv_vcpu_info(hv, domid, 7, &vcpu, &err) == -ESRCH, "there is no vCPU 7");
}

static void channels(uint32_t domid)
{
    struct hv_event *ev = hv_event_open(&err);
    int remote, local, unbound;

    if (!check(ev, "the event device is opened"))
        return;
    remote = hv_event_alloc_unbound_in(hv, domid, 0, &err);
    check(remote > 0, "a port is made in the domain");
    local = hv_event_bind_interdomain(ev, domid, (uint32_t)remote, &err);
    check(local > 0, "and bound here");
    while (hv_event_pending(ev, &err) > 0)
        ;
    check(!hv_event_notify(ev, (uint32_t)local, &err), "it can be notified");
    unbound = hv_event_bind_unbound(ev, domid, &err);
    check(unbound > 0 && unbound != local, "a port is made for the domain");
    check(hv_event_bind_interdomain(ev, domid, 4000, &err) < 0, "a port that does not exist is refused");
    check(!hv_event_unbind(ev, (uint32_t)local, &err), "ports are unbound");
    check(hv_event_notify(ev, (uint32_t)local, &err) < 0, "and are gone then");
    hv_event_close(ev);
}

static void mappings(uint32_t domid)
{
    struct hv_domain_info info;
    uint64_t nowhere = 0xfffffffffULL;
    void *page;

    hv_domain_info(hv, domid, &info, &err);
    page = hv_foreign_map(hv, domid, PROT_READ | PROT_WRITE, 1, &info.shared_info_frame, &err);
    check(page, "a frame of the domain is mapped");
    if (page)
        hv_foreign_unmap(page, 1);
    check(!hv_foreign_map(hv, domid, PROT_READ, 1, &nowhere, &err), "a frame that does not exist is refused");
    check(!hv_foreign_map(hv, 1234, PROT_READ, 1, &info.shared_info_frame, &err),
          "so is a domain that does not exist");
    page = hv_resource_map(hv, domid, HV_RESOURCE_GRANT_TABLE, 0, 0, 1, PROT_READ | PROT_WRITE, &err);
    check(page, "its grant table is mapped");
    if (page)
        hv_foreign_unmap(page, 1);
}

static void grants(void)
{
    struct hv_grant_share *share = hv_grant_share_open(&err);
    struct hv_grant_map *map = hv_grant_map_open(&err);
    uint32_t refs[2];
    char *ours, *theirs;

    if (!check(share && map, "the grant devices are opened"))
        return;
    ours = hv_grant_share_pages(share, 0, 2, true, refs, &err);
    check(ours, "two pages are granted to dom0 itself");
    if (ours) {
        theirs = hv_grant_map_refs(map, 2, (uint32_t[]) { 0, 0 }, refs, true, &err);
        check(theirs, "and mapped a second time");
        if (theirs) {
            strcpy(ours + 4096, "hello");
            check(!strcmp(theirs + 4096, "hello"), "they are the same pages");
            check(!hv_grant_unmap(map, theirs, 2, &err), "they are unmapped");
        }
        check(!hv_grant_unshare(share, ours, 2, &err), "the grant is withdrawn");
        check(hv_grant_unshare(share, ours, 2, &err) == -EINVAL, "only once");
    }
    check(!hv_grant_map_ref(map, 0, 100000, true, &err), "a grant that does not exist is refused");
    hv_grant_map_close(map);
    hv_grant_share_close(share);
}

static bool is_listed(uint32_t domid)
{
    struct hv_domain_info *list = NULL;
    int count = hv_domain_list(hv, &list, &err);
    bool found = false;

    for (int i = 0; i < count; i++)
        found |= list[i].domid == domid;
    free(list);
    return found;
}

static void domain(void)
{
    uint8_t uuid[16] = { 1, 2, 3 }, other[16] = { 4, 5, 6 };
    struct hv_domain_info info;
    uint32_t domid = 0;

    if (!check(!hv_domain_create(hv, uuid, 2, 4096, &domid, &err), "an empty domain is created"))
        return;
    check(domid > 0 && is_listed(domid), "it is listed");
    check(!hv_domain_info(hv, domid, &info, &err) && info.paused && !info.dying && info.vcpus_max == 2 &&
              !memcmp(info.uuid, uuid, 16) && info.max_pages == 1024 && info.tot_pages == 0,
          "it is as it was wished for");
    check(!hv_domain_set_uuid(hv, domid, other, &err) && !hv_domain_info(hv, domid, &info, &err) &&
          !memcmp(info.uuid, other, 16), "its UUID is changed");
    check(!hv_domain_set_max_mem(hv, domid, 8192, &err) && !hv_domain_info(hv, domid, &info, &err) &&
          info.max_pages == 2048, "its memory limit is changed");
    check(!hv_domain_pause(hv, domid, &err) && !hv_domain_unpause(hv, domid, &err) &&
          !hv_domain_info(hv, domid, &info, &err) && !info.paused, "paused twice, one unpause is enough");
    check(!hv_domain_unpause(hv, domid, &err), "one more is no error");
    check(!hv_domain_pause(hv, domid, &err), "it is paused again");
    scheduling(domid);
    channels(domid);
    mappings(domid);
    check(!hv_domain_force_shutdown(hv, domid, HV_SHUTDOWN_CRASH, &err) &&
              !hv_domain_info(hv, domid, &info, &err) && info.shutdown &&
              info.shutdown_reason == HV_SHUTDOWN_CRASH,
          "it is shut down by force");
    check(!hv_domain_destroy(hv, domid, &err), "it is destroyed");
    check(hv_domain_info(hv, domid, &info, &err) == -ESRCH && !is_listed(domid), "it is gone");
    check(hv_domain_destroy(hv, domid, &err) == -ESRCH, "it cannot be destroyed twice");
    check(hv_domain_pause(hv, domid, &err) == -ESRCH, "nor be paused any more");
    check(hv_domain_pause(hv, 40000, &err) == -ESRCH, "ids that the ABI reserves are no domains");
    check(hv_domain_destroy(hv, 0, &err) == -EINVAL, "dom0 cannot be destroyed");
}

int main(void)
{
    hv = hv_open(&err);
    if (!check(hv, "the hypervisor is opened"))
        return 1;
    host();
    domain();
    grants();
    hv_close(hv);
    printf("1..%d\n", number);
    return failures != 0;
}
