/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists of disks and interfaces of a configuration. No two disks have the same number, no two interfaces
 * the same address: the store would hold one for both.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/device.h>

#include "config_devices.h"

void disk_clear(struct hv_disk *disk)
{
    free(disk->source);
    free(disk->driver);
    *disk = (struct hv_disk) { 0 };
}

void nic_clear(struct hv_nic *nic)
{
    free(nic->bridge);
    free(nic->target);
    free(nic->driver);
    *nic = (struct hv_nic) { 0 };
}

void hv_disk_free(struct hv_disk *disk)
{
    if (disk)
        disk_clear(disk);
    free(disk);
}

void hv_nic_free(struct hv_nic *nic)
{
    if (nic)
        nic_clear(nic);
    free(nic);
}

/* A copy of a string that may be absent; false if memory is short. */
static bool copy_text(char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return *to || !from;
}

int disk_copy(struct hv_disk *to, const struct hv_disk *from)
{
    *to = *from;
    to->driver = NULL;
    if (copy_text(&to->source, from->source) && copy_text(&to->driver, from->driver))
        return 0;
    disk_clear(to);
    return -ENOMEM;
}

int nic_copy(struct hv_nic *to, const struct hv_nic *from)
{
    *to = *from;
    to->target = to->driver = NULL;
    if (copy_text(&to->bridge, from->bridge) && copy_text(&to->target, from->target) &&
        copy_text(&to->driver, from->driver))
        return 0;
    nic_clear(to);
    return -ENOMEM;
}

int hv_config_add_disk(struct hv_config *config, const struct hv_disk *disk, struct hv_error *err)
{
    struct hv_disk *grown;

    for (size_t i = 0; i < config->disk_count; i++)
        if (config->disks[i].number == disk->number)
            return hv_error_at(err, EEXIST, config->file, disk->line, "give it another <target dev=>",
                               "there is a disk %s already", config->disks[i].target);
    grown = realloc(config->disks, (config->disk_count + 1) * sizeof(*grown));
    if (!grown)
        return hv_error_set(err, ENOMEM, NULL, "cannot add a disk: out of memory");
    config->disks = grown;
    config->disks[config->disk_count++] = *disk;
    return 0;
}

int hv_config_add_nic(struct hv_config *config, const struct hv_nic *nic, struct hv_error *err)
{
    struct hv_nic *grown;
    char text[HV_MAC_TEXT];

    for (size_t i = 0; i < config->nic_count; i++)
        if (!memcmp(config->nics[i].mac, nic->mac, sizeof(nic->mac)))
            return hv_error_at(err, EEXIST, config->file, nic->line, "give it another <mac address=>",
                               "there is an interface with the address %s already",
                               hv_mac_text(nic->mac, text));
    grown = realloc(config->nics, (config->nic_count + 1) * sizeof(*grown));
    if (!grown)
        return hv_error_set(err, ENOMEM, NULL, "cannot add an interface: out of memory");
    config->nics = grown;
    config->nics[config->nic_count++] = *nic;
    return 0;
}

void hv_config_remove_disk(struct hv_config *config, size_t index)
{
    disk_clear(&config->disks[index]);
    config->disk_count--;
    memmove(&config->disks[index], &config->disks[index + 1],
            (config->disk_count - index) * sizeof(config->disks[0]));
}

void hv_config_remove_nic(struct hv_config *config, size_t index)
{
    nic_clear(&config->nics[index]);
    config->nic_count--;
    memmove(&config->nics[index], &config->nics[index + 1],
            (config->nic_count - index) * sizeof(config->nics[0]));
}
