/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names and numbers of devices, MAC addresses, UUIDs.
 */
#ifndef LIBHV_DEVICE_H
#define LIBHV_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The store's number for a virtual disk ("xvda" 51712, "xvda1" 51713, "xvdq" 268439552, "sda" 2048, "hda"
 * 768), as the ABI's block device numbering defines it. -EINVAL if the name is none of these, or out of
 * range.
 */
int hv_vbd_number(const char *name, unsigned *number);

/* The reverse; -EINVAL if no name has this number. `name` needs 16 bytes. */
int hv_vbd_name(unsigned number, char *name, unsigned size);

/* A random address with the prefix 00:16:3e that is kept for virtual interfaces. 0 or -errno. */
int hv_mac_generate(uint8_t mac[6]);
/* Reads "00:16:3e:01:02:03". -EINVAL for another form, a multicast address or all zeroes. */
int hv_mac_parse(const char *text, uint8_t mac[6]);
#define HV_MAC_TEXT 18
char *hv_mac_text(const uint8_t mac[6], char buf[HV_MAC_TEXT]);

/*
 * An export of a server of network block devices. As text it is nbd://HOST:PORT/EXPORT, with brackets around a numeric IPv6
 * address; the export's name has no escapes.
 */
#define HV_NBD_HOST_MAX   254
#define HV_NBD_EXPORT_MAX 256
#define HV_NBD_TEXT       (HV_NBD_HOST_MAX + HV_NBD_EXPORT_MAX + 32)
struct hv_nbd {
    char host[HV_NBD_HOST_MAX], port[6], name[HV_NBD_EXPORT_MAX];
};
bool hv_nbd_is_uri(const char *text); /* begins as one */
/* Fill it, from a text (the port may be left out: 10809) or from parts (`port` may be NULL). -EINVAL if that names none. */
int hv_nbd_parse(const char *uri, struct hv_nbd *nbd);
int hv_nbd_set(struct hv_nbd *nbd, const char *host, const char *port, const char *name);
char *hv_nbd_text(const struct hv_nbd *nbd, char buf[HV_NBD_TEXT]);

/* A random (version 4) UUID. 0 or -errno. */
int hv_uuid_generate(uint8_t uuid[16]);
/* Reads 32 hex digits, with dashes in the usual places or none. -EINVAL. */
int hv_uuid_parse(const char *text, uint8_t uuid[16]);
#define HV_UUID_TEXT 37
char *hv_uuid_text(const uint8_t uuid[16], char buf[HV_UUID_TEXT]);
bool hv_uuid_is_zero(const uint8_t uuid[16]);

#endif
