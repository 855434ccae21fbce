/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection: a client behind a socket or a domain behind its ring. What the two have in common is here;
 * how bytes move is the transport's.
 *
 * A turn of the server consists of some rounds, each of which serves at most one request of each connection;
 * then it commits the journal, then it sends. A connection with much unsent output is not served, so a client
 * that does not read cannot make us store replies. A connection that misbehaves is only marked; the server
 * drops it at the end of the turn.
 */
#ifndef XENSTORED_CONN_H
#define XENSTORED_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <public/io/xs_wire.h>

#include "list.h"

struct conn;
struct domain;
struct store;

enum receive_result {
    RECEIVE_NOTHING,
    RECEIVE_REQUEST,
    RECEIVE_BROKEN, /* no more requests will come */
};

struct transport {
    const char *kind;
    bool persistent; /* survives a restart of the daemon */
    /* Takes one whole request: its head, and its payload to store.request. */
    enum receive_result (*receive)(struct conn *c, struct xsd_sockmsg *head);
    /* Whether another request may be there already. */
    bool (*pending)(struct conn *c);
    /* Sends as much of the output as goes. Called after the journal's commit only. */
    void (*send)(struct conn *c);
    /* What happens to a broken connection at the end of the turn; may free it. */
    void (*drop)(struct conn *c);
};

/* A message to be sent. */
struct message {
    struct message *next;
    uint64_t hash; /* of an event, to find an equal one; 0 for a reply */
    uint32_t len;
    char bytes[];
};

struct conn {
    struct list all, ready, dirty, failed;
    struct store *store;
    const struct transport *transport;
    struct domain *domain; /* NULL for a socket */
    uint16_t domid;        /* whose rights it has */
    bool privileged;
    bool broken;
    struct list watches, transactions;
    uint32_t watch_count, transaction_count;
    uint32_t clashes; /* transactions that failed one after the other */
    struct message *out_first, *out_last;
    size_t out_bytes; /* not sent yet */
    size_t out_done;  /* bytes of out_first that are sent */
};

/* Joins `c` to the store's connections. Its transport's fields are the caller's. */
void conn_init(struct conn *c, struct store *s, const struct transport *transport, uint16_t domid,
               bool privileged);

/* Drops watches, transactions and output; takes it out of all lists. Does not free it. */
void conn_end(struct conn *c);

/* Drops all output, watches and transactions, as if it had just connected. */
void conn_reset(struct conn *c);

/* Whether so little output waits that a request may be served. */
bool conn_may_ask(const struct conn *c);

/* Notes that there may be a request. */
void conn_set_ready(struct conn *c);

/*
 * Takes down how a transaction of a privileged connection ended. A guest that writes without end could make
 * dom0's transactions fail forever; after some failures in a row guests have to wait, for a bounded time,
 * until it succeeds.
 */
void conn_transaction_ended(struct conn *c, bool clashed);

/* Whether `c` has to wait because of that. */
bool conn_must_wait(const struct conn *c);

/* Marks `c` broken: it is served no more and dropped at the end of the turn. */
void conn_break(struct conn *c);

/* Serves one request if there is one; false if the connection has to wait for its transport. */
bool conn_serve(struct conn *c);

/* Queues a message of any kind. */
void conn_send(struct conn *c, uint32_t type, uint32_t req_id, uint32_t tx_id, const void *data, size_t len);

/* Queues a watch event, unless an equal one waits already or the connection has too many. */
void conn_send_event(struct conn *c, const char *path, const char *token);

/* Queues bytes the journal kept: whole messages or the rest of one. */
void conn_restore_output(struct conn *c, const char *bytes, size_t len);

/* Notes that the first `len` bytes of the output have left. */
void conn_sent(struct conn *c, size_t len);

#endif
