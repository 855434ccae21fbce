/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl blkdeviotune, domiftune: how much a disk or an interface may carry, of a running domain, of its definition, or of
 * both. What is not said stays as it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/definition.h>
#include <domain/limits.h>

#include "device.h"

#define TUNE_OPTIONS (2 * HV_IOTUNE_COUNT)

/* A device's limits, of whichever kind. */
struct limits {
    struct hv_limit iotune[HV_IOTUNE_COUNT];
    struct hv_bandwidth inbound, outbound;
};

/* What differs between the two commands. */
struct kind {
    const struct device_kind *device;
    void (*get)(struct tools *tools, const struct device *device, struct limits *limits);
    int (*set)(struct tools *tools, const struct domain *domain, const struct device *device, const struct limits *limits,
               struct hv_error *err);
    /* The same in a definition: which one is meant, -1 if none; and the limits in it. */
    int (*find)(const struct hv_config *config, const char *which);
    void (*exchange)(struct hv_config *config, int index, struct limits *limits, bool set);
    const char *(*check)(const struct limits *limits);
    void (*show)(const struct limits *limits);
};

/* A number of an option; true if there was none. */
static bool take_number(const char *text, size_t length, const char *what, uint64_t *value)
{
    char *end;

    if (!text)
        return true;
    *value = strtoull(text, &end, 10);
    if (length && text[0] >= '0' && text[0] <= '9' && end == text + length && *value <= HV_LIMIT_MAX)
        return true;
    return !fail("%.*s is not a limit for %s: a number from 0 to %llu is", (int)length, text, what, HV_LIMIT_MAX);
}

/* Option names have dashes where XML has underscores. */
static char *option_name(char buf[40], int i)
{
    snprintf(buf, 40, "%s%s", hv_iotune_name((enum hv_iotune)(i / 2)), i % 2 ? "_max" : "");
    for (char *c = buf; *c; c++)
        if (*c == '_')
            *c = '-';
    return buf;
}

static bool apply_tune(const char *const texts[TUNE_OPTIONS], struct limits *limits)
{
    char name[40];

    for (int i = 0; i < TUNE_OPTIONS; i++) {
        struct hv_limit *limit = &limits->iotune[i / 2];

        if (texts[i] && !take_number(texts[i], strlen(texts[i]), option_name(name, i), i % 2 ? &limit->max : &limit->rate))
            return false;
        /* What goes with a limit goes with it. */
        if (texts[i] && !(i % 2) && !limit->rate && !texts[i + 1])
            limit->max = 0;
    }
    return true;
}

/* "AVERAGE[,PEAK[,BURST]]": all three are what it says, 0 if it does not. */
static bool take_bandwidth(const char *text, const char *what, struct hv_bandwidth *way)
{
    uint64_t *const parts[] = { &way->average, &way->peak, &way->burst };

    if (!text)
        return true;
    way->average = way->peak = way->burst = 0;
    for (int i = 0; i < 3; i++) {
        size_t length = strcspn(text, ",");

        if (!take_number(text, length, what, parts[i]))
            return false;
        text += length;
        if (!*text)
            return true;
        text++;
    }
    return !fail("too many numbers for %s: AVERAGE[,PEAK[,BURST]] is what it takes", what);
}

static void get_disk(struct tools *tools, const struct device *device, struct limits *limits)
{
    limits_get_disk(tools, device, limits->iotune);
}

static int set_disk(struct tools *tools, const struct domain *domain, const struct device *device, const struct limits *limits,
                    struct hv_error *err)
{
    return limits_set_disk(tools, domain, device, limits->iotune, err);
}

static int find_disk(const struct hv_config *config, const char *which)
{
    unsigned number;

    if (hv_vbd_number(which, &number) < 0)
        return -1;
    for (size_t i = 0; i < config->disk_count; i++)
        if (config->disks[i].number == number)
            return (int)i;
    return -1;
}

static void exchange_disk(struct hv_config *config, int index, struct limits *limits, bool set)
{
    struct hv_disk *disk = &config->disks[index];

    if (set)
        memcpy(disk->iotune, limits->iotune, sizeof(disk->iotune));
    else
        memcpy(limits->iotune, disk->iotune, sizeof(disk->iotune));
}

static const char *check_disk(const struct limits *limits)
{
    return hv_iotune_check(limits->iotune);
}

static void show_disk(const struct limits *limits)
{
    for (int i = 0; i < HV_IOTUNE_COUNT; i++) {
        const char *name = hv_iotune_name((enum hv_iotune)i);

        printf("%s: %" PRIu64 "\n%s_max: %" PRIu64 "\n", name, limits->iotune[i].rate, name, limits->iotune[i].max);
    }
}

static const struct kind disks = {
    &device_disks, get_disk, set_disk, find_disk, exchange_disk, check_disk, show_disk,
};

static void get_nic(struct tools *tools, const struct device *device, struct limits *limits)
{
    limits_get_nic(tools, device, &limits->inbound, &limits->outbound);
}

static int set_nic(struct tools *tools, const struct domain *domain, const struct device *device, const struct limits *limits,
                   struct hv_error *err)
{
    return limits_set_nic(tools, domain, device, &limits->inbound, &limits->outbound, err);
}

/* By MAC, by the name in dom0 that the definition gives it, or by its place. */
static int find_nic(const struct hv_config *config, const char *which)
{
    char mac[HV_MAC_TEXT], index[24];

    for (size_t i = 0; i < config->nic_count; i++) {
        const struct hv_nic *nic = &config->nics[i];

        snprintf(index, sizeof(index), "%zu", i);
        if (!strcasecmp(hv_mac_text(nic->mac, mac), which) || !strcmp(index, which) ||
            (nic->target && !strcmp(nic->target, which)))
            return (int)i;
    }
    return -1;
}

static void exchange_nic(struct hv_config *config, int index, struct limits *limits, bool set)
{
    struct hv_nic *nic = &config->nics[index];

    if (set) {
        nic->inbound = limits->inbound;
        nic->outbound = limits->outbound;
    } else {
        limits->inbound = nic->inbound;
        limits->outbound = nic->outbound;
    }
}

static const char *check_nic(const struct limits *limits)
{
    const char *wrong = hv_bandwidth_check(&limits->inbound);

    return wrong ? wrong : hv_bandwidth_check(&limits->outbound);
}

static void show_way(const char *name, const struct hv_bandwidth *way)
{
    printf("%s.average: %" PRIu64 "\n%s.peak: %" PRIu64 "\n%s.burst: %" PRIu64 "\n%s.packets: %" PRIu64 "\n", name,
           way->average, name, way->peak, name, way->burst, name, way->packets);
}

static void show_nic(const struct limits *limits)
{
    show_way("inbound", &limits->inbound);
    show_way("outbound", &limits->outbound);
}

static const struct kind interfaces = {
    &device_interfaces, get_nic, set_nic, find_nic, exchange_nic, check_nic, show_nic,
};

/* What a command is about to do. `apply` changes what it got; NULL: it shows that. */
struct change {
    const struct kind *kind;
    const char *domain, *which;
    bool (*apply)(const struct change *change, struct limits *limits);
    const char *const *tune;
    const char *inbound, *outbound, *inbound_packets, *outbound_packets;
};

static bool apply_disk(const struct change *change, struct limits *limits)
{
    return apply_tune(change->tune, limits);
}

static bool apply_nic(const struct change *change, struct limits *limits)
{
    const char *in = change->inbound_packets, *out = change->outbound_packets;

    return take_bandwidth(change->inbound, "--inbound", &limits->inbound) &&
           take_bandwidth(change->outbound, "--outbound", &limits->outbound) &&
           take_number(in, in ? strlen(in) : 0, "--inbound-packets", &limits->inbound.packets) &&
           take_number(out, out ? strlen(out) : 0, "--outbound-packets", &limits->outbound.packets);
}

/* Changes the limits, or prints them. False if they cannot be that (said), or if there is nothing to set. */
static bool wants_set(const struct change *change, struct limits *limits, int *status)
{
    const char *wrong;

    *status = 0;
    if (!change->apply) {
        change->kind->show(limits);
        return false;
    }
    *status = 1;
    if (!change->apply(change, limits))
        return false;
    wrong = change->kind->check(limits);
    if (wrong) {
        fail("these limits do not go together: %s", wrong);
        return false;
    }
    *status = 0;
    return true;
}

static int run_live(const struct change *change)
{
    struct limits limits = { 0 };
    struct hv_error err = { 0 };
    struct device device;
    struct domain domain;
    struct tools tools;
    int lock, ret, status = 0;

    if (!open_tools_and_find(&tools, change->domain, &domain))
        return 1;
    device = (struct device){ .kind = change->kind->device->name, .domid = domain.domid };
    lock = tools_lock(&err);
    ret = lock < 0 ? lock : change->kind->device->find(&tools, &domain, change->which, &device, &err);
    if (!ret) {
        change->kind->get(&tools, &device, &limits);
        if (wants_set(change, &limits, &status))
            ret = change->kind->set(&tools, &domain, &device, &limits, &err);
    }
    tools_unlock(lock);
    tools_close(&tools);
    return ret < 0 ? fail_error(&err) : status;
}

static int run_definition(const struct change *change)
{
    struct limits limits = { 0 };
    struct hv_error err = { 0 };
    char name[HV_NAME_MAX + 1];
    struct hv_config *config;
    int index, status = 1;

    if (!definition_find(change->domain, name))
        return fail("there is no definition of a domain %s; `hvctl list --all` shows all", change->domain);
    config = definition_read(name, &err);
    if (!config)
        return fail_error(&err);
    index = change->kind->find(config, change->which);
    if (index < 0) {
        fail("the definition of domain %s has no device %s", name, change->which);
        goto free_config;
    }
    change->kind->exchange(config, index, &limits, false);
    if (wants_set(change, &limits, &status)) {
        change->kind->exchange(config, index, &limits, true);
        if (definition_write(config, &err) < 0)
            status = fail_error(&err);
    }
free_config:
    hv_config_free(config);
    return status;
}

int cmd_blkdeviotune(const struct command *self, int argc, char **argv)
{
    char names[TUNE_OPTIONS][40];
    const char *texts[TUNE_OPTIONS] = { NULL };
    struct option_row options[TUNE_OPTIONS + 2] = { { .name = NULL } };
    struct change change = { .kind = &disks, .tune = texts };
    bool config = false;

    for (int i = 0; i < TUNE_OPTIONS; i++)
        options[i] = (struct option_row){ .name = option_name(names[i], i), .text = &texts[i] };
    options[TUNE_OPTIONS] = (struct option_row){ .name = "config", .flag = &config };
    if (options_parse(self, argc, argv, options, 2, 2) < 0)
        return 1;
    change.domain = argv[1];
    change.which = argv[2];
    for (int i = 0; i < TUNE_OPTIONS; i++)
        if (texts[i])
            change.apply = apply_disk;
    return config ? run_definition(&change) : run_live(&change);
}

int cmd_domiftune(const struct command *self, int argc, char **argv)
{
    struct change change = { .kind = &interfaces };
    bool config = false;
    const struct option_row options[] = {
        { 0, "inbound", NULL, &change.inbound },
        { 0, "outbound", NULL, &change.outbound },
        { 0, "inbound-packets", NULL, &change.inbound_packets },
        { 0, "outbound-packets", NULL, &change.outbound_packets },
        { 0, "config", &config, NULL },
        { 0 },
    };

    if (options_parse(self, argc, argv, options, 2, 2) < 0)
        return 1;
    change.domain = argv[1];
    change.which = argv[2];
    if (change.inbound || change.outbound || change.inbound_packets || change.outbound_packets)
        change.apply = apply_nic;
    return config ? run_definition(&change) : run_live(&change);
}
