/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Talking to hvd: one line each way over its socket, /run/hv/hvd.sock; and finding a domain's console.
 *
 *   adopt N     domain N has been made: serve its console before this is answered
 *   ping        is anybody there?
 *   viewers N   how many look at the console of domain N
 *
 * The answer is "ok", "ok TEXT" or "error TEXT". A console is a socket of its own, /run/hv/console/N.sock:
 * what the guest writes comes out, what is written goes to the guest.
 */
#ifndef TOOLS_DOMAIN_HVD_CLIENT_H
#define TOOLS_DOMAIN_HVD_CLIENT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct hv_error;

#define HVD_LINE_MAX 256

/*
 * One request. The text after "ok" goes to `answer` (may be NULL) of HVD_LINE_MAX bytes. -errno with a
 * message.
 */
int hvd_request(const char *line, char *answer, struct hv_error *err);

bool hvd_is_running(void);

/* Tells hvd of a new domain. */
int hvd_adopt(unsigned domid, struct hv_error *err);

char *hvd_console_path(unsigned domid, char path[PATH_MAX]);

/* A connected socket, or -errno with a message. */
int hvd_console_connect(unsigned domid, struct hv_error *err);

#endif
