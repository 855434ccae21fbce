/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Transactions. Open ones are listed, for the daemon that knew them may be gone: then they fail with EAGAIN
 * here and never reach its successor, where their ids could mean something else.
 */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>

void xs_transaction_opened(struct xs_handle *h, xs_transaction_t t)
{
    struct xs_open_transaction *o = malloc(sizeof(*o));

    if (!o)
        return; /* then its loss goes unnoticed here; the daemon answers ENOENT */
    *o = (struct xs_open_transaction){ .next = h->transactions, .id = t };
    h->transactions = o;
}

bool xs_transaction_is_lost(const struct xs_handle *h, xs_transaction_t t)
{
    const struct xs_open_transaction *o = t ? h->transactions : NULL;

    while (o && o->id != t)
        o = o->next;
    return o && o->lost;
}

bool xs_transaction_closed(struct xs_handle *h, xs_transaction_t t)
{
    struct xs_open_transaction **at = &h->transactions, *o;
    bool lost;

    while (*at && (*at)->id != t)
        at = &(*at)->next;
    o = *at;
    if (!o)
        return false;
    lost = o->lost;
    *at = o->next;
    free(o);
    return lost;
}

void xs_transactions_lost(struct xs_handle *h)
{
    for (struct xs_open_transaction *o = h->transactions; o; o = o->next)
        o->lost = true;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
    struct iovec part = { (void *)"", 1 };
    struct xs_reply reply;
    xs_transaction_t t;

    if (!xs_exchange(h, XS_TRANSACTION_START, XBT_NULL, &part, 1, &reply))
        return XBT_NULL;
    t = strtoul(reply.data, NULL, 10);
    free(reply.data);
    pthread_mutex_lock(&h->lock);
    xs_transaction_opened(h, t);
    pthread_mutex_unlock(&h->lock);
    return t;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
    bool ok = xs_command(h, XS_TRANSACTION_END, t, abort ? "F" : "T", NULL), lost;
    int err = errno;

    pthread_mutex_lock(&h->lock);
    lost = xs_transaction_closed(h, t);
    pthread_mutex_unlock(&h->lock);
    errno = err;
    return ok || (lost && abort);
}
