/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The main loop; see server.h.
 *
 * The order within a turn is what makes restarts safe: requests change the store and append to the journal,
 * then the journal is committed, then replies, events and ring indices become visible.
 */
#include "server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "conn.h"
#include "domain.h"
#include "persist.h"
#include "socket.h"
#include "store.h"
#include "xen.h"

#define EVENTS 64
#define ROUNDS 32

static void commit(struct store *s)
{
    if (!s->journal)
        return;
    journal_commit(s->journal);
    if (journal_is_long(s->journal))
        persist_rewrite(s);
}

/* A round: one request of each connection that has one. */
static void serve_ready(struct store *s)
{
    struct list round, *link;
    struct conn *c;

    /* Who becomes ready during the round waits for the next. */
    round = s->ready;
    round.next->prev = round.prev->next = &round;
    list_init(&s->ready);
    while (!list_empty(&round)) {
        link = round.next;
        c = list_entry(link, struct conn, ready);
        list_remove(link);
        if (conn_must_wait(c) || conn_serve(c))
            conn_set_ready(c);
    }
}

static void send_dirty(struct store *s)
{
    while (!list_empty(&s->dirty)) {
        struct conn *c = list_entry(s->dirty.next, struct conn, dirty);

        list_remove(&c->dirty);
        if (!c->broken)
            c->transport->send(c);
    }
}

static void drop_failed(struct store *s)
{
    while (!list_empty(&s->failed)) {
        struct conn *c = list_entry(s->failed.next, struct conn, failed);

        list_remove(&c->failed);
        c->transport->drop(c);
    }
}

bool server_turn(struct store *s)
{
    /* Clients that send several requests at once, as libxs does, get several replies at once. */
    for (int round = 0; round < ROUNDS && !list_empty(&s->ready); round++)
        serve_ready(s);
    commit(s);
    send_dirty(s);
    drop_failed(s);
    return !list_empty(&s->ready);
}

static void hypervisor_event(struct store *s)
{
    uint32_t port = s->xen->event();

    if (port == XEN_PORT_DOMAINS)
        domain_check_all(s);
    else if (port)
        domain_event(s, port);
}

static int add(int epoll_fd, int fd, void *data)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = data };

    return fd >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e) ? -errno : 0;
}

int server_run(struct store *s, int listen_fd, int event_fd, int signal_fd)
{
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC), err;
    struct epoll_event e[EVENTS];
    bool more, stop = false;

    if (epoll_fd < 0)
        return -errno;
    err = add(epoll_fd, listen_fd, &listen_fd);
    if (!err)
        err = add(epoll_fd, event_fd, &event_fd);
    if (!err)
        err = add(epoll_fd, signal_fd, &signal_fd);
    while (!err && !stop) {
        int n;

        more = server_turn(s);
        /* Guests that have to wait are ready all the time; then a millisecond passes between turns. */
        n = epoll_wait(epoll_fd, e, EVENTS, more ? s->favoured != NULL : -1);
        for (int i = 0; i < n; i++) {
            if (e[i].data.ptr == &listen_fd)
                socket_accept(s, listen_fd, epoll_fd);
            else if (e[i].data.ptr == &event_fd)
                hypervisor_event(s);
            else if (e[i].data.ptr == &signal_fd)
                stop = true;
            else
                socket_event(e[i].data.ptr, e[i].events);
        }
    }
    close(epoll_fd);
    return err;
}
