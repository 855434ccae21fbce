/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding domains. Names are in the store (/local/domain/N/name), ids and UUIDs in the hypervisor; a domain
 * whose creation was killed before it got a name is found through its record.
 */
#include "domain.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "store.h"

static void read_name(struct tools *tools, struct domain *domain)
{
    char *name = store_read(tools->xs, "/local/domain/%u/name", domain->domid);
    struct record_id id;

    domain->name[0] = '\0';
    if (name)
        snprintf(domain->name, sizeof(domain->name), "%s", name);
    else if (domain->exists && domain->domid && record_by_uuid(domain->uuid, &id))
        memcpy(domain->name, id.name, sizeof(id.name));
    free(name);
}

static void from_info(struct domain *domain, const struct hv_domain_info *info)
{
    domain->domid = info->domid;
    domain->exists = true;
    domain->info = *info;
    memcpy(domain->uuid, info->uuid, sizeof(domain->uuid));
}

int domain_list(struct tools *tools, struct domain **list, struct hv_error *err)
{
    struct hv_domain_info *infos = NULL;
    int count = hv_domain_list(tools->hv, &infos, err);

    *list = NULL;
    if (count < 0)
        return count;
    *list = calloc((size_t)count + 1, sizeof(**list));
    if (!*list) {
        free(infos);
        return hv_error_set(err, ENOMEM, NULL, "out of memory");
    }
    for (int i = 0; i < count; i++) {
        from_info(&(*list)[i], &infos[i]);
        read_name(tools, &(*list)[i]);
        if (!infos[i].domid && !(*list)[i].name[0])
            snprintf((*list)[i].name, HV_NAME_MAX, "Domain-0");
    }
    free(infos);
    return count;
}

static bool all_digits(const char *text)
{
    size_t length = strspn(text, "0123456789");

    return length && length < 7 && !text[length];
}

static bool means(const struct domain *domain, const char *text, const uint8_t *uuid)
{
    if (all_digits(text))
        return domain->domid == strtoul(text, NULL, 10);
    if (uuid && !memcmp(domain->uuid, uuid, 16))
        return true;
    return !strcmp(domain->name, text);
}

/* What a domain that the hypervisor has forgotten left in the store. */
static bool find_traces(struct tools *tools, const char *text, struct domain *domain)
{
    unsigned count;
    char **ids = store_list(tools->xs, &count, "/local/domain");
    bool found = false;

    for (unsigned i = 0; i < count && !found; i++) {
        char *vm;

        if (!all_digits(ids[i]))
            continue;
        *domain = (struct domain){ .domid = (unsigned)strtoul(ids[i], NULL, 10) };
        read_name(tools, domain);
        vm = store_read(tools->xs, "/local/domain/%u/vm", domain->domid);
        if (vm && !strncmp(vm, "/vm/", 4))
            hv_uuid_parse(vm + 4, domain->uuid);
        found = means(domain, text, NULL) || (vm && !strcmp(vm + 4, text));
        free(vm);
    }
    free(ids);
    return found;
}

int domain_find(struct tools *tools, const char *text, struct domain *domain, struct hv_error *err)
{
    uint8_t uuid[16];
    bool is_uuid = !hv_uuid_parse(text, uuid);
    struct domain *list;
    int count = domain_list(tools, &list, err), found = -1;

    if (count < 0)
        return count;
    for (int i = 0; i < count && found < 0; i++)
        if (means(&list[i], text, is_uuid ? uuid : NULL))
            found = i;
    if (found >= 0)
        *domain = list[found];
    free(list);
    if (found >= 0 || find_traces(tools, text, domain))
        return 0;
    return hv_error_set(err, ESRCH, "`hvctl list` shows all", "there is no domain %s", text);
}

int domain_find_running(struct tools *tools, const char *text, struct domain *domain, struct hv_error *err)
{
    int ret = domain_find(tools, text, domain, err);

    if (!ret && !domain->exists)
        ret = hv_error_set(err, ESRCH, "`hvctl destroy` removes its traces", "domain %s is gone", text);
    return ret;
}

const char *domain_state(const struct domain *domain)
{
    const struct hv_domain_info *info = &domain->info;

    if (!domain->exists)
        return "left over";
    if (info->dying)
        return "dying";
    if (info->shutdown)
        return info->shutdown_reason == HV_SHUTDOWN_CRASH || info->shutdown_reason == HV_SHUTDOWN_WATCHDOG
                   ? "crashed"
                   : "shut down";
    if (info->paused)
        return "paused";
    return info->blocked && !info->running ? "idle" : "running";
}
