/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watches and their events. Events arrive whenever the connection is read, be it for a reply; they wait in a
 * queue, and while it is not empty xs_fileno() is readable.
 */
#include "handle.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void set_readable(struct xs_handle *h, bool readable)
{
    uint64_t n = 1;
    ssize_t done = 0;

    if (h->event_fd >= 0)
        done = readable ? write(h->event_fd, &n, sizeof(n)) : read(h->event_fd, &n, sizeof(n));
    (void)done; /* it only ever goes from 0 to 1 and back */
}

void xs_queue_event(struct xs_handle *h, const char *payload, size_t len)
{
    size_t path_size = strnlen(payload, len) + 1;
    struct xs_event *e;
    char **strings;
    char *text;

    if (path_size >= len || payload[len - 1] != '\0')
        return;
    e = malloc(sizeof(*e));
    strings = malloc(2 * sizeof(*strings) + len);
    if (!e || !strings) {
        free(e);
        free(strings);
        return;
    }
    text = memcpy(strings + 2, payload, len);
    strings[XS_WATCH_PATH] = text;
    strings[XS_WATCH_TOKEN] = text + path_size;
    *e = (struct xs_event){ .strings = strings };
    if (h->last) {
        h->last->next = e;
    } else {
        h->first = e;
        set_readable(h, true);
    }
    h->last = e;
}

static char **take_event(struct xs_handle *h)
{
    struct xs_event *e = h->first;
    char **strings;

    if (!e)
        return NULL;
    strings = e->strings;
    h->first = e->next;
    if (!h->first) {
        h->last = NULL;
        set_readable(h, false);
    }
    free(e);
    return strings;
}

void xs_drop_events(struct xs_handle *h)
{
    char **strings;

    while ((strings = take_event(h)))
        free(strings);
}

/* Reads what has come, without waiting. */
static void drain(struct xs_handle *h)
{
    struct xsd_sockmsg head;
    const char *payload;
    uint64_t fired;
    ssize_t n;

    if (h->timer_fd >= 0) {
        n = read(h->timer_fd, &fired, sizeof(fired));
        (void)n; /* whether it fired does not matter: now is the time to look */
    }
    while (h->fd >= 0 && xs_receive(h, false, &head, &payload) > 0)
        if (head.type == XS_WATCH_EVENT)
            xs_queue_event(h, payload, head.len);
    if (h->fd < 0) {
        if (xs_reconnect(h, false))
            xs_retry_later(h);
        else
            xs_settle(h);
    }
}

char **xs_check_watch(struct xs_handle *h)
{
    char **strings;

    pthread_mutex_lock(&h->lock);
    strings = take_event(h);
    if (!strings) {
        drain(h);
        strings = take_event(h);
    }
    pthread_mutex_unlock(&h->lock);
    if (!strings)
        errno = EAGAIN;
    return strings;
}

int xs_fileno(struct xs_handle *h)
{
    int err, fd;

    pthread_mutex_lock(&h->lock);
    err = xs_make_set(h);
    fd = err ? -1 : h->set_fd;
    pthread_mutex_unlock(&h->lock);
    if (err)
        errno = -err;
    return fd;
}

char **xs_read_watch(struct xs_handle *h, unsigned int *num)
{
    struct pollfd p = { .fd = xs_fileno(h), .events = POLLIN };
    char **strings;

    if (p.fd < 0)
        return NULL;
    while (!(strings = xs_check_watch(h)) && errno == EAGAIN)
        if (poll(&p, 1, -1) < 0)
            return NULL;
    if (strings)
        *num = 2;
    return strings;
}

static struct xs_registration *new_registration(const char *path, const char *token)
{
    struct xs_registration *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->path = strdup(path);
    r->token = strdup(token);
    if (r->path && r->token)
        return r;
    free(r->path);
    free(r->token);
    free(r);
    errno = ENOMEM;
    return NULL;
}

static void forget(struct xs_handle *h, const char *path, const char *token)
{
    struct xs_registration **at = &h->registrations, *r;

    while (*at && (strcmp((*at)->path, path) || strcmp((*at)->token, token)))
        at = &(*at)->next;
    r = *at;
    if (!r)
        return;
    *at = r->next;
    free(r->path);
    free(r->token);
    free(r);
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
    struct xs_registration *r = new_registration(path, token);

    if (!r)
        return false;
    if (!xs_command(h, XS_WATCH, XBT_NULL, path, token)) {
        free(r->path);
        free(r->token);
        free(r);
        return false;
    }
    pthread_mutex_lock(&h->lock);
    r->next = h->registrations;
    h->registrations = r;
    pthread_mutex_unlock(&h->lock);
    return true;
}

static void drop_events_of(struct xs_handle *h, const char *path, const char *token)
{
    struct xs_event **at = &h->first, *e;

    h->last = NULL;
    while ((e = *at)) {
        if (!strcmp(e->strings[XS_WATCH_TOKEN], token) &&
            xs_path_is_subpath(path, e->strings[XS_WATCH_PATH])) {
            *at = e->next;
            free(e->strings);
            free(e);
        } else {
            h->last = e;
            at = &e->next;
        }
    }
    if (!h->first)
        set_readable(h, false);
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
    bool ok;
    int err;

    /* Forgotten first, so that a reconnection does not bring it back. */
    pthread_mutex_lock(&h->lock);
    forget(h, path, token);
    pthread_mutex_unlock(&h->lock);
    ok = xs_command(h, XS_UNWATCH, XBT_NULL, path, token);
    err = errno;
    if (h->filter) {
        pthread_mutex_lock(&h->lock);
        drop_events_of(h, path, token);
        pthread_mutex_unlock(&h->lock);
    }
    errno = err;
    return ok;
}
