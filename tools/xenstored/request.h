/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests: one table row each.
 */
#ifndef XENSTORED_REQUEST_H
#define XENSTORED_REQUEST_H

#include <public/io/xs_wire.h>

struct conn;

/*
 * Carries out one request and queues its reply, which may be an error. `payload` has head->len bytes, at most
 * XENSTORE_PAYLOAD_MAX, and a byte of room behind them.
 */
void request_handle(struct conn *c, const struct xsd_sockmsg *head, char *payload);

#endif
