/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CONTROL request: questions and switches for the administrator.
 */
#ifndef XENSTORED_CONTROL_H
#define XENSTORED_CONTROL_H

#include <stddef.h>

struct store;

#define CONTROL_REPLY_MAX 1024

/* Runs `command` with `len` bytes of arguments; its answer, a string, goes to `out`. 0 or -errno. */
int control_command(struct store *s, const char *command, const char *args, size_t len, char *out);

#endif
