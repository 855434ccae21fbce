/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Values in a configuration, as text.
 */
#ifndef LIBHV_SRC_CONFIG_VALUE_H
#define LIBHV_SRC_CONFIG_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include <libhv/config.h>

/* 16 TiB: all that a PV guest's P2M list can hold with grant table version 1 */
#define MEMORY_KIB_MAX (1ULL << 34)

/*
 * A size in libvirt's units ("b", "KiB", "MB", "G", ...; NULL: KiB), rounded up to KiB. -EINVAL (unit),
 * -ERANGE.
 */
int value_memory(unsigned long long number, const char *unit, uint64_t *kib);

/* The action of this name; false if there is none, or if it is for on_crash and `crash` is false. */
bool value_action(const char *text, bool crash, enum hv_action *action);

/* May this be the name of a network interface in dom0 (bridge or target)? */
bool value_interface_valid(const char *name);

/* May this be the path of a file? It is absolute and has no control characters. */
bool value_path_valid(const char *path);

/* Printable text: no control characters but, if `lines`, line ends and tabs. */
bool value_text_valid(const char *text, bool lines);

#endif
