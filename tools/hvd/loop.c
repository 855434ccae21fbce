/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * epoll with callbacks.
 */
#include "loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32

struct source {
    struct loop *loop;
    int fd;
    source_fn *fn; /* NULL: removed */
    void *arg;
    struct source *next_dead;
};

struct loop {
    int epoll;
    uint64_t wake; /* 0: no time */
    struct source *dead;
};

struct loop *loop_new(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return NULL;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll >= 0)
        return loop;
    free(loop);
    return NULL;
}

static void bury(struct loop *loop)
{
    while (loop->dead) {
        struct source *source = loop->dead;

        loop->dead = source->next_dead;
        free(source);
    }
}

void loop_free(struct loop *loop)
{
    bury(loop);
    close(loop->epoll);
    free(loop);
}

struct source *loop_add(struct loop *loop, int fd, uint32_t events, source_fn *fn, void *arg)
{
    struct source *source = calloc(1, sizeof(*source));
    struct epoll_event event = { .events = events, .data.ptr = source };

    if (!source)
        return NULL;
    *source = (struct source){ .loop = loop, .fd = fd, .fn = fn, .arg = arg };
    if (!epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event))
        return source;
    free(source);
    return NULL;
}

void loop_change(struct source *source, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.ptr = source };

    epoll_ctl(source->loop->epoll, EPOLL_CTL_MOD, source->fd, &event);
}

void loop_remove(struct source *source)
{
    if (!source)
        return;
    epoll_ctl(source->loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
    source->fn = NULL;
    source->next_dead = source->loop->dead;
    source->loop->dead = source;
}

uint64_t loop_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void loop_wake_at(struct loop *loop, uint64_t ms)
{
    if (!loop->wake || ms < loop->wake)
        loop->wake = ms;
}

bool loop_run_once(struct loop *loop)
{
    struct epoll_event events[BATCH];
    uint64_t now = loop_now();
    int timeout = !loop->wake ? -1 : loop->wake <= now ? 0 : (int)(loop->wake - now), count;

    count = epoll_wait(loop->epoll, events, BATCH, timeout);
    loop->wake = 0;
    if (count < 0 && errno != EINTR)
        return false;
    for (int i = 0; i < count; i++) {
        struct source *source = events[i].data.ptr;

        if (source->fn)
            source->fn(source->arg, events[i].events);
    }
    bury(loop);
    return true;
}
