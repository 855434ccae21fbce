/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The connection: a socket to the daemon, or dom0's and guests' kernel device. Bytes go out in one piece and
 * come in through a buffer, so a request and its reply cost two system calls.
 */
#include "handle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_RUNDIR "/run/xenstored"
#define DEVICE         "/dev/xen/xenbus"
#define OLD_DEVICE     "/proc/xen/xenbus"

/* How long a request waits for a daemon that is being restarted, and how often it looks. */
#define RECONNECT_SECONDS 10
#define RECONNECT_STEP_MS 20
#define RESTART_STEPS     50

static int socket_path(char *out, size_t size)
{
    const char *path = getenv("XENSTORED_PATH"), *dir = getenv("XENSTORED_RUNDIR");
    int n = path ? snprintf(out, size, "%s", path) : snprintf(out, size, "%s/socket", dir ?: DEFAULT_RUNDIR);

    return n >= 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

static int open_device(struct xs_handle *h, const char *path)
{
    h->fd = open(path, O_RDWR | O_CLOEXEC);
    if (h->fd < 0)
        return -errno;
    h->is_device = true;
    return 0;
}

static int open_socket(struct xs_handle *h)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct stat st;
    int fd, err = socket_path(address.sun_path, sizeof(address.sun_path));

    if (err)
        return err;
    if (!stat(address.sun_path, &st) && S_ISCHR(st.st_mode))
        return open_device(h, address.sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        err = -errno;
        close(fd);
        return err;
    }
    h->fd = fd;
    return 0;
}

static void watch_fd(struct xs_handle *h)
{
    struct epoll_event e = { .events = EPOLLIN };

    if (h->set_fd >= 0)
        epoll_ctl(h->set_fd, EPOLL_CTL_ADD, h->fd, &e);
}

/* dom0's kernel has the device, too, but behind it is the same daemon that does not answer on its socket. */
static bool is_dom0(void)
{
    FILE *f = fopen("/proc/xen/capabilities", "re");
    char text[32] = "";
    bool dom0 = f && fgets(text, sizeof(text), f) && strstr(text, "control_d");

    if (f)
        fclose(f);
    return dom0;
}

static int open_any_device(struct xs_handle *h)
{
    if (getenv("XENSTORED_PATH") || getenv("XENSTORED_RUNDIR") || is_dom0())
        return -ENOENT;
    return open_device(h, DEVICE) ? open_device(h, OLD_DEVICE) : 0;
}

int xs_connect(struct xs_handle *h)
{
    struct timespec step = { .tv_nsec = RECONNECT_STEP_MS * 1000000L };
    int err = open_socket(h);

    /* A socket that nobody listens at was a daemon's that is perhaps being started again. */
    for (int tries = 0; err == -ECONNREFUSED && tries < RESTART_STEPS; tries++) {
        nanosleep(&step, NULL);
        err = open_socket(h);
    }
    if (err && open_any_device(h))
        return err;
    h->start = h->end = 0;
    watch_fd(h);
    return 0;
}

void xs_connection_lost(struct xs_handle *h)
{
    if (h->fd >= 0)
        close(h->fd);
    h->fd = -1;
    xs_transactions_lost(h);
}

static int register_watches(struct xs_handle *h)
{
    int err = 0;

    for (struct xs_registration *r = h->registrations; r && h->fd >= 0; r = r->next)
        err = xs_command_now(h, XS_WATCH, r->path, r->token);
    return h->fd >= 0 ? 0 : err;
}

int xs_reconnect(struct xs_handle *h, bool wait)
{
    struct timespec now, step = { .tv_nsec = RECONNECT_STEP_MS * 1000000L };
    time_t end;
    int err;

    if (h->is_device)
        return -EIO;
    clock_gettime(CLOCK_MONOTONIC, &now);
    end = now.tv_sec + RECONNECT_SECONDS;
    for (;;) {
        err = open_socket(h);
        if (!err) {
            h->start = h->end = 0;
            watch_fd(h);
            err = register_watches(h);
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (!err || !wait || now.tv_sec >= end)
            return err;
        nanosleep(&step, NULL);
    }
}

int xs_send(struct xs_handle *h, struct iovec *part, int parts)
{
    while (parts) {
        struct msghdr msg = { .msg_iov = part, .msg_iovlen = parts };
        ssize_t n = h->is_device ? writev(h->fd, part, parts) : sendmsg(h->fd, &msg, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int err = -errno;

            /* The kernel's device refuses one request and goes on. */
            if (!h->is_device)
                xs_connection_lost(h);
            return err;
        }
        while (parts && (size_t)n >= part->iov_len) {
            n -= part->iov_len;
            part++;
            parts--;
        }
        if (parts) {
            part->iov_base = (char *)part->iov_base + n;
            part->iov_len -= n;
        }
    }
    return 0;
}

static bool has_input(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) > 0;
}

/* Reads more into the buffer: 1, 0 if there is nothing, -errno. */
static int fill(struct xs_handle *h, bool wait)
{
    ssize_t n;

    if (h->start) {
        memmove(h->in, h->in + h->start, h->end - h->start);
        h->end -= h->start;
        h->start = 0;
    }
    if (h->is_device && !wait && !has_input(h->fd))
        return 0;
    do
        n = h->is_device ? read(h->fd, h->in + h->end, sizeof(h->in) - h->end)
                         : recv(h->fd, h->in + h->end, sizeof(h->in) - h->end, wait ? 0 : MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n > 0) {
        h->end += n;
        return 1;
    }
    return n < 0 && errno == EAGAIN ? 0 : n < 0 ? -errno : -EPIPE;
}

static bool take_message(struct xs_handle *h, struct xsd_sockmsg *head, const char **payload)
{
    size_t have = h->end - h->start;

    if (have < sizeof(*head))
        return false;
    memcpy(head, h->in + h->start, sizeof(*head));
    if (head->len > XENSTORE_PAYLOAD_MAX || have < sizeof(*head) + head->len)
        return false;
    *payload = h->in + h->start + sizeof(*head);
    h->start += sizeof(*head) + head->len;
    return true;
}

int xs_receive(struct xs_handle *h, bool wait, struct xsd_sockmsg *head, const char **payload)
{
    while (!take_message(h, head, payload)) {
        int n = h->end - h->start >= XS_MESSAGE_MAX ? -EPROTO : fill(h, wait);

        if (n < 0)
            xs_connection_lost(h);
        if (n <= 0)
            return n;
    }
    return 1;
}

void xs_settle(struct xs_handle *h)
{
    struct xsd_sockmsg head;
    const char *payload;

    while (h->fd >= 0 && take_message(h, &head, &payload))
        if (head.type == XS_WATCH_EVENT)
            xs_queue_event(h, payload, head.len);
}

int xs_make_set(struct xs_handle *h)
{
    struct epoll_event e = { .events = EPOLLIN };

    if (h->set_fd >= 0)
        return 0;
    h->set_fd = epoll_create1(EPOLL_CLOEXEC);
    h->event_fd = eventfd(h->first ? 1 : 0, EFD_CLOEXEC | EFD_NONBLOCK);
    h->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (h->set_fd < 0 || h->event_fd < 0 || h->timer_fd < 0)
        return -errno;
    if (epoll_ctl(h->set_fd, EPOLL_CTL_ADD, h->event_fd, &e) ||
        epoll_ctl(h->set_fd, EPOLL_CTL_ADD, h->timer_fd, &e))
        return -errno;
    if (h->fd >= 0)
        watch_fd(h);
    else
        xs_retry_later(h);
    return 0;
}

void xs_retry_later(struct xs_handle *h)
{
    struct itimerspec when = { .it_value.tv_nsec = RECONNECT_STEP_MS * 1000000L };

    if (h->timer_fd >= 0)
        timerfd_settime(h->timer_fd, 0, &when, NULL);
}
