// SPDX-License-Identifier: GPL-2.0-only
//
// What follows when a domain stops, and the files that outlive whoever wrote them: records and definitions.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <domain/definition.h>
#include <domain/paths.h>
#include <domain/policy.h>
#include <domain/record.h>

#include "harness.h"

static char folder[64];

static void use_folder(void)
{
    snprintf(folder, sizeof(folder), "/tmp/hv-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    setenv("HV_RUN_DIR", folder, 1);
    setenv("HV_STATE_DIR", folder, 1);
}

static void drop_folder(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -r %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static void table(void)
{
    static const struct {
        unsigned reason;
        enum policy expect;
    } rows[] = {
        { HV_SHUTDOWN_POWEROFF, POLICY_DESTROY },  { HV_SHUTDOWN_REBOOT, POLICY_RESTART },
        { HV_SHUTDOWN_CRASH, POLICY_PRESERVE },    { HV_SHUTDOWN_WATCHDOG, POLICY_PRESERVE },
        { HV_SHUTDOWN_SUSPEND, POLICY_NOTHING },   { 12345, POLICY_PRESERVE },
    };
    struct hv_config config = { .on_poweroff = HV_ACTION_DESTROY, .on_reboot = HV_ACTION_RESTART,
                                .on_crash = HV_ACTION_PRESERVE };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(policy_for(&config, rows[i].reason), rows[i].expect);
    config.on_crash = HV_ACTION_COREDUMP_RESTART;
    CU_ASSERT_EQUAL(policy_for(&config, HV_SHUTDOWN_CRASH), POLICY_RESTART);
    config.on_crash = HV_ACTION_COREDUMP_DESTROY;
    CU_ASSERT_EQUAL(policy_for(&config, HV_SHUTDOWN_CRASH), POLICY_DESTROY);
    config.on_reboot = HV_ACTION_RENAME_RESTART;
    CU_ASSERT_EQUAL(policy_for(&config, HV_SHUTDOWN_REBOOT), POLICY_RENAME_RESTART);
    /* Nobody has said what to do: nothing is thrown away. */
    CU_ASSERT_EQUAL(policy_for(NULL, HV_SHUTDOWN_POWEROFF), POLICY_PRESERVE);
}

static void reboot_loop(void)
{
    const uint8_t uuid[16] = { 1 }, other[16] = { 2 };

    use_folder();
    for (int i = 0; i < POLICY_QUICK_MAX; i++)
        CU_ASSERT(policy_count_restart(uuid, 1));
    CU_ASSERT(policy_count_restart(other, 1)); /* each counts for itself */
    CU_ASSERT(!policy_count_restart(uuid, 1));
    /* After that it may begin anew; and who lives long enough is not counted at all. */
    for (int i = 0; i < 3 * POLICY_QUICK_MAX; i++)
        CU_ASSERT(policy_count_restart(uuid, i % 3 ? 1 : POLICY_QUICK_SECONDS));
    policy_forget_restarts(uuid);
    policy_forget_restarts(other);
    drop_folder();
}

static struct hv_config *config_named(const char *name)
{
    static const char text[] = "<domain type='xen'><name>%s</name><memory>131072</memory><vcpu>1</vcpu>"
                               "<os><type>linux</type><kernel>/k</kernel></os></domain>";
    char xml[512];
    struct hv_config *config;

    snprintf(xml, sizeof(xml), text, name);
    config = hv_config_parse(xml, strlen(xml), "test", NULL, NULL, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(config);
    return config;
}

static void records(void)
{
    struct hv_config *config, *again;
    struct record_id id, *list;

    use_folder();
    config = config_named("web");
    CU_ASSERT_EQUAL(record_write(config, NULL), 0);
    CU_ASSERT(record_by_name("web", &id));
    CU_ASSERT_EQUAL(memcmp(id.uuid, config->uuid, 16), 0);
    again = record_read(config->uuid, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    CU_ASSERT_STRING_EQUAL(again->name, "web");
    hv_config_free(again);

    /* A new name replaces the old one. */
    free(config->name);
    config->name = strdup("site");
    CU_ASSERT_EQUAL(record_write(config, NULL), 0);
    CU_ASSERT(!record_by_name("web", &id));
    CU_ASSERT(record_by_name("site", &id));
    CU_ASSERT_EQUAL(record_list(&list), 1);
    free(list);
    record_remove(config->uuid);
    CU_ASSERT_EQUAL(record_list(&list), 0);
    hv_config_free(config);
    drop_folder();
}

static void touch(const char *path)
{
    FILE *file = fopen(path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fclose(file);
}

/* hvctl was killed between writing a file and renaming it: `hvctl destroy` found no domain and left the half. */
static void killed_while_writing(void)
{
    struct hv_config *config = config_named("web");
    struct record_id id;
    char path[PATH_MAX];

    use_folder();
    CU_ASSERT_EQUAL(record_write(config, NULL), 0);
    touch(path_in(PATH_RUN, path, "domains/web.xml.123.new"));
    touch(path_in(PATH_RUN, path, "domains/other.xml.4.new"));
    path_remove_unfinished(path_in(PATH_RUN, path, "domains"));
    CU_ASSERT(access(path_in(PATH_RUN, path, "domains/web.xml.123.new"), F_OK));
    CU_ASSERT(access(path_in(PATH_RUN, path, "domains/other.xml.4.new"), F_OK));
    CU_ASSERT(record_by_name("web", &id));
    path_remove_unfinished(path_in(PATH_RUN, path, "missing"));

    /* A definition clears up itself. */
    touch(path_in(PATH_STATE, path, "domains/web.xml.123.new"));
    CU_ASSERT_EQUAL(definition_write(config, NULL), 0);
    CU_ASSERT(access(path, F_OK));
    hv_config_free(config);
    drop_folder();
}

static void definitions(void)
{
    struct hv_config *config;
    char name[HV_NAME_MAX + 1], uuid[HV_UUID_TEXT], **names;

    use_folder();
    config = config_named("web");
    CU_ASSERT_EQUAL(definition_write(config, NULL), 0);
    CU_ASSERT(definition_find("web", name));
    CU_ASSERT(definition_find(hv_uuid_text(config->uuid, uuid), name));
    CU_ASSERT_STRING_EQUAL(name, "web");
    CU_ASSERT(!definition_find("../domains/web", name));
    CU_ASSERT_EQUAL(definition_set_autostart("web", true, NULL), 0);
    CU_ASSERT_EQUAL(definition_set_autostart("web", true, NULL), 0);
    CU_ASSERT(definition_is_autostart("web"));
    CU_ASSERT_EQUAL(definition_autostart_list(&names), 1);
    definition_list_free(names, 1);

    /* Another name, the same UUID: refused. */
    free(config->name);
    config->name = strdup("site");
    CU_ASSERT_EQUAL(definition_write(config, NULL), -17);
    CU_ASSERT_EQUAL(definition_remove("web", NULL), 0);
    CU_ASSERT(!definition_is_autostart("web"));
    CU_ASSERT_EQUAL(definition_list(&names), 0);
    hv_config_free(config);
    drop_folder();
}

const struct unit_test unit_tests[] = {
    { "each reason has its policy", table },
    { "a domain that stops at once is not restarted for ever", reboot_loop },
    { "records follow names and UUIDs", records },
    { "what a killed program has half written goes", killed_while_writing },
    { "definitions are written, found, marked and removed", definitions },
    { NULL, NULL },
};
