/* SPDX-License-Identifier: GPL-2.0-only */
/* The tool stack's operations on domains: one row each, in domctl.c (domains) and domctl_vcpu.c (their vCPUs). */
#ifndef HV_DOMCTL_H
#define HV_DOMCTL_H

#include <hv/domain.h>
#include <public/domctl.h>

/*
 * d is the domain named, referenced. arg is the guest address of *op, for a handler that writes a part of it back;
 * setting *copyback writes back the whole. -ERESTART runs the call again.
 */
typedef long domctl_fn(struct domain *d, struct xen_domctl *op, unsigned long arg, bool *copyback);

void domctl_get_info(struct domain *d, struct xen_domctl_getdomaininfo *info);

domctl_fn domctl_max_vcpus, domctl_set_vcpu_context, domctl_get_vcpu_context, domctl_get_vcpu_info,
    domctl_set_affinity, domctl_get_affinity;

#endif
