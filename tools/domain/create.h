/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making a domain from a configuration, and taking one away.
 *
 *   checks -> record -> empty domain, memory, kernel -> loop devices -> store nodes
 *          -> introduced to the store
 *          -> back-ends serve its devices -> ready, paused
 *
 * A failure undoes all of it in reverse. After a kill, whatever the step, domain_destroy() undoes it: the
 * record has the name before there is a domain, and all else hangs off the domain's id in the store.
 */
#ifndef TOOLS_DOMAIN_CREATE_H
#define TOOLS_DOMAIN_CREATE_H

#include "domain.h"

/* Makes the domain, leaves it paused. `lock` is held by the caller. 0 or -errno with a message. */
int domain_create(struct tools *tools, const struct hv_config *config, unsigned *domid, struct hv_error *err);

/*
 * Ends a domain at once and removes every trace of it: devices, nodes, record. For one that the hypervisor
 * has forgotten only the traces. Waits until the memory is free again. The caller holds the lock.
 */
int domain_destroy(struct tools *tools, const struct domain *domain, struct hv_error *err);

/*
 * Takes a domain's devices away from it, the domain staying as it is: for one kept for inspection.
 */
int domain_remove_devices(struct tools *tools, unsigned domid, struct hv_error *err);

/* Removes the traces of domains that the hypervisor does not know any more. The caller holds the lock. */
void domain_sweep(struct tools *tools);

#endif
