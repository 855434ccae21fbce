/* SPDX-License-Identifier: GPL-2.0-only */
/* A panic aborts, unless the test waits for one. */
#include <stdio.h>
#include <stdlib.h>

#include <hv/console.h>

#include "host.h"

bool host_expect_panic;
void *host_panic_jump[5];

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
