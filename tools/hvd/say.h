/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemon's own log, on standard error: a line each, with the time.
 */
#ifndef HVD_SAY_H
#define HVD_SAY_H

struct hv_error;

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "WHAT: message", WHAT being formatted. */
void say_error(const struct hv_error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
