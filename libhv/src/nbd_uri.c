/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of exports of network block devices: nbd://HOST[:PORT]/EXPORT.
 *
 * One text stands for one export wherever it came from: the port is always in it, a numeric IPv6 address is in
 * brackets, and the export's name is as it is, without escapes.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/device.h>

#define SCHEME "nbd://"
#define PORT_DEFAULT "10809"

static int check_host(const char *host)
{
    size_t length = strlen(host);

    if (length < 1 || length >= HV_NBD_HOST_MAX || host[0] == '-')
        return -EINVAL;
    for (; *host; host++)
        if (!isalnum((unsigned char)*host) && !strchr(".-_:", *host))
            return -EINVAL;
    return 0;
}

static int check_port(const char *port)
{
    size_t length = strlen(port);
    unsigned long number = strtoul(port, NULL, 10);

    return length < 1 || length > 5 || strspn(port, "0123456789") != length || number < 1 || number > 65535 ? -EINVAL : 0;
}

static int check_export(const char *name)
{
    if (strlen(name) >= HV_NBD_EXPORT_MAX)
        return -EINVAL;
    for (; *name; name++)
        if (iscntrl((unsigned char)*name))
            return -EINVAL;
    return 0;
}

int hv_nbd_set(struct hv_nbd *nbd, const char *host, const char *port, const char *name)
{
    if (!port)
        port = PORT_DEFAULT;
    if (check_host(host) || check_port(port) || check_export(name))
        return -EINVAL;
    strcpy(nbd->host, host);
    snprintf(nbd->port, sizeof(nbd->port), "%lu", strtoul(port, NULL, 10));
    strcpy(nbd->name, name);
    return 0;
}

bool hv_nbd_is_uri(const char *text)
{
    return !strncmp(text, SCHEME, strlen(SCHEME));
}

/* Splits "HOST", "HOST:PORT", "[HOST]" or "[HOST]:PORT", in place. */
static int split_host(char *text, char **host, char **port)
{
    char *end;

    *port = NULL;
    *host = text[0] == '[' ? text + 1 : text;
    end = text[0] == '[' ? strchr(text, ']') : strchr(text, ':');
    if (text[0] == '[') {
        if (!end)
            return -EINVAL;
        *end++ = '\0';
    }
    if (!end || !*end)
        return 0;
    if (*end != ':')
        return -EINVAL;
    *end = '\0';
    *port = end + 1;
    return 0;
}

int hv_nbd_parse(const char *uri, struct hv_nbd *nbd)
{
    char place[HV_NBD_HOST_MAX + 16], *host, *port;
    const char *slash;
    size_t length;

    if (!hv_nbd_is_uri(uri))
        return -EINVAL;
    uri += strlen(SCHEME);
    slash = strchr(uri, '/');
    length = slash ? (size_t)(slash - uri) : strlen(uri);
    if (length >= sizeof(place))
        return -EINVAL;
    memcpy(place, uri, length);
    place[length] = '\0';
    if (split_host(place, &host, &port))
        return -EINVAL;
    return hv_nbd_set(nbd, host, port, slash ? slash + 1 : "");
}

char *hv_nbd_text(const struct hv_nbd *nbd, char buf[HV_NBD_TEXT])
{
    bool numeric = strchr(nbd->host, ':');

    snprintf(buf, HV_NBD_TEXT, SCHEME "%s%s%s:%s/%s", numeric ? "[" : "", nbd->host, numeric ? "]" : "", nbd->port,
             nbd->name);
    return buf;
}
