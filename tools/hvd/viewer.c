/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Viewers of one console.
 */
#include "viewer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener.h"

static const char lost_text[] = "\r\n[hvd: output lost]\r\n";

struct viewer {
    struct viewers *all;
    struct viewer *next;
    int fd;
    struct source *source;
    char *out; /* VIEWER_OUT_MAX bytes */
    size_t out_used;
    bool lost; /* output did not fit: say so when there is room */
    bool deaf; /* has hung up and is shown nothing more; what was typed before that still counts */
};

struct viewers {
    struct loop *loop;
    struct viewer *first;
    unsigned count;
    int listener;
    struct source *source;
    char *path;
    viewers_typed_fn *typed;
    void *arg;
    char in[VIEWER_IN_MAX];
    size_t in_used;
};

static void set_interest(struct viewer *v)
{
    bool room = v->all->in_used < VIEWER_IN_MAX;

    loop_change(v->source, (room ? EPOLLIN : 0U) | (v->out_used || v->lost ? EPOLLOUT : 0U));
}

static void viewer_free(struct viewer *v)
{
    struct viewer **link = &v->all->first;

    while (*link != v)
        link = &(*link)->next;
    *link = v->next;
    v->all->count--;
    loop_remove(v->source);
    close(v->fd);
    free(v->out);
    free(v);
}

/* Sends as much as goes. */
static void flush(struct viewer *v)
{
    while (v->out_used) {
        ssize_t n = send(v->fd, v->out, v->out_used, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n < 0) {
            v->deaf = true;
            v->out_used = 0;
            v->lost = false;
            return;
        }
        memmove(v->out, v->out + n, v->out_used - (size_t)n);
        v->out_used -= (size_t)n;
    }
    if (v->lost) {
        memcpy(v->out, lost_text, sizeof(lost_text) - 1);
        v->out_used = sizeof(lost_text) - 1;
        v->lost = false;
    }
}

/* False: it hung up, and all it has typed has been read, or there is no room for the rest. */
static bool take_input(struct viewer *v, bool hung_up)
{
    struct viewers *all = v->all;
    size_t room = VIEWER_IN_MAX - all->in_used;
    ssize_t n = room ? recv(v->fd, all->in + all->in_used, room, MSG_DONTWAIT) : -1;

    if (!room)
        return !hung_up;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0)
        return false;
    all->in_used += (size_t)n;
    all->typed(all->arg);
    return true;
}

static void viewer_ready(void *arg, uint32_t events)
{
    struct viewer *v = arg;
    uint32_t hung_up = events & (EPOLLHUP | EPOLLERR);

    if (events & EPOLLOUT)
        flush(v);
    if (events & EPOLLIN || hung_up)
        if (!take_input(v, hung_up)) {
            viewer_free(v);
            return;
        }
    set_interest(v);
}

static void viewer_new(struct viewers *all, int fd)
{
    struct viewer *v = calloc(1, sizeof(*v));

    if (!v || all->count >= VIEWERS_MAX)
        goto refuse;
    v->all = all;
    v->fd = fd;
    v->out = malloc(VIEWER_OUT_MAX);
    v->source = v->out ? loop_add(all->loop, fd, EPOLLIN, viewer_ready, v) : NULL;
    if (!v->source)
        goto refuse;
    v->next = all->first;
    all->first = v;
    all->count++;
    return;

refuse:
    if (v)
        free(v->out);
    free(v);
    close(fd);
}

static void listener_ready(void *arg, uint32_t events)
{
    struct viewers *all = arg;
    int fd = accept4(all->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (fd >= 0)
        viewer_new(all, fd);
}

struct viewers *viewers_new(struct loop *loop, const char *path, viewers_typed_fn *typed, void *arg)
{
    struct viewers *all = calloc(1, sizeof(*all));

    if (!all)
        return NULL;
    *all = (struct viewers){ .loop = loop, .typed = typed, .arg = arg, .path = strdup(path) };
    all->listener = all->path ? listener_open(path) : -1;
    if (all->listener < 0)
        goto free_all;
    all->source = loop_add(loop, all->listener, EPOLLIN, listener_ready, all);
    if (all->source)
        return all;
    close(all->listener);
    unlink(path);
free_all:
    free(all->path);
    free(all);
    return NULL;
}

void viewers_free(struct viewers *all)
{
    if (!all)
        return;
    while (all->first) {
        flush(all->first);
        viewer_free(all->first);
    }
    loop_remove(all->source);
    close(all->listener);
    unlink(all->path);
    free(all->path);
    free(all);
}

void viewers_show(struct viewers *all, const char *data, size_t size)
{
    for (struct viewer *v = all->first; v; v = v->next) {
        if (v->deaf)
            continue;
        if (v->lost || size > VIEWER_OUT_MAX - v->out_used) {
            v->lost = true;
        } else {
            memcpy(v->out + v->out_used, data, size);
            v->out_used += size;
        }
        flush(v);
        set_interest(v);
    }
}

const char *viewers_input(const struct viewers *all, size_t *size)
{
    *size = all->in_used;
    return all->in;
}

void viewers_take(struct viewers *all, size_t size)
{
    memmove(all->in, all->in + size, all->in_used - size);
    all->in_used -= size;
    for (struct viewer *v = all->first; v; v = v->next)
        set_interest(v);
}

unsigned viewers_count(const struct viewers *all)
{
    return all->count;
}
