/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading and writing single nodes of the store.
 */
#include "store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/error.h>

#define FORMAT_PATH(path, fmt) \
    do { \
        va_list args; \
        va_start(args, fmt); \
        vsnprintf(path, sizeof(path), fmt, args); \
        va_end(args); \
    } while (0)

struct xs_handle *store_open(struct hv_error *err)
{
    struct xs_handle *xs = xs_open(0);

    if (!xs)
        hv_error_set(err, errno, "start the store daemon (hv-xenstored), and be root",
                     "cannot reach the store: %s", strerror(errno));
    return xs;
}

char *store_read(struct xs_handle *xs, const char *fmt, ...)
{
    char path[STORE_PATH_MAX];

    FORMAT_PATH(path, fmt);
    return xs_read(xs, XBT_NULL, path, NULL);
}

bool store_read_number(struct xs_handle *xs, uint64_t *value, const char *fmt, ...)
{
    char path[STORE_PATH_MAX], *text, *end;
    bool good;

    FORMAT_PATH(path, fmt);
    text = xs_read(xs, XBT_NULL, path, NULL);
    if (!text)
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    good = text[0] >= '0' && text[0] <= '9' && !*end && !errno;
    free(text);
    return good;
}

char **store_list(struct xs_handle *xs, unsigned *count, const char *fmt, ...)
{
    char path[STORE_PATH_MAX], **names;

    FORMAT_PATH(path, fmt);
    names = xs_directory(xs, XBT_NULL, path, count);
    if (!names)
        *count = 0;
    return names;
}

bool store_exists(struct xs_handle *xs, const char *path)
{
    char *value = xs_read(xs, XBT_NULL, path, NULL);

    free(value);
    return value != NULL;
}

int store_write(struct xs_handle *xs, const char *path, const char *value, struct hv_error *err)
{
    if (!xs_write(xs, XBT_NULL, path, value, (unsigned)strlen(value)))
        return hv_error_set(err, errno, NULL, "cannot write %s in the store: %s", path, strerror(errno));
    return 0;
}

int store_remove(struct xs_handle *xs, struct hv_error *err, const char *fmt, ...)
{
    char path[STORE_PATH_MAX];

    FORMAT_PATH(path, fmt);
    if (!xs_rm(xs, XBT_NULL, path) && errno != ENOENT)
        return hv_error_set(err, errno, NULL, "cannot remove %s from the store: %s", path, strerror(errno));
    return 0;
}
