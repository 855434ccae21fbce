/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl shutdown, reboot, destroy, pause, unpause.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <domain/create.h>
#include <domain/hvd_client.h>
#include <domain/policy.h>
#include <domain/record.h>
#include <domain/store.h>

#include "command.h"
#include "each.h"

#define PATIENCE 60 /* seconds after which a wait says what else there is */

/* Asks by the node control/shutdown; the guest clears it when it has seen it. */
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
    snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown", domain->domid);
    return store_write(tools->xs, path, what, err);
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

/* After a reboot there is a successor, unless the configuration does something else. */
static bool has_rebooted(struct tools *tools, const struct domain *domain)
{
    struct record_id id;

    return has_ended(tools, domain) && (runs_again(tools, domain) || !record_by_uuid(domain->uuid, &id));
}

static void wait_for(struct tools *tools, const struct domain *domain,
                     bool (*done)(struct tools *tools, const struct domain *domain))
{
    struct pollfd fd = { .fd = xs_fileno(tools->xs), .events = POLLIN };
    time_t patience = time(NULL) + PATIENCE;

    while (!done(tools, domain)) {
        char **event;

        if (patience && time(NULL) > patience) {
            warn("domain %s has not ended for %d seconds; if nothing in it heeds requests, `hvctl destroy` ends it",
                 domain->name, PATIENCE);
            patience = 0;
        }
        /* Its end is announced; what hvd does after that is not. */
        poll(&fd, 1, 200);
        while ((event = xs_check_watch(tools->xs)))
            free(event);
    }
}

static int ask_all(const struct command *self, int argc, char **argv, each_fn *fn,
                   bool (*done)(struct tools *tools, const struct domain *domain))
{
    bool wait = false, all = false;
    const struct option_row options[] = { { 'w', "wait", &wait, NULL }, { 'a', "all", &all, NULL }, { 0 } };
    int count = options_parse(self, argc, argv, options, 0, 1000), asked, status;
    struct domain *list;
    struct tools tools;

    if (count < 0)
        return 1;
    if (all == (count > 0))
        return fail("usage: hvctl %s %s", self->name, self->arguments);
    if (!open_tools(&tools))
        return 1;
    if (wait)
        xs_watch(tools.xs, "@releaseDomain", "wait");
    status = each_domain(&tools, all ? NULL : argv + 1, count, fn, &list, &asked);
    for (int i = 0; i < asked && wait; i++)
        wait_for(&tools, &list[i], done);
    free(list);
    tools_close(&tools);
    return status;
}

int cmd_shutdown(const struct command *self, int argc, char **argv)
{
    return ask_all(self, argc, argv, ask_poweroff, has_ended);
}

int cmd_reboot(const struct command *self, int argc, char **argv)
{
    return ask_all(self, argc, argv, ask_reboot, has_rebooted);
}

/* For commands that act at once on the domains named. */
static int act(const struct command *self, int argc, char **argv, each_fn *fn)
{
    int count = arguments_check(self, argc, argv, 1, 1000), status;
    struct tools tools;

    if (count < 0 || !open_tools(&tools))
        return 1;
    status = each_domain(&tools, argv + 1, count, fn, NULL, NULL);
    tools_close(&tools);
    return status;
}

static int destroy(struct tools *tools, const struct domain *domain, struct hv_error *err)
{
    int lock = tools_lock(err), ret;

    if (lock < 0)
        return lock;
    ret = domain_destroy(tools, domain, err);
    policy_forget_restarts(domain->uuid);
    tools_unlock(lock);
    return ret;
}

/* A creation that was killed before there was a domain has left a record; sweeping removes it. */
static bool sweep_record(const char *text)
{
    struct record_id id;
    struct tools tools;
    int lock;

    if (!record_by_name(text, &id) || tools_open(&tools, NULL) < 0)
        return false;
    lock = tools_lock(NULL);
    if (lock >= 0)
        domain_sweep(&tools);
    tools_unlock(lock);
    tools_close(&tools);
    return !record_by_name(text, &id);
}

int cmd_destroy(const struct command *self, int argc, char **argv)
{
    if (argc == 2 && sweep_record(argv[1]))
        return 0;
    return act(self, argc, argv, destroy);
}

static int pause_one(struct tools *tools, const struct domain *domain, struct hv_error *err)
{
    if (domain->info.paused)
        return hv_error_set(err, EALREADY, NULL, "domain %s is paused already", domain->name);
    return hv_domain_pause(tools->hv, domain->domid, err);
}

static int unpause_one(struct tools *tools, const struct domain *domain, struct hv_error *err)
{
    if (!domain->info.paused)
        return hv_error_set(err, EALREADY, NULL, "domain %s is not paused", domain->name);
    return hv_domain_unpause(tools->hv, domain->domid, err);
}

int cmd_pause(const struct command *self, int argc, char **argv)
{
    return act(self, argc, argv, pause_one);
}

int cmd_unpause(const struct command *self, int argc, char **argv)
{
    return act(self, argc, argv, unpause_one);
}
