/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The protocol's requests. Each has a row in the table below and a handler that takes its arguments apart,
 * calls what does the work, and replies; a handler that returns -errno has not replied, and the caller sends
 * the error.
 */
#include "request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "control.h"
#include "domain.h"
#include "log.h"
#include "persist.h"
#include "view.h"

struct request {
    struct view view;
    const struct xsd_sockmsg *head;
    char *args; /* not yet taken */
    size_t left;
};

static const struct {
    int number;
    const char *name;
} error_names[] = {
    { EINVAL, "EINVAL" }, { EACCES, "EACCES" }, { EEXIST, "EEXIST" },       { EISDIR, "EISDIR" },
    { ENOENT, "ENOENT" }, { ENOMEM, "ENOMEM" }, { ENOSPC, "ENOSPC" },       { EIO, "EIO" },
    { EROFS, "EROFS" },   { ENOSYS, "ENOSYS" }, { ENOTEMPTY, "ENOTEMPTY" }, { EBUSY, "EBUSY" },
    { EAGAIN, "EAGAIN" }, { E2BIG, "E2BIG" },   { EISCONN, "EISCONN" },     { EPERM, "EPERM" },
};

static int reply(struct request *r, const void *data, size_t len)
{
    if (len > XENSTORE_PAYLOAD_MAX)
        return -E2BIG;
    conn_send(r->view.conn, r->head->type, r->head->req_id, r->head->tx_id, data, len);
    return 0;
}

static int reply_string(struct request *r, const char *text)
{
    return reply(r, text, strlen(text) + 1);
}

static int reply_ok(struct request *r)
{
    return reply_string(r, "OK");
}

static void reply_error(struct request *r, int err)
{
    const char *name = error_names[0].name;

    for (size_t i = 0; i < sizeof(error_names) / sizeof(error_names[0]); i++)
        if (error_names[i].number == -err)
            name = error_names[i].name;
    conn_send(r->view.conn, XS_ERROR, r->head->req_id, r->head->tx_id, name, strlen(name) + 1);
}

/* The next argument, a string with its NUL, or NULL. */
static char *take_string(struct request *r)
{
    char *text = r->args;
    size_t size = strnlen(text, r->left) + 1;

    if (size > r->left)
        return NULL;
    r->args += size;
    r->left -= size;
    return text;
}

static bool take_number(struct request *r, uint64_t max, uint64_t *n)
{
    const char *text = take_string(r);
    char *end;

    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    *n = strtoull(text, &end, 0);
    return !errno && !*end && *n <= max;
}

/* A domain id; the ABI's "self" stands for the sender. */
static bool take_domid(struct request *r, uint16_t *domid)
{
    uint64_t n;

    if (!take_number(r, DOMAIN_ID_SELF, &n))
        return false;
    *domid = n == DOMAIN_ID_SELF ? r->view.conn->domid : n;
    return true;
}

static bool take_path(struct request *r, struct path *p)
{
    const char *text = take_string(r);

    return text && path_parse(p, text, r->view.conn->domid);
}

/* A path that names a node. */
static bool take_node(struct request *r, struct path *p)
{
    return take_path(r, p) && !path_is_special(p->text);
}

/* A path that is all there is. */
static bool take_only_node(struct request *r, struct path *p)
{
    return take_node(r, p) && !r->left;
}

static int do_directory(struct request *r)
{
    struct path p;
    uint64_t generation;
    char *names;
    size_t len;
    int err = take_only_node(r, &p) ? view_list(&r->view, p.text, &names, &len, &generation) : -EINVAL;

    if (err)
        return err;
    err = reply(r, names, len);
    free(names);
    return err;
}

/*
 * A piece of a long directory: the generation, then whole names from an offset on, and an empty one when that
 * was the end. The client starts over if the generation has changed on the way.
 */
static int do_directory_part(struct request *r)
{
    struct path p;
    uint64_t generation, offset;
    char *names, out[XENSTORE_PAYLOAD_MAX];
    size_t len, used;
    int err = take_node(r, &p) && take_number(r, UINT32_MAX, &offset) && !r->left ? 0 : -EINVAL;

    if (!err)
        err = view_list(&r->view, p.text, &names, &len, &generation);
    if (err)
        return err;
    used = sprintf(out, "%" PRIu64, generation) + 1;
    while (offset < len) {
        size_t size = strnlen(names + offset, len - offset - 1) + 1;

        if (used + size >= sizeof(out))
            break;
        memcpy(out + used, names + offset, size);
        used += size;
        offset += size;
    }
    if (offset >= len)
        out[used++] = '\0';
    free(names);
    return reply(r, out, used);
}

static int do_read(struct request *r)
{
    struct path p;
    struct blob *value;
    int err = take_only_node(r, &p) ? view_read(&r->view, p.text, &value) : -EINVAL;

    return err ? err : reply(r, value->bytes, value->len);
}

static int do_write(struct request *r)
{
    struct path p;
    int err = take_node(r, &p) ? view_write(&r->view, p.text, r->args, r->left) : -EINVAL;

    return err ? err : reply_ok(r);
}

static int do_mkdir(struct request *r)
{
    struct path p;
    int err = take_only_node(r, &p) ? view_make(&r->view, p.text) : -EINVAL;

    return err ? err : reply_ok(r);
}

static int do_rm(struct request *r)
{
    struct path p;
    int err = take_only_node(r, &p) ? view_remove(&r->view, p.text) : -EINVAL;

    return err ? err : reply_ok(r);
}

static int do_get_perms(struct request *r)
{
    struct store *s = r->view.conn->store;
    char out[XENSTORE_PAYLOAD_MAX * 4];
    struct acl *acl;
    struct path p;
    int err;

    if (!take_path(r, &p) || r->left)
        return -EINVAL;
    if (path_is_special(p.text)) {
        err = r->view.conn->privileged ? store_special(p.text) : -EACCES;
        if (err < 0)
            return err;
        acl = s->special[err];
    } else {
        err = view_get_acl(&r->view, p.text, &acl);
        if (err)
            return err;
    }
    return reply(r, out, acl_format(acl, out));
}

static int set_perms(struct request *r, const struct path *p, struct acl *acl)
{
    struct store *s = r->view.conn->store;
    int which;

    if (!domain_all_exist(s, acl))
        return -ENOENT;
    if (!path_is_special(p->text))
        return view_set_acl(&r->view, p->text, acl);
    which = r->view.conn->privileged ? store_special(p->text) : -EACCES;
    if (which < 0)
        return which;
    store_set_special(s, which, acl);
    return 0;
}

static int do_set_perms(struct request *r)
{
    struct path p;
    struct acl *acl = take_path(r, &p) ? acl_parse(r->args, r->left) : NULL;
    int err = acl ? set_perms(r, &p, acl) : -EINVAL;

    acl_put(acl);
    return err ? err : reply_ok(r);
}

static int do_watch(struct request *r)
{
    struct conn *c = r->view.conn;
    const char *token;
    struct path p;
    int err;

    if (!take_path(r, &p))
        return -EINVAL;
    token = take_string(r);
    if (!token || r->left)
        return -EINVAL;
    if (!c->privileged && c->watch_count >= c->store->quota.watches) {
        log_limited(&domain_get(c->store, c->domid)->log, c->domid, "quota: too many watches");
        return -E2BIG;
    }
    err = watch_add(c, &p, token);
    if (err)
        return err;
    reply_ok(r);
    watch_fire_first(c, &p, token);
    return 0;
}

static int do_unwatch(struct request *r)
{
    const char *token;
    struct path p;
    int err;

    if (!take_path(r, &p))
        return -EINVAL;
    token = take_string(r);
    if (!token || r->left)
        return -EINVAL;
    err = watch_remove(r->view.conn, &p, token);
    return err ? err : reply_ok(r);
}

static int do_reset_watches(struct request *r)
{
    struct conn *c = r->view.conn;

    watch_remove_all(c);
    transaction_abort_all(c);
    persist_reset_watches(c);
    return reply_ok(r);
}

static int do_transaction_start(struct request *r)
{
    struct conn *c = r->view.conn;
    char text[16];
    uint32_t id;
    int err;

    if (r->head->tx_id)
        return -EBUSY;
    err = transaction_start(c, &id);
    if (err) {
        log_limited(&domain_get(c->store, c->domid)->log, c->domid, "quota: too many transactions");
        return err;
    }
    sprintf(text, "%" PRIu32, id);
    return reply_string(r, text);
}

static int do_transaction_end(struct request *r)
{
    const char *arg = take_string(r);
    int err;

    if (!arg || r->left || (strcmp(arg, "T") && strcmp(arg, "F")))
        return -EINVAL;
    if (!r->view.tx)
        return -ENOENT;
    err = transaction_end(r->view.tx, *arg == 'T');
    return err ? err : reply_ok(r);
}

static int do_introduce(struct request *r)
{
    uint64_t mfn, port;
    uint16_t domid;
    int err;

    if (!take_domid(r, &domid) || !take_number(r, UINT64_MAX, &mfn) || !take_number(r, UINT32_MAX, &port) ||
        r->left)
        return -EINVAL;
    err = domain_introduce(r->view.conn->store, domid, mfn, port);
    return err ? err : reply_ok(r);
}

static int do_release(struct request *r)
{
    uint16_t domid;
    int err = take_domid(r, &domid) && !r->left ? domain_release(r->view.conn->store, domid) : -EINVAL;

    return err ? err : reply_ok(r);
}

static int do_resume(struct request *r)
{
    uint16_t domid;
    int err = take_domid(r, &domid) && !r->left ? domain_resume(r->view.conn->store, domid) : -EINVAL;

    return err ? err : reply_ok(r);
}

static int do_get_domain_path(struct request *r)
{
    char text[32];
    uint16_t domid;

    if (!take_domid(r, &domid) || r->left)
        return -EINVAL;
    sprintf(text, "/local/domain/%u", domid);
    return reply_string(r, text);
}

static int do_is_domain_introduced(struct request *r)
{
    uint16_t domid;

    if (!take_domid(r, &domid) || r->left)
        return -EINVAL;
    return reply_string(r, domain_is_introduced(r->view.conn->store, domid) ? "T" : "F");
}

static int do_control(struct request *r)
{
    char out[CONTROL_REPLY_MAX];
    const char *command = take_string(r);
    int err = command ? control_command(r->view.conn->store, command, r->args, r->left, out) : -EINVAL;

    return err ? err : reply_string(r, out);
}

static const struct operation {
    const char *name;
    int (*handle)(struct request *r);
    bool privileged;    /* dom0 alone */
    bool outside;       /* has nothing to do with transactions: the id is echoed, not looked up */
} operations[XS_TYPE_COUNT] = {
    [XS_CONTROL] = { .name = "control", .handle = do_control, .privileged = true, .outside = true },
    [XS_DIRECTORY] = { .name = "directory", .handle = do_directory },
    [XS_READ] = { .name = "read", .handle = do_read },
    [XS_GET_PERMS] = { .name = "get_perms", .handle = do_get_perms },
    [XS_WATCH] = { .name = "watch", .handle = do_watch, .outside = true },
    [XS_UNWATCH] = { .name = "unwatch", .handle = do_unwatch, .outside = true },
    [XS_TRANSACTION_START] = { .name = "transaction_start", .handle = do_transaction_start, .outside = true },
    [XS_TRANSACTION_END] = { .name = "transaction_end", .handle = do_transaction_end },
    [XS_INTRODUCE] = { .name = "introduce", .handle = do_introduce, .privileged = true, .outside = true },
    [XS_RELEASE] = { .name = "release", .handle = do_release, .privileged = true, .outside = true },
    [XS_GET_DOMAIN_PATH] = { .name = "get_domain_path", .handle = do_get_domain_path, .outside = true },
    [XS_WRITE] = { .name = "write", .handle = do_write },
    [XS_MKDIR] = { .name = "mkdir", .handle = do_mkdir },
    [XS_RM] = { .name = "rm", .handle = do_rm },
    [XS_SET_PERMS] = { .name = "set_perms", .handle = do_set_perms },
    [XS_IS_DOMAIN_INTRODUCED] = { .name = "is_domain_introduced",
                                  .handle = do_is_domain_introduced,
                                  .outside = true },
    [XS_RESUME] = { .name = "resume", .handle = do_resume, .privileged = true, .outside = true },
    [XS_RESET_WATCHES] = { .name = "reset_watches", .handle = do_reset_watches, .outside = true },
    [XS_DIRECTORY_PART] = { .name = "directory_part", .handle = do_directory_part },
};

static void trace(const struct request *r, const char *name, int err)
{
    char text[160];

    log_message("%s %u: %s tx %u, %u bytes: %s -> %s", r->view.conn->transport->kind, r->view.conn->domid,
                name, r->head->tx_id, r->head->len,
                log_escape(text, sizeof(text), r->view.conn->store->request, r->head->len),
                err ? strerror(-err) : "ok");
}

static int dispatch(struct request *r, const struct operation *op)
{
    if (op->privileged && !r->view.conn->privileged)
        return -EACCES;
    if (r->head->tx_id && !op->outside) {
        r->view.tx = transaction_find(r->view.conn, r->head->tx_id);
        if (!r->view.tx)
            return -ENOENT;
    }
    return op->handle(r);
}

void request_handle(struct conn *c, const struct xsd_sockmsg *head, char *payload)
{
    struct request r = { .view.conn = c, .head = head, .args = payload, .left = head->len };
    const struct operation *op = head->type < XS_TYPE_COUNT ? &operations[head->type] : NULL;
    int err;

    payload[head->len] = '\0';
    err = op && op->handle ? dispatch(&r, op) : -ENOSYS;
    if (c->store->trace)
        trace(&r, op && op->name ? op->name : "unknown", err);
    if (err)
        reply_error(&r, err);
}
