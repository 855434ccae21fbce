/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl shutdown and reboot: asking a guest, and waiting for what comes of it.
 *
 * A guest may ignore the request for ever, so the wait has an end. What is said then tells a guest that has not even
 * taken the request from one that is slow to stop, and from one that hvd should have started again.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <domain/hvd_client.h>
#include <domain/policy.h>
#include <domain/record.h>
#include <domain/store.h>

#include "command.h"
#include "each.h"

/* A guest whose services do not stop gives each of them a minute or more. */
#define WAIT_SECONDS     "300"
#define WAIT_SECONDS_MAX 1000000
#define LOOK_MS          200
#define PATIENCE_SECONDS 60 /* after which the wait says what else there is */

/* Asks by the node control/shutdown; the guest clears it when it has seen it. */
static char *request_path(const struct domain *domain, char path[64])
{
    snprintf(path, 64, "/local/domain/%u/control/shutdown", domain->domid);
    return path;
}

static int ask(struct tools *tools, const struct domain *domain, const char *what, struct hv_error *err)
{
    char path[64];

    if (!domain->exists || domain->info.dying)
        return hv_error_set(err, ESRCH, "`hvctl destroy` removes its traces", "domain %s is gone",
                            domain->name);
    if (domain->info.shutdown)
        return hv_error_set(err, EINVAL, "`hvctl destroy` removes it", "domain %s has stopped already",
                            domain->name);
    if (domain->info.paused)
        return hv_error_set(err, EAGAIN, "`hvctl unpause` it first, or `hvctl destroy` it",
                            "domain %s is paused and cannot answer", domain->name);
    return store_write(tools->xs, request_path(domain, path), what, err);
}

static int ask_poweroff(struct tools *tools, const struct domain *domain, struct hv_error *err)
{
    return ask(tools, domain, "poweroff", err);
}

static int ask_reboot(struct tools *tools, const struct domain *domain, struct hv_error *err)
{
    return ask(tools, domain, "reboot", err);
}

/*
 * Whether a stopped domain stays as it is: because its configuration says so, or as there is nobody to act.
 */
static bool stays(const struct domain *domain, unsigned reason)
{
    struct hv_config *config = record_read(domain->uuid, NULL);
    bool result = policy_for(config, reason) == POLICY_PRESERVE || !hvd_is_running();

    hv_config_free(config);
    return result;
}

static bool has_ended(struct tools *tools, const struct domain *domain)
{
    struct hv_domain_info info;

    if (hv_domain_info(tools->hv, domain->domid, &info, NULL) < 0 || memcmp(info.uuid, domain->uuid, 16))
        return true;
    if (!info.shutdown || info.dying || !stays(domain, info.shutdown_reason))
        return false;
    if (!hvd_is_running())
        warn("domain %s has stopped, but hvd does not run: `hvctl destroy` removes it", domain->name);
    return true;
}

/* Another domain with this one's UUID runs: its successor. */
static bool runs_again(struct tools *tools, const struct domain *before)
{
    struct domain *list;
    int count = domain_list(tools, &list, NULL);
    bool found = false;

    for (int i = 0; i < count && !found; i++)
        found = list[i].domid != before->domid && !memcmp(list[i].uuid, before->uuid, 16) &&
                !list[i].info.paused && !list[i].info.shutdown && !list[i].info.dying;
    free(list);
    return found;
}

/*
 * After a reboot there is a successor, unless the configuration does something else. While hvd makes it, there is a moment with
 * neither domain nor record; but hvd holds the lock then, and what is seen once that is free is the outcome.
 */
static bool has_rebooted(struct tools *tools, const struct domain *domain)
{
    struct record_id id;

    if (!has_ended(tools, domain))
        return false;
    if (runs_again(tools, domain))
        return true;
    if (record_by_uuid(domain->uuid, &id))
        return false;
    tools_unlock(tools_lock(NULL));
    return runs_again(tools, domain) || !record_by_uuid(domain->uuid, &id);
}

/* Until when to wait; `seconds` 0 is for ever. */
static time_t deadline(unsigned seconds)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return seconds ? now.tv_sec + (time_t)seconds : 0;
}

static bool is_over(time_t end)
{
    return end && deadline(1) - 1 >= end;
}

/* Why the wait was in vain. Returns the exit status. */
static int tell_late(struct tools *tools, const struct domain *domain, unsigned seconds)
{
    char path[64], *request;
    int status;

    if (has_ended(tools, domain))
        return fail("domain %s has stopped, but does not run again after %u s; see hvd's log", domain->name, seconds);
    request = store_read(tools->xs, "%s", request_path(domain, path));
    if (request && request[0])
        status = fail("domain %s has not taken the request in %u s: its kernel does not run, or has no driver for it; "
                      "`hvctl destroy` ends it at once", domain->name, seconds);
    else
        status = fail("domain %s has taken the request, but still runs after %u s; `hvctl console --log` shows what "
                      "it does, `hvctl destroy` ends it at once", domain->name, seconds);
    free(request);
    return status;
}

typedef bool done_fn(struct tools *tools, const struct domain *domain);

/* All of them are given the same time. Returns the exit status. */
static int wait_for(struct tools *tools, const struct domain *list, int count, done_fn *done, unsigned seconds)
{
    struct pollfd fd = { .fd = xs_fileno(tools->xs), .events = POLLIN };
    time_t end = deadline(seconds), patience = deadline(PATIENCE_SECONDS);
    int status = 0;

    for (int i = 0; i < count; i++) {
        bool ended;

        while (!(ended = done(tools, &list[i])) && !is_over(end)) {
            char **event;

            if (is_over(patience)) {
                warn("domain %s has not ended for %d seconds; if nothing in it heeds requests, `hvctl destroy` ends it",
                     list[i].name, PATIENCE_SECONDS);
                patience = 0;
            }
            /* Its end is announced; what hvd does after that is not. */
            poll(&fd, 1, LOOK_MS);
            while ((event = xs_check_watch(tools->xs)))
                free(event);
        }
        if (!ended)
            status = tell_late(tools, &list[i], seconds);
    }
    return status;
}

static int ask_all(const struct command *self, int argc, char **argv, each_fn *fn, done_fn *done)
{
    bool wait = false, all = false;
    const char *patience = WAIT_SECONDS;
    const struct option_row options[] = { { 'w', "wait", &wait, NULL },
                                          { 't', "timeout", NULL, &patience },
                                          { 'a', "all", &all, NULL },
                                          { 0 } };
    int count = options_parse(self, argc, argv, options, 0, 1000), asked, status, late = 0;
    struct domain *list;
    struct tools tools;
    unsigned seconds;

    if (count < 0 || !parse_number(patience, WAIT_SECONDS_MAX, "number of seconds", &seconds))
        return 1;
    if (all == (count > 0))
        return fail("usage: hvctl %s %s", self->name, self->arguments);
    if (!open_tools(&tools))
        return 1;
    if (wait)
        xs_watch(tools.xs, "@releaseDomain", "wait");
    status = each_domain(&tools, all ? NULL : argv + 1, count, fn, &list, &asked);
    if (wait)
        late = wait_for(&tools, list, asked, done, seconds);
    free(list);
    tools_close(&tools);
    return status | late;
}

int cmd_shutdown(const struct command *self, int argc, char **argv)
{
    return ask_all(self, argc, argv, ask_poweroff, has_ended);
}

int cmd_reboot(const struct command *self, int argc, char **argv)
{
    return ask_all(self, argc, argv, ask_reboot, has_rebooted);
}
