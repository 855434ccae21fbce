/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing a configuration as JSON. Names are those of struct hv_config, numbers are numbers, and what is not
 * given is null, so that a reader finds the same keys every time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_gen.h>

#include <libhv/config.h>
#include <libhv/device.h>

static void key(yajl_gen g, const char *name)
{
    yajl_gen_string(g, (const unsigned char *)name, strlen(name));
}

static void text(yajl_gen g, const char *name, const char *value)
{
    key(g, name);
    if (value)
        yajl_gen_string(g, (const unsigned char *)value, strlen(value));
    else
        yajl_gen_null(g);
}

static void number(yajl_gen g, const char *name, uint64_t value)
{
    key(g, name);
    yajl_gen_integer(g, (long long)value);
}

static void boolean(yajl_gen g, const char *name, bool value)
{
    key(g, name);
    yajl_gen_bool(g, value);
}

static void cpus(yajl_gen g, const char *name, const struct hv_cpuset *set)
{
    char buf[HV_CPUS_MAX * 4];

    text(g, name, hv_cpuset_text(set, buf, sizeof(buf)));
}

static void put_pins(yajl_gen g, const struct hv_config *config)
{
    key(g, "pins");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < config->pin_count; i++) {
        yajl_gen_map_open(g);
        number(g, "vcpu", config->pins[i].vcpu);
        cpus(g, "cpus", &config->pins[i].cpus);
        yajl_gen_map_close(g);
    }
    yajl_gen_array_close(g);
}

static void put_iotune(yajl_gen g, const struct hv_disk *disk)
{
    key(g, "iotune");
    yajl_gen_map_open(g);
    for (int i = 0; i < HV_IOTUNE_COUNT; i++) {
        char max[32];

        snprintf(max, sizeof(max), "%s_max", hv_iotune_name((enum hv_iotune)i));
        number(g, hv_iotune_name((enum hv_iotune)i), disk->iotune[i].rate);
        number(g, max, disk->iotune[i].max);
    }
    yajl_gen_map_close(g);
}

static void put_bandwidth(yajl_gen g, const char *name, const struct hv_bandwidth *way)
{
    key(g, name);
    yajl_gen_map_open(g);
    number(g, "average", way->average);
    number(g, "peak", way->peak);
    number(g, "burst", way->burst);
    number(g, "packets", way->packets);
    yajl_gen_map_close(g);
}

static void put_disks(yajl_gen g, const struct hv_config *config)
{
    key(g, "disks");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < config->disk_count; i++) {
        const struct hv_disk *disk = &config->disks[i];

        yajl_gen_map_open(g);
        text(g, "type", hv_disk_type_name(disk->type));
        text(g, "format", hv_disk_format_name(disk->format));
        text(g, "source", disk->source);
        text(g, "driver", disk->driver);
        text(g, "target", disk->target);
        number(g, "number", disk->number);
        boolean(g, "readonly", disk->readonly);
        boolean(g, "shareable", disk->shareable);
        boolean(g, "cdrom", disk->cdrom);
        put_iotune(g, disk);
        yajl_gen_map_close(g);
    }
    yajl_gen_array_close(g);
}

static void put_nics(yajl_gen g, const struct hv_config *config)
{
    char mac[HV_MAC_TEXT];

    key(g, "nics");
    yajl_gen_array_open(g);
    for (size_t i = 0; i < config->nic_count; i++) {
        const struct hv_nic *nic = &config->nics[i];

        yajl_gen_map_open(g);
        text(g, "bridge", nic->bridge);
        text(g, "mac", hv_mac_text(nic->mac, mac));
        text(g, "target", nic->target);
        text(g, "driver", nic->driver);
        put_bandwidth(g, "inbound", &nic->inbound);
        put_bandwidth(g, "outbound", &nic->outbound);
        yajl_gen_map_close(g);
    }
    yajl_gen_array_close(g);
}

static void put_config(yajl_gen g, const struct hv_config *config)
{
    char uuid[HV_UUID_TEXT];

    yajl_gen_map_open(g);
    text(g, "name", config->name);
    text(g, "uuid", hv_uuid_text(config->uuid, uuid));
    text(g, "title", config->title);
    text(g, "description", config->description);
    number(g, "max_kib", config->max_kib);
    number(g, "current_kib", config->current_kib);
    number(g, "max_vcpus", config->max_vcpus);
    number(g, "vcpus", config->vcpus);
    cpus(g, "cpus", &config->cpus);
    number(g, "weight", config->weight);
    number(g, "cap", config->cap);
    put_pins(g, config);
    text(g, "kernel", config->kernel);
    text(g, "initrd", config->initrd);
    text(g, "cmdline", config->cmdline);
    text(g, "on_poweroff", hv_action_name(config->on_poweroff));
    text(g, "on_reboot", hv_action_name(config->on_reboot));
    text(g, "on_crash", hv_action_name(config->on_crash));
    put_disks(g, config);
    put_nics(g, config);
    boolean(g, "console", config->console);
    yajl_gen_map_close(g);
}

char *hv_config_json(const struct hv_config *config, bool pretty)
{
    yajl_gen g = yajl_gen_alloc(NULL);
    const unsigned char *buf;
    char *copy = NULL;
    size_t size;

    if (!g)
        return NULL;
    yajl_gen_config(g, yajl_gen_beautify, pretty);
    yajl_gen_config(g, yajl_gen_indent_string, "  ");
    put_config(g, config);
    if (yajl_gen_get_buf(g, &buf, &size) == yajl_gen_status_ok && (copy = malloc(size + 1))) {
        memcpy(copy, buf, size);
        copy[size] = 0;
    }
    yajl_gen_free(g);
    return copy;
}
