/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What tells one domain or interface from another: UUIDs and MAC addresses.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <libhv/device.h>

static int random_bytes(uint8_t *bytes, size_t count)
{
    ssize_t got = getrandom(bytes, count, 0);

    if (got < 0)
        return -errno;
    return (size_t)got == count ? 0 : -EIO;
}

/* Reads two hex digits; -1 if they are not. */
static int read_byte(const char *text)
{
    int value = 0;

    for (int i = 0; i < 2; i++) {
        int c = tolower((unsigned char)text[i]);

        if (!isxdigit(c))
            return -1;
        value = value * 16 + (isdigit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
}

int hv_mac_generate(uint8_t mac[6])
{
    static const uint8_t prefix[3] = { 0x00, 0x16, 0x3e };

    memcpy(mac, prefix, sizeof(prefix));
    return random_bytes(mac + 3, 3);
}

int hv_mac_parse(const char *text, uint8_t mac[6])
{
    uint8_t any = 0;

    for (int i = 0; i < 6; i++, text += 3) {
        int byte = read_byte(text);

        if (byte < 0 || text[2] != (i < 5 ? ':' : '\0'))
            return -EINVAL;
        mac[i] = (uint8_t)byte;
        any |= mac[i];
    }
    return any == 0 || (mac[0] & 1) ? -EINVAL : 0;
}

char *hv_mac_text(const uint8_t mac[6], char buf[HV_MAC_TEXT])
{
    snprintf(buf, HV_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
             mac[5]);
    return buf;
}

int hv_uuid_generate(uint8_t uuid[16])
{
    int ret = random_bytes(uuid, 16);

    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* version 4: random */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80); /* variant of RFC 4122 */
    return ret;
}

int hv_uuid_parse(const char *text, uint8_t uuid[16])
{
    bool dashes = strlen(text) == 36;

    if (!dashes && strlen(text) != 32)
        return -EINVAL;
    for (int i = 0; i < 16; i++, text += 2) {
        int byte;

        if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return -EINVAL;
        byte = read_byte(text);
        if (byte < 0)
            return -EINVAL;
        uuid[i] = (uint8_t)byte;
    }
    return 0;
}

char *hv_uuid_text(const uint8_t uuid[16], char buf[HV_UUID_TEXT])
{
    char *at = buf;

    for (int i = 0; i < 16; i++)
        at += snprintf(at, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
    return buf;
}

bool hv_uuid_is_zero(const uint8_t uuid[16])
{
    static const uint8_t zero[16];

    return !memcmp(uuid, zero, sizeof(zero));
}
