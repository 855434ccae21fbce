/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guests the daemon looks after. guests_scan() compares its list with the hypervisor's and the store's
 * and does what follows from the differences; it may be called at any time and is called whenever the store
 * says that something has changed, so no single event matters.
 */
#ifndef HVD_GUEST_H
#define HVD_GUEST_H

#include <domain/domain.h>

#include "console.h"
#include "daemon.h"

struct guest {
    struct guest *next;
    unsigned domid;
    uint8_t uuid[16];
    char name[HV_NAME_MAX + 1];
    struct console *console; /* NULL: could not be reached */
    bool complained;         /* that it could not be reached has been said */
    bool handled;            /* it has stopped, and what follows from that is under way or done */
    bool seen;               /* in this scan */
};

void guests_scan(struct daemon *d);

/* Serves the consoles whose event has fired. */
void guests_events(struct daemon *d);

/* Time has passed: serves the consoles that wait for that, and tries again what did not work. */
void guests_time(struct daemon *d);

struct guest *guest_find(struct daemon *d, unsigned domid);

/* Lets go of all, the guests running on. */
void guests_forget(struct daemon *d);

#endif
