/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines on standard error.
 */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <libhv/error.h>

static void line(const char *text, const char *more)
{
    time_t now = time(NULL);
    struct tm tm;
    char stamp[32];

    gmtime_r(&now, &tm);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
    fprintf(stderr, "%s %s%s%s\n", stamp, text, more ? ": " : "", more ? more : "");
}

void say(const char *fmt, ...)
{
    char text[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    line(text, NULL);
}

void say_error(const struct hv_error *err, const char *fmt, ...)
{
    char text[512], error[1024];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    line(text, hv_error_text(err, error, sizeof(error)));
}
