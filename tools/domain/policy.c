/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Life-cycle policy as tables. Counts of quick restarts are files, since the domain that they are about does
 * not live long enough to carry them, and hvd may be restarted in between.
 */
#include "policy.h"

#include <stdio.h>
#include <unistd.h>

#include "paths.h"

static const enum policy of_action[] = {
    [HV_ACTION_DESTROY] = POLICY_DESTROY,
    [HV_ACTION_RESTART] = POLICY_RESTART,
    [HV_ACTION_PRESERVE] = POLICY_PRESERVE,
    [HV_ACTION_RENAME_RESTART] = POLICY_RENAME_RESTART,
    [HV_ACTION_COREDUMP_DESTROY] = POLICY_DESTROY,
    [HV_ACTION_COREDUMP_RESTART] = POLICY_RESTART,
};

static const char *const names[] = {
    [POLICY_NOTHING] = "nothing",
    [POLICY_DESTROY] = "destroy",
    [POLICY_RESTART] = "restart",
    [POLICY_PRESERVE] = "preserve",
    [POLICY_RENAME_RESTART] = "rename-restart",
};

static const char *const reasons[] = {
    [HV_SHUTDOWN_POWEROFF] = "poweroff", [HV_SHUTDOWN_REBOOT] = "reboot",
    [HV_SHUTDOWN_SUSPEND] = "suspend",   [HV_SHUTDOWN_CRASH] = "crash",
    [HV_SHUTDOWN_WATCHDOG] = "watchdog", [HV_SHUTDOWN_SOFT_RESET] = "soft reset",
};

enum policy policy_for(const struct hv_config *config, unsigned reason)
{
    if (reason == HV_SHUTDOWN_SUSPEND)
        return POLICY_NOTHING;
    if (!config)
        return POLICY_PRESERVE;
    switch (reason) {
    case HV_SHUTDOWN_POWEROFF:
        return of_action[config->on_poweroff];
    case HV_SHUTDOWN_REBOOT:
        return of_action[config->on_reboot];
    default:
        return of_action[config->on_crash];
    }
}

const char *policy_name(enum policy policy)
{
    return names[policy];
}

const char *policy_reason_name(unsigned reason)
{
    return reason < sizeof(reasons) / sizeof(reasons[0]) ? reasons[reason] : "an unknown reason";
}

static char *count_path(const uint8_t uuid[16], char path[PATH_MAX])
{
    char text[HV_UUID_TEXT];

    return path_in(PATH_RUN, path, "restarts/%s", hv_uuid_text(uuid, text));
}

bool policy_count_restart(const uint8_t uuid[16], uint64_t seconds)
{
    char path[PATH_MAX], text[16];
    unsigned count = 0;
    FILE *file;

    count_path(uuid, path);
    file = fopen(path, "re");
    if (file && fscanf(file, "%u", &count) != 1)
        count = 0;
    if (file)
        fclose(file);
    count = seconds < POLICY_QUICK_SECONDS ? count + 1 : 0;
    if (count > POLICY_QUICK_MAX) {
        unlink(path);
        return false;
    }
    snprintf(text, sizeof(text), "%u\n", count);
    path_write_whole(path, text, NULL);
    return true;
}

void policy_forget_restarts(const uint8_t uuid[16])
{
    char path[PATH_MAX];

    unlink(count_path(uuid, path));
}
