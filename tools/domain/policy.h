/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What happens to a domain that has stopped: its configuration's on_poweroff, on_reboot and on_crash, by the
 * reason it stopped for.
 */
#ifndef TOOLS_DOMAIN_POLICY_H
#define TOOLS_DOMAIN_POLICY_H

#include <libhv.h>

enum policy {
    POLICY_NOTHING,        /* it is suspended: somebody is saving it */
    POLICY_DESTROY,
    POLICY_RESTART,
    POLICY_PRESERVE,
    POLICY_RENAME_RESTART,
};

/*
 * The policy for a shutdown reason (enum hv_shutdown_reason; an unknown one is a crash). `config` NULL, for a
 * domain without a record: it is preserved, its maker may want it. coredump-* count as what follows the dash:
 * no core is written.
 */
enum policy policy_for(const struct hv_config *config, unsigned reason);

const char *policy_name(enum policy policy);
const char *policy_reason_name(unsigned reason);

/*
 * A domain that stops right after its start, again and again, is not restarted for ever: more than
 * POLICY_QUICK_MAX times in a row within POLICY_QUICK_SECONDS of its start.
 */
#define POLICY_QUICK_SECONDS 10
#define POLICY_QUICK_MAX     5

/* Counts a restart of a domain that has run for `seconds`. False: enough, destroy it. */
bool policy_count_restart(const uint8_t uuid[16], uint64_t seconds);
/* Forgets the count: the domain ended in another way. */
void policy_forget_restarts(const uint8_t uuid[16]);

#endif
