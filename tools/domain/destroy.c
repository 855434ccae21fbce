/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Taking a domain away. The order: the guest stops, its devices' nodes go, dom0's kernel lets go of the
 * guest's pages, and only then is the domain really gone.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend.h"
#include "create.h"
#include "image.h"
#include "nodes.h"
#include "paths.h"
#include "record.h"

#define GONE_SECONDS 120 /* as for its devices: see backend.c */

static const char *const kinds[] = { "vbd", "vif" };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* All devices of a domain: malloc'ed in *list. Returns how many, or -ENOMEM. */
static int list_devices(struct tools *tools, unsigned domid, struct device **list)
{
    unsigned *numbers[KINDS], count[KINDS], total = 0;

    for (size_t k = 0; k < KINDS; k++)
        total += count[k] = device_list(tools->xs, kinds[k], domid, &numbers[k]);
    *list = calloc(total + 1, sizeof(**list));
    total = 0;
    for (size_t k = 0; k < KINDS; k++) {
        for (unsigned i = 0; *list && i < count[k]; i++)
            (*list)[total++] = (struct device){ .kind = kinds[k], .domid = domid, .number = numbers[k][i] };
        free(numbers[k]);
    }
    return *list ? (int)total : -ENOMEM;
}

int domain_remove_devices(struct tools *tools, unsigned domid, struct hv_error *err)
{
    struct device *list;
    int count = list_devices(tools, domid, &list), ret = 0;

    if (count < 0)
        return hv_error_set(err, ENOMEM, NULL, "out of memory");
    for (int i = 0; i < count && !ret; i++)
        ret = device_remove(tools->xs, &list[i], err);
    for (int i = 0; i < count; i++) {
        int one = device_wait_gone(&list[i], ret ? NULL : err);

        ret = ret ? ret : one;
    }
    free(list);
    count = image_end_all(domid, ret ? NULL : err);
    return ret ? ret : count;
}

static int remove_traces(struct tools *tools, const struct domain *domain, struct hv_error *err)
{
    int ret = domain_remove_devices(tools, domain->domid, err);

    return ret ? ret : nodes_remove(tools->xs, domain->domid, domain->uuid, err);
}

static int wait_domain_gone(struct tools *tools, unsigned domid, struct hv_error *err)
{
    struct timespec pause = { .tv_nsec = 1000 * 1000 };
    struct hv_domain_info info;
    time_t end = time(NULL) + GONE_SECONDS;

    while (hv_domain_info(tools->hv, domid, &info, NULL) == 0) {
        if (time(NULL) > end)
            return hv_error_set(err, EBUSY, "stop who maps its memory",
                                "domain %u is dead, but something in dom0 still maps its memory", domid);
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 50 * 1000 * 1000)
            pause.tv_nsec *= 2;
    }
    return 0;
}

int domain_destroy(struct tools *tools, const struct domain *domain, struct hv_error *err)
{
    int ret, traces;

    if (domain->exists) {
        ret = hv_domain_destroy(tools->hv, domain->domid, err);
        if (ret < 0 && ret != -ESRCH)
            return ret;
    }
    xs_release_domain(tools->xs, domain->domid);
    traces = remove_traces(tools, domain, err);
    ret = wait_domain_gone(tools, domain->domid, traces ? NULL : err);
    record_remove(domain->uuid);
    return traces ? traces : ret;
}

static bool listed(const struct hv_domain_info *list, int count, unsigned domid)
{
    for (int i = 0; i < count; i++)
        if (list[i].domid == domid)
            return true;
    return false;
}

/* Domain ids among the children of a node of the store that the hypervisor does not know. */
static void sweep_node(struct tools *tools, const char *path, const struct hv_domain_info *list, int count)
{
    unsigned names;
    char **name = store_list(tools->xs, &names, "%s", path);

    for (unsigned i = 0; i < names; i++) {
        struct domain gone = { .domid = (unsigned)strtoul(name[i], NULL, 10) };
        char *vm;

        if (!name[i][0] || strspn(name[i], "0123456789") != strlen(name[i]) ||
            listed(list, count, gone.domid))
            continue;
        vm = store_read(tools->xs, "/local/domain/%u/vm", gone.domid);
        if (vm && !strncmp(vm, "/vm/", 4))
            hv_uuid_parse(vm + 4, gone.uuid);
        free(vm);
        remove_traces(tools, &gone, NULL);
    }
    free(name);
}

static void sweep_records(const struct hv_domain_info *list, int count)
{
    struct record_id *records;
    unsigned n = record_list(&records);
    char path[PATH_MAX];

    path_remove_unfinished(path_in(PATH_RUN, path, "domains"));
    path_remove_unfinished(path_in(PATH_RUN, path, "restarts"));
    for (unsigned i = 0; i < n; i++) {
        bool alive = false;

        for (int k = 0; k < count && !alive; k++)
            alive = !memcmp(list[k].uuid, records[i].uuid, 16);
        if (!alive)
            record_remove(records[i].uuid);
    }
    free(records);
}

/* Of disks that were being prepared: the store knows nothing of them yet. */
static void sweep_images(const struct hv_domain_info *list, int count)
{
    unsigned *domids, n = image_domains(&domids);

    for (unsigned i = 0; i < n; i++)
        if (!listed(list, count, domids[i]))
            image_end_all(domids[i], NULL);
    free(domids);
}

void domain_sweep(struct tools *tools)
{
    struct hv_domain_info *list;
    int count = hv_domain_list(tools->hv, &list, NULL);

    if (count < 0)
        return;
    sweep_node(tools, "/local/domain", list, count);
    sweep_node(tools, "/local/domain/0/backend/vbd", list, count);
    sweep_node(tools, "/local/domain/0/backend/vif", list, count);
    sweep_images(list, count);
    sweep_records(list, count);
    free(list);
}
