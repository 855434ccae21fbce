/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the store needs from the hypervisor, as an interface: on a real machine devices of dom0's kernel, in
 * tests a fake, and nothing at all where there are no domains.
 */
#ifndef XENSTORED_XEN_H
#define XENSTORED_XEN_H

#include <stdint.h>

struct xenstore_domain_interface;

enum xen_domain_state { XEN_DOMAIN_GONE, XEN_DOMAIN_ALIVE, XEN_DOMAIN_SHUTDOWN };

struct xen_ops {
    /* Maps a domain's ring; `mfn` is used if the domain has not granted it. NULL with errno on failure. */
    struct xenstore_domain_interface *(*map_ring)(uint16_t domid, uint64_t mfn);
    /* dom0's own ring and the port of its event channel. */
    struct xenstore_domain_interface *(*map_own_ring)(uint32_t *port);
    void (*unmap_ring)(struct xenstore_domain_interface *page);
    /* Binds to a domain's port: the local port, or -errno. */
    int (*bind)(uint16_t domid, uint32_t port);
    void (*unbind)(uint32_t local_port);
    void (*notify)(uint32_t local_port);
    enum xen_domain_state (*state)(uint16_t domid);
    /* The port of a pending event, which is unmasked; XEN_PORT_DOMAINS: a domain has stopped or is gone; 0:
     * none. */
    uint32_t (*event)(void);
};

#define XEN_PORT_DOMAINS UINT32_MAX

/* Opens dom0's devices: NULL after a message if one is missing. *event_fd is readable when an event is
 * pending. */
const struct xen_ops *xen_open(int *event_fd);

#endif
