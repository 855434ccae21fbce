/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A request and its reply. Events that come in between are queued. If the connection breaks, a request
 * outside a transaction is sent again on the next one.
 */
#include "handle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PARTS 5
/* A request that breaks the connection this often is perhaps what breaks it. */
#define MAX_TRIES 20

static const struct {
    const char *name;
    int number;
} errors[] = {
    { "EINVAL", EINVAL }, { "EACCES", EACCES }, { "EEXIST", EEXIST },       { "EISDIR", EISDIR },
    { "ENOENT", ENOENT }, { "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC },       { "EIO", EIO },
    { "EROFS", EROFS },   { "ENOSYS", ENOSYS }, { "ENOTEMPTY", ENOTEMPTY }, { "EBUSY", EBUSY },
    { "EAGAIN", EAGAIN }, { "E2BIG", E2BIG },   { "EISCONN", EISCONN },     { "EPERM", EPERM },
};

int xs_error_number(const char *name)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (!strcmp(errors[i].name, name))
            return errors[i].number;
    return EINVAL;
}

static int copy_reply(struct xs_reply *reply, const char *payload, size_t len)
{
    reply->data = malloc(len + 1);
    if (!reply->data)
        return -ENOMEM;
    memcpy(reply->data, payload, len);
    reply->data[len] = '\0';
    reply->len = len;
    return 0;
}

int xs_await(struct xs_handle *h, uint32_t id, uint32_t *type, struct xs_reply *reply)
{
    struct xsd_sockmsg head;
    const char *payload;
    int n;

    while ((n = xs_receive(h, true, &head, &payload)) > 0) {
        if (head.type == XS_WATCH_EVENT) {
            xs_queue_event(h, payload, head.len);
        } else if (head.req_id == id) {
            *type = head.type;
            return copy_reply(reply, payload, head.len);
        }
    }
    return n < 0 ? n : -EIO;
}

static int send_request(struct xs_handle *h, uint32_t type, xs_transaction_t t, const struct iovec *part,
                        int parts, uint32_t *id)
{
    struct xsd_sockmsg head = { .type = type, .req_id = ++h->next_id, .tx_id = t };
    struct iovec all[MAX_PARTS];
    size_t len = 0;

    all[0] = (struct iovec){ &head, sizeof(head) };
    for (int i = 0; i < parts; i++) {
        all[i + 1] = part[i];
        len += part[i].iov_len;
    }
    if (len > XENSTORE_PAYLOAD_MAX)
        return -E2BIG;
    head.len = len;
    *id = head.req_id;
    return xs_send(h, all, parts + 1);
}

/* Once, on the connection there is. 0: there is a reply. */
static int try_exchange(struct xs_handle *h, uint32_t type, xs_transaction_t t, const struct iovec *part,
                        int parts, uint32_t *reply_type, struct xs_reply *reply)
{
    uint32_t id;
    int err = send_request(h, type, t, part, parts, &id);

    return err ? err : xs_await(h, id, reply_type, reply);
}

static int exchange(struct xs_handle *h, uint32_t type, xs_transaction_t t, const struct iovec *part,
                    int parts, struct xs_reply *reply)
{
    uint32_t reply_type;
    int err, tries = 0;

    do {
        if (h->fd < 0) {
            err = xs_reconnect(h, true);
            if (err)
                return err;
        }
        if (xs_transaction_is_lost(h, t))
            return -EAGAIN;
        err = try_exchange(h, type, t, part, parts, &reply_type, reply);
    } while (err && h->fd < 0 && !h->is_device && ++tries < MAX_TRIES);
    if (err || reply_type != XS_ERROR)
        return err;
    err = -xs_error_number(reply->data);
    free(reply->data);
    return err;
}

bool xs_exchange(struct xs_handle *h, uint32_t type, xs_transaction_t t, const struct iovec *part, int parts,
                 struct xs_reply *reply)
{
    int err;

    pthread_mutex_lock(&h->lock);
    err = exchange(h, type, t, part, parts, reply);
    xs_settle(h);
    pthread_mutex_unlock(&h->lock);
    if (err)
        errno = -err;
    return !err;
}

static int two_strings(struct iovec *part, const char *a, const char *b)
{
    part[0] = (struct iovec){ (void *)a, strlen(a) + 1 };
    if (!b)
        return 1;
    part[1] = (struct iovec){ (void *)b, strlen(b) + 1 };
    return 2;
}

bool xs_command(struct xs_handle *h, uint32_t type, xs_transaction_t t, const char *a, const char *b)
{
    struct xs_reply reply;
    struct iovec part[2];
    int parts = two_strings(part, a, b);

    if (!xs_exchange(h, type, t, part, parts, &reply))
        return false;
    free(reply.data);
    return true;
}

int xs_command_now(struct xs_handle *h, uint32_t type, const char *a, const char *b)
{
    struct xs_reply reply;
    struct iovec part[2];
    uint32_t reply_type;
    int err = try_exchange(h, type, XBT_NULL, part, two_strings(part, a, b), &reply_type, &reply);

    if (err)
        return err;
    if (reply_type == XS_ERROR)
        err = -xs_error_number(reply.data);
    free(reply.data);
    return err;
}
