/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl destroy, pause, unpause: what needs no answer of the guest.
 */
#include <errno.h>

#include <domain/create.h>
#include <domain/policy.h>
#include <domain/record.h>

#include "command.h"
#include "each.h"

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

/*
 * A creation that was killed before there was a domain has left a record, or half of one; sweeping removes it. True if there
 * was one of that name.
 */
static bool sweep_record(const char *text)
{
    struct record_id id;
    bool found = record_by_name(text, &id);
    struct tools tools;
    int lock;

    if (tools_open(&tools, NULL) < 0)
        return false;
    lock = tools_lock(NULL);
    if (lock >= 0)
        domain_sweep(&tools);
    tools_unlock(lock);
    tools_close(&tools);
    return found && !record_by_name(text, &id);
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
