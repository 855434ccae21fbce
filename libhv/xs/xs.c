/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handle, and the plain requests; see xs.h.
 */
#include "handle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct xs_handle *xs_open(unsigned long flags)
{
    struct xs_handle *h = calloc(1, sizeof(*h));
    int err;

    if (!h)
        return NULL;
    h->fd = h->set_fd = h->event_fd = h->timer_fd = -1;
    h->filter = flags & XS_UNWATCH_FILTER;
    err = xs_connect(h);
    if (err) {
        free(h);
        errno = -err;
        return NULL;
    }
    pthread_mutex_init(&h->lock, NULL);
    return h;
}

struct xs_handle *xs_daemon_open(void)
{
    return xs_open(0);
}

struct xs_handle *xs_domain_open(void)
{
    return xs_open(0);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void xs_close(struct xs_handle *h)
{
    if (!h)
        return;
    xs_drop_events(h);
    while (h->registrations) {
        struct xs_registration *r = h->registrations;

        h->registrations = r->next;
        free(r->path);
        free(r->token);
        free(r);
    }
    while (h->transactions)
        xs_transaction_closed(h, h->transactions->id);
    close_fd(h->fd);
    close_fd(h->set_fd);
    close_fd(h->event_fd);
    close_fd(h->timer_fd);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

void xs_daemon_close(struct xs_handle *h)
{
    xs_close(h);
}

void xs_daemon_destroy_postfork(struct xs_handle *h)
{
    /* The descriptors are the child's own copies, and nothing is sent on closing. */
    xs_close(h);
}

/* One string as the argument, the reply as the result. */
static char *ask(struct xs_handle *h, uint32_t type, xs_transaction_t t, const char *arg, size_t *len)
{
    struct iovec part = { (void *)arg, strlen(arg) + 1 };
    struct xs_reply reply;

    if (!xs_exchange(h, type, t, &part, 1, &reply))
        return NULL;
    if (len)
        *len = reply.len;
    return reply.data;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
    size_t size;
    char *data = ask(h, XS_READ, t, path, &size);

    if (data && len)
        *len = size;
    return data;
}

/*
 * A directory too long for one reply, collected in pieces. Each begins with the list's generation; when that
 * has changed on the way, it starts over.
 */
static char *directory_in_parts(struct xs_handle *h, xs_transaction_t t, const char *path, size_t *total)
{
    char *names = NULL, offset[24], generation[24] = "";
    struct iovec part[2] = { { (void *)path, strlen(path) + 1 }, { offset, 0 } };
    struct xs_reply reply;
    size_t head, len = 0;
    bool last;

    do {
        char *more;

        part[1].iov_len = sprintf(offset, "%zu", len) + 1;
        if (!xs_exchange(h, XS_DIRECTORY_PART, t, part, 2, &reply))
            goto fail;
        head = strlen(reply.data) + 1;
        if (head > reply.len || head > sizeof(generation)) {
            errno = EIO;
            goto fail_reply;
        }
        if (len && strcmp(reply.data, generation)) {
            free(reply.data);
            len = 0;
            last = false;
            continue;
        }
        strcpy(generation, reply.data);
        /* The last piece ends in an empty name. */
        last = reply.len == head + 1 || (reply.len >= head + 2 && !reply.data[reply.len - 2]);
        more = realloc(names, len + reply.len - head + 1);
        if (!more)
            goto fail_reply;
        names = more;
        memcpy(names + len, reply.data + head, reply.len - head);
        len += reply.len - head - last;
        free(reply.data);
    } while (!last);
    *total = len;
    return names;

fail_reply:
    free(reply.data);
fail:
    free(names);
    return NULL;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
    unsigned int count = 0, i = 0;
    char **list, *text;
    size_t len;
    char *names = ask(h, XS_DIRECTORY, t, path, &len);

    if (!names && errno == E2BIG)
        names = directory_in_parts(h, t, path, &len);
    if (!names)
        return NULL;
    for (size_t at = 0; at < len; at++)
        count += names[at] == '\0';
    list = malloc((count + 1) * sizeof(*list) + len);
    if (list) {
        text = memcpy(list + count + 1, names, len);
        for (; i < count; text += strlen(text) + 1)
            list[i++] = text;
        list[count] = NULL;
        *num = count;
    }
    free(names);
    return list;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data, unsigned int len)
{
    struct iovec part[2] = { { (void *)path, strlen(path) + 1 }, { (void *)data, len } };
    struct xs_reply reply;

    if (!xs_exchange(h, XS_WRITE, t, part, 2, &reply))
        return false;
    free(reply.data);
    return true;
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
    return xs_command(h, XS_MKDIR, t, path, NULL);
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
    return xs_command(h, XS_RM, t, path, NULL);
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn, unsigned int eventchn)
{
    char text[64];
    struct iovec part = { text, 0 };
    struct xs_reply reply;

    part.iov_len = sprintf(text, "%u%c%lu%c%u", domid, 0, mfn, 0, eventchn) + 1;
    if (!xs_exchange(h, XS_INTRODUCE, XBT_NULL, &part, 1, &reply))
        return false;
    free(reply.data);
    return true;
}

static char *ask_about(struct xs_handle *h, uint32_t type, unsigned int domid)
{
    char text[16];

    sprintf(text, "%u", domid);
    return ask(h, type, XBT_NULL, text, NULL);
}

static bool tell_about(struct xs_handle *h, uint32_t type, unsigned int domid)
{
    char *reply = ask_about(h, type, domid);

    free(reply);
    return reply != NULL;
}

bool xs_release_domain(struct xs_handle *h, unsigned int domid)
{
    return tell_about(h, XS_RELEASE, domid);
}

bool xs_resume_domain(struct xs_handle *h, unsigned int domid)
{
    return tell_about(h, XS_RESUME, domid);
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
    char *reply = ask_about(h, XS_IS_DOMAIN_INTRODUCED, domid);
    bool introduced = reply && !strcmp(reply, "T");

    free(reply);
    return introduced;
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
    return ask_about(h, XS_GET_DOMAIN_PATH, domid);
}

bool xs_path_is_subpath(const char *parent, const char *child)
{
    size_t len = strlen(parent);

    if (len && parent[len - 1] == '/')
        len--;
    return !strncmp(parent, child, len) && (child[len] == '/' || child[len] == '\0');
}

char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len)
{
    struct iovec part[2] = { { (void *)cmd, strlen(cmd) + 1 }, { data, len } };
    struct xs_reply reply;

    return xs_exchange(h, XS_CONTROL, XBT_NULL, part, 2, &reply) ? reply.data : NULL;
}
