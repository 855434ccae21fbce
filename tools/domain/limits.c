/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits in the store. Keys hold numbers a second, of bytes or of requests and packets; XML and libhv have an interface's in KiB.
 */
#include "limits.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record.h"

#define DRIVERS "/sys/bus/xen-backend/drivers"
#define HINT "use hv's drivers: <driver name='hv'/>"

static const char *own_driver(const char *kind)
{
    return strcmp(kind, "vbd") ? "hv-netback" : "hv-blkback";
}

/* On a machine that is no dom0 (a dry run) nothing can be said about drivers. */
static int check(const char *kind, const char *driver, const char *file, int line, struct hv_error *err)
{
    const char *choice = hv_driver_choice(driver);
    char path[128];

    if (!choice)
        choice = hv_driver_choice(getenv("HVCTL_BACKEND"));
    if (choice && strcmp(choice, "hv"))
        return hv_error_at(err, EOPNOTSUPP, file, line, HINT, "Linux's own drivers have no limits");
    snprintf(path, sizeof(path), DRIVERS "/%s", own_driver(kind));
    if (!access(DRIVERS, F_OK) && access(path, F_OK))
        return hv_error_at(err, ENODEV, file, line, strcmp(kind, "vbd") ? "modprobe hv-netback" : "modprobe hv-blkback",
                           "limits need hv's own driver, which is not loaded in dom0");
    return 0;
}

int limits_check_disk(const struct hv_disk *disk, const char *file, struct hv_error *err)
{
    return hv_disk_is_limited(disk) ? check("vbd", disk->driver, file, disk->line, err) : 0;
}

int limits_check_nic(const struct hv_nic *nic, const char *file, struct hv_error *err)
{
    return hv_nic_is_limited(nic) ? check("vif", nic->driver, file, nic->line, err) : 0;
}

int limits_check_served(const struct device *device, const char *what, struct hv_error *err)
{
    char path[128], target[PATH_MAX], *name;
    ssize_t length;

    snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s-%u-%u/driver", device->kind, device->domid,
             device->number);
    length = readlink(path, target, sizeof(target) - 1);
    target[length < 0 ? 0 : length] = '\0';
    name = strrchr(target, '/');
    if (name && !strcmp(name + 1, own_driver(device->kind)))
        return 0;
    return hv_error_set(err, EOPNOTSUPP, HINT ", and load them before Linux's",
                        "%s cannot be limited: Linux's own driver serves it", what);
}

static void put(struct store_batch *batch, const struct device *device, const char *name, const char *suffix,
                uint64_t value)
{
    char back[STORE_PATH_MAX], text[24];

    snprintf(text, sizeof(text), "%" PRIu64, value);
    store_batch_write(batch, text, "%s/limits/%s%s", device_backend(device, back), name, suffix);
}

static uint64_t get(struct tools *tools, const struct device *device, const char *name, const char *suffix)
{
    char back[STORE_PATH_MAX];
    uint64_t value = 0;

    store_read_number(tools->xs, &value, "%s/limits/%s%s", device_backend(device, back), name, suffix);
    return value;
}

static void put_disk(struct store_batch *batch, const struct device *device, const struct hv_limit *iotune)
{
    for (int i = 0; i < HV_IOTUNE_COUNT; i++) {
        put(batch, device, hv_iotune_name((enum hv_iotune)i), "", iotune[i].rate);
        put(batch, device, hv_iotune_name((enum hv_iotune)i), "_max", iotune[i].max);
    }
}

void limits_get_disk(struct tools *tools, const struct device *device, struct hv_limit iotune[HV_IOTUNE_COUNT])
{
    for (int i = 0; i < HV_IOTUNE_COUNT; i++) {
        iotune[i].rate = get(tools, device, hv_iotune_name((enum hv_iotune)i), "");
        iotune[i].max = get(tools, device, hv_iotune_name((enum hv_iotune)i), "_max");
    }
}

/* An interface's keys: what of a direction, and how many of the key's units that is. */
static const struct {
    const char *key, *suffix;
    size_t offset;
    unsigned units;
} way_keys[] = {
    { "average", "", offsetof(struct hv_bandwidth, average), 1024 },
    { "average", "_max", offsetof(struct hv_bandwidth, burst), 1024 },
    { "peak", "", offsetof(struct hv_bandwidth, peak), 1024 },
    { "packets", "", offsetof(struct hv_bandwidth, packets), 1 },
};
#define WAY_KEYS (sizeof(way_keys) / sizeof(way_keys[0]))

static void put_way(struct store_batch *batch, const struct device *device, const char *way,
                    const struct hv_bandwidth *bandwidth)
{
    for (size_t i = 0; i < WAY_KEYS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "%s_%s", way, way_keys[i].key);
        put(batch, device, name, way_keys[i].suffix,
            *(const uint64_t *)((const char *)bandwidth + way_keys[i].offset) * way_keys[i].units);
    }
}

static void get_way(struct tools *tools, const struct device *device, const char *way, struct hv_bandwidth *bandwidth)
{
    for (size_t i = 0; i < WAY_KEYS; i++) {
        char name[32];

        snprintf(name, sizeof(name), "%s_%s", way, way_keys[i].key);
        *(uint64_t *)((char *)bandwidth + way_keys[i].offset) =
            get(tools, device, name, way_keys[i].suffix) / way_keys[i].units;
    }
}

void limits_get_nic(struct tools *tools, const struct device *device, struct hv_bandwidth *in, struct hv_bandwidth *out)
{
    get_way(tools, device, "inbound", in);
    get_way(tools, device, "outbound", out);
}

void limits_disk_nodes(struct store_batch *batch, const struct device *device, const struct hv_disk *disk)
{
    if (hv_disk_is_limited(disk))
        put_disk(batch, device, disk->iotune);
}

void limits_nic_nodes(struct store_batch *batch, const struct device *device, const struct hv_nic *nic)
{
    if (!hv_nic_is_limited(nic))
        return;
    put_way(batch, device, "inbound", &nic->inbound);
    put_way(batch, device, "outbound", &nic->outbound);
}

int limits_set_disk(struct tools *tools, const struct domain *domain, const struct device *device,
                    const struct hv_limit iotune[HV_IOTUNE_COUNT], struct hv_error *err)
{
    struct hv_config *config;
    struct store_batch batch = { 0 };
    int ret = limits_check_served(device, "the disk", err);

    if (ret < 0)
        return ret;
    put_disk(&batch, device, iotune);
    ret = store_batch_commit(&batch, tools->xs, err);
    config = ret < 0 ? NULL : record_read(domain->uuid, NULL);
    if (!config)
        return ret;
    for (size_t i = 0; i < config->disk_count; i++)
        if (config->disks[i].number == device->number)
            memcpy(config->disks[i].iotune, iotune, sizeof(config->disks[i].iotune));
    ret = record_write(config, err);
    hv_config_free(config);
    return ret;
}

int limits_set_nic(struct tools *tools, const struct domain *domain, const struct device *device,
                   const struct hv_bandwidth *in, const struct hv_bandwidth *out, struct hv_error *err)
{
    char back[STORE_PATH_MAX], text[HV_MAC_TEXT], *mac;
    struct hv_config *config;
    struct store_batch batch = { 0 };
    int ret = limits_check_served(device, "the interface", err);

    if (ret < 0)
        return ret;
    put_way(&batch, device, "inbound", in);
    put_way(&batch, device, "outbound", out);
    ret = store_batch_commit(&batch, tools->xs, err);
    config = ret < 0 ? NULL : record_read(domain->uuid, NULL);
    if (!config)
        return ret;
    mac = store_read(tools->xs, "%s/mac", device_backend(device, back));
    for (size_t i = 0; i < config->nic_count && mac; i++)
        if (!strcasecmp(hv_mac_text(config->nics[i].mac, text), mac)) {
            config->nics[i].inbound = *in;
            config->nics[i].outbound = *out;
        }
    free(mac);
    ret = record_write(config, err);
    hv_config_free(config);
    return ret;
}
