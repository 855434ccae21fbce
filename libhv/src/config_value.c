/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the values of a configuration may be.
 *
 * Names are limited to characters that are harmless wherever a name goes: a path, a store node, a shell's
 * command line, a terminal.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config_value.h"

/* libvirt's units of memory: powers of 1000 end in B, powers of 1024 in iB or in the letter alone. */
static const struct unit {
    const char *name;
    uint64_t bytes;
} units[] = {
    { "b", 1 }, { "bytes", 1 },
    { "KB", 1000 }, { "k", 1024 }, { "K", 1024 }, { "KiB", 1024 },
    { "MB", 1000000 }, { "M", 1 << 20 }, { "MiB", 1 << 20 },
    { "GB", 1000000000 }, { "G", 1 << 30 }, { "GiB", 1 << 30 },
    { "TB", 1000000000000 }, { "T", 1ULL << 40 }, { "TiB", 1ULL << 40 },
};

int value_memory(unsigned long long number, const char *unit, uint64_t *kib)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        unsigned __int128 bytes = (unsigned __int128)number * units[i].bytes;

        if (strcmp(units[i].name, unit ? unit : "KiB"))
            continue;
        if (bytes > (unsigned __int128)MEMORY_KIB_MAX << 10)
            return -ERANGE;
        *kib = (uint64_t)((bytes + 1023) >> 10);
        return 0;
    }
    return -EINVAL;
}

int hv_size_parse(const char *text, uint64_t *kib)
{
    char *end;
    unsigned long long number;

    if (!isdigit((unsigned char)*text))
        return -EINVAL;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno)
        return -ERANGE;
    if (end[0] && end[1])
        return -EINVAL;
    switch (toupper((unsigned char)*end)) {
    case 0:
    case 'K':
        return value_memory(number, "KiB", kib);
    case 'M':
        return value_memory(number, "MiB", kib);
    case 'G':
        return value_memory(number, "GiB", kib);
    case 'T':
        return value_memory(number, "TiB", kib);
    default:
        return -EINVAL;
    }
}

static const char *const action_names[] = {
    [HV_ACTION_DESTROY] = "destroy",
    [HV_ACTION_RESTART] = "restart",
    [HV_ACTION_PRESERVE] = "preserve",
    [HV_ACTION_RENAME_RESTART] = "rename-restart",
    [HV_ACTION_COREDUMP_DESTROY] = "coredump-destroy",
    [HV_ACTION_COREDUMP_RESTART] = "coredump-restart",
};

const char *hv_action_name(enum hv_action action)
{
    return (size_t)action < sizeof(action_names) / sizeof(action_names[0]) ? action_names[action] : "unknown";
}

bool value_action(const char *text, bool crash, enum hv_action *action)
{
    unsigned last = crash ? HV_ACTION_COREDUMP_RESTART : HV_ACTION_RENAME_RESTART;

    for (unsigned i = 0; i <= last; i++)
        if (!strcmp(action_names[i], text)) {
            *action = (enum hv_action)i;
            return true;
        }
    return false;
}

bool hv_name_valid(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+:@-";
    size_t length = strlen(name);

    if (length < 1 || length > HV_NAME_MAX || strspn(name, allowed) != length || name[0] == '.' ||
        name[0] == '-')
        return false;
    return strspn(name, "0123456789") != length;
}

bool value_interface_valid(const char *name)
{
    size_t length = strlen(name);

    if (length < 1 || length > 15 || !strcmp(name, ".") || !strcmp(name, ".."))
        return false;
    for (; *name; name++)
        if (!isgraph((unsigned char)*name) || strchr("/:%", *name))
            return false;
    return true;
}

bool value_path_valid(const char *path)
{
    return path[0] == '/' && strlen(path) < 4096 && value_text_valid(path, false);
}

bool value_text_valid(const char *text, bool lines)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text) && !(lines && (*text == '\n' || *text == '\t')))
            return false;
    return true;
}
