/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Consoles of guests.
 */
#include "console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <domain/hvd_client.h>
#include <domain/store.h>

#include "console_log.h"
#include "ring.h"
#include "say.h"
#include "viewer.h"

#define ALLOWANCE_MAX    (256UL << 10) /* bytes at once */
#define ALLOWANCE_PER_MS 1024UL
#define EVENT_COST       64UL /* what an event counts, whether there is anything in the ring or not */
#define THROTTLE_MS      50

struct console {
    struct daemon *daemon;
    unsigned domid;
    struct ring ring;
    bool foreign; /* mapped as a foreign frame, not by grant */
    unsigned port;
    struct console_log log;
    struct viewers *viewers;
    size_t allowance;
    uint64_t refilled;
    bool throttled;
};

/* By grant; a domain made by another tool stack may have none, then as a foreign frame. */
static void *map_ring(struct console *c, struct hv_error *err)
{
    void *page = hv_grant_map_ref(c->daemon->grants, c->domid, HV_GRANT_CONSOLE, true, err);
    uint64_t frame;

    if (page ||
        !store_read_number(c->daemon->tools.xs, &frame, "/local/domain/%u/console/ring-ref", c->domid))
        return page;
    c->foreign = true;
    return hv_foreign_map(c->daemon->tools.hv, c->domid, PROT_READ | PROT_WRITE, 1, &frame, err);
}

static void unmap_ring(struct console *c)
{
    if (c->foreign)
        hv_foreign_unmap(c->ring.page, 1);
    else
        hv_grant_unmap(c->daemon->grants, c->ring.page, 1, NULL);
}

static int connect_ring(struct console *c, struct hv_error *err)
{
    uint64_t remote;
    void *page;
    int port;

    if (!store_read_number(c->daemon->tools.xs, &remote, "/local/domain/%u/console/port", c->domid))
        return hv_error_set(err, ENOENT, NULL, "the store has no console port of domain %u", c->domid);
    page = map_ring(c, err);
    if (!page)
        return -EIO;
    ring_init(&c->ring, page);
    port = hv_event_bind_interdomain(c->daemon->events, c->domid, (uint32_t)remote, err);
    if (port < 0) {
        unmap_ring(c);
        return port;
    }
    c->port = (unsigned)port;
    return 0;
}

/* Into the ring as far as there is room. Never shows anything: viewers call this. */
static void pass_input(void *arg)
{
    struct console *c = arg;
    size_t size, n;
    const char *typed = viewers_input(c->viewers, &size);

    n = size ? ring_write(&c->ring, typed, size) : 0;
    if (!n)
        return;
    viewers_take(c->viewers, n);
    hv_event_notify(c->daemon->events, c->port, NULL);
}

static void open_log(struct console *c, const char *name)
{
    char node[STORE_PATH_MAX], *before;

    snprintf(node, sizeof(node), "/local/domain/%u/console/log", c->domid);
    before = store_read(c->daemon->tools.xs, "%s", node);
    console_log_open(&c->log, name, !before);
    free(before);
    store_write(c->daemon->tools.xs, node, c->log.path, NULL);
}

struct console *console_open(struct daemon *d, unsigned domid, const char *name, struct hv_error *err)
{
    struct console *c = calloc(1, sizeof(*c));
    char path[PATH_MAX];

    if (!c) {
        hv_error_set(err, ENOMEM, NULL, "out of memory");
        return NULL;
    }
    *c = (struct console){ .daemon = d, .domid = domid, .allowance = ALLOWANCE_MAX, .refilled = loop_now() };
    if (connect_ring(c, err) < 0)
        goto free_console;
    hvd_console_path(domid, path);
    c->viewers = viewers_new(d->loop, path, pass_input, c);
    if (!c->viewers) {
        hv_error_set(err, errno, NULL, "cannot listen at %s: %s", path, strerror(errno));
        goto disconnect;
    }
    open_log(c, name);
    console_pump(c);
    return c;

disconnect:
    hv_event_unbind(d->events, c->port, NULL);
    unmap_ring(c);
free_console:
    free(c);
    return NULL;
}

static void refill(struct console *c)
{
    uint64_t now = loop_now();

    c->allowance += (now - c->refilled) * ALLOWANCE_PER_MS;
    if (c->allowance > ALLOWANCE_MAX)
        c->allowance = ALLOWANCE_MAX;
    c->refilled = now;
}

/* From the ring to the log and the viewers, at most `most` bytes. Returns how many. */
static size_t take_output(struct console *c, size_t most)
{
    char buf[sizeof(c->ring.page->out)];
    size_t total = 0, n;

    while (total < most) {
        size_t size = most - total < sizeof(buf) ? most - total : sizeof(buf);

        n = ring_read(&c->ring, buf, size);
        if (!n)
            break;
        console_log_write(&c->log, buf, n);
        viewers_show(c->viewers, buf, n);
        total += n;
    }
    return total;
}

void console_pump(struct console *c)
{
    size_t taken;

    refill(c);
    taken = take_output(c, c->allowance);
    c->allowance -= taken;
    if (taken)
        hv_event_notify(c->daemon->events, c->port, NULL);
    pass_input(c);
    c->throttled = !c->allowance;
    if (c->throttled) {
        loop_wake_at(c->daemon->loop, loop_now() + THROTTLE_MS);
        return;
    }
    hv_event_unmask(c->daemon->events, c->port, NULL);
}

void console_fired(struct console *c)
{
    c->allowance -= c->allowance < EVENT_COST ? c->allowance : EVENT_COST;
    console_pump(c);
}

void console_close(struct console *c)
{
    if (!c)
        return;
    take_output(c, sizeof(c->ring.page->out));
    hv_event_unbind(c->daemon->events, c->port, NULL);
    viewers_free(c->viewers);
    console_log_close(&c->log);
    unmap_ring(c);
    free(c);
}

bool console_is_throttled(const struct console *c)
{
    return c->throttled;
}

unsigned console_port(const struct console *c)
{
    return c->port;
}

unsigned console_viewers(const struct console *c)
{
    return viewers_count(c->viewers);
}
