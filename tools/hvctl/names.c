/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl domid, domname, domuuid, domstate, rename: a domain's names, and its state in a word.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <domain/definition.h>
#include <domain/record.h>
#include <domain/rename.h>
#include <domain/store.h>

#include "command.h"

/* Finds the running domain that argv[1] means. */
static bool find(const struct command *self, int argc, char **argv, struct domain *domain)
{
    struct tools tools;

    if (arguments_check(self, argc, argv, 1, 1) < 0 || !open_tools_and_find(&tools, argv[1], domain))
        return false;
    tools_close(&tools);
    return true;
}

int cmd_domid(const struct command *self, int argc, char **argv)
{
    struct domain domain;

    if (!find(self, argc, argv, &domain))
        return 1;
    printf("%u\n", domain.domid);
    return 0;
}

int cmd_domname(const struct command *self, int argc, char **argv)
{
    struct domain domain;

    if (!find(self, argc, argv, &domain))
        return 1;
    printf("%s\n", domain.name);
    return 0;
}

int cmd_domuuid(const struct command *self, int argc, char **argv)
{
    struct domain domain;
    char uuid[HV_UUID_TEXT];

    if (!find(self, argc, argv, &domain))
        return 1;
    printf("%s\n", hv_uuid_text(domain.uuid, uuid));
    return 0;
}

int cmd_domstate(const struct command *self, int argc, char **argv)
{
    char name[HV_NAME_MAX + 1];
    struct hv_error err = { 0 };
    struct domain domain;
    struct tools tools;
    int ret;

    if (arguments_check(self, argc, argv, 1, 1) < 0 || !open_tools(&tools))
        return 1;
    ret = domain_find(&tools, argv[1], &domain, &err);
    tools_close(&tools);
    if (ret < 0 && !definition_find(argv[1], name))
        return fail_error(&err);
    printf("%s\n", ret < 0 ? "shut off" : domain_state(&domain));
    return 0;
}

static int rename_definition(const char *from, const char *to, struct hv_error *err)
{
    struct hv_config *config = definition_read(from, err);
    bool autostart = definition_is_autostart(from);
    int ret;

    if (!config)
        return -ENOENT;
    ret = definition_remove(from, err);
    if (!ret) {
        char *name = strdup(to);

        free(config->name);
        config->name = name;
        ret = name ? definition_write(config, err) : -ENOMEM;
    }
    if (!ret && autostart)
        ret = definition_set_autostart(to, true, err);
    hv_config_free(config);
    return ret;
}

/* Nobody has the new name: no domain, no definition. */
static int check_free(struct tools *tools, const char *name, struct hv_error *err)
{
    char definition[HV_NAME_MAX + 1];
    struct domain other;

    if (!hv_name_valid(name))
        return hv_error_set(err, EINVAL, "letters, digits and _.+:@- make one, not digits alone",
                            "%s cannot be a domain's name", name);
    if (!domain_find(tools, name, &other, NULL))
        return hv_error_set(err, EEXIST, NULL, "there is a domain %s already, with id %u", name, other.domid);
    if (definition_find(name, definition))
        return hv_error_set(err, EEXIST, NULL, "there is a definition of a domain %s already", name);
    return 0;
}

static int rename_both(struct tools *tools, const char *from, const char *to, struct hv_error *err)
{
    char definition[HV_NAME_MAX + 1];
    struct domain domain;
    bool runs = !domain_find_running(tools, from, &domain, err);
    bool defined = definition_find(runs ? domain.name : from, definition);
    int ret = runs || defined ? check_free(tools, to, err) : -ESRCH;

    if (!ret && runs && !domain.domid)
        ret = hv_error_set(err, EINVAL, NULL, "dom0 keeps its name");
    if (!ret && runs)
        ret = domain_rename(tools, &domain, to, err);
    if (!ret && defined)
        ret = rename_definition(definition, to, err);
    return ret;
}

int cmd_rename(const struct command *self, int argc, char **argv)
{
    struct hv_error err = { 0 };
    struct tools tools;
    int lock, ret;

    if (arguments_check(self, argc, argv, 2, 2) < 0 || !open_tools(&tools))
        return 1;
    lock = tools_lock(&err);
    ret = lock < 0 ? lock : rename_both(&tools, argv[1], argv[2], &err);
    tools_unlock(lock);
    tools_close(&tools);
    return ret < 0 ? fail_error(&err) : 0;
}
