/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many changes at once. Requests are sent in batches before their replies are read, which saves the waiting.
 * A batch is small enough to fit the socket's buffer, so neither side can block the other.
 */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_REQUESTS 64
#define BATCH_BYTES    (32u << 10)

static const uint32_t change_type[] = {
    [XS_CHANGE_WRITE] = XS_WRITE,
    [XS_CHANGE_MKDIR] = XS_MKDIR,
    [XS_CHANGE_RM] = XS_RM,
    [XS_CHANGE_PERMS] = XS_SET_PERMS,
};

struct batch {
    uint32_t id[BATCH_REQUESTS];
    unsigned int count;
    size_t used;
    char bytes[BATCH_BYTES];
};

/* Adds a request: 0, -E2BIG if it can never be sent, -ENOBUFS if the batch is full. */
static int add_change(struct xs_handle *h, struct batch *b, xs_transaction_t t, const struct xs_change *c)
{
    size_t path_size = strlen(c->path) + 1, len = c->kind == XS_CHANGE_WRITE ? c->len : 0;
    const char *data = c->data;
    struct xsd_sockmsg head;
    char *text = NULL;
    int err = 0;

    if (c->kind == XS_CHANGE_PERMS) {
        data = text = xs_permissions_text(c->perms, c->num_perms, &len);
        if (!text)
            return -ENOMEM;
    }
    if (path_size + len > XENSTORE_PAYLOAD_MAX)
        err = -E2BIG;
    else if (b->count == BATCH_REQUESTS || b->used + sizeof(head) + path_size + len > sizeof(b->bytes))
        err = -ENOBUFS;
    if (!err) {
        head = (struct xsd_sockmsg){ change_type[c->kind], ++h->next_id, t, path_size + len };
        b->id[b->count++] = head.req_id;
        memcpy(b->bytes + b->used, &head, sizeof(head));
        memcpy(b->bytes + b->used + sizeof(head), c->path, path_size);
        if (len)
            memcpy(b->bytes + b->used + sizeof(head) + path_size, data, len);
        b->used += sizeof(head) + path_size + len;
    }
    free(text);
    return err;
}

/* Sends a batch and reads all its replies. *refused: the first that was an error reply. */
static int run_batch(struct xs_handle *h, const struct batch *b, unsigned int *refused)
{
    struct iovec part = { (void *)b->bytes, b->used };
    int err = xs_send(h, &part, 1), verdict = 0;

    for (unsigned int i = 0; !err && i < b->count; i++) {
        struct xs_reply reply;
        uint32_t type;

        err = xs_await(h, b->id[i], &type, &reply);
        if (err)
            break;
        if (type == XS_ERROR && !verdict) {
            verdict = -xs_error_number(reply.data);
            *refused = i;
        }
        free(reply.data);
    }
    return err ? err : verdict;
}

/* The changes in a transaction that is open. Lock held. */
static int change_in(struct xs_handle *h, struct batch *b, xs_transaction_t t,
                     const struct xs_change *changes, unsigned int num, unsigned int *failed)
{
    unsigned int done = 0, refused = 0;
    int err = 0;

    if (xs_transaction_is_lost(h, t) || h->fd < 0)
        return -EAGAIN;
    while (done < num) {
        b->count = b->used = 0;
        while (done + b->count < num && !(err = add_change(h, b, t, &changes[done + b->count])))
            /* The kernel's device takes one request at a time. */
            if (h->is_device)
                break;
        if (err && err != -ENOBUFS) {
            *failed = done + b->count;
            return err;
        }
        err = run_batch(h, b, &refused);
        if (h->fd < 0)
            return -EAGAIN;
        if (err) {
            *failed = done + refused;
            return err;
        }
        done += b->count;
    }
    return 0;
}

static int change_locked(struct xs_handle *h, xs_transaction_t t, const struct xs_change *changes,
                         unsigned int num, unsigned int *failed)
{
    struct batch *b = malloc(sizeof(*b));
    int err;

    *failed = num;
    if (!b)
        return -ENOMEM;
    pthread_mutex_lock(&h->lock);
    err = change_in(h, b, t, changes, num, failed);
    xs_settle(h);
    pthread_mutex_unlock(&h->lock);
    free(b);
    return err;
}

bool xs_change_all(struct xs_handle *h, xs_transaction_t t, const struct xs_change *changes, unsigned int num,
                   unsigned int *failed)
{
    bool own = t == XBT_NULL;
    unsigned int ignored;
    int err;

    if (!failed)
        failed = &ignored;
    *failed = num;
    do {
        if (own && !(t = xs_transaction_start(h)))
            return false;
        err = change_locked(h, t, changes, num, failed);
        if (own && !xs_transaction_end(h, t, err != 0) && !err)
            err = -errno;
    } while (own && err == -EAGAIN);
    if (err)
        errno = -err;
    return !err;
}
