/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hv's own extensions of the ABI: which there are, and the hypercall that sets them up. Each is one feature
 * bit in CPUID, and one bit of the option `extensions=`, 0 of which is none: then hv answers as if it had
 * never heard of them.
 */
#include <arch/pv.h>
#include <hv/hypercall.h>
#include <hv/options.h>
#include <public/hv.h>

#define ALL_FEATURES (1u << HV_FEATURE_user_entry | 1u << HV_FEATURE_kernel_iret | 1u << HV_FEATURE_tables | \
                      1u << HV_FEATURE_switch | 1u << HV_FEATURE_update_ptes | \
                      1u << HV_FEATURE_timer | 1u << HV_FEATURE_lazy_flush)

static unsigned int extensions = ALL_FEATURES;
OPTION_NUMBER(extensions, "extensions");

uint32_t pv_features(void) { return extensions & ALL_FEATURES; }

static const struct {
    unsigned int feature;
    long (*fn)(struct vcpu *v, unsigned long a1, unsigned long a2, unsigned long a3);
} ops[] = {
    [HVOP_register] = { HV_FEATURE_user_entry, pv_area_register },
    [HVOP_switch] = { HV_FEATURE_switch, pv_switch },
    [HVOP_update_ptes] = { HV_FEATURE_update_ptes, pv_update_ptes },
};

HYPERCALL(do_hv_op) /* HVOP_*, its arguments */
{
    HYPERCALL_UNUSED(a5, a6);
    if (a1 >= ARRAY_SIZE(ops))
        return -ENOSYS;
    a1 = clamp_index(a1, ARRAY_SIZE(ops));
    if (!(pv_features() >> ops[a1].feature & 1))
        return -ENOSYS;
    return ops[a1].fn(current, a2, a3, a4);
}
