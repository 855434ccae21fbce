/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to the daemon. One request a connection; a client that dawdles is cut off when the next ones fill
 * the table.
 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <domain/hvd_client.h>
#include <domain/paths.h>

#include "guest.h"
#include "listener.h"

#define CLIENTS 16

struct client {
    struct control *control;
    int fd; /* -1: free */
    struct source *source;
    char line[HVD_LINE_MAX];
    size_t used;
};

struct control {
    struct daemon *daemon;
    int fd;
    struct source *source;
    char path[PATH_MAX];
    struct client clients[CLIENTS];
    unsigned next; /* whom to cut off when all are taken */
};

static void hang_up(struct client *c)
{
    if (c->fd < 0)
        return;
    loop_remove(c->source);
    close(c->fd);
    c->fd = -1;
}

static void do_ping(struct daemon *d, const char *arg, char *answer)
{
    (void)d;
    (void)arg;
    snprintf(answer, HVD_LINE_MAX, "ok\n");
}

static void do_adopt(struct daemon *d, const char *arg, char *answer)
{
    struct guest *g;

    guests_scan(d);
    g = guest_find(d, (unsigned)strtoul(arg, NULL, 10));
    snprintf(answer, HVD_LINE_MAX, g && g->console ? "ok\n" : "error no console of domain %.10s\n", arg);
}

static void do_viewers(struct daemon *d, const char *arg, char *answer)
{
    struct guest *g = guest_find(d, (unsigned)strtoul(arg, NULL, 10));

    snprintf(answer, HVD_LINE_MAX, "ok %u\n", g && g->console ? console_viewers(g->console) : 0);
}

static const struct {
    const char *verb;
    void (*run)(struct daemon *d, const char *arg, char *answer);
} requests[] = {
    { "ping", do_ping },
    { "adopt", do_adopt },
    { "viewers", do_viewers },
};

static void answer_line(struct client *c)
{
    char answer[HVD_LINE_MAX] = "error unknown request\n", *arg = strchr(c->line, ' ');

    if (arg)
        *arg++ = '\0';
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        if (!strcmp(c->line, requests[i].verb))
            requests[i].run(c->control->daemon, arg ? arg : "", answer);
    send(c->fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void client_ready(void *arg, uint32_t events)
{
    struct client *c = arg;
    ssize_t n = recv(c->fd, c->line + c->used, sizeof(c->line) - 1 - c->used, MSG_DONTWAIT);
    char *end;

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        c->used += (size_t)n;
        c->line[c->used] = '\0';
        end = strchr(c->line, '\n');
        if (!end && c->used < sizeof(c->line) - 1)
            return;
        if (end) {
            *end = '\0';
            answer_line(c);
        }
    }
    hang_up(c);
}

static struct client *free_client(struct control *control)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        if (control->clients[i].fd < 0)
            return &control->clients[i];
    control->next = (control->next + 1) % CLIENTS;
    hang_up(&control->clients[control->next]);
    return &control->clients[control->next];
}

static void listener_ready(void *arg, uint32_t events)
{
    struct control *control = arg;
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct client *c;

    (void)events;
    if (fd < 0)
        return;
    c = free_client(control);
    c->control = control;
    c->fd = fd;
    c->used = 0;
    c->source = loop_add(control->daemon->loop, fd, EPOLLIN, client_ready, c);
    if (!c->source) {
        close(fd);
        c->fd = -1;
    }
}

struct control *control_open(struct daemon *d, struct hv_error *err)
{
    struct control *control = calloc(1, sizeof(*control));

    if (!control) {
        hv_error_set(err, ENOMEM, NULL, "out of memory");
        return NULL;
    }
    control->daemon = d;
    for (unsigned i = 0; i < CLIENTS; i++)
        control->clients[i].fd = -1;
    path_in(PATH_RUN, control->path, "hvd.sock");
    control->fd = listener_open(control->path);
    control->source =
        control->fd < 0 ? NULL : loop_add(d->loop, control->fd, EPOLLIN, listener_ready, control);
    if (control->source)
        return control;
    hv_error_set(err, errno, NULL, "cannot listen at %s: %s", control->path, strerror(errno));
    if (control->fd >= 0)
        close(control->fd);
    free(control);
    return NULL;
}

void control_close(struct control *control)
{
    for (unsigned i = 0; i < CLIENTS; i++)
        hang_up(&control->clients[i]);
    loop_remove(control->source);
    close(control->fd);
    unlink(control->path);
    free(control);
}
