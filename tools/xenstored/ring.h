/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store's end of the page shared with a domain: two byte rings and some words.
 *
 * The domain may write anything anywhere at any time. So this end keeps its own copies of the two indices it
 * owns (where it has read to, where it has written to) and never reads those back; each index of the domain's
 * is read once per use and checked; bytes are copied out before anything looks at them.
 *
 * What is in the ring is always taken out, even a part of a request (into `part`): guests notify only when
 * they find that all they had written before was taken. For the same reason, whoever has published the
 * indices must look again whether there is more to receive, or room again, before he waits for the next
 * event.
 *
 * Indices move in the page when ring_publish() is called, which is after the journal's commit, so a restart
 * finds each byte either untouched in the ring or in the journal.
 */
#ifndef XENSTORED_RING_H
#define XENSTORED_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <public/io/xs_wire.h>

struct ring {
    struct xenstore_domain_interface *page; /* NULL until attached */
    uint32_t req_cons, rsp_prod;            /* this end's indices, true ones */
    uint32_t part_len;
    char part[sizeof(struct xsd_sockmsg) +
              XENSTORE_PAYLOAD_MAX]; /* start of a request that is not all there */
};

enum ring_result {
    RING_NOTHING,   /* no whole request yet; some bytes may have moved to `part` */
    RING_REQUEST,
    RING_RECONNECT, /* the domain asks for a reset */
    RING_BAD_INDEX,
    RING_BAD_LENGTH,
};

/* Starts on a page as it is, taking over its indices. */
void ring_attach(struct ring *r, struct xenstore_domain_interface *page);

/*
 * Goes on with a page after a restart: `queued` bytes of output were kept, starting at the position rsp_prod.
 * Returns how many of them the domain has been given already, or -1 if the page cannot be right.
 */
int64_t ring_reattach(struct ring *r, struct xenstore_domain_interface *page, size_t queued);

/* Takes the next request: head to *head, payload to `payload` (XENSTORE_PAYLOAD_MAX bytes). */
enum ring_result ring_receive(struct ring *r, struct xsd_sockmsg *head, char *payload);

/* Whether there are bytes to be received. */
bool ring_pending(const struct ring *r);

/* Puts bytes into the response ring without publishing them. Returns how many fit, -1 if an index is bad. */
int ring_put(struct ring *r, const char *bytes, size_t len);

/* Publishes both indices. True if one has moved and the domain must be notified. */
bool ring_publish(struct ring *r);

/* Whether some response bytes would fit. */
bool ring_has_room(const struct ring *r);

/* Empties the ring and tells the domain that it is connected again. */
void ring_reset(struct ring *r);

/* Tells the domain that its ring is dead. */
void ring_set_error(struct ring *r, uint32_t error);

#endif
