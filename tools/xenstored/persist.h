/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What goes into the journal, and how the store is made from it again.
 *
 * Kept are the tree, and for each domain with a ring all that its kernel takes for granted: introduction,
 * watches, what was read of an unfinished request, replies and events not delivered yet. A transaction that
 * was open is kept by its id only; it can be used on and fails with EAGAIN when it ends. Of socket clients
 * nothing is kept: they see the connection break.
 */
#ifndef XENSTORED_PERSIST_H
#define XENSTORED_PERSIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store.h"

struct conn;
struct node;

/* Each notes one change. Those on a connection do nothing if it does not outlive the daemon. */
void persist_node(struct store *s, const struct node *n);
void persist_delete(struct store *s, const struct node *n);
void persist_special(struct store *s, enum special which);
void persist_introduce(struct store *s, const struct domain *d);
void persist_port(struct store *s, const struct domain *d);
void persist_release(struct store *s, uint16_t domid);
void persist_shutdown(struct store *s, const struct domain *d);
void persist_watch(const struct conn *c, const char *path, size_t home, const char *token);
void persist_unwatch(const struct conn *c, const char *path, const char *token);
void persist_reset_watches(const struct conn *c);
void persist_transaction(const struct conn *c, uint32_t id, bool open);
void persist_output(const struct conn *c, const char *bytes, size_t len);
void persist_ring_input(const struct conn *c, uint32_t req_cons, const char *part, size_t len);
void persist_ring_reset(const struct conn *c);
void persist_ring_broken(const struct conn *c);

/* Replays `j` into an empty store; rings are not mapped yet. False if the journal is damaged: what
 * precedes the damage has been restored. */
bool persist_load(struct store *s, const struct journal *j);

/* Writes the journal anew, with the store as it is. */
void persist_rewrite(struct store *s);

#endif
