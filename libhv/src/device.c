/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names and numbers of virtual disks.
 *
 * The ABI's scheme (vbd-interface): xvd disks up to xvdp are 202<<8 | disk<<4 | partition with partitions up
 * to 15, all others 1<<28 | disk<<8 | partition. sd is major 8 with the same split, hd majors 3 and 22 with
 * 64 partitions each.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libhv/device.h>

#define XVD_MAJOR 202U
#define SD_MAJOR 8U
#define HD_MAJOR_FIRST 3U
#define HD_MAJOR_SECOND 22U
#define EXTENDED (1U << 28)
#define EXTENDED_DISKS (1U << 20)

/* "a" 0, ..., "z" 25, "aa" 26, ... Moves *text behind the letters. */
static int read_disk(const char **text, unsigned *disk)
{
    unsigned value = 0;

    if (!islower((unsigned char)**text))
        return -EINVAL;
    for (; islower((unsigned char)**text); ++*text) {
        value = value * 26 + (unsigned)(**text - 'a') + 1;
        if (value > EXTENDED_DISKS)
            return -EINVAL;
    }
    *disk = value - 1;
    return 0;
}

/* Nothing, or a number from 1 without leading zeroes, to the end of the text. */
static int read_partition(const char *text, unsigned *partition)
{
    unsigned value = 0;

    *partition = 0;
    if (!*text)
        return 0;
    if (*text == '0')
        return -EINVAL;
    for (; isdigit((unsigned char)*text); text++) {
        value = value * 10 + (unsigned)(*text - '0');
        if (value > 255)
            return -EINVAL;
    }
    *partition = value;
    return *text ? -EINVAL : 0;
}

int hv_vbd_number(const char *name, unsigned *number)
{
    bool xvd = !strncmp(name, "xvd", 3), sd = !strncmp(name, "sd", 2), hd = !strncmp(name, "hd", 2);
    const char *text = name + (xvd ? 3 : 2);
    unsigned disk, partition;

    if ((!xvd && !sd && !hd) || read_disk(&text, &disk) || read_partition(text, &partition))
        return -EINVAL;
    if (xvd) {
        bool classic = disk < 16 && partition < 16;

        if (disk >= EXTENDED_DISKS)
            return -EINVAL;
        *number = classic ? XVD_MAJOR << 8 | disk << 4 | partition : EXTENDED | disk << 8 | partition;
    } else if (sd) {
        if (disk >= 16 || partition >= 16)
            return -EINVAL;
        *number = SD_MAJOR << 8 | disk << 4 | partition;
    } else {
        if (disk >= 4 || partition >= 64)
            return -EINVAL;
        *number = (disk < 2 ? HD_MAJOR_FIRST : HD_MAJOR_SECOND) << 8 | (disk & 1) << 6 | partition;
    }
    return 0;
}

/* The letters of a disk, written backwards from the end of a buffer. */
static const char *letters(unsigned disk, char buf[8])
{
    char *at = buf + 7;

    *at = 0;
    for (disk++; disk; disk = (disk - 1) / 26)
        *--at = (char)('a' + (disk - 1) % 26);
    return at;
}

int hv_vbd_name(unsigned number, char *name, unsigned size)
{
    unsigned major = number >> 8, disk, partition;
    const char *prefix = "xvd";
    char buf[8];
    int length;

    if (number & EXTENDED) {
        disk = (number & ~EXTENDED) >> 8;
        partition = number & 255;
    } else if (major == XVD_MAJOR || major == SD_MAJOR) {
        prefix = major == SD_MAJOR ? "sd" : "xvd";
        disk = number >> 4 & 15;
        partition = number & 15;
    } else if (major == HD_MAJOR_FIRST || major == HD_MAJOR_SECOND) {
        prefix = "hd";
        disk = (number >> 6 & 3) + (major == HD_MAJOR_SECOND ? 2 : 0);
        partition = number & 63;
        if (number >> 6 & 2)
            return -EINVAL;
    } else {
        return -EINVAL;
    }
    if (disk >= EXTENDED_DISKS)
        return -EINVAL;
    length = partition ? snprintf(name, size, "%s%s%u", prefix, letters(disk, buf), partition) :
                         snprintf(name, size, "%s%s", prefix, letters(disk, buf));
    return length < 0 || (unsigned)length >= size ? -EINVAL : 0;
}
