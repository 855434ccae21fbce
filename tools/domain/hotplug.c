/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attaching and detaching. Where the record cannot be changed, as there is none, the device works all the
 * same.
 */
#include "hotplug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "record.h"
#include "vbd.h"
#include "vif.h"

/* The device's nodes go again, and with them everything. */
static void undo(struct tools *tools, struct device *device)
{
    device_remove(tools->xs, device, NULL);
    device_wait_gone(device, NULL);
}

static bool is_there(struct tools *tools, const struct device *device)
{
    char path[STORE_PATH_MAX];

    return store_exists(tools->xs, device_backend(device, path));
}

static void record_disk(const struct domain *domain, const struct hv_disk *disk)
{
    struct hv_config *config = record_read(domain->uuid, NULL);
    struct hv_disk copy = *disk;

    if (!config)
        return;
    copy.source = strdup(disk->source);
    copy.driver = disk->driver ? strdup(disk->driver) : NULL;
    if (copy.source && !hv_config_add_disk(config, &copy, NULL)) {
        record_write(config, NULL);
    } else {
        free(copy.source);
        free(copy.driver);
    }
    hv_config_free(config);
}

static int serve_disk(struct tools *tools, const struct device *device, const struct vbd *vbd, struct hv_error *err)
{
    struct store_batch batch = { 0 };
    int ret;

    vbd_nodes(&batch, vbd, device->domid);
    ret = store_batch_commit(&batch, tools->xs, err);
    if (!ret)
        ret = vbd_wait(tools, vbd, device->domid, err);
    return ret;
}

int hotplug_disk(struct tools *tools, const struct domain *domain, const struct hv_disk *disk,
                 struct hv_error *err)
{
    struct device device = { .kind = "vbd", .domid = domain->domid, .number = disk->number };
    struct vbd vbd;
    int ret;

    if (is_there(tools, &device))
        return hv_error_set(err, EEXIST, "choose another target", "domain %s has a disk %s already",
                            domain->name, disk->target);
    /* What an earlier attempt left that was killed. */
    ret = image_end(domain->domid, disk->number, false, err);
    if (!ret)
        ret = vbd_check(tools, disk, NULL, err);
    if (!ret)
        ret = vbd_prepare(disk, domain->domid, &vbd, err);
    if (ret < 0)
        return ret;
    ret = serve_disk(tools, &device, &vbd, err);
    vbd_release(&vbd);
    if (ret < 0)
        undo(tools, &device);
    else
        record_disk(domain, disk);
    return ret;
}

static void record_nic(const struct domain *domain, const struct hv_nic *nic)
{
    struct hv_config *config = record_read(domain->uuid, NULL);
    struct hv_nic copy = *nic;

    if (!config)
        return;
    copy.bridge = strdup(nic->bridge);
    copy.target = nic->target ? strdup(nic->target) : NULL;
    copy.driver = nic->driver ? strdup(nic->driver) : NULL;
    if (copy.bridge && !hv_config_add_nic(config, &copy, NULL)) {
        record_write(config, NULL);
    } else {
        free(copy.bridge);
        free(copy.target);
        free(copy.driver);
    }
    hv_config_free(config);
}

int hotplug_nic(struct tools *tools, const struct domain *domain, const struct hv_nic *nic,
                struct hv_error *err)
{
    struct device device = { .kind = "vif", .domid = domain->domid };
    struct store_batch batch = { 0 };
    int ret = vif_check(nic, NULL, err);

    if (ret < 0)
        return ret;
    while (is_there(tools, &device))
        device.number++;
    vif_nodes(&batch, nic, domain->domid, device.number);
    ret = store_batch_commit(&batch, tools->xs, err);
    if (!ret)
        ret = vif_connect(tools, nic, domain->domid, device.number, err);
    if (ret < 0)
        undo(tools, &device);
    else
        record_nic(domain, nic);
    return ret;
}

/* Takes the device out of the record; `mac` tells interfaces apart, as their numbers are not recorded. */
static void unrecord(const struct domain *domain, const struct device *device, const char *mac)
{
    struct hv_config *config = record_read(domain->uuid, NULL);
    char text[HV_MAC_TEXT];

    if (!config)
        return;
    for (size_t i = 0; i < config->disk_count && !strcmp(device->kind, "vbd"); i++)
        if (config->disks[i].number == device->number) {
            hv_config_remove_disk(config, i);
            break;
        }
    for (size_t i = 0; i < config->nic_count && mac; i++)
        if (!strcasecmp(hv_mac_text(config->nics[i].mac, text), mac)) {
            hv_config_remove_nic(config, i);
            break;
        }
    record_write(config, NULL);
    hv_config_free(config);
}

int hotplug_remove(struct tools *tools, const struct domain *domain, const char *kind, unsigned number,
                   bool force, struct hv_error *err)
{
    struct device device = { .kind = kind, .domid = domain->domid, .number = number };
    char path[STORE_PATH_MAX], *mac;
    int ret = device_close(tools, &device, force, err);

    if (ret < 0)
        return ret;
    mac = store_read(tools->xs, "%s/mac", device_backend(&device, path));
    ret = device_remove(tools->xs, &device, err);
    if (!ret)
        ret = device_wait_gone(&device, err);
    if (!ret)
        unrecord(domain, &device, mac);
    free(mac);
    return ret;
}
