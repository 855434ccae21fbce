/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The RELAX NG schema, which is part of the library's file (schema.S).
 */
#ifndef LIBHV_SRC_CONFIG_SCHEMA_H
#define LIBHV_SRC_CONFIG_SCHEMA_H

#include "config_reader.h"

extern const char hv_schema_start[], hv_schema_end[];

/* Validates a whole document. */
int schema_check(struct reader *r, xmlDoc *doc);

#endif
