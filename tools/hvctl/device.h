/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the commands for disks and those for interfaces share.
 */
#ifndef HVCTL_DEVICE_H
#define HVCTL_DEVICE_H

#include <stddef.h>

#include "command.h"

/* Reads a file with one element of XML, of at most 64 KiB; malloc'ed, NULL after saying what is wrong. */
char *device_read_xml(const char *path, size_t *size);

/* Does this argument name a file with XML? */
bool device_is_xml(const char *argument);

/* Finds the running domain, takes the lock, runs `fn`. Returns the exit status. */
int device_change(const char *domain, int (*fn)(struct tools *tools, const struct domain *domain, void *arg,
                  struct hv_error *err), void *arg);

/* A device's state in words, by its number in the store. */
const char *device_state_name(unsigned long state);

#endif
