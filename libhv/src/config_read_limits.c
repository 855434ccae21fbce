/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * <iotune> of a disk and <bandwidth> of an interface.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_read.h"
#include "config_reader.h"

#define DRIVER_HINT "use <driver name='hv'/>"

/* A number of a limit. `where` is what holds it, for messages. */
static int take_number(struct reader *r, const xmlNode *where, const char *name, char *text, uint64_t *value)
{
    unsigned long long number = 0;
    int ret = 0;

    if (text && !reader_number(text, 0, HV_LIMIT_MAX, &number))
        ret = reader_error(r, where, NULL, "\"%s\" is not a limit for %s: a number from 0 to %llu is", text, name,
                           HV_LIMIT_MAX);
    *value = number;
    free(text);
    return ret;
}

static int read_tune(struct reader *r, const xmlNode *iotune, const char *name, uint64_t *value)
{
    const xmlNode *node = reader_child(iotune, name);

    return node ? take_number(r, node, name, reader_text(node), value) : 0;
}

int config_read_iotune(struct reader *r, const xmlNode *node, struct hv_disk *disk)
{
    const xmlNode *iotune = reader_child(node, "iotune");
    const char *choice = hv_driver_choice(disk->driver), *wrong;
    int ret = 0;

    for (int i = 0; iotune && i < HV_IOTUNE_COUNT && !ret; i++) {
        char max[32];

        snprintf(max, sizeof(max), "%s_max", hv_iotune_name((enum hv_iotune)i));
        ret = read_tune(r, iotune, hv_iotune_name((enum hv_iotune)i), &disk->iotune[i].rate);
        if (!ret)
            ret = read_tune(r, iotune, max, &disk->iotune[i].max);
    }
    wrong = ret ? NULL : hv_iotune_check(disk->iotune);
    if (wrong)
        ret = reader_error(r, iotune, NULL, "in <iotune>: %s", wrong);
    else if (!ret && hv_disk_is_limited(disk) && choice && strcmp(choice, "hv"))
        ret = reader_error(r, iotune, DRIVER_HINT, "Linux's own driver for disks has no limits");
    return ret;
}

static int read_way(struct reader *r, const xmlNode *node, const xmlNode *packets, const char *name,
                    struct hv_bandwidth *way)
{
    const struct {
        const char *name;
        uint64_t *value;
    } numbers[] = { { "average", &way->average }, { "peak", &way->peak }, { "burst", &way->burst } };
    const char *wrong;
    int ret = 0;

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]) && !ret; i++)
        ret = take_number(r, node, numbers[i].name, reader_attribute(node, numbers[i].name), numbers[i].value);
    if (!ret)
        ret = take_number(r, packets, name, reader_attribute(packets, name), &way->packets);
    wrong = ret ? NULL : hv_bandwidth_check(way);
    return wrong ? reader_error(r, node, NULL, "in <%s>: %s", name, wrong) : ret;
}

int config_read_bandwidth(struct reader *r, const xmlNode *node, struct hv_nic *nic)
{
    const xmlNode *bandwidth = reader_child(node, "bandwidth"), *packets = reader_own_child(bandwidth, "packets");
    const char *choice = hv_driver_choice(nic->driver);
    int ret;

    if (!bandwidth)
        return 0;
    ret = read_way(r, reader_child(bandwidth, "inbound"), packets, "inbound", &nic->inbound);
    if (!ret)
        ret = read_way(r, reader_child(bandwidth, "outbound"), packets, "outbound", &nic->outbound);
    if (!ret && hv_nic_is_limited(nic) && choice && strcmp(choice, "hv"))
        ret = reader_error(r, bandwidth, DRIVER_HINT, "Linux's own driver for interfaces has no limits");
    return ret;
}
