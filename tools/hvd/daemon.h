/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the whole daemon shares.
 */
#ifndef HVD_DAEMON_H
#define HVD_DAEMON_H

#include <domain/tools.h>

#include "loop.h"

struct guest;

struct daemon {
    struct tools tools;
    struct loop *loop;
    struct hv_event *events;
    struct hv_grant_map *grants;
    struct guest *guests;
    int signals;        /* a signalfd */
    int instance_lock; /* held as long as somebody has it open: children close it */
    uint64_t rescan_at; /* something did not work: look again then; 0: no need */
    bool stop;
};

#endif
