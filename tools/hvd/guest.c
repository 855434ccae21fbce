/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Following the guests that there are.
 */
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/store.h>

#include "lifecycle.h"
#include "say.h"

#define RESCAN_MS 1000

struct guest *guest_find(struct daemon *d, unsigned domid)
{
    struct guest *g = d->guests;

    while (g && g->domid != domid)
        g = g->next;
    return g;
}

/* A domain whose nodes are not there yet, or no more, is nobody's guest. */
static bool is_ready(struct daemon *d, unsigned domid)
{
    uint64_t port;

    return store_read_number(d->tools.xs, &port, "/local/domain/%u/console/port", domid) &&
           xs_is_domain_introduced(d->tools.xs, domid);
}

static struct guest *guest_new(struct daemon *d, const struct hv_domain_info *info)
{
    struct guest *g;
    char *name;

    if (!is_ready(d, info->domid))
        return NULL;
    g = calloc(1, sizeof(*g));
    if (!g)
        return NULL;
    g->domid = info->domid;
    memcpy(g->uuid, info->uuid, sizeof(g->uuid));
    name = store_read(d->tools.xs, "/local/domain/%u/name", info->domid);
    if (name && hv_name_valid(name))
        snprintf(g->name, sizeof(g->name), "%s", name);
    else
        snprintf(g->name, sizeof(g->name), "domain-%u", info->domid);
    free(name);
    g->next = d->guests;
    d->guests = g;
    return g;
}

static void guest_free(struct daemon *d, struct guest *g)
{
    struct guest **link = &d->guests;

    while (*link != g)
        link = &(*link)->next;
    *link = g->next;
    console_close(g->console);
    free(g);
}

static void open_console(struct daemon *d, struct guest *g)
{
    struct hv_error err = { 0 };

    g->console = console_open(d, g->domid, g->name, &err);
    if (g->console)
        return;
    d->rescan_at = loop_now() + RESCAN_MS;
    if (!g->complained)
        say_error(&err, "domain %s (%u): no console", g->name, g->domid);
    g->complained = true;
}

static void follow(struct daemon *d, const struct hv_domain_info *info)
{
    struct guest *g = guest_find(d, info->domid);

    if (g && memcmp(g->uuid, info->uuid, sizeof(g->uuid)))
        memcpy(g->uuid, info->uuid,
               sizeof(g->uuid)); /* it has been given a new one: rename-restart does that */
    if (!g)
        g = info->dying ? NULL : guest_new(d, info);
    if (!g)
        return;
    g->seen = true;
    if (info->dying) {
        /* As long as its page is mapped here, it cannot go. When it has gone nobody says so: the store has let go before. */
        console_close(g->console);
        g->console = NULL;
        d->rescan_at = loop_now() + RESCAN_MS;
        return;
    }
    if (!g->console)
        open_console(d, g);
    if (!info->shutdown) {
        g->handled = false;
    } else if (!g->handled) {
        g->handled = true;
        lifecycle_stopped(d, g, info->shutdown_reason);
    }
}

void guests_scan(struct daemon *d)
{
    struct hv_domain_info *list = NULL;
    struct hv_error err = { 0 };
    int count = hv_domain_list(d->tools.hv, &list, &err);
    struct guest *next;
    bool gone = false;

    if (count < 0) {
        say_error(&err, "cannot list domains");
        return;
    }
    for (struct guest *g = d->guests; g; g = g->next)
        g->seen = false;
    for (int i = 0; i < count; i++)
        if (list[i].domid && !list[i].hvm)
            follow(d, &list[i]);
    free(list);
    for (struct guest *g = d->guests; g; g = next) {
        next = g->next;
        if (g->seen)
            continue;
        gone = true;
        say("domain %s (%u) is gone", g->name, g->domid);
        guest_free(d, g);
    }
    if (gone)
        lifecycle_sweep(d);
}

void guests_events(struct daemon *d)
{
    int port;

    while ((port = hv_event_pending(d->events, NULL)) > 0) {
        struct guest *g = d->guests;

        while (g && !(g->console && console_port(g->console) == (unsigned)port))
            g = g->next;
        if (g)
            console_fired(g->console);
    }
}

void guests_time(struct daemon *d)
{
    uint64_t now = loop_now();

    for (struct guest *g = d->guests; g; g = g->next)
        if (g->console && console_is_throttled(g->console))
            console_pump(g->console);
    if (!d->rescan_at)
        return;
    if (now >= d->rescan_at) {
        d->rescan_at = 0;
        guests_scan(d);
    }
    if (d->rescan_at)
        loop_wake_at(d->loop, d->rescan_at);
}

void guests_forget(struct daemon *d)
{
    while (d->guests)
        guest_free(d, d->guests);
}
