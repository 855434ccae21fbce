/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl define, undefine, autostart, dumpxml, validate: XML in and out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <domain/definition.h>
#include <domain/record.h>

#include "command.h"

int cmd_validate(const struct command *self, int argc, char **argv)
{
    struct hv_error err = { 0 };
    struct hv_config *config;

    if (arguments_check(self, argc, argv, 1, 1) < 0)
        return 1;
    config = hv_config_parse_file(argv[1], warn_config, NULL, &err);
    if (!config)
        return fail_error(&err);
    printf("%s is valid: domain %s\n", argv[1], config->name);
    hv_config_free(config);
    return 0;
}

/* A file without UUID that replaces a definition goes on with that one's. */
static void keep_uuid(struct hv_config *config)
{
    struct hv_config *old = config->uuid_generated ? definition_read(config->name, NULL) : NULL;

    if (!old)
        return;
    for (int i = 0; i < 16; i++)
        config->uuid[i] = old->uuid[i];
    hv_config_free(old);
}

int cmd_define(const struct command *self, int argc, char **argv)
{
    struct hv_error err = { 0 };
    struct hv_config *config;
    int lock, ret;

    if (arguments_check(self, argc, argv, 1, 1) < 0)
        return 1;
    config = hv_config_parse_file(argv[1], warn_config, NULL, &err);
    if (!config)
        return fail_error(&err);
    lock = tools_lock(&err);
    ret = lock;
    if (lock >= 0) {
        keep_uuid(config);
        ret = definition_write(config, &err);
    }
    tools_unlock(lock);
    if (ret >= 0)
        printf("domain %s is defined\n", config->name);
    hv_config_free(config);
    return ret < 0 ? fail_error(&err) : 0;
}

/* Finds the definition that `text` means and applies `change` under the lock. */
static int change_definition(const char *text, int (*change)(const char *name, struct hv_error *err))
{
    char name[HV_NAME_MAX + 1];
    struct hv_error err = { 0 };
    int lock, ret;

    if (!definition_find(text, name))
        return fail("there is no definition of a domain %s; `hvctl list --all` shows all", text);
    lock = tools_lock(&err);
    ret = lock < 0 ? lock : change(name, &err);
    tools_unlock(lock);
    return ret < 0 ? fail_error(&err) : 0;
}

int cmd_undefine(const struct command *self, int argc, char **argv)
{
    if (arguments_check(self, argc, argv, 1, 1) < 0)
        return 1;
    return change_definition(argv[1], definition_remove);
}

static int mark(const char *name, struct hv_error *err)
{
    return definition_set_autostart(name, true, err);
}

static int unmark(const char *name, struct hv_error *err)
{
    return definition_set_autostart(name, false, err);
}

int cmd_autostart(const struct command *self, int argc, char **argv)
{
    bool disable = false;
    const struct option_row options[] = { { 0, "disable", &disable, NULL }, { 0 } };

    if (options_parse(self, argc, argv, options, 1, 1) < 0)
        return 1;
    return change_definition(argv[1], disable ? unmark : mark);
}

/* What the running domain was made from; NULL if it does not run. */
static struct hv_config *running_config(const char *text, int *domid, struct hv_error *err)
{
    struct hv_config *config = NULL;
    struct domain domain;
    struct tools tools;

    if (tools_open(&tools, err) < 0)
        return NULL;
    if (!domain_find_running(&tools, text, &domain, err)) {
        *domid = (int)domain.domid;
        config = record_read(domain.uuid, err);
    }
    tools_close(&tools);
    return config;
}

int cmd_dumpxml(const struct command *self, int argc, char **argv)
{
    char name[HV_NAME_MAX + 1], *xml;
    struct hv_error err = { 0 };
    struct hv_config *config;
    int domid = -1;

    if (arguments_check(self, argc, argv, 1, 1) < 0)
        return 1;
    config = running_config(argv[1], &domid, &err);
    if (!config && definition_find(argv[1], name)) {
        domid = -1;
        config = definition_read(name, &err);
    }
    if (!config)
        return fail_error(&err);
    xml = hv_config_xml(config, domid);
    hv_config_free(config);
    if (!xml)
        return fail("out of memory");
    printf("%s", xml);
    free(xml);
    return 0;
}
