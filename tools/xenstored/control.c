/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CONTROL request, one table row per command.
 */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "domain_ring.h"
#include "log.h"
#include "store.h"

static int do_help(struct store *s, const char *arg, char *out);

static int do_check(struct store *s, const char *arg, char *out)
{
    const char *fault = store_check(s);

    (void)arg;
    snprintf(out, CONTROL_REPLY_MAX, "%s", fault ? fault : "OK");
    return 0;
}

static int do_log(struct store *s, const char *arg, char *out)
{
    if (strcmp(arg, "on") && strcmp(arg, "off"))
        return -EINVAL;
    s->trace = !strcmp(arg, "on");
    snprintf(out, CONTROL_REPLY_MAX, "OK");
    return 0;
}

static int do_print(struct store *s, const char *arg, char *out)
{
    char text[256];

    (void)s;
    log_message("control: %s", log_escape(text, sizeof(text), arg, strlen(arg)));
    snprintf(out, CONTROL_REPLY_MAX, "OK");
    return 0;
}

static int do_memreport(struct store *s, const char *arg, char *out)
{
    (void)arg;
    snprintf(out, CONTROL_REPLY_MAX, "nodes %zu\nwatches %zu\njournal %zu bytes\n", s->tree.count,
             s->watches.count, s->journal ? s->journal->tail : 0);
    return 0;
}

static int do_rings(struct store *s, const char *arg, char *out)
{
    size_t used = 0;

    (void)arg;
    for (struct domain *d = domain_next(s, NULL); d && used < CONTROL_REPLY_MAX; d = domain_next(s, d)) {
        const struct xenstore_domain_interface *page = d->ring ? d->ring->ring.page : NULL;

        if (page)
            used += snprintf(out + used, CONTROL_REPLY_MAX - used,
                             "domain %u port %u: requests %u of %u, replies %u of %u, %zu bytes wait%s\n",
                             d->domid, d->local_port, d->ring->ring.req_cons, page->req_prod, page->rsp_cons,
                             d->ring->ring.rsp_prod, d->ring->conn.out_bytes,
                             d->ring->conn.broken ? ", cut off" : "");
    }
    return 0;
}

static const struct {
    const char *name, *usage;
    int (*run)(struct store *s, const char *arg, char *out);
} commands[] = {
    { "check", "check: compares the store's counts with what they count", do_check },
    { "help", "help: this list", do_help },
    { "log", "log on|off: traces each request", do_log },
    { "memreport", "memreport: sizes", do_memreport },
    { "print", "print TEXT: writes TEXT to the log", do_print },
    { "rings", "rings: how far each domain's ring is", do_rings },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int do_help(struct store *s, const char *arg, char *out)
{
    size_t used = 0;

    (void)s;
    (void)arg;
    for (size_t i = 0; i < COMMANDS; i++)
        used += snprintf(out + used, CONTROL_REPLY_MAX - used, "%s\n", commands[i].usage);
    return 0;
}

int control_command(struct store *s, const char *command, const char *args, size_t len, char *out)
{
    /* The request's buffer ends in a NUL, so `args` is a string even if the sender left it open. */
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(command, commands[i].name))
            return commands[i].run(s, len ? args : "", out);
    return -EINVAL;
}
