/* SPDX-License-Identifier: GPL-2.0-only */
/* One-letter questions to hv, answered in its log: what is going on? `hvctl debug-keys h` lists them. */
#ifndef HV_DEBUG_KEYS_H
#define HV_DEBUG_KEYS_H

void debug_key(char key); /* unknown ones are ignored with a message */

#endif
