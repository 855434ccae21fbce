/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages and their rate limit; see log.h.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>
#include <time.h>

#define LOG_PERIOD 10  /* seconds */
#define LOG_BURST  5   /* messages per domain and period */
#define LOG_LINE   512 /* bytes */

static FILE *log_file;
static bool log_syslog;

bool log_open(const char *file, bool to_syslog)
{
    if (file) {
        log_file = fopen(file, "ae");
        if (!log_file)
            return false;
        setvbuf(log_file, NULL, _IOLBF, 0);
    }
    log_syslog = to_syslog && !file;
    if (log_syslog)
        openlog("hv-xenstored", LOG_PID, LOG_DAEMON);
    return true;
}

static void put_line(const char *line)
{
    if (log_syslog)
        syslog(LOG_NOTICE, "%s", line);
    else
        fprintf(log_file ? log_file : stderr, "hv-xenstored: %s\n", line);
}

void log_message(const char *format, ...)
{
    char line[LOG_LINE];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    put_line(line);
}

void log_limited(struct log_budget *budget, uint16_t domid, const char *format, ...)
{
    char line[LOG_LINE];
    struct timespec now;
    va_list args;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (now.tv_sec - budget->window >= LOG_PERIOD) {
        if (budget->suppressed)
            log_message("domain %u: %u more messages suppressed", domid, budget->suppressed);
        *budget = (struct log_budget){ .window = now.tv_sec };
    }
    if (budget->used >= LOG_BURST) {
        budget->suppressed++;
        return;
    }
    budget->used++;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    log_message("domain %u: %s", domid, line);
}

const char *log_escape(char *out, unsigned int size, const char *bytes, unsigned int len)
{
    unsigned int n = 0;

    for (; n < len && n + 1 < size; n++)
        out[n] = bytes[n] >= ' ' && bytes[n] <= '~' ? bytes[n] : '.';
    out[n] = '\0';
    return out;
}
