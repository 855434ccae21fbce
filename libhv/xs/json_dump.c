/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A subtree as JSON. The way down is kept in a list of open directories, not in the C stack: how deep a tree
 * is was decided by whoever wrote it.
 */
#include "handle.h"
#include "json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_gen.h>

/* A node whose children are being written. */
struct open_node {
    struct open_node *up;
    char **names;
    unsigned int num, at;
    size_t path_len; /* of this node's path in dump.path */
};

struct dump {
    struct xs_handle *h;
    xs_transaction_t t;
    unsigned int flags;
    yajl_gen gen;
    struct open_node *top;
    char path[XENSTORE_ABS_PATH_MAX + 1];
};

static void put_string(struct dump *d, const char *text, size_t len)
{
    yajl_gen_string(d->gen, (const unsigned char *)text, len);
}

static void put_key(struct dump *d, const char *key)
{
    put_string(d, key, strlen(key));
}

/* Length of the UTF-8 sequence at `s`, 0 if it is none: overlong forms and surrogates are none. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t min;
    } form[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

    for (size_t n = 1; n <= 4 && n <= left; n++) {
        uint32_t c = s[0] & (unsigned char)~form[n - 1].mask;

        if ((s[0] & form[n - 1].mask) != form[n - 1].lead)
            continue;
        for (size_t i = 1; i < n; i++) {
            if ((s[i] & 0xc0) != 0x80)
                return 0;
            c = c << 6 | (s[i] & 0x3f);
        }
        return c >= form[n - 1].min && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? n : 0;
    }
    return 0;
}

static bool is_text(const char *value, size_t len)
{
    for (size_t at = 0, n; at < len; at += n) {
        n = utf8_length((const unsigned char *)value + at, len - at);
        if (!n || !value[at])
            return false;
    }
    return true;
}

static bool put_hex(struct dump *d, const char *value, size_t len)
{
    char *hex = malloc(2 * len + 1);

    if (!hex)
        return false;
    for (size_t i = 0; i < len; i++)
        sprintf(hex + 2 * i, "%02x", (unsigned char)value[i]);
    put_string(d, hex, 2 * len);
    free(hex);
    return true;
}

static bool put_value(struct dump *d, const char *value, size_t len)
{
    bool text = is_text(value, len);

    put_key(d, text ? JSON_VALUE : JSON_HEX);
    if (!text)
        return put_hex(d, value, len);
    put_string(d, value, len);
    return true;
}

static bool put_perms(struct dump *d)
{
    unsigned int num;
    struct xs_permissions *perms = xs_get_permissions(d->h, d->t, d->path, &num);
    size_t len;
    char *text = perms ? xs_permissions_text(perms, num, &len) : NULL, *at = text;

    free(perms);
    if (!text)
        return false;
    put_key(d, JSON_PERMS);
    yajl_gen_array_open(d->gen);
    for (; at < text + len; at += strlen(at) + 1)
        put_key(d, at);
    yajl_gen_array_close(d->gen);
    free(text);
    return true;
}

/* Makes the node's children the next to be written. Takes `names`. */
static bool open_children(struct dump *d, char **names, unsigned int num)
{
    struct open_node *o = malloc(sizeof(*o));

    if (!o) {
        free(names);
        return false;
    }
    *o = (struct open_node){ .up = d->top, .names = names, .num = num, .path_len = strlen(d->path) };
    d->top = o;
    return true;
}

/* Writes the node at d->path, leaving an object open if it has children. */
static bool put_node(struct dump *d)
{
    unsigned int len, num;
    char *value = xs_read(d->h, d->t, d->path, &len);
    char **names = value ? xs_directory(d->h, d->t, d->path, &num) : NULL;
    bool ok = false;

    if (!names)
        goto out;
    if (!num && !(d->flags & XS_JSON_PERMS) && is_text(value, len)) {
        put_string(d, value, len);
        ok = true;
        goto out;
    }
    yajl_gen_map_open(d->gen);
    if (num && !len)
        ok = true; /* most nodes with children have no value */
    else
        ok = put_value(d, value, len);
    if (ok && (d->flags & XS_JSON_PERMS))
        ok = put_perms(d);
    if (ok) {
        ok = open_children(d, names, num);
        names = NULL;
    }
out:
    free(names);
    free(value);
    return ok;
}

static void close_children(struct dump *d)
{
    struct open_node *o = d->top;

    d->top = o->up;
    free(o->names);
    free(o);
}

static bool put_child(struct dump *d)
{
    const char *name = d->top->names[d->top->at++];
    size_t len = d->top->path_len, name_len = strlen(name);

    if (len + 1 + name_len > XENSTORE_ABS_PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (d->path[len - 1] != '/')
        d->path[len++] = '/';
    memcpy(d->path + len, name, name_len + 1);
    put_string(d, name, name_len);
    return put_node(d);
}

static bool put_tree(struct dump *d)
{
    bool ok = put_node(d);

    while (ok && d->top) {
        if (d->top->at < d->top->num) {
            ok = put_child(d);
        } else {
            close_children(d);
            yajl_gen_map_close(d->gen);
        }
    }
    while (d->top)
        close_children(d);
    return ok;
}

static char *generated(struct dump *d)
{
    const unsigned char *text;
    size_t len;
    char *copy;

    if (yajl_gen_get_buf(d->gen, &text, &len) != yajl_gen_status_ok) {
        errno = EINVAL;
        return NULL;
    }
    copy = malloc(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

static char *dump_once(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int flags)
{
    struct dump *d;
    char *text = NULL;

    if (!*path || strlen(path) > XENSTORE_ABS_PATH_MAX) {
        errno = EINVAL;
        return NULL;
    }
    d = calloc(1, sizeof(*d));
    if (!d)
        return NULL;
    *d = (struct dump){ .h = h, .t = t, .flags = flags, .gen = yajl_gen_alloc(NULL) };
    strcpy(d->path, path);
    yajl_gen_config(d->gen, yajl_gen_beautify, 1);
    yajl_gen_config(d->gen, yajl_gen_indent_string, "  ");
    if (put_tree(d))
        text = generated(d);
    yajl_gen_free(d->gen);
    free(d);
    return text;
}

char *xs_json_dump(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int flags)
{
    bool own = t == XBT_NULL, again;
    char *text;

    do {
        int err;

        if (own && !(t = xs_transaction_start(h)))
            return NULL;
        text = dump_once(h, t, path, flags);
        err = errno;
        again = !text && own && err == EAGAIN;
        if (own && !xs_transaction_end(h, t, !text) && text) {
            err = errno;
            again = err == EAGAIN;
            free(text);
            text = NULL;
        }
        errno = err;
    } while (again);
    return text;
}

bool xs_json_dump_file(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int flags,
                       FILE *file)
{
    char *text = xs_json_dump(h, t, path, flags);
    bool ok = text && fputs(text, file) >= 0;

    free(text);
    return ok;
}
