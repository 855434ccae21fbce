/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv-store: looking at the store and changing it, from a shell. One table row per command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xs.h>

#include "store.h"

/* The permission that `text` ("r5") stands for. */
static bool parse_permission(const char *text, struct xs_permissions *perm)
{
    static const char letters[] = "nrwb";
    const char *letter = *text ? strchr(letters, *text) : NULL;
    char *end;

    if (!letter || text[1] < '0' || text[1] > '9')
        return false;
    perm->perms = letter - letters;
    perm->id = strtoul(text + 1, &end, 10);
    return !*end && perm->id < 0x7ff0;
}

static int do_read(struct xs_handle *h, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        unsigned int len;
        char *value = xs_read(h, XBT_NULL, argv[i], &len);

        if (!value)
            return store_failed(argv[i]);
        fwrite(value, 1, len, stdout);
        putchar('\n');
        free(value);
    }
    return 0;
}

static int do_write(struct xs_handle *h, int argc, char **argv)
{
    unsigned int num = argc / 2, failed;
    struct xs_change *c = calloc(num, sizeof(*c));
    int ret = 0;

    if (!c)
        return store_failed("write");
    if (argc % 2) {
        free(c);
        return store_usage("write");
    }
    for (unsigned int i = 0; i < num; i++)
        c[i] = (struct xs_change){ .kind = XS_CHANGE_WRITE,
                                   .path = argv[2 * i],
                                   .data = argv[2 * i + 1],
                                   .len = strlen(argv[2 * i + 1]) };
    if (!xs_change_all(h, XBT_NULL, c, num, &failed))
        ret = store_failed(failed < num ? c[failed].path : "write");
    free(c);
    return ret;
}

static int do_list(struct xs_handle *h, int argc, char **argv)
{
    unsigned int num;
    char **names = xs_directory(h, XBT_NULL, argc ? argv[0] : "/", &num);

    if (!names)
        return store_failed(argc ? argv[0] : "/");
    for (unsigned int i = 0; i < num; i++)
        puts(names[i]);
    free(names);
    return 0;
}

static int do_rm(struct xs_handle *h, int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        if (!xs_rm(h, XBT_NULL, argv[i]))
            return store_failed(argv[i]);
    return 0;
}

static int do_exists(struct xs_handle *h, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        char *value = xs_read(h, XBT_NULL, argv[i], NULL);

        if (!value)
            return errno == ENOENT ? 1 : store_failed(argv[i]);
        free(value);
    }
    return 0;
}

static int do_chmod(struct xs_handle *h, int argc, char **argv)
{
    struct xs_permissions perms[16];
    unsigned int num = argc - 1;

    if (num > sizeof(perms) / sizeof(perms[0])) {
        errno = E2BIG;
        return store_failed(argv[0]);
    }
    for (unsigned int i = 0; i < num; i++) {
        if (!parse_permission(argv[i + 1], &perms[i])) {
            fprintf(stderr, "hv-store: '%s' is no permission: n, r, w or b and a domain id, as in r5\n",
                    argv[i + 1]);
            return 1;
        }
    }
    return xs_set_permissions(h, XBT_NULL, argv[0], perms, num) ? 0 : store_failed(argv[0]);
}

static int do_watch(struct xs_handle *h, int argc, char **argv)
{
    unsigned int num;
    char **event;

    for (int i = 0; i < argc; i++)
        if (!xs_watch(h, argv[i], argv[i]))
            return store_failed(argv[i]);
    while ((event = xs_read_watch(h, &num))) {
        puts(event[XS_WATCH_PATH]);
        fflush(stdout);
        free(event);
    }
    return store_failed("watch");
}

static int do_control(struct xs_handle *h, int argc, char **argv)
{
    char *answer = argc > 1 ? xs_control_command(h, argv[0], argv[1], strlen(argv[1]) + 1)
                            : xs_control_command(h, argv[0], "", 0);

    if (!answer)
        return store_failed(argv[0]);
    puts(answer);
    free(answer);
    return 0;
}

static int do_dump(struct xs_handle *h, int argc, char **argv)
{
    const char *path = argc ? argv[0] : "/";

    return xs_json_dump_file(h, XBT_NULL, path, XS_JSON_PERMS, stdout) ? 0 : store_failed(path);
}

/* All of a file, or of standard input for "-". */
static char *read_file(const char *name, size_t *len)
{
    FILE *f = strcmp(name, "-") ? fopen(name, "re") : stdin;
    size_t room = 0, n;
    char *text = NULL;

    *len = 0;
    do {
        char *more = f ? realloc(text, room += 65536) : NULL;

        if (!more) {
            free(text);
            return NULL;
        }
        text = more;
        n = fread(text + *len, 1, room - *len, f);
        *len += n;
    } while (n);
    if (f != stdin)
        fclose(f);
    return text;
}

static int do_load(struct xs_handle *h, int argc, char **argv)
{
    char *error = NULL, *text;
    size_t len;
    bool ok;

    (void)argc;
    text = read_file(argv[1], &len);
    if (!text)
        return store_failed(argv[1]);
    ok = xs_json_load(h, argv[0], text, len, &error);
    if (!ok)
        fprintf(stderr, "hv-store: %s: %s\n", argv[1], error ? error : strerror(errno));
    free(error);
    free(text);
    return !ok;
}

static const struct {
    const char *name, *arguments, *help;
    int min, max; /* number of arguments; max -1: any */
    int (*run)(struct xs_handle *h, int argc, char **argv);
} commands[] = {
    { "chmod", "PATH PERM...", "set permissions: the owner's entry first, as in `n0 r5`", 2, -1, do_chmod },
    { "control", "COMMAND [ARG]", "a command for the daemon; `help` lists them", 1, 2, do_control },
    { "dump", "[PATH]", "a subtree as JSON", 0, 1, do_dump },
    { "exists", "PATH...", "exit status 0 if all exist, 1 if not", 1, -1, do_exists },
    { "list", "[PATH]", "names of a node's children", 0, 1, do_list },
    { "load", "PATH FILE", "write what JSON describes below PATH, all of it or nothing; FILE may be -", 2, 2,
      do_load },
    { "ls", "[PATH]", "a subtree, with values and permissions", 0, 1, store_ls },
    { "read", "PATH...", "values", 1, -1, do_read },
    { "rm", "PATH...", "remove nodes with all below them", 1, -1, do_rm },
    { "watch", "PATH...", "print each path that changes, until interrupted", 1, -1, do_watch },
    { "write", "PATH VALUE...", "write values, all or none; makes what is missing", 2, -1, do_write },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int store_failed(const char *what)
{
    fprintf(stderr, "hv-store: %s: %s\n", what, strerror(errno));
    return 1;
}

int store_usage(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(name, commands[i].name))
            fprintf(stderr, "usage: hv-store %s %s\n", name, commands[i].arguments);
    return 1;
}

static int print_help(FILE *out)
{
    fputs("usage: hv-store COMMAND ARGUMENT...\n\nLooks at the store and changes it.\n\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-8s %-15s %s\n", commands[i].name, commands[i].arguments, commands[i].help);
    return out == stderr;
}

static int run(size_t i, int argc, char **argv)
{
    struct xs_handle *h;
    int ret;

    if (argc < commands[i].min || (commands[i].max >= 0 && argc > commands[i].max))
        return store_usage(commands[i].name);
    h = xs_open(0);
    if (!h) {
        fprintf(stderr, "hv-store: cannot reach the store: %s; is hv-xenstored running?\n", strerror(errno));
        return 1;
    }
    ret = commands[i].run(h, argc, argv);
    xs_close(h);
    return ret;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return print_help(stderr);
    if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
        return print_help(stdout);
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name))
            return run(i, argc - 2, argv + 2);
    fprintf(stderr, "hv-store: no command '%s'; hv-store help lists them\n", argv[1]);
    return 1;
}
