/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits of disks and interfaces: their names, and which go together.
 */
#include <string.h>

#include <libhv/config.h>

static const char *const names[] = {
    [HV_IOTUNE_TOTAL_BYTES] = "total_bytes_sec", [HV_IOTUNE_READ_BYTES] = "read_bytes_sec",
    [HV_IOTUNE_WRITE_BYTES] = "write_bytes_sec", [HV_IOTUNE_TOTAL_IOPS] = "total_iops_sec",
    [HV_IOTUNE_READ_IOPS] = "read_iops_sec",     [HV_IOTUNE_WRITE_IOPS] = "write_iops_sec",
};

const char *hv_iotune_name(enum hv_iotune kind)
{
    return (unsigned)kind < HV_IOTUNE_COUNT ? names[kind] : "unknown";
}

const char *hv_iotune_check(const struct hv_limit t[HV_IOTUNE_COUNT])
{
    if (t[HV_IOTUNE_TOTAL_BYTES].rate && (t[HV_IOTUNE_READ_BYTES].rate || t[HV_IOTUNE_WRITE_BYTES].rate))
        return "there is a limit for all bytes, and another for those read or written";
    if (t[HV_IOTUNE_TOTAL_IOPS].rate && (t[HV_IOTUNE_READ_IOPS].rate || t[HV_IOTUNE_WRITE_IOPS].rate))
        return "there is a limit for all requests, and another for those that read or write";
    for (int i = 0; i < HV_IOTUNE_COUNT; i++)
        if (t[i].max && (!t[i].rate || t[i].max <= t[i].rate))
            return "a ..._max goes with the limit of the same name, and is higher";
    return NULL;
}

const char *hv_bandwidth_check(const struct hv_bandwidth *b)
{
    if ((b->peak || b->burst) && !b->average)
        return "peak and burst go with an average";
    if (b->peak && b->peak < b->average)
        return "the peak is lower than the average";
    return NULL;
}

bool hv_disk_is_limited(const struct hv_disk *disk)
{
    bool limited = false;

    for (int i = 0; i < HV_IOTUNE_COUNT; i++)
        limited |= disk->iotune[i].rate != 0;
    return limited;
}

bool hv_nic_is_limited(const struct hv_nic *nic)
{
    return nic->inbound.average || nic->inbound.packets || nic->outbound.average || nic->outbound.packets;
}
