/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names that are not nodes in the JSON form of a subtree. `$` is in no node's name.
 */
#ifndef LIBXS_JSON_H
#define LIBXS_JSON_H

#define JSON_VALUE "$value"
#define JSON_HEX   "$hex"
#define JSON_PERMS "$perms"

#endif
