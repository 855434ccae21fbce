/* SPDX-License-Identifier: GPL-2.0-only */
/* event_channel_op: each operation copies its argument in, finds the domain it names, and hands on to event_channel.c. */
#include <hv/arch.h>
#include <hv/errno.h>
#include <hv/guest_copy.h>
#include <hv/hypercall.h>

/* DOMID_SELF and the caller's own id are the caller; another domain is for the privileged. NULL and *rc. */
static struct domain *named_domain(domid_t id, long *rc)
{
    struct domain *self = current->domain, *d;

    *rc = -EPERM;
    if (id != DOMID_SELF && id != self->id && !self->privileged)
        return NULL;
    *rc = -ESRCH;
    d = domain_get_remote_or_self(id);
    return d;
}

/* Tell the guest its new port, at its own address to; one that cannot be told is closed again. */
static long report_port(struct domain *d, uint32_t port, evtchn_port_t *to, long rc)
{
    if (rc || copy_arg_out(to, &port))
        return rc;
    evtchn_close(d, port);
    return -EFAULT;
}

static long alloc_unbound(unsigned long arg)
{
    struct evtchn_alloc_unbound op;
    struct domain *d;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    d = named_domain(op.dom, &rc);
    if (!d)
        return rc;
    rc = evtchn_alloc_unbound(d, op.remote_dom == DOMID_SELF ? current->domain->id : op.remote_dom, &op.port);
    rc = report_port(d, op.port, &((__typeof__(op) *)arg)->port, rc);
    domain_put(d);
    return rc;
}

static long bind_interdomain(unsigned long arg)
{
    struct evtchn_bind_interdomain op;
    struct domain *remote;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    remote = domain_get_remote_or_self(op.remote_dom);
    if (!remote)
        return -ESRCH;
    rc = evtchn_bind_interdomain(current->domain, remote, op.remote_port, &op.local_port);
    domain_put(remote);
    rc = report_port(current->domain, op.local_port, &((__typeof__(op) *)arg)->local_port, rc);
    return rc;
}

static long bind_virq(unsigned long arg)
{
    struct evtchn_bind_virq op;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    rc = evtchn_bind_virq(current->domain, op.virq, op.vcpu, &op.port);
    rc = report_port(current->domain, op.port, &((__typeof__(op) *)arg)->port, rc);
    return rc;
}

static long bind_pirq(unsigned long arg)
{
    struct evtchn_bind_pirq op;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    rc = evtchn_bind_pirq(current->domain, op.pirq, op.flags & BIND_PIRQ__WILL_SHARE, &op.port);
    rc = report_port(current->domain, op.port, &((__typeof__(op) *)arg)->port, rc);
    return rc;
}

static long bind_ipi(unsigned long arg)
{
    struct evtchn_bind_ipi op;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    rc = evtchn_bind_ipi(current->domain, op.vcpu, &op.port);
    rc = report_port(current->domain, op.port, &((__typeof__(op) *)arg)->port, rc);
    return rc;
}

static long close_port(unsigned long arg)
{
    struct evtchn_close op;

    return copy_arg_in(&op, arg) ? evtchn_close(current->domain, op.port) : -EFAULT;
}

static long send(unsigned long arg)
{
    struct evtchn_send op;

    return copy_arg_in(&op, arg) ? evtchn_send(current->domain, op.port) : -EFAULT;
}

static long status(unsigned long arg)
{
    struct evtchn_status op;
    struct domain *d;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    d = named_domain(op.dom, &rc);
    if (!d)
        return rc;
    rc = evtchn_status(d, &op);
    domain_put(d);
    if (!rc && !copy_arg_out(arg, &op))
        rc = -EFAULT;
    return rc;
}

static long bind_vcpu(unsigned long arg)
{
    struct evtchn_bind_vcpu op;

    return copy_arg_in(&op, arg) ? evtchn_bind_vcpu(current->domain, op.port, op.vcpu) : -EFAULT;
}

static long unmask(unsigned long arg)
{
    struct evtchn_unmask op;

    return copy_arg_in(&op, arg) ? evtchn_unmask(current->domain, op.port) : -EFAULT;
}

static long reset(unsigned long arg)
{
    struct evtchn_reset op;
    struct domain *d;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    d = named_domain(op.dom, &rc);
    if (!d)
        return rc;
    rc = evtchn_reset(d);
    domain_put(d);
    return rc;
}

static long init_control(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_init_control op;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    write_lock(&d->evtchn.lock);
    rc = evtchn_fifo_init_control(d, &op);
    write_unlock(&d->evtchn.lock);
    if (!rc && !copy_field_out(arg, &op, link_bits))
        rc = -EFAULT;
    return rc;
}

static long expand_array(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_expand_array op;
    long rc;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    write_lock(&d->evtchn.lock);
    rc = evtchn_fifo_expand_array(d, &op);
    write_unlock(&d->evtchn.lock);
    return rc;
}

static long set_priority(unsigned long arg)
{
    struct domain *d = current->domain;
    struct evtchn_set_priority op;
    struct evtchn *chn;
    long rc = -EINVAL;

    if (!copy_arg_in(&op, arg))
        return -EFAULT;
    write_lock(&d->evtchn.lock);
    chn = evtchn_lookup(d, op.port);
    if (chn)
        rc = evtchn_fifo_set_priority(d, chn, op.priority);
    write_unlock(&d->evtchn.lock);
    return rc;
}

static long (*const handlers[])(unsigned long arg) = {
    [EVTCHNOP_bind_interdomain] = bind_interdomain,
    [EVTCHNOP_bind_virq] = bind_virq,
    [EVTCHNOP_bind_pirq] = bind_pirq,
    [EVTCHNOP_close] = close_port,
    [EVTCHNOP_send] = send,
    [EVTCHNOP_status] = status,
    [EVTCHNOP_alloc_unbound] = alloc_unbound,
    [EVTCHNOP_bind_ipi] = bind_ipi,
    [EVTCHNOP_bind_vcpu] = bind_vcpu,
    [EVTCHNOP_unmask] = unmask,
    [EVTCHNOP_reset] = reset,
    [EVTCHNOP_init_control] = init_control,
    [EVTCHNOP_expand_array] = expand_array,
    [EVTCHNOP_set_priority] = set_priority,
};

HYPERCALL(do_event_channel_op)
{
    HYPERCALL_UNUSED(a3, a4, a5, a6);
    if (a1 >= ARRAY_SIZE(handlers))
        return -ENOSYS;
    a1 = clamp_index(a1, ARRAY_SIZE(handlers));
    if (!handlers[a1])
        return -ENOSYS;
    return handlers[a1](a2);
}
