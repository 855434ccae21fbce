/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing a configuration as XML, in the order and the form that libvirt uses.
 *
 * What is written is read back to an equal structure: defaults are left out, but the UUID and the MAC
 * addresses are always there, since a reader would make new ones.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/config.h>
#include <libhv/device.h>

#include "config_words.h"

#define WEIGHT_DEFAULT 256

/* Text with what XML needs escaped. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '\'':
            fputs("&apos;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

/* <name>text</name>, or nothing if there is no text. */
static void put_element(FILE *out, int indent, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(out, "%*s<%s>", indent, "", name);
    put_escaped(out, text);
    fprintf(out, "</%s>\n", name);
}

/* <name attribute='text'/>, or nothing. */
static void put_attribute(FILE *out, int indent, const char *name, const char *attribute, const char *text)
{
    if (!text)
        return;
    fprintf(out, "%*s<%s %s='", indent, "", name, attribute);
    put_escaped(out, text);
    fputs("'/>\n", out);
}

static void put_vcpus(FILE *out, const struct hv_config *config)
{
    char cpus[HV_CPUS_MAX * 4];

    fputs("  <vcpu", out);
    if (config->vcpus != config->max_vcpus)
        fprintf(out, " current='%u'", config->vcpus);
    hv_cpuset_text(&config->cpus, cpus, sizeof(cpus));
    if (strcmp(cpus, "all"))
        fprintf(out, " cpuset='%s'", cpus);
    fprintf(out, ">%u</vcpu>\n", config->max_vcpus);
}

static void put_cputune(FILE *out, const struct hv_config *config)
{
    char cpus[HV_CPUS_MAX * 4];

    if (config->weight == WEIGHT_DEFAULT && !config->cap && !config->pin_count)
        return;
    fputs("  <cputune>\n", out);
    if (config->weight != WEIGHT_DEFAULT)
        fprintf(out, "    <shares>%u</shares>\n", config->weight);
    for (size_t i = 0; i < config->pin_count; i++)
        fprintf(out, "    <vcpupin vcpu='%u' cpuset='%s'/>\n", config->pins[i].vcpu,
                hv_cpuset_text(&config->pins[i].cpus, cpus, sizeof(cpus)));
    if (config->cap)
        fprintf(out, "    <hv:cap>%u</hv:cap>\n", config->cap);
    fputs("  </cputune>\n", out);
}

static void put_disk_driver(FILE *out, const struct hv_disk *disk)
{
    if (!disk->driver && disk->format == HV_DISK_RAW)
        return;
    fputs("      <driver", out);
    if (disk->driver)
        fprintf(out, " name='%s'", disk->driver);
    if (disk->format != HV_DISK_RAW)
        fprintf(out, " type='%s'", hv_disk_format_name(disk->format));
    fputs("/>\n", out);
}

static void put_nbd_source(FILE *out, const char *uri)
{
    struct hv_nbd nbd;

    if (hv_nbd_parse(uri, &nbd))
        return;
    fputs("      <source protocol='nbd' name='", out);
    put_escaped(out, nbd.name);
    fprintf(out, "'>\n        <host name='%s' port='%s'/>\n      </source>\n", nbd.host, nbd.port);
}

static void put_iotune(FILE *out, const struct hv_disk *disk)
{
    if (!hv_disk_is_limited(disk))
        return;
    fputs("      <iotune>\n", out);
    for (int i = 0; i < HV_IOTUNE_COUNT; i++) {
        const char *name = hv_iotune_name((enum hv_iotune)i);
        const struct hv_limit *limit = &disk->iotune[i];

        if (limit->rate)
            fprintf(out, "        <%s>%" PRIu64 "</%s>\n", name, limit->rate, name);
        if (limit->max)
            fprintf(out, "        <%s_max>%" PRIu64 "</%s_max>\n", name, limit->max, name);
    }
    fputs("      </iotune>\n", out);
}

static void put_disk(FILE *out, const struct hv_disk *disk)
{
    fprintf(out, "    <disk type='%s' device='%s'>\n", hv_disk_type_name(disk->type), disk->cdrom ? "cdrom" : "disk");
    put_disk_driver(out, disk);
    if (disk->type == HV_DISK_NETWORK)
        put_nbd_source(out, disk->source);
    else
        put_attribute(out, 6, "source", disk->type == HV_DISK_FILE ? "file" : "dev", disk->source);
    fprintf(out, "      <target dev='%s' bus='xen'/>\n", disk->target);
    if (disk->readonly)
        fputs("      <readonly/>\n", out);
    if (disk->shareable)
        fputs("      <shareable/>\n", out);
    put_iotune(out, disk);
    fputs("    </disk>\n", out);
}

static void put_number(FILE *out, const char *name, uint64_t number)
{
    if (number)
        fprintf(out, " %s='%" PRIu64 "'", name, number);
}

static void put_way(FILE *out, const char *name, const struct hv_bandwidth *way)
{
    if (!way->average)
        return;
    fprintf(out, "        <%s", name);
    put_number(out, "average", way->average);
    put_number(out, "peak", way->peak);
    put_number(out, "burst", way->burst);
    fputs("/>\n", out);
}

static bool has_packets(const struct hv_nic *nic)
{
    return nic->inbound.packets || nic->outbound.packets;
}

static void put_bandwidth(FILE *out, const struct hv_nic *nic)
{
    if (!hv_nic_is_limited(nic))
        return;
    fputs("      <bandwidth>\n", out);
    put_way(out, "inbound", &nic->inbound);
    put_way(out, "outbound", &nic->outbound);
    if (has_packets(nic)) {
        fputs("        <hv:packets", out);
        put_number(out, "inbound", nic->inbound.packets);
        put_number(out, "outbound", nic->outbound.packets);
        fputs("/>\n", out);
    }
    fputs("      </bandwidth>\n", out);
}

/* Are there elements of hv's own? */
static bool has_own(const struct hv_config *config)
{
    bool own = config->cap != 0;

    for (size_t i = 0; i < config->nic_count; i++)
        own |= has_packets(&config->nics[i]);
    return own;
}

static void put_nic(FILE *out, const struct hv_nic *nic)
{
    char mac[HV_MAC_TEXT];

    fputs("    <interface type='bridge'>\n", out);
    put_attribute(out, 6, "mac", "address", hv_mac_text(nic->mac, mac));
    put_attribute(out, 6, "source", "bridge", nic->bridge);
    put_attribute(out, 6, "target", "dev", nic->target);
    put_attribute(out, 6, "driver", "name", nic->driver);
    put_bandwidth(out, nic);
    fputs("    </interface>\n", out);
}

static void put_domain(FILE *out, const struct hv_config *config, int domid)
{
    char uuid[HV_UUID_TEXT];

    fputs("<domain type='xen'", out);
    if (domid >= 0)
        fprintf(out, " id='%d'", domid);
    if (has_own(config))
        fputs(" xmlns:hv='" HV_XMLNS "'", out);
    fputs(">\n", out);
    put_element(out, 2, "name", config->name);
    put_element(out, 2, "uuid", hv_uuid_text(config->uuid, uuid));
    put_element(out, 2, "title", config->title);
    put_element(out, 2, "description", config->description);
    fprintf(out, "  <memory unit='KiB'>%llu</memory>\n", (unsigned long long)config->max_kib);
    fprintf(out, "  <currentMemory unit='KiB'>%llu</currentMemory>\n",
            (unsigned long long)config->current_kib);
    put_vcpus(out, config);
    put_cputune(out, config);
    fputs("  <os>\n    <type arch='x86_64' machine='xenpv'>linux</type>\n", out);
    put_element(out, 4, "kernel", config->kernel);
    put_element(out, 4, "initrd", config->initrd);
    put_element(out, 4, "cmdline", config->cmdline);
    fputs("  </os>\n", out);
    put_element(out, 2, "on_poweroff", hv_action_name(config->on_poweroff));
    put_element(out, 2, "on_reboot", hv_action_name(config->on_reboot));
    put_element(out, 2, "on_crash", hv_action_name(config->on_crash));
    fputs("  <devices>\n", out);
    for (size_t i = 0; i < config->disk_count; i++)
        put_disk(out, &config->disks[i]);
    for (size_t i = 0; i < config->nic_count; i++)
        put_nic(out, &config->nics[i]);
    if (config->console)
        fputs("    <console type='pty'>\n      <target type='xen' port='0'/>\n    </console>\n", out);
    fputs("  </devices>\n</domain>\n", out);
}

char *hv_config_xml(const struct hv_config *config, int domid)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int failed;

    if (!out)
        return NULL;
    put_domain(out, config, domid);
    failed = ferror(out);
    if (fclose(out) || failed) {
        free(text);
        return NULL;
    }
    return text;
}
