/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-store ls: one line for each node of a subtree. The nodes still to be shown are kept on a stack of paths,
 * not in recursion: how deep a tree is was decided by whoever wrote it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xs.h>

#include "store.h"

struct stack {
    char **path;
    size_t count, room;
};

static void push(struct stack *s, char *path)
{
    if (s->count == s->room) {
        s->room = s->room * 2 + 64;
        s->path = realloc(s->path, s->room * sizeof(*s->path));
    }
    if (!s->path || !path) {
        fputs("hv-store: out of memory\n", stderr);
        exit(1);
    }
    s->path[s->count++] = path;
}

/* Guests write values, too: nothing of them may reach the terminal but what can be printed. */
static void print_value(const char *value, unsigned int len)
{
    putchar('"');
    for (unsigned int i = 0; i < len; i++) {
        unsigned char c = value[i];

        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < ' ' || c > '~')
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_permissions(struct xs_handle *h, const char *path)
{
    unsigned int num;
    struct xs_permissions *perms = xs_get_permissions(h, XBT_NULL, path, &num);

    for (unsigned int i = 0; perms && i < num; i++)
        printf("%s%c%u", i ? "," : "  (", "nrwb"[perms[i].perms & 3], perms[i].id);
    puts(perms ? ")" : "");
    free(perms);
}

/* The children in reverse, so that the first is shown next. */
static void push_children(struct xs_handle *h, struct stack *s, const char *path)
{
    unsigned int num;
    char **names = xs_directory(h, XBT_NULL, path, &num);

    while (names && num--) {
        char *child = NULL;

        if (asprintf(&child, "%s/%s", strcmp(path, "/") ? path : "", names[num]) < 0)
            child = NULL;
        push(s, child);
    }
    free(names);
}

int store_ls(struct xs_handle *h, int argc, char **argv)
{
    const char *top = argc ? argv[0] : "/";
    struct stack s = { 0 };
    int ret = 0;

    push(&s, strdup(top));
    while (s.count) {
        char *path = s.path[--s.count];
        unsigned int len;
        char *value = xs_read(h, XBT_NULL, path, &len);

        if (value) {
            printf("%s = ", path);
            print_value(value, len);
            print_permissions(h, path);
            push_children(h, &s, path);
        } else if (!strcmp(path, top)) {
            ret = store_failed(path);
        }
        /* Any other that is missing was removed meanwhile. */
        free(value);
        free(path);
    }
    free(s.path);
    return ret;
}
