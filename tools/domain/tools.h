/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a tool holds open: the hypervisor and the store. And the lock that makes changes to domains one at a
 * time.
 */
#ifndef TOOLS_DOMAIN_TOOLS_H
#define TOOLS_DOMAIN_TOOLS_H

#include <libhv.h>
#include <xs.h>

struct tools {
    struct hv *hv;
    struct xs_handle *xs;
};

/* Opens both. On failure nothing is open. */
int tools_open(struct tools *tools, struct hv_error *err);
void tools_close(struct tools *tools);

/*
 * Whoever makes, changes or removes a domain holds this lock, in whatever process: so two creations cannot
 * take the same name or image, and a clean-up never meets a domain half made by someone alive. The kernel
 * drops it with the process. Waits; returns a descriptor for tools_unlock(), or -errno with a message.
 */
int tools_lock(struct hv_error *err);
void tools_unlock(int lock);

#endif
