/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Event channels of this domain, through /dev/xen/evtchn.
 *
 * A handle owns the ports bound through it; closing it closes them. A port that fired is masked until
 * hv_event_unmask(), so one wake-up is delivered per round of work.
 */
#ifndef LIBHV_EVENT_H
#define LIBHV_EVENT_H

#include <stdint.h>
#include <libhv/error.h>

struct hv_event;

struct hv_event *hv_event_open(struct hv_error *err);
void hv_event_close(struct hv_event *ev);

/* For poll(): readable when a port is pending. Non-blocking, close-on-exec. */
int hv_event_fd(const struct hv_event *ev);

/* Each returns a local port (> 0). */
int hv_event_bind_interdomain(struct hv_event *ev, uint32_t domid, uint32_t remote_port,
                              struct hv_error *err);
int hv_event_bind_unbound(struct hv_event *ev, uint32_t domid, struct hv_error *err);
int hv_event_bind_virq(struct hv_event *ev, unsigned virq, struct hv_error *err);

int hv_event_unbind(struct hv_event *ev, uint32_t port, struct hv_error *err);
int hv_event_notify(struct hv_event *ev, uint32_t port, struct hv_error *err);

/* The next pending port (> 0), now masked; 0 if none is pending. */
int hv_event_pending(struct hv_event *ev, struct hv_error *err);
int hv_event_unmask(struct hv_event *ev, uint32_t port, struct hv_error *err);

/*
 * An unbound port in domain `domid` that `remote` may bind: what a builder makes for the store and the
 * console. Needs privilege. Returns the port number in `domid`.
 */
struct hv;
int hv_event_alloc_unbound_in(struct hv *hv, uint32_t domid, uint32_t remote, struct hv_error *err);

#endif
