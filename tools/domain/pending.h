/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Restarts that are under way: configurations, as XML, in /run/hv/restarting/UUID.xml.
 *
 * Between the end of a domain and the start of the one that follows it, nothing else says that there shall be one.
 * A note is written before the old domain is touched and removed when the new one runs, or cannot; whoever
 * finds one, holding the lock, has found a restart whose process is dead.
 */
#ifndef TOOLS_DOMAIN_PENDING_H
#define TOOLS_DOMAIN_PENDING_H

#include <libhv.h>

/* Notes that a domain will be made of this configuration. 0 or -errno with a message. */
int pending_note(const struct hv_config *config, struct hv_error *err);

/* It has been, or never will be. */
void pending_done(const uint8_t uuid[16]);

/* UUIDs of all that are noted: a malloc'ed array in *list (NULL if there are none). Returns how many. */
unsigned pending_list(uint8_t (**list)[16]);

/* What was noted; NULL and a message if it cannot be read. */
struct hv_config *pending_read(const uint8_t uuid[16], struct hv_error *err);

#endif
