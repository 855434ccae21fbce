/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection whose transport is a domain's ring.
 */
#ifndef XENSTORED_DOMAIN_RING_H
#define XENSTORED_DOMAIN_RING_H

#include "conn.h"
#include "ring.h"

struct domain;

struct domain_ring {
    struct conn conn;
    struct ring ring;
    bool resetting; /* the page is to be reset after the next commit */
};

/* Connects a domain whose page is mapped; `page` may be NULL while the journal is replayed. */
struct domain_ring *domain_ring_new(struct store *s, struct domain *d,
                                    struct xenstore_domain_interface *page);

/* Goes on with the page after a restart. */
void domain_ring_reattach(struct domain_ring *dr, struct xenstore_domain_interface *page);

/* The domain has notified us. */
void domain_ring_event(struct domain_ring *dr);

/* Ends the connection; the page stays mapped. */
void domain_ring_free(struct domain_ring *dr);

#endif
