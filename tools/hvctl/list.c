/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl list and dominfo: domains as a table, at length, and as JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/definition.h>
#include <domain/hvd_client.h>
#include <domain/record.h>
#include <domain/store.h>

#include "command.h"
#include "json.h"

#define PAGE_KIB 4

static uint64_t memory_kib(const struct domain *domain)
{
    return (domain->info.tot_pages + domain->info.outstanding_pages) * PAGE_KIB;
}

/* The letters of xl list, each at its place. */
static void state_letters(const struct domain *domain, char letters[7])
{
    const struct hv_domain_info *info = &domain->info;
    bool crashed = info->shutdown && (info->shutdown_reason == HV_SHUTDOWN_CRASH ||
                                      info->shutdown_reason == HV_SHUTDOWN_WATCHDOG);

    snprintf(letters, 7, "------");
    letters[0] = info->running && !info->shutdown ? 'r' : '-';
    letters[1] = info->blocked && !info->running && !info->shutdown ? 'b' : '-';
    letters[2] = info->paused ? 'p' : '-';
    letters[3] = info->shutdown && !crashed ? 's' : '-';
    letters[4] = crashed ? 'c' : '-';
    letters[5] = info->dying ? 'd' : '-';
}

static void print_row(const struct domain *domain)
{
    char letters[7];

    state_letters(domain, letters);
    printf("%-32s %5u %7" PRIu64 " %5u  %s %9.1f\n", domain->name[0] ? domain->name : "(none)", domain->domid,
           memory_kib(domain) / 1024, domain->info.vcpus_online, letters,
           (double)domain->info.cpu_time_ns / 1e9);
}

static void print_defined_row(const char *name)
{
    struct hv_config *config = definition_read(name, NULL);

    printf("%-32s %5s %7" PRIu64 " %5u  %s %9s\n", name, "-", config ? config->current_kib / 1024 : 0,
           config ? config->vcpus : 0, "------", "-");
    hv_config_free(config);
}

/* What its balloon driver was asked to leave it; false if it never was. */
static bool read_target(struct tools *tools, const struct domain *domain, uint64_t *kib)
{
    return store_read_number(tools->xs, kib, "/local/domain/%u/memory/target", domain->domid);
}

/* What its <memory> says; a domain made by other tools has at least the hypervisor's limit. */
static uint64_t most_memory_kib(struct tools *tools, const struct domain *domain)
{
    uint64_t kib;

    if (store_read_number(tools->xs, &kib, "/local/domain/%u/memory/static-max", domain->domid))
        return kib;
    return domain->info.max_pages * PAGE_KIB;
}

static void print_long(struct tools *tools, const struct domain *domain)
{
    const struct hv_domain_info *info = &domain->info;
    char uuid[HV_UUID_TEXT], *log = store_read(tools->xs, "/local/domain/%u/console/log", domain->domid);
    uint64_t target;

    printf("Name:        %s\n", domain->name[0] ? domain->name : "(none)");
    printf("Id:          %u\n", domain->domid);
    printf("UUID:        %s\n", hv_uuid_text(domain->uuid, uuid));
    printf("State:       %s\n", domain_state(domain));
    printf("VCPUs:       %u online of %u\n", info->vcpus_online, info->vcpus_max);
    printf("CPU time:    %.1f s\n", (double)info->cpu_time_ns / 1e9);
    printf("Memory:      %" PRIu64 " KiB\n", memory_kib(domain));
    if (read_target(tools, domain, &target))
        printf("Target:      %" PRIu64 " KiB\n", target);
    if (domain->domid)
        printf("Max memory:  %" PRIu64 " KiB\n", most_memory_kib(tools, domain));
    printf("Autostart:   %s\n", definition_is_autostart(domain->name) ? "yes" : "no");
    if (log)
        printf("Console log: %s\n", log);
    free(log);
}

static void add_json(struct tools *tools, struct json *json, const struct domain *domain)
{
    const struct hv_domain_info *info = &domain->info;
    char uuid[HV_UUID_TEXT];
    uint64_t target;

    json_object(json, NULL);
    json_text(json, "name", domain->name[0] ? domain->name : NULL);
    json_number(json, "id", domain->domid);
    json_text(json, "uuid", hv_uuid_text(domain->uuid, uuid));
    json_text(json, "state", domain_state(domain));
    json_number(json, "vcpus", info->vcpus_online);
    json_number(json, "max_vcpus", info->vcpus_max);
    json_decimal(json, "cpu_seconds", (double)info->cpu_time_ns / 1e9);
    json_number(json, "memory_kib", memory_kib(domain));
    if (read_target(tools, domain, &target))
        json_number(json, "target_kib", target);
    if (domain->domid)
        json_number(json, "max_memory_kib", most_memory_kib(tools, domain));
    json_bool(json, "autostart", definition_is_autostart(domain->name));
    json_end_object(json);
}

static void add_defined_json(struct json *json, const char *name)
{
    struct hv_config *config = definition_read(name, NULL);
    char uuid[HV_UUID_TEXT];

    json_object(json, NULL);
    json_text(json, "name", name);
    json_text(json, "id", NULL);
    if (config) {
        json_text(json, "uuid", hv_uuid_text(config->uuid, uuid));
        json_number(json, "max_vcpus", config->max_vcpus);
        json_number(json, "memory_kib", config->current_kib);
    }
    json_text(json, "state", "shut off");
    json_bool(json, "autostart", definition_is_autostart(name));
    json_end_object(json);
    hv_config_free(config);
}

/* What is to be shown, and how. */
struct listing {
    bool detail, all, as_json;
    struct json *json;
    struct domain *domains;
    int count;
};

static void show_running(struct tools *tools, const struct listing *l)
{
    for (int i = 0; i < l->count; i++) {
        if (l->as_json)
            add_json(tools, l->json, &l->domains[i]);
        else if (l->detail)
            print_long(tools, &l->domains[i]);
        else
            print_row(&l->domains[i]);
        if (l->detail && !l->as_json && i + 1 < l->count)
            printf("\n");
    }
}

static void show_defined(const struct listing *l)
{
    char **names;
    unsigned count = definition_list(&names);

    for (unsigned i = 0; i < count; i++) {
        bool runs = false;

        for (int k = 0; k < l->count && !runs; k++)
            runs = !strcmp(l->domains[k].name, names[i]);
        if (runs)
            continue;
        if (l->as_json)
            add_defined_json(l->json, names[i]);
        else
            print_defined_row(names[i]);
    }
    definition_list_free(names, count);
}

static int show(struct tools *tools, struct listing *l)
{
    if (l->as_json) {
        l->json = json_new();
        json_list(l->json, NULL);
    } else if (!l->detail) {
        printf("%-32s %5s %7s %5s  %-6s %9s\n", "Name", "ID", "Mem", "VCPUs", "State", "Time(s)");
    }
    show_running(tools, l);
    if (l->all)
        show_defined(l);
    if (!l->as_json)
        return 0;
    json_end_list(l->json);
    return json_print(l->json);
}

/* The domains named, or all. Returns their number or a negative errno. */
static int choose(struct tools *tools, char **names, int count, struct domain **list, struct hv_error *err)
{
    if (!count)
        return domain_list(tools, list, err);
    *list = calloc((size_t)count, sizeof(**list));
    for (int i = 0; i < count && *list; i++) {
        int ret = domain_find_running(tools, names[i], &(*list)[i], err);

        if (ret < 0)
            return ret;
    }
    return *list ? count : -1;
}

static int run(struct listing *l, char **names, int count)
{
    struct hv_error err = { 0 };
    struct tools tools;
    int status;

    if (!open_tools(&tools))
        return 1;
    l->count = choose(&tools, names, count, &l->domains, &err);
    status = l->count < 0 ? fail_error(&err) : show(&tools, l);
    free(l->domains);
    tools_close(&tools);
    return status;
}

int cmd_list(const struct command *self, int argc, char **argv)
{
    struct listing l = { 0 };
    const struct option_row options[] = {
        { 'l', "long", &l.detail, NULL },
        { 'a', "all", &l.all, NULL },
        { 0, "json", &l.as_json, NULL },
        { 0 },
    };
    int count = options_parse(self, argc, argv, options, 0, 1000);

    return count < 0 ? 1 : run(&l, argv + 1, count);
}

int cmd_dominfo(const struct command *self, int argc, char **argv)
{
    struct listing l = { .detail = true };
    const struct option_row options[] = { { 0, "json", &l.as_json, NULL }, { 0 } };

    return options_parse(self, argc, argv, options, 1, 1) < 0 ? 1 : run(&l, argv + 1, 1);
}
