/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl vcpu-list, vcpu-pin, sched: where vCPUs run, and with what share.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "json.h"

/* The domain named, or all. Returns their number, -1 after saying what is wrong. */
static int choose(struct tools *tools, const char *name, struct domain **list)
{
    struct hv_error err = { 0 };
    int count;

    if (!name) {
        count = domain_list(tools, list, &err);
        if (count < 0)
            fail_error(&err);
        return count;
    }
    *list = calloc(1, sizeof(**list));
    if (*list && !domain_find_running(tools, name, *list, &err))
        return 1;
    fail_error(&err);
    return -1;
}

static void show_vcpu(struct json *json, const struct domain *domain, unsigned vcpu,
                      const struct hv_vcpu_info *info, const char *affinity)
{
    const char *state = !info->online   ? "offline"
                        : info->running ? "running"
                        : info->blocked ? "blocked"
                                        : "waiting";
    char cpu[16] = "-";

    if (!json) {
        if (info->online)
            snprintf(cpu, sizeof(cpu), "%u", info->cpu);
        printf("%-32s %5u %5u %4s %-8s %9.1f  %s\n", domain->name, domain->domid, vcpu, cpu, state,
               (double)info->cpu_time_ns / 1e9, affinity);
        return;
    }
    json_object(json, NULL);
    json_text(json, "domain", domain->name);
    json_number(json, "id", domain->domid);
    json_number(json, "vcpu", vcpu);
    json_number(json, "cpu", info->cpu);
    json_text(json, "state", state);
    json_decimal(json, "cpu_seconds", (double)info->cpu_time_ns / 1e9);
    json_text(json, "affinity", affinity);
    json_end_object(json);
}

/* "all" for a set that holds every CPU of the machine, in whatever way the hypervisor writes that. */
static void affinity_text(struct hv_cpuset *cpus, const struct hv_host_info *host, char *text, size_t size)
{
    unsigned cpu = 0;

    while (cpu <= host->max_cpu_id && hv_cpuset_has(cpus, cpu))
        cpu++;
    if (cpu > host->max_cpu_id)
        hv_cpuset_fill(cpus);
    hv_cpuset_text(cpus, text, size);
}

static void show_vcpus(struct tools *tools, struct json *json, const struct domain *domain,
                       const struct hv_host_info *host)
{
    for (unsigned vcpu = 0; vcpu < domain->info.vcpus_max; vcpu++) {
        struct hv_vcpu_info info;
        struct hv_cpuset cpus;
        char affinity[256] = "-";

        if (hv_vcpu_info(tools->hv, domain->domid, vcpu, &info, NULL) < 0)
            continue;
        if (!hv_vcpu_get_affinity(tools->hv, domain->domid, vcpu, &cpus, NULL))
            affinity_text(&cpus, host, affinity, sizeof(affinity));
        show_vcpu(json, domain, vcpu, &info, affinity);
    }
}

int cmd_vcpu_list(const struct command *self, int argc, char **argv)
{
    bool as_json = false;
    const struct option_row options[] = { { 0, "json", &as_json, NULL }, { 0 } };
    int named = options_parse(self, argc, argv, options, 0, 1), count;
    struct domain *list = NULL;
    struct json *json = NULL;
    struct hv_host_info host;
    struct hv_error err = { 0 };
    struct tools tools;

    if (named < 0 || !open_tools(&tools))
        return 1;
    if (hv_host_info(tools.hv, &host, &err) < 0) {
        fail_error(&err);
        count = -1;
    } else {
        count = choose(&tools, named ? argv[1] : NULL, &list);
    }
    if (as_json && count >= 0) {
        json = json_new();
        json_list(json, NULL);
    } else if (count >= 0) {
        printf("%-32s %5s %5s %4s %-8s %9s  %s\n", "Name", "ID", "VCPU", "CPU", "State", "Time(s)",
               "Affinity");
    }
    for (int i = 0; i < count; i++)
        show_vcpus(&tools, json, &list[i], &host);
    if (json) {
        json_end_list(json);
        json_print(json);
    }
    free(list);
    tools_close(&tools);
    return count < 0;
}

static int pin(struct tools *tools, const struct domain *domain, const char *which,
               const struct hv_cpuset *cpus)
{
    bool all = !strcmp(which, "all");
    unsigned first = 0, last = domain->info.vcpus_max ? domain->info.vcpus_max - 1 : 0;
    struct hv_error err = { 0 };

    if (!all) {
        if (!parse_number(which, last, "vCPU", &first))
            return 1;
        last = first;
    }
    for (unsigned vcpu = first; vcpu <= last; vcpu++)
        if (hv_vcpu_set_affinity(tools->hv, domain->domid, vcpu, cpus, &err) < 0)
            return fail_error(&err);
    return 0;
}

int cmd_vcpu_pin(const struct command *self, int argc, char **argv)
{
    struct hv_cpuset cpus;
    struct domain domain;
    struct tools tools;
    int status;

    if (arguments_check(self, argc, argv, 3, 3) < 0)
        return 1;
    if (hv_cpuset_parse(argv[3], &cpus) < 0)
        return fail("%s is not a set of CPUs: write 0-3,^2,5 or all", argv[3]);
    if (!open_tools_and_find(&tools, argv[1], &domain))
        return 1;
    status = pin(&tools, &domain, argv[2], &cpus);
    tools_close(&tools);
    return status;
}

static int show_shares(struct tools *tools, const struct domain *list, int count, bool as_json)
{
    struct json *json = as_json ? json_new() : NULL;

    if (json)
        json_list(json, NULL);
    else
        printf("%-32s %5s %7s %5s\n", "Name", "ID", "Weight", "Cap");
    for (int i = 0; i < count; i++) {
        struct hv_sched_params params;

        if (hv_sched_get(tools->hv, list[i].domid, &params, NULL) < 0)
            continue;
        if (!json) {
            printf("%-32s %5u %7u %5u\n", list[i].name, list[i].domid, params.weight, params.cap);
            continue;
        }
        json_object(json, NULL);
        json_text(json, "domain", list[i].name);
        json_number(json, "id", list[i].domid);
        json_number(json, "weight", params.weight);
        json_number(json, "cap", params.cap);
        json_end_object(json);
    }
    if (!json)
        return 0;
    json_end_list(json);
    return json_print(json);
}

static int set_share(struct tools *tools, const struct domain *domain, const char *weight, const char *cap)
{
    struct hv_sched_params params;
    struct hv_error err = { 0 };

    if (hv_sched_get(tools->hv, domain->domid, &params, &err) < 0)
        return fail_error(&err);
    if (weight && !parse_number(weight, 65535, "weight", &params.weight))
        return 1;
    if (cap && !parse_number(cap, 65535, "cap", &params.cap))
        return 1;
    if (!params.weight)
        return fail("a weight is at least 1");
    return hv_sched_set(tools->hv, domain->domid, &params, &err) < 0 ? fail_error(&err) : 0;
}

int cmd_sched(const struct command *self, int argc, char **argv)
{
    const char *weight = NULL, *cap = NULL;
    bool as_json = false;
    const struct option_row options[] = {
        { 'w', "weight", NULL, &weight },
        { 'c', "cap", NULL, &cap },
        { 0, "json", &as_json, NULL },
        { 0 },
    };
    int named = options_parse(self, argc, argv, options, 0, 1), count, status = 1;
    struct domain *list = NULL;
    struct tools tools;

    if (named < 0)
        return 1;
    if ((weight || cap) && !named)
        return fail("which domain? usage: hvctl %s %s", self->name, self->arguments);
    if (!open_tools(&tools))
        return 1;
    count = choose(&tools, named ? argv[1] : NULL, &list);
    if (count >= 0)
        status =
            weight || cap ? set_share(&tools, list, weight, cap) : show_shares(&tools, list, count, as_json);
    free(list);
    tools_close(&tools);
    return status;
}
