/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemon's own socket: hvctl's requests, a line each (see domain/hvd_client.h).
 */
#ifndef HVD_CONTROL_H
#define HVD_CONTROL_H

#include "daemon.h"

struct control;

/* Listens. NULL with a message. */
struct control *control_open(struct daemon *d, struct hv_error *err);
void control_close(struct control *control);

#endif
