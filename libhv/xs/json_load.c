/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A subtree from JSON. The text is turned into a list of changes first; only when all of it has been
 * understood are they made, in one transaction.
 */
#include "handle.h"
#include "json.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/* What the next string or object is. */
enum expected { EXPECT_NODE, EXPECT_VALUE, EXPECT_HEX, EXPECT_PERMS, EXPECT_PERM };

struct load {
    enum expected expected;
    unsigned int depth; /* open objects */
    struct xs_change *changes;
    unsigned int num, room;
    struct xs_permissions *perms; /* of the list being read */
    unsigned int num_perms;
    char fault[256];
    char path[XENSTORE_ABS_PATH_MAX + 1]; /* of the node being described */
};

static int fail(struct load *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Returns what makes yajl stop. */
static int fail(struct load *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(l->fault, sizeof(l->fault), format, args);
    va_end(args);
    return 0;
}

/* A change at the current path; what it points to is filled in by the caller and freed with the list. */
static struct xs_change *add(struct load *l, enum xs_change_kind kind)
{
    struct xs_change *c;

    if (l->num == l->room) {
        unsigned int room = l->room ? l->room * 2 : 64;

        c = realloc(l->changes, room * sizeof(*c));
        if (!c)
            goto no_memory;
        l->changes = c;
        l->room = room;
    }
    c = &l->changes[l->num];
    *c = (struct xs_change){ .kind = kind, .path = strdup(l->path) };
    if (!c->path)
        goto no_memory;
    l->num++;
    return c;

no_memory:
    fail(l, "out of memory");
    return NULL;
}

static void free_changes(struct load *l)
{
    for (unsigned int i = 0; i < l->num; i++) {
        free((void *)l->changes[i].path);
        free((void *)l->changes[i].data);
        free((void *)l->changes[i].perms);
    }
    free(l->changes);
    free(l->perms);
}

static int add_value(struct load *l, const unsigned char *bytes, size_t len)
{
    struct xs_change *c = add(l, XS_CHANGE_WRITE);
    char *copy = c ? malloc(len + 1) : NULL;

    if (!copy)
        return fail(l, "out of memory");
    memcpy(copy, bytes, len);
    c->data = copy;
    c->len = len;
    return 1;
}

static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int add_hex(struct load *l, const unsigned char *text, size_t len)
{
    unsigned char bytes[XENSTORE_PAYLOAD_MAX];

    if (len % 2 || len / 2 > sizeof(bytes))
        return fail(l, "%s: " JSON_HEX " has an odd number of digits, or too many", l->path);
    for (size_t i = 0; i < len; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);

        if (high < 0 || low < 0)
            return fail(l, "%s: " JSON_HEX " is not hexadecimal", l->path);
        bytes[i / 2] = high << 4 | low;
    }
    return add_value(l, bytes, len / 2);
}

static int add_permission(struct load *l, const unsigned char *text, size_t len)
{
    struct xs_permissions *more = realloc(l->perms, (l->num_perms + 1) * sizeof(*more));
    char copy[16];

    if (!more)
        return fail(l, "out of memory");
    l->perms = more;
    snprintf(copy, sizeof(copy), "%.*s", (int)len, (const char *)text);
    if (len >= sizeof(copy) || !xs_permission_parse(copy, &l->perms[l->num_perms]))
        return fail(l, "%s: '%s' is no permission: a letter of n, r, w, b and a domain id", l->path, copy);
    l->num_perms++;
    return 1;
}

/* Goes up from a child whose description is complete. */
static void leave(struct load *l)
{
    char *slash = strrchr(l->path, '/');

    if (l->depth)
        slash[slash == l->path] = '\0';
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
    struct load *l = ctx;
    int ok;

    switch (l->expected) {
    case EXPECT_NODE:
        ok = add_value(l, text, len);
        leave(l);
        return ok;
    case EXPECT_VALUE:
        return add_value(l, text, len);
    case EXPECT_HEX:
        return add_hex(l, text, len);
    case EXPECT_PERM:
        return add_permission(l, text, len);
    case EXPECT_PERMS:
        break;
    }
    return fail(l, "%s: " JSON_PERMS " is not a list", l->path);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
    static const struct {
        const char *name;
        enum expected expected;
    } keys[] = { { JSON_VALUE, EXPECT_VALUE }, { JSON_HEX, EXPECT_HEX }, { JSON_PERMS, EXPECT_PERMS } };
    struct load *l = ctx;
    size_t at = strlen(l->path);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (len == strlen(keys[i].name) && !memcmp(text, keys[i].name, len)) {
            l->expected = keys[i].expected;
            return 1;
        }
    }
    if (!len || memchr(text, '/', len) || memchr(text, '$', len) || memchr(text, '\0', len))
        return fail(l, "%s: '%.*s' is no name of a node", l->path, (int)(len < 64 ? len : 64),
                    (const char *)text);
    if (at + 1 + len > XENSTORE_ABS_PATH_MAX)
        return fail(l, "%.64s...: the path is too long", l->path);
    if (l->path[at - 1] != '/')
        l->path[at++] = '/';
    memcpy(l->path + at, text, len);
    l->path[at + len] = '\0';
    l->expected = EXPECT_NODE;
    return 1;
}

static int on_map(void *ctx)
{
    struct load *l = ctx;

    if (l->expected != EXPECT_NODE)
        return fail(l, "%s: an object where a string belongs", l->path);
    l->depth++;
    return add(l, XS_CHANGE_MKDIR) != NULL;
}

static int on_map_end(void *ctx)
{
    struct load *l = ctx;

    l->depth--;
    leave(l);
    return 1;
}

static int on_array(void *ctx)
{
    struct load *l = ctx;

    if (l->expected != EXPECT_PERMS)
        return fail(l, "%s: a list where a string belongs", l->path);
    l->expected = EXPECT_PERM;
    return 1;
}

static int on_array_end(void *ctx)
{
    struct load *l = ctx;
    struct xs_change *c;

    if (!l->num_perms)
        return fail(l, "%s: " JSON_PERMS " is empty", l->path);
    c = add(l, XS_CHANGE_PERMS);
    if (!c)
        return 0;
    c->perms = l->perms;
    c->num_perms = l->num_perms;
    l->perms = NULL;
    l->num_perms = 0;
    return 1;
}

static int on_other(struct load *l)
{
    return fail(l, "%s: a value is a string, also a number: put it in quotes", l->path);
}

static int on_null(void *ctx)
{
    return on_other(ctx);
}

static int on_boolean(void *ctx, int value)
{
    (void)value;
    return on_other(ctx);
}

static int on_number(void *ctx, const char *text, size_t len)
{
    (void)text;
    (void)len;
    return on_other(ctx);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_map_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_array_end,
};

static unsigned int line_at(const char *json, size_t offset)
{
    unsigned int line = 1;

    for (size_t i = 0; i < offset; i++)
        line += json[i] == '\n';
    return line;
}

/* Fills the list of changes. */
static bool parse(struct load *l, const char *json, size_t len)
{
    yajl_handle y = yajl_alloc(&callbacks, NULL, l);
    yajl_status status;
    size_t at;
    char why[sizeof(l->fault)];

    if (!y)
        return fail(l, "out of memory");
    status = yajl_parse(y, (const unsigned char *)json, len);
    at = yajl_get_bytes_consumed(y);
    if (status == yajl_status_ok)
        status = yajl_complete_parse(y);
    if (status != yajl_status_ok) {
        snprintf(why, sizeof(why), "%s",
                 status == yajl_status_client_canceled ? l->fault : "this is not JSON");
        fail(l, "line %u: %.200s", line_at(json, at < len ? at : len), why);
    }
    yajl_free(y);
    return status == yajl_status_ok;
}

static bool apply(struct xs_handle *h, struct load *l)
{
    unsigned int failed;

    if (xs_change_all(h, XBT_NULL, l->changes, l->num, &failed))
        return true;
    fail(l, "%s: %s", failed < l->num ? l->changes[failed].path : "the store", strerror(errno));
    return false;
}

bool xs_json_load(struct xs_handle *h, const char *path, const char *json, size_t len, char **error)
{
    struct load *l = calloc(1, sizeof(*l));
    bool ok = false;
    int err = EINVAL;

    if (!l)
        return false;
    if (!*path || strlen(path) > XENSTORE_ABS_PATH_MAX) {
        fail(l, "the path is empty or too long");
    } else {
        strcpy(l->path, path);
        if (parse(l, json, len)) {
            ok = apply(h, l);
            err = errno;
        }
    }
    if (!ok && error)
        *error = strdup(l->fault);
    free_changes(l);
    free(l);
    errno = err;
    return ok;
}
