/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What libxs keeps about a connection. Everything in a handle is protected by its lock.
 */
#ifndef LIBXS_HANDLE_H
#define LIBXS_HANDLE_H

#include <pthread.h>
#include <stddef.h>
#include <sys/uio.h>

#include <public/io/xs_wire.h>
#include <xs.h>

#define XS_MESSAGE_MAX (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)

/* A watch as asked for, to be asked for again. */
struct xs_registration {
    struct xs_registration *next;
    char *path, *token;
};

/* An event that has come and was not read yet: the block the user gets. */
struct xs_event {
    struct xs_event *next;
    char **strings;
};

/* A transaction that was started and not ended. */
struct xs_open_transaction {
    struct xs_open_transaction *next;
    xs_transaction_t id;
    bool lost; /* the connection it belonged to is gone */
};

struct xs_handle {
    pthread_mutex_t lock;
    int fd;         /* -1: lost */
    bool is_device; /* /dev/xen/xenbus, which cannot be lost */
    bool filter;    /* XS_UNWATCH_FILTER */
    uint32_t next_id;

    /* xs_fileno(): a set of `fd`, `event_fd` (readable while events are queued) and `timer_fd` (when to try
     * to reconnect). -1 until needed. */
    int set_fd, event_fd, timer_fd;

    struct xs_registration *registrations;
    struct xs_event *first, *last;
    struct xs_open_transaction *transactions;

    size_t start, end; /* what of `in` is filled */
    char in[2 * XS_MESSAGE_MAX];
};

/* A reply: a malloc'ed payload with a NUL behind it. */
struct xs_reply {
    char *data;
    size_t len;
};

/* connection.c: the bytes. */

/* Connects. 0 or -errno. */
int xs_connect(struct xs_handle *h);

/* Connects again and registers the watches again; with `wait`, tries for some seconds. 0 or -errno. */
int xs_reconnect(struct xs_handle *h, bool wait);

/* Notes that the connection is gone, and with it the transactions. */
void xs_connection_lost(struct xs_handle *h);

/* Sends all of it. 0 or -errno; the connection is lost then. */
int xs_send(struct xs_handle *h, struct iovec *part, int parts);

/* Takes the next message that has come: 1 if there is one, with head and payload pointing into the buffer,
 * valid until the next call. 0 if not and not `wait`. -errno: the connection is lost. */
int xs_receive(struct xs_handle *h, bool wait, struct xsd_sockmsg *head, const char **payload);

/* Queues the events that were read along with replies; to be called when no reply is waited for any more,
 * for what is in the buffer makes no descriptor readable. */
void xs_settle(struct xs_handle *h);

/* Makes xs_fileno()'s set. 0 or -errno. */
int xs_make_set(struct xs_handle *h);

/* Lets the set wake its reader when it is time to try to reconnect. */
void xs_retry_later(struct xs_handle *h);

/* exchange.c: requests and replies. The lock is taken inside, but for those that say so. */

/* One request and its reply. Replies of type error become errno. */
bool xs_exchange(struct xs_handle *h, uint32_t type, xs_transaction_t t, const struct iovec *part, int parts,
                 struct xs_reply *reply);

/* As xs_exchange(), for strings: each sent with its NUL; the reply is not needed. */
bool xs_command(struct xs_handle *h, uint32_t type, xs_transaction_t t, const char *a, const char *b);

/* The same on a connection that has just been made, with the lock held and without retries; 0 or -errno. */
int xs_command_now(struct xs_handle *h, uint32_t type, const char *a, const char *b);

/* The errno for the name in an error reply. */
int xs_error_number(const char *name);

/* Waits for the reply to request `id`, queueing events on the way; lock held. 0 with a reply, which may be
 * an error reply, or -errno if the connection is lost. */
int xs_await(struct xs_handle *h, uint32_t id, uint32_t *type, struct xs_reply *reply);

/* transaction.c: which are open; lock held. */
void xs_transaction_opened(struct xs_handle *h, xs_transaction_t t);
bool xs_transaction_is_lost(const struct xs_handle *h, xs_transaction_t t);
bool xs_transaction_closed(struct xs_handle *h, xs_transaction_t t); /* true if it had been lost */
void xs_transactions_lost(struct xs_handle *h);

/* events.c: lock held. */
void xs_queue_event(struct xs_handle *h, const char *payload, size_t len);
void xs_drop_events(struct xs_handle *h);

/* permissions.c: the text form of permissions, "n0\0r5\0", malloc'ed; its length in *len. */
char *xs_permissions_text(const struct xs_permissions *perms, unsigned int num, size_t *len);

/* One entry, "r5". */
bool xs_permission_parse(const char *text, struct xs_permissions *perm);

#endif
