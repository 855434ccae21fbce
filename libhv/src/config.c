/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A configuration as a whole: freeing and copying. Its strings are rows of one table, so that no function
 * forgets one.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "config_devices.h"

static const size_t strings[] = {
    offsetof(struct hv_config, file),    offsetof(struct hv_config, name),
    offsetof(struct hv_config, title),   offsetof(struct hv_config, description),
    offsetof(struct hv_config, kernel),  offsetof(struct hv_config, initrd),
    offsetof(struct hv_config, cmdline),
};
#define STRINGS (sizeof(strings) / sizeof(strings[0]))

static char **string(struct hv_config *config, size_t i)
{
    return (char **)((char *)config + strings[i]);
}

void hv_config_free(struct hv_config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < STRINGS; i++)
        free(*string(config, i));
    for (size_t i = 0; i < config->disk_count; i++)
        disk_clear(&config->disks[i]);
    for (size_t i = 0; i < config->nic_count; i++)
        nic_clear(&config->nics[i]);
    free(config->disks);
    free(config->nics);
    free(config->pins);
    free(config);
}

/* Replaces pointers of the original by copies, after they were all cleared. */
static bool copy_parts(struct hv_config *to, const struct hv_config *from)
{
    struct hv_disk disk;
    struct hv_nic nic;

    for (size_t i = 0; i < STRINGS; i++) {
        const char *text = *(char *const *)((const char *)from + strings[i]);

        if (text && !(*string(to, i) = strdup(text)))
            return false;
    }
    if (from->pin_count) {
        to->pins = malloc(from->pin_count * sizeof(*to->pins));
        if (!to->pins)
            return false;
        memcpy(to->pins, from->pins, from->pin_count * sizeof(*to->pins));
        to->pin_count = from->pin_count;
    }
    for (size_t i = 0; i < from->disk_count; i++) {
        if (disk_copy(&disk, &from->disks[i]))
            return false;
        if (hv_config_add_disk(to, &disk, NULL)) {
            disk_clear(&disk);
            return false;
        }
    }
    for (size_t i = 0; i < from->nic_count; i++) {
        if (nic_copy(&nic, &from->nics[i]))
            return false;
        if (hv_config_add_nic(to, &nic, NULL)) {
            nic_clear(&nic);
            return false;
        }
    }
    return true;
}

struct hv_config *hv_config_copy(const struct hv_config *config)
{
    struct hv_config *copy = malloc(sizeof(*copy));

    if (!copy)
        return NULL;
    *copy = *config;
    for (size_t i = 0; i < STRINGS; i++)
        *string(copy, i) = NULL;
    copy->disks = NULL;
    copy->nics = NULL;
    copy->pins = NULL;
    copy->disk_count = copy->nic_count = copy->pin_count = 0;
    if (copy_parts(copy, config))
        return copy;
    hv_config_free(copy);
    return NULL;
}
