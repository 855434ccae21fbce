/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl create and start: from XML, or from a definition, to a running domain.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <domain/check.h>
#include <domain/create.h>
#include <domain/definition.h>
#include <domain/hvd_client.h>
#include <domain/policy.h>
#include <domain/record.h>
#include <domain/store.h>

#include "command.h"
#include "terminal.h"

struct wish {
    bool paused, console;
};

/* The domain works without hvd, but for what the user will miss sooner or later. */
static void tell_hvd(const struct hv_config *config, unsigned domid)
{
    struct hv_error err = { 0 };
    char text[1024];

    if (hvd_adopt(domid, &err) < 0)
        warn("domain %s has no console, and on_poweroff, on_reboot and on_crash do not happen: %s",
             config->name, hv_error_text(&err, text, sizeof(text)));
}

static int set_going(struct tools *tools, const struct hv_config *config, unsigned domid,
                     struct hv_error *err)
{
    struct domain domain = { .domid = domid, .exists = true };
    int ret = hv_domain_unpause(tools->hv, domid, err);

    if (ret < 0) {
        memcpy(domain.uuid, config->uuid, sizeof(domain.uuid));
        domain_destroy(tools, &domain, NULL);
    }
    return ret;
}

/* Makes the domain and sets it going. Returns the console's socket if it is wanted, else 0; -1 on failure. */
static int bring_up(struct tools *tools, const struct hv_config *config, const struct wish *wish,
                    struct hv_error *err)
{
    struct hv_error console_err = { 0 };
    unsigned domid;
    int console = 0, lock, ret;

    if (wish->console && !hvd_is_running())
        return hv_error_set(err, ENOTCONN, "start it (hvd), or leave out -c",
                            "there is no console: hvd does not run");
    lock = tools_lock(err);
    if (lock < 0)
        return lock;
    ret = domain_create(tools, config, &domid, err);
    if (!ret) {
        policy_forget_restarts(config->uuid);
        tell_hvd(config, domid);
        console = wish->console ? hvd_console_connect(domid, &console_err) : 0;
        if (!wish->paused)
            ret = set_going(tools, config, domid, err);
    }
    tools_unlock(lock);
    if (ret < 0 && console > 0)
        close(console);
    if (!ret && console < 0)
        *err = console_err; /* the domain runs, but what was asked for is not all done */
    return ret < 0 ? ret : console;
}

static int run(struct hv_config *config, const struct wish *wish)
{
    struct hv_error err = { 0 };
    struct tools tools;
    int console = -1;

    if (!tools_open(&tools, &err)) {
        console = bring_up(&tools, config, wish, &err);
        tools_close(&tools);
    }
    hv_config_free(config);
    if (console < 0)
        return fail_error(&err);
    return wish->console ? terminal_run(console, false) : 0;
}

/* Checks with whatever is there: a dry run is useful on a machine without a hypervisor, too. */
static int dry_run(struct hv_config *config)
{
    struct hv_error err = { 0 };
    struct tools tools = { .hv = hv_open(NULL), .xs = store_open(NULL) };
    int ret = check_config(&tools, config, CHECK_KERNEL, &err);

    if (!ret)
        printf("domain %s can be created%s\n", config->name,
               tools.hv && tools.xs ? ""
                                    : "; without a hypervisor, names, UUIDs and memory were not looked at");
    tools_close(&tools);
    hv_config_free(config);
    return ret < 0 ? fail_error(&err) : 0;
}

int cmd_create(const struct command *self, int argc, char **argv)
{
    bool dry = false;
    struct wish wish = { 0 };
    const struct option_row options[] = {
        { 'p', "paused", &wish.paused, NULL },
        { 'c', "console", &wish.console, NULL },
        { 'n', "dry-run", &dry, NULL },
        { 0 },
    };
    struct hv_error err = { 0 };
    struct hv_config *config;

    if (options_parse(self, argc, argv, options, 1, 1) < 0)
        return 1;
    config = hv_config_parse_file(argv[1], warn_config, NULL, &err);
    if (!config)
        return fail_error(&err);
    return dry ? dry_run(config) : run(config, &wish);
}

int cmd_start(const struct command *self, int argc, char **argv)
{
    struct wish wish = { 0 };
    const struct option_row options[] = {
        { 'p', "paused", &wish.paused, NULL },
        { 'c', "console", &wish.console, NULL },
        { 0 },
    };
    struct hv_error err = { 0 };
    struct hv_config *config;
    char name[HV_NAME_MAX + 1];

    if (options_parse(self, argc, argv, options, 1, 1) < 0)
        return 1;
    if (!definition_find(argv[1], name))
        return fail("there is no definition of a domain %s; `hvctl list --all` shows all", argv[1]);
    config = definition_read(name, &err);
    return config ? run(config, &wish) : fail_error(&err);
}
