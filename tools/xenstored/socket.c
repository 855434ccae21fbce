/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Socket connections: bytes are read in large pieces, and requests cut from them.
 */
#include "socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "alloc.h"
#include "conn.h"
#include "log.h"
#include "store.h"

#define HEAD_SIZE   sizeof(struct xsd_sockmsg)
#define BUFFER_SIZE (2 * (HEAD_SIZE + XENSTORE_PAYLOAD_MAX))
#define SEND_PARTS  16

struct socket_conn {
    struct conn conn;
    int fd, epoll_fd;
    bool waits; /* for EPOLLOUT, and for nothing else */
    size_t start, end; /* what of the buffer is filled */
    char buffer[BUFFER_SIZE];
};

static struct socket_conn *socket_of(struct conn *c)
{
    return list_entry(c, struct socket_conn, conn);
}

/* The head of a request all of which has been read. False if there is none, or an impossible one. */
static bool peek_request(const struct socket_conn *sc, struct xsd_sockmsg *head)
{
    size_t have = sc->end - sc->start;

    if (have < HEAD_SIZE)
        return false;
    memcpy(head, sc->buffer + sc->start, HEAD_SIZE);
    return head->len > XENSTORE_PAYLOAD_MAX || have >= HEAD_SIZE + head->len;
}

/* Reads what there is. False if the client is gone. */
static bool fill(struct socket_conn *sc)
{
    ssize_t n;

    if (sc->start) {
        memmove(sc->buffer, sc->buffer + sc->start, sc->end - sc->start);
        sc->end -= sc->start;
        sc->start = 0;
    }
    n = recv(sc->fd, sc->buffer + sc->end, BUFFER_SIZE - sc->end, MSG_DONTWAIT);
    if (n > 0)
        sc->end += n;
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static enum receive_result receive(struct conn *c, struct xsd_sockmsg *head)
{
    struct socket_conn *sc = socket_of(c);

    if (!peek_request(sc, head)) {
        if (!fill(sc))
            return RECEIVE_BROKEN;
        if (!peek_request(sc, head))
            return RECEIVE_NOTHING;
    }
    if (head->len > XENSTORE_PAYLOAD_MAX) {
        log_message("a socket client sent a request of %u bytes and is disconnected", head->len);
        return RECEIVE_BROKEN;
    }
    memcpy(c->store->request, sc->buffer + sc->start + HEAD_SIZE, head->len);
    sc->start += HEAD_SIZE + head->len;
    return RECEIVE_REQUEST;
}

static bool pending(struct conn *c)
{
    struct xsd_sockmsg head;

    return peek_request(socket_of(c), &head);
}

static void wait_for(struct socket_conn *sc, bool output)
{
    struct epoll_event e = { .events = output ? EPOLLOUT : EPOLLIN, .data.ptr = &sc->conn };

    if (sc->waits == output)
        return;
    sc->waits = output;
    epoll_ctl(sc->epoll_fd, EPOLL_CTL_MOD, sc->fd, &e);
}

static void send_output(struct conn *c)
{
    struct socket_conn *sc = socket_of(c);

    while (c->out_first) {
        struct iovec part[SEND_PARTS];
        struct msghdr msg = { .msg_iov = part };
        size_t skip = c->out_done;
        ssize_t n;

        for (struct message *m = c->out_first; m && msg.msg_iovlen < SEND_PARTS; m = m->next, skip = 0)
            part[msg.msg_iovlen++] = (struct iovec){ m->bytes + skip, m->len - skip };
        n = sendmsg(sc->fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR)
                conn_break(c);
            break;
        }
        conn_sent(c, n);
    }
    wait_for(sc, c->out_first != NULL);
}

static void drop(struct conn *c)
{
    struct socket_conn *sc = socket_of(c);

    close(sc->fd);
    conn_end(c);
    free(sc);
}

static const struct transport socket_transport = {
    .kind = "socket",
    .receive = receive,
    .pending = pending,
    .send = send_output,
    .drop = drop,
};

int socket_listen(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd, err;

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    /* The journal's lock is held, so nobody else serves this path. */
    unlink(path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || chmod(path, 0600) || listen(fd, 64)) {
        err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

void socket_accept(struct store *s, int listen_fd, int epoll_fd)
{
    int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
    struct epoll_event e = { .events = EPOLLIN };
    struct socket_conn *sc;

    if (fd < 0) {
        if (errno != EAGAIN && errno != ECONNABORTED)
            log_limited(&domain_get(s, 0)->log, 0, "cannot accept a client: %s", strerror(errno));
        return;
    }
    sc = alloc_zeroed(sizeof(*sc));
    sc->fd = fd;
    sc->epoll_fd = epoll_fd;
    conn_init(&sc->conn, s, &socket_transport, 0, true);
    e.data.ptr = &sc->conn;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e))
        conn_break(&sc->conn);
}

void socket_event(struct conn *c, uint32_t events)
{
    if (events & EPOLLOUT) {
        if (list_empty(&c->dirty))
            list_append(&c->store->dirty, &c->dirty);
    } else if (socket_of(c)->waits) {
        /* Nobody will read what we hold. */
        conn_break(c);
    } else {
        conn_set_ready(c);
    }
}

void socket_close_all(struct store *s)
{
    struct list *link, *after;

    list_for_each(link, after, &s->connections) {
        struct conn *c = list_entry(link, struct conn, all);

        if (c->transport == &socket_transport)
            drop(c);
    }
}
