/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Filling and showing struct hv_error.
 *
 * Text that is too long is cut, never refused: an error about an error helps no one.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libhv/error.h>

static void fill(struct hv_error *err, int code, const char *file, int line, const char *hint,
                 const char *fmt, va_list args)
{
    char message[sizeof(err->message)];

    /* Formatted aside first, since an argument may be the old message. */
    vsnprintf(message, sizeof(message), fmt, args);
    err->code = code;
    err->line = line;
    snprintf(err->file, sizeof(err->file), "%s", file ? file : "");
    snprintf(err->hint, sizeof(err->hint), "%s", hint ? hint : "");
    memcpy(err->message, message, sizeof(message));
}

int hv_error_set(struct hv_error *err, int code, const char *hint, const char *fmt, ...)
{
    va_list args;

    if (err) {
        va_start(args, fmt);
        fill(err, code, NULL, 0, hint, fmt, args);
        va_end(args);
    }
    return -code;
}

int hv_error_at(struct hv_error *err, int code, const char *file, int line, const char *hint, const char *fmt,
                ...)
{
    va_list args;

    if (err) {
        va_start(args, fmt);
        fill(err, code, file, line, hint, fmt, args);
        va_end(args);
    }
    return -code;
}

int hv_error_prefix(struct hv_error *err, const char *fmt, ...)
{
    char message[sizeof(err->message)];
    va_list args;
    int length;

    if (!err)
        return 0;
    va_start(args, fmt);
    length = vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof(message))
        snprintf(message + length, sizeof(message) - (size_t)length, "%s", err->message);
    memcpy(err->message, message, sizeof(message));
    return -err->code;
}

char *hv_error_text(const struct hv_error *err, char *buf, size_t size)
{
    char line[16] = "";

    if (err->line > 0)
        snprintf(line, sizeof(line), "%d:", err->line);
    snprintf(buf, size, "%s%s%s%s%s%s%s", err->file, err->file[0] ? ":" : "", err->file[0] ? line : "",
             err->file[0] ? " " : "", err->message, err->hint[0] ? "; " : "", err->hint);
    for (char *c = buf; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    return buf;
}
