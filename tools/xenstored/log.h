/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages, to a file, to stderr or to syslog. What a guest can trigger goes through a budget, or it would
 * fill dom0's disk.
 */
#ifndef XENSTORED_LOG_H
#define XENSTORED_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* How many messages one domain may still cause; zeroed at first. */
struct log_budget {
    int64_t window; /* second in which the budget was filled up */
    uint32_t used, suppressed;
};

/* Where messages go: `file` if not NULL, else stderr, else (to_syslog) syslog. False with errno if it
 * cannot be opened. */
bool log_open(const char *file, bool to_syslog);

void log_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A message caused by domain `domid`: a few per period, then counted only. */
void log_limited(struct log_budget *budget, uint16_t domid, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Writes `len` bytes a client sent so that they are harmless on a terminal: others than printable ASCII
 * become `.`; at most size - 1 characters and a NUL. Returns `out`. */
const char *log_escape(char *out, unsigned int size, const char *bytes, unsigned int len);

#endif
