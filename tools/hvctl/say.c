/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages for the user, and the first steps of most commands.
 */
#include <stdarg.h>
#include <stdio.h>

#include "command.h"

static void line(const char *kind, const char *fmt, va_list args)
{
    char text[2048];

    vsnprintf(text, sizeof(text), fmt, args);
    fprintf(stderr, "hvctl: %s%s\n", kind, text);
}

int fail(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    line("", fmt, args);
    va_end(args);
    return 1;
}

void warn(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    line("warning: ", fmt, args);
    va_end(args);
}

int fail_error(const struct hv_error *err)
{
    char text[2048];

    return fail("%s", hv_error_text(err, text, sizeof(text)));
}

void warn_config(void *opaque, const struct hv_error *warning)
{
    char text[2048];

    (void)opaque;
    warn("%s", hv_error_text(warning, text, sizeof(text)));
}

bool open_tools(struct tools *tools)
{
    struct hv_error err = { 0 };

    if (!tools_open(tools, &err))
        return true;
    fail_error(&err);
    return false;
}

bool open_tools_and_find(struct tools *tools, const char *text, struct domain *domain)
{
    struct hv_error err = { 0 };

    if (!open_tools(tools))
        return false;
    if (!domain_find_running(tools, text, domain, &err))
        return true;
    fail_error(&err);
    tools_close(tools);
    return false;
}
