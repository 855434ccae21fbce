/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's console ring, from the daemon's side.
 *
 * The page is the guest's to scribble on. Its index is read once and only the difference to our own matters;
 * our own is kept here and only published there. So whatever the guest writes, at most a ring's worth of
 * bytes is read, from inside the page.
 */
#ifndef HVD_RING_H
#define HVD_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <public/io/console.h>

struct ring {
    struct xencons_interface *page;
    uint32_t out_cons, in_prod; /* our indices */
};

/* Takes over where the page says: for a new guest, or after a restart of the daemon. */
void ring_init(struct ring *ring, struct xencons_interface *page);

/*
 * Takes at most `size` bytes of what the guest has written. An index that makes no sense counts as an empty
 * ring, from there on.
 */
size_t ring_read(struct ring *ring, char *buf, size_t size);

/* Passes on at most `size` bytes as far as there is room; returns how many. */
size_t ring_write(struct ring *ring, const char *buf, size_t size);

/* Is there something to read? */
bool ring_pending(const struct ring *ring);

#endif
