/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Changing the devices of a running domain.
 */
#include "device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XML_MAX (64UL << 10)

bool device_is_xml(const char *argument)
{
    size_t length = strlen(argument);

    return length > 4 && !strcmp(argument + length - 4, ".xml");
}

char *device_read_xml(const char *path, size_t *size)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(XML_MAX);

    if (!file || !text) {
        fail("cannot read %s: %s", path, strerror(errno));
        free(text);
        text = NULL;
    } else {
        *size = fread(text, 1, XML_MAX, file);
    }
    if (file)
        fclose(file);
    return text;
}

int device_change(const char *text, int (*fn)(struct tools *tools, const struct domain *domain, void *arg,
                  struct hv_error *err), void *arg)
{
    struct hv_error err = { 0 };
    struct domain domain;
    struct tools tools;
    int lock, ret;

    if (!open_tools_and_find(&tools, text, &domain))
        return 1;
    lock = tools_lock(&err);
    ret = lock < 0 ? lock : fn(&tools, &domain, arg, &err);
    tools_unlock(lock);
    tools_close(&tools);
    return ret < 0 ? fail_error(&err) : 0;
}

const char *device_state_name(unsigned long state)
{
    static const char *const names[] = { "unknown",   "initialising", "waiting", "initialised",   "connected",
                                         "closing", "closed",       "reconfiguring", "reconfigured" };

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}
