/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many changes to the store as one transaction: collected here, made by libxs with few round trips.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libhv/error.h>

#include "store.h"

/* A change with its path; NULL when memory is short, which commit will report. */
static struct xs_change *add(struct store_batch *batch, enum xs_change_kind kind, const char *fmt,
                             va_list args)
{
    char path[STORE_PATH_MAX];
    struct xs_change *change;

    if (batch->count == batch->room) {
        unsigned room = batch->room ? batch->room * 2 : 64;
        struct xs_change *more = realloc(batch->changes, room * sizeof(*more));

        if (!more)
            goto failed;
        batch->changes = more;
        batch->room = room;
    }
    vsnprintf(path, sizeof(path), fmt, args);
    change = &batch->changes[batch->count];
    *change = (struct xs_change){ .kind = kind, .path = strdup(path) };
    if (!change->path)
        goto failed;
    batch->count++;
    return change;

failed:
    batch->failed = true;
    return NULL;
}

void store_batch_write(struct store_batch *batch, const char *value, const char *fmt, ...)
{
    struct xs_change *change;
    va_list args;

    va_start(args, fmt);
    change = add(batch, XS_CHANGE_WRITE, fmt, args);
    va_end(args);
    if (!change)
        return;
    change->data = strdup(value);
    change->len = change->data ? (unsigned)strlen(value) : 0;
    batch->failed |= !change->data;
}

static void set_access(struct store_batch *batch, struct xs_change *change, unsigned domid,
                       enum store_access access)
{
    struct xs_permissions *perms = calloc(2, sizeof(*perms));

    if (!perms) {
        batch->failed = true;
        return;
    }
    perms[0].id = access == STORE_GUEST_OWN ? domid : 0;
    perms[1].id = access == STORE_GUEST_OWN ? 0 : domid;
    perms[1].perms = XS_PERM_READ;
    change->perms = perms;
    change->num_perms = access == STORE_DOM0 ? 1 : 2;
}

void store_batch_access(struct store_batch *batch, unsigned domid, enum store_access access, const char *fmt,
                        ...)
{
    struct xs_change *change;
    va_list args;

    va_start(args, fmt);
    change = add(batch, XS_CHANGE_PERMS, fmt, args);
    va_end(args);
    if (change)
        set_access(batch, change, domid, access);
}

void store_batch_node(struct store_batch *batch, unsigned domid, enum store_access access, const char *fmt,
                      ...)
{
    struct xs_change *change;
    va_list args;

    va_start(args, fmt);
    add(batch, XS_CHANGE_MKDIR, fmt, args);
    va_end(args);
    if (access == STORE_INHERIT)
        return;
    va_start(args, fmt);
    change = add(batch, XS_CHANGE_PERMS, fmt, args);
    va_end(args);
    if (change)
        set_access(batch, change, domid, access);
}

void store_batch_drop(struct store_batch *batch)
{
    for (unsigned i = 0; i < batch->count; i++) {
        free((void *)batch->changes[i].path);
        free((void *)batch->changes[i].data);
        free((void *)batch->changes[i].perms);
    }
    free(batch->changes);
    *batch = (struct store_batch){ 0 };
}

int store_batch_commit(struct store_batch *batch, struct xs_handle *xs, struct hv_error *err)
{
    unsigned failed = 0;
    int ret = 0;

    if (batch->failed)
        ret = hv_error_set(err, ENOMEM, NULL, "out of memory");
    else if (batch->count && !xs_change_all(xs, XBT_NULL, batch->changes, batch->count, &failed))
        ret = hv_error_set(err, errno, NULL, "cannot change %s in the store: %s",
                           failed < batch->count ? batch->changes[failed].path : "nodes", strerror(errno));
    store_batch_drop(batch);
    return ret;
}
