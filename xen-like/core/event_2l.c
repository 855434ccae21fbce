/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 2-level event ABI: a pending and a mask bit per port in shared_info, and per vCPU a selector with a bit for each
 * word of them that has news. A guest may write any of it at any time; all that this can spoil is its own events.
 */
#include <hv/arch.h>

static bool test_bit(const xen_ulong_t *map, uint32_t nr)
{
    return __atomic_load_n(&map[nr / 64], __ATOMIC_SEQ_CST) >> nr % 64 & 1;
}

/* In the form that compilers know as one instruction. */
static bool test_and_set_bit(xen_ulong_t *map, uint32_t nr)
{
    xen_ulong_t bit = 1ul << nr % 64;

    return __atomic_fetch_or(&map[nr / 64], bit, __ATOMIC_SEQ_CST) & bit;
}

static bool test_and_clear_bit(xen_ulong_t *map, uint32_t nr)
{
    xen_ulong_t bit = 1ul << nr % 64;

    return __atomic_fetch_and(&map[nr / 64], ~bit, __ATOMIC_SEQ_CST) & bit;
}

static inline void select_word(struct vcpu *v, uint32_t port)
{
    if (!test_and_set_bit(&v->info->evtchn_pending_sel, port / 64))
        vcpu_mark_events_pending(v);
}

static void set_pending(struct vcpu *v, struct evtchn *chn)
{
    struct shared_info *shared = v->domain->shared_info;

    if (test_and_set_bit(shared->evtchn_pending, chn->port))
        return;
    if (!test_bit(shared->evtchn_mask, chn->port))
        select_word(v, chn->port);
}

static void clear_pending(struct domain *d, struct evtchn *chn)
{
    test_and_clear_bit(d->shared_info->evtchn_pending, chn->port);
}

static void unmask(struct domain *d, struct evtchn *chn)
{
    struct shared_info *shared = d->shared_info;
    struct vcpu *v = d->vcpu[chn->notify_vcpu];

    if (test_and_clear_bit(shared->evtchn_mask, chn->port) && test_bit(shared->evtchn_pending, chn->port))
        select_word(v, chn->port);
}

static bool is_pending(const struct domain *d, const struct evtchn *chn)
{
    return test_bit(d->shared_info->evtchn_pending, chn->port);
}

const struct evtchn_abi evtchn_2l = {
    .max_ports = EVTCHN_2L_NR_CHANNELS,
    .set_pending = set_pending,
    .clear_pending = clear_pending,
    .unmask = unmask,
    .is_pending = is_pending,
};
