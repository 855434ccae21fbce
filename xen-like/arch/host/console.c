/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages go to stderr when HV_VERBOSE is set; a panic aborts, unless the test waits for one. */
#include <stdio.h>
#include <stdlib.h>

#include "host.h"
#include <hv/console.h>

bool host_expect_panic;
void *host_panic_jump[5];

static void say(const char *fmt, va_list args)
{
    static int verbose = -1;

    if (verbose < 0)
        verbose = getenv("HV_VERBOSE") != NULL;
    if (verbose)
        vfprintf(stderr, fmt, args);
}

void printk(enum loglevel level, const char *fmt, ...)
{
    va_list args;

    (void)level;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void guest_printk(const struct domain *d, enum loglevel level, const char *fmt, ...)
{
    va_list args;

    (void)d;
    (void)level;
    va_start(args, fmt);
    say(fmt, args);
    va_end(args);
}

void panic(const char *fmt, ...)
{
    va_list args;

    if (host_expect_panic)
        __builtin_longjmp(host_panic_jump, 1);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    abort();
}

void console_flush_sync(void) {}
