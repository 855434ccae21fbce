/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Event channels through /dev/xen/evtchn: reading gives pending ports (and masks them), writing a port
 * unmasks it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <public/xen.h>
#include <public/event_channel.h>

#include <libhv/event.h>

#include "handle.h"
#include "linux_abi.h"

struct hv_event {
    int fd;
};

struct hv_event *hv_event_open(struct hv_error *err)
{
    struct hv_event *ev = malloc(sizeof(*ev));

    if (!ev) {
        hv_error_set(err, ENOMEM, NULL, "cannot open %s: out of memory", DEV_EVTCHN);
        return NULL;
    }
    ev->fd = open(DEV_EVTCHN, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (ev->fd < 0) {
        hv_error_set(err, errno, "load the module xen-evtchn", "cannot open %s: %s", DEV_EVTCHN,
                     strerror(errno));
        free(ev);
        return NULL;
    }
    return ev;
}

void hv_event_close(struct hv_event *ev)
{
    if (!ev)
        return;
    close(ev->fd);
    free(ev);
}

int hv_event_fd(const struct hv_event *ev)
{
    return ev->fd;
}

int hv_event_bind_interdomain(struct hv_event *ev, uint32_t domid, uint32_t remote_port, struct hv_error *err)
{
    struct evtchn_two arg = { .domid = domid, .port = remote_port };
    int port = ioctl(ev->fd, EVTCHN_BIND_INTERDOMAIN, &arg);

    if (port < 0)
        return hv_error_set(err, errno, NULL,
                            "cannot bind event channel %" PRIu32 " of domain %" PRIu32 ": %s", remote_port,
                            domid, strerror(errno));
    return port;
}

int hv_event_bind_unbound(struct hv_event *ev, uint32_t domid, struct hv_error *err)
{
    struct evtchn_one arg = { .value = domid };
    int port = ioctl(ev->fd, EVTCHN_BIND_UNBOUND, &arg);

    if (port < 0)
        return hv_error_set(err, errno, NULL, "cannot make an event channel for domain %" PRIu32 ": %s",
                            domid, strerror(errno));
    return port;
}

int hv_event_bind_virq(struct hv_event *ev, unsigned virq, struct hv_error *err)
{
    struct evtchn_one arg = { .value = virq };
    int port = ioctl(ev->fd, EVTCHN_BIND_VIRQ, &arg);

    if (port < 0)
        return hv_error_set(err, errno,
                            errno == EEXIST ? "another program has it: is a second daemon running?" : NULL,
                            "cannot bind virtual interrupt %u: %s", virq, strerror(errno));
    return port;
}

/* A request that takes a port only. */
static int port_op(struct hv_event *ev, unsigned long request, uint32_t port, const char *what,
                   struct hv_error *err)
{
    struct evtchn_one arg = { .value = port };

    if (ioctl(ev->fd, request, &arg) < 0)
        return hv_error_set(err, errno, NULL, "cannot %s event channel %" PRIu32 ": %s", what, port,
                            strerror(errno));
    return 0;
}

int hv_event_unbind(struct hv_event *ev, uint32_t port, struct hv_error *err)
{
    return port_op(ev, EVTCHN_UNBIND, port, "unbind", err);
}

int hv_event_notify(struct hv_event *ev, uint32_t port, struct hv_error *err)
{
    return port_op(ev, EVTCHN_NOTIFY, port, "notify", err);
}

int hv_event_pending(struct hv_event *ev, struct hv_error *err)
{
    uint32_t port;
    ssize_t got = read(ev->fd, &port, sizeof(port));

    if (got == (ssize_t)sizeof(port))
        return (int)port;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return hv_error_set(err, got < 0 ? errno : EIO, NULL, "cannot read %s: %s", DEV_EVTCHN,
                        got < 0 ? strerror(errno) : "short read");
}

int hv_event_unmask(struct hv_event *ev, uint32_t port, struct hv_error *err)
{
    if (write(ev->fd, &port, sizeof(port)) != (ssize_t)sizeof(port))
        return hv_error_set(err, errno, NULL, "cannot unmask event channel %" PRIu32 ": %s", port,
                            strerror(errno));
    return 0;
}

int hv_event_alloc_unbound_in(struct hv *hv, uint32_t domid, uint32_t remote, struct hv_error *err)
{
    struct evtchn_alloc_unbound arg = { .dom = (domid_t)domid, .remote_dom = (domid_t)remote };
    long ret =
        call_with(hv, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, 0, &arg, sizeof(arg), 1);

    if (ret < 0)
        return hv_error_set(err, (int)-ret, call_hint((int)-ret),
                            "cannot make an event channel in domain %" PRIu32 ": %s", domid,
                            strerror((int)-ret));
    return (int)arg.port;
}
