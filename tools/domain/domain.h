/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which domain a user means, and what is known of it: the hypervisor's facts, and its name from the store.
 */
#ifndef TOOLS_DOMAIN_DOMAIN_H
#define TOOLS_DOMAIN_DOMAIN_H

#include "tools.h"

struct domain {
    unsigned domid;
    bool exists;                 /* the hypervisor knows it; if not, just its traces in the store are left */
    struct hv_domain_info info;  /* if it exists */
    uint8_t uuid[16];
    char name[HV_NAME_MAX + 1];  /* empty if the store has none */
};

/* Finds the domain that `text`, an id, a name or a UUID, means. -ESRCH with a message if there is none. */
int domain_find(struct tools *tools, const char *text, struct domain *domain, struct hv_error *err);

/* The same among running domains only: traces are not enough. */
int domain_find_running(struct tools *tools, const char *text, struct domain *domain, struct hv_error *err);

/* All domains the hypervisor knows, with names: a malloc'ed array in *list. Returns how many, or -errno. */
int domain_list(struct tools *tools, struct domain **list, struct hv_error *err);

/* "running", "idle" (blocked), "paused", "shut down", "crashed", "dying", "left over". */
const char *domain_state(const struct domain *domain);

#endif
