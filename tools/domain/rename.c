/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of running domains live in two nodes and in the name of the record.
 */
#include "rename.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "create.h"
#include "record.h"
#include "store.h"

static int write_names(struct tools *tools, unsigned domid, const uint8_t uuid[16], const char *name,
                       struct hv_error *err)
{
    struct store_batch batch = { 0 };
    char text[HV_UUID_TEXT];

    store_batch_write(&batch, name, "/local/domain/%u/name", domid);
    store_batch_write(&batch, name, "/vm/%s/name", hv_uuid_text(uuid, text));
    return store_batch_commit(&batch, tools->xs, err);
}

static int set_name(struct hv_config *config, const char *name, struct hv_error *err)
{
    char *copy = strdup(name);

    if (!copy)
        return hv_error_set(err, ENOMEM, NULL, "out of memory");
    free(config->name);
    config->name = copy;
    return 0;
}

int domain_rename(struct tools *tools, const struct domain *domain, const char *name, struct hv_error *err)
{
    struct hv_config *config = record_read(domain->uuid, err);
    int ret = config ? set_name(config, name, err) : -ENOENT;

    if (!ret)
        ret = record_write(config, err);
    if (!ret)
        ret = write_names(tools, domain->domid, domain->uuid, name, err);
    hv_config_free(config);
    return ret;
}

static int choose_name(struct tools *tools, const struct hv_config *config, char name[HV_NAME_MAX + 1])
{
    struct domain other;

    for (unsigned i = 1; i < 1000; i++) {
        char number[8] = "";

        if (i > 1)
            snprintf(number, sizeof(number), "%u", i);
        snprintf(name, HV_NAME_MAX + 1, "%.*s-kept%s", HV_NAME_MAX - 9, config->name, number);
        if (domain_find(tools, name, &other, NULL) < 0)
            return 0;
    }
    return -EEXIST;
}

/* The nodes under /vm move with the UUID. */
static int move_identity(struct tools *tools, unsigned domid, const uint8_t old[16],
                         const struct hv_config *config, struct hv_error *err)
{
    struct store_batch batch = { 0 };
    char from[HV_UUID_TEXT], to[HV_UUID_TEXT], vm[64];
    int ret;

    hv_uuid_text(old, from);
    hv_uuid_text(config->uuid, to);
    snprintf(vm, sizeof(vm), "/vm/%s", to);
    store_batch_node(&batch, domid, STORE_GUEST_READ, "%s", vm);
    store_batch_write(&batch, to, "%s/uuid", vm);
    store_batch_write(&batch, config->name, "%s/name", vm);
    store_batch_write(&batch, vm, "/local/domain/%u/vm", domid);
    store_batch_write(&batch, config->name, "/local/domain/%u/name", domid);
    ret = store_batch_commit(&batch, tools->xs, err);
    return ret ? ret : store_remove(tools->xs, err, "/vm/%s", from);
}

int domain_set_aside(struct tools *tools, unsigned domid, struct hv_config *config, struct hv_error *err)
{
    char name[HV_NAME_MAX + 1];
    uint8_t old[16];
    int ret;

    memcpy(old, config->uuid, sizeof(old));
    if (choose_name(tools, config, name) < 0)
        return hv_error_set(err, EEXIST, "destroy some", "too many domains are kept under the name of %s",
                            config->name);
    ret = set_name(config, name, err);
    if (!ret)
        ret = hv_uuid_generate(config->uuid);
    config->on_poweroff = config->on_reboot = config->on_crash = HV_ACTION_PRESERVE;
    if (!ret)
        ret = record_write(config, err);
    if (!ret)
        ret = hv_domain_set_uuid(tools->hv, domid, config->uuid, err);
    if (ret < 0)
        return ret;
    record_remove(old);
    ret = move_identity(tools, domid, old, config, err);
    return ret < 0 ? ret : domain_remove_devices(tools, domid, err);
}
