/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels: what a port may become, who is told, in both ABIs, and what closing and dying leave behind. */
#include <string.h>

#include <hv/errno.h>
#include <hv/heap.h>

#include "harness.h"
#include "host.h"

static struct domain *a, *b;

static void begin(void)
{
    host_reset(512);
    sched_init();
    a = host_domain_new(1, false, 2, 256);
    b = host_domain_new(2, false, 2, 256);
    CU_ASSERT_EQUAL_FATAL(evtchn_init(a, UINT32_MAX), 0);
    CU_ASSERT_EQUAL_FATAL(evtchn_init(b, 20), 0);
    host_current = a->vcpu[0];
}

static bool told(struct vcpu *v)
{
    bool was = v->info->evtchn_upcall_pending;

    v->info->evtchn_upcall_pending = 0;
    return was;
}

/* A channel from a to b; the ports. */
static void connect(uint32_t *from, uint32_t *to)
{
    CU_ASSERT_EQUAL_FATAL(evtchn_alloc_unbound(b, a->id, to), 0);
    CU_ASSERT_EQUAL_FATAL(evtchn_bind_interdomain(a, b, *to, from), 0);
    told(a->vcpu[0]);
    a->shared_info->evtchn_pending[0] = 0;
    a->vcpu[0]->info->evtchn_pending_sel = 0;
}

static void sending(void)
{
    uint32_t from, to;

    begin();
    connect(&from, &to);
    CU_ASSERT_EQUAL(evtchn_send(a, from), 0);
    CU_ASSERT(evtchn_port_pending(b, to));
    CU_ASSERT_EQUAL(b->vcpu[0]->info->evtchn_pending_sel, 1);
    CU_ASSERT(told(b->vcpu[0]));
    CU_ASSERT_EQUAL(evtchn_send(a, from), 0); /* pending already: nobody is told again */
    CU_ASSERT(!told(b->vcpu[0]));
    CU_ASSERT(!evtchn_port_pending(a, from));
}

static void masking(void)
{
    uint32_t from, to;

    begin();
    connect(&from, &to);
    b->shared_info->evtchn_mask[0] = 1ul << to;
    CU_ASSERT_EQUAL(evtchn_send(a, from), 0);
    CU_ASSERT(evtchn_port_pending(b, to));
    CU_ASSERT(!told(b->vcpu[0]));
    CU_ASSERT_EQUAL(evtchn_unmask(b, to), 0);
    CU_ASSERT(told(b->vcpu[0]));
    CU_ASSERT_EQUAL(evtchn_unmask(b, to), 0); /* it was not masked: nothing new */
    CU_ASSERT(!told(b->vcpu[0]));
}

static void the_chosen_vcpu(void)
{
    uint32_t from, to;

    begin();
    connect(&from, &to);
    CU_ASSERT_EQUAL(evtchn_bind_vcpu(b, to, 1), 0);
    CU_ASSERT_EQUAL(evtchn_bind_vcpu(b, to, 2), -ENOENT);
    evtchn_send(a, from);
    CU_ASSERT(!told(b->vcpu[0]));
    CU_ASSERT(told(b->vcpu[1]));
}

static void who_may_bind(void)
{
    uint32_t port, other;

    begin();
    CU_ASSERT_EQUAL(evtchn_alloc_unbound(b, 7, &port), 0);
    CU_ASSERT_EQUAL(evtchn_bind_interdomain(a, b, port, &other), -EINVAL); /* it waits for domain 7 */
    CU_ASSERT_EQUAL(evtchn_bind_interdomain(a, b, 0, &other), -EINVAL);    /* port 0 is nobody's */
    CU_ASSERT_EQUAL(evtchn_bind_interdomain(a, b, 1u << 20, &other), -EINVAL);
    CU_ASSERT_EQUAL(evtchn_send(b, port), 0); /* nobody there: lost, no error */
    CU_ASSERT_EQUAL(evtchn_send(b, 0), -EINVAL);
    CU_ASSERT_EQUAL(evtchn_send(b, port + 1), -EINVAL);
    CU_ASSERT_EQUAL(evtchn_close(b, 0), -EINVAL);
    CU_ASSERT_EQUAL(evtchn_close(b, port), 0);
    CU_ASSERT_EQUAL(evtchn_close(b, port), -EINVAL);
}

static void closing_one_end(void)
{
    struct evtchn_status status = { .port = 0 };
    uint32_t from, to, again;

    begin();
    connect(&from, &to);
    CU_ASSERT_EQUAL(evtchn_close(a, from), 0);
    status.port = to;
    CU_ASSERT_EQUAL(evtchn_status(b, &status), 0);
    CU_ASSERT_EQUAL(status.status, EVTCHNSTAT_unbound);
    CU_ASSERT_EQUAL(status.u.unbound.dom, a->id);
    CU_ASSERT_EQUAL(evtchn_bind_interdomain(a, b, to, &again), 0);
    CU_ASSERT_EQUAL(again, from);
    CU_ASSERT(evtchn_port_pending(a, again)); /* what was missed meanwhile: look once */
}

static void both_ends_in_one_domain(void)
{
    uint32_t one, two;

    begin();
    CU_ASSERT_EQUAL(evtchn_alloc_unbound(a, a->id, &one), 0);
    CU_ASSERT_EQUAL(evtchn_bind_interdomain(a, a, one, &two), 0);
    CU_ASSERT_EQUAL(evtchn_send(a, two), 0);
    CU_ASSERT(evtchn_port_pending(a, one));
    CU_ASSERT_EQUAL(evtchn_close(a, one), 0);
    CU_ASSERT_EQUAL(evtchn_close(a, two), 0);
    CU_ASSERT_EQUAL(a->evtchn.open, 0);
}

static void limits(void)
{
    uint32_t port;
    unsigned int n = 0;

    begin();
    while (!evtchn_alloc_unbound(b, a->id, &port))
        n++;
    CU_ASSERT_EQUAL(n, 20); /* ports 1 to 20 */
    CU_ASSERT_EQUAL(evtchn_alloc_unbound(b, a->id, &port), -ENOSPC);
    CU_ASSERT_EQUAL(evtchn_close(b, 7), 0);
    CU_ASSERT_EQUAL(evtchn_alloc_unbound(b, a->id, &port), 0);
    CU_ASSERT_EQUAL(port, 7);
    n = 0;
    while (!evtchn_alloc_unbound(a, b->id, &port))
        n++;
    CU_ASSERT_EQUAL(n, EVTCHN_2L_NR_CHANNELS - 1);
}

static void virqs(void)
{
    uint32_t port, other;

    begin();
    CU_ASSERT_EQUAL(evtchn_bind_virq(a, VIRQ_TIMER, 1, &port), 0);
    CU_ASSERT_EQUAL(evtchn_bind_virq(a, VIRQ_TIMER, 1, &other), -EEXIST);
    CU_ASSERT_EQUAL(evtchn_bind_virq(a, VIRQ_TIMER, 2, &other), -ENOENT);
    CU_ASSERT_EQUAL(evtchn_bind_virq(a, NR_VIRQS, 0, &other), -EINVAL);
    CU_ASSERT_EQUAL(evtchn_bind_virq(a, VIRQ_DOM_EXC, 1, &other), -EINVAL); /* the machine's: on vCPU 0 */
    evtchn_send_virq(a->vcpu[1], VIRQ_TIMER);
    CU_ASSERT(evtchn_port_pending(a, port));
    CU_ASSERT_EQUAL(evtchn_bind_vcpu(a, port, 0), -EINVAL); /* stays where it is */
    CU_ASSERT_EQUAL(evtchn_send(a, port), -EINVAL);         /* not the guest's to send */
    CU_ASSERT_EQUAL(evtchn_close(a, port), 0);
    evtchn_send_virq(a->vcpu[1], VIRQ_TIMER); /* nobody wants it */
    CU_ASSERT(!evtchn_port_pending(a, port));
    CU_ASSERT_EQUAL(evtchn_bind_virq(a, VIRQ_TIMER, 1, &other), 0);
}

static void dying(void)
{
    struct evtchn_status status;
    uint32_t from, to, n, ports[70];

    begin();
    connect(&from, &to);
    for (n = 0; n < 70; n++)
        CU_ASSERT_EQUAL(evtchn_alloc_unbound(a, b->id, &ports[n]), 0);
    host_preempt_after = 0;
    CU_ASSERT(!evtchn_destroy(a)); /* stops at a bound ... */
    CU_ASSERT(!evtchn_destroy(a) || a->evtchn.open == 0);
    host_preempt_after = -1;
    CU_ASSERT(evtchn_destroy(a)); /* ... and goes on */
    CU_ASSERT_EQUAL(a->evtchn.open, 0);
    status.port = to;
    evtchn_status(b, &status);
    CU_ASSERT_EQUAL(status.status, EVTCHNSTAT_unbound);
    CU_ASSERT_EQUAL(evtchn_send(b, to), 0);
    a->dying = DOMAIN_DYING;
    CU_ASSERT_EQUAL(evtchn_alloc_unbound(a, b->id, &to), -EINVAL);
    evtchn_destroy_final(a);
    CU_ASSERT_EQUAL(a->refcount, 1);
    CU_ASSERT_EQUAL(b->refcount, 1);
}

/* --- FIFO --- */

static struct evtchn_fifo_control_block *control;
static event_word_t *words;

static void begin_fifo(void)
{
    struct page_info *block, *array;
    struct evtchn_init_control init = { .vcpu = 0, .offset = 64 };
    struct evtchn_expand_array expand;

    begin();
    block = page_alloc_domain(a, 0, PAGE_ANY);
    array = page_alloc_domain(a, 0, PAGE_ANY);
    init.control_gfn = page_to_mfn(block).v;
    expand.array_gfn = page_to_mfn(array).v;
    CU_ASSERT_EQUAL_FATAL(evtchn_fifo_expand_array(a, &expand), -EOPNOTSUPP);
    CU_ASSERT_EQUAL_FATAL(evtchn_fifo_init_control(a, &init), 0);
    CU_ASSERT_EQUAL(init.link_bits, EVTCHN_FIFO_LINK_BITS);
    CU_ASSERT_EQUAL_FATAL(evtchn_fifo_expand_array(a, &expand), 0);
    control = (void *)((char *)page_to_virt(block) + 64);
    words = page_to_virt(array);
}

/* What a guest does: take the head of the queue, or 0. */
static uint32_t consume(unsigned int priority)
{
    uint32_t port = control->head[priority], next;

    if (!port)
        return 0;
    next = words[port] & EVTCHN_FIFO_LINK_MASK;
    words[port] &= ~(1u << EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK | 1u << EVTCHN_FIFO_PENDING);
    control->head[priority] = next;
    if (!next)
        control->ready &= ~(1u << priority);
    return port;
}

static void fifo_order(void)
{
    uint32_t port[5];

    begin_fifo();
    for (unsigned int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(evtchn_bind_ipi(a, 0, &port[i]), 0);
    evtchn_send(a, port[3]);
    evtchn_send(a, port[1]);
    evtchn_send(a, port[4]);
    evtchn_send(a, port[1]); /* queued already */
    CU_ASSERT(told(a->vcpu[0]));
    CU_ASSERT_EQUAL(control->ready, 1u << EVTCHN_FIFO_PRIORITY_DEFAULT);
    CU_ASSERT_EQUAL(consume(7), port[3]);
    CU_ASSERT_EQUAL(consume(7), port[1]);
    evtchn_send(a, port[0]); /* behind port[4], which is still there */
    CU_ASSERT_EQUAL(consume(7), port[4]);
    CU_ASSERT_EQUAL(consume(7), port[0]);
    CU_ASSERT_EQUAL(consume(7), 0);
    evtchn_send(a, port[2]); /* the queue was emptied by the guest: a new head */
    CU_ASSERT_EQUAL(consume(7), port[2]);
}

static void fifo_priorities(void)
{
    uint32_t low, high;

    begin_fifo();
    evtchn_bind_ipi(a, 0, &low);
    evtchn_bind_ipi(a, 0, &high);
    CU_ASSERT_EQUAL(evtchn_fifo_set_priority(a, evtchn_lookup(a, high), 0), 0);
    CU_ASSERT_EQUAL(evtchn_fifo_set_priority(a, evtchn_lookup(a, high), 16), -EINVAL);
    evtchn_send(a, low);
    evtchn_send(a, high);
    CU_ASSERT_EQUAL(control->ready, 1u << 7 | 1);
    CU_ASSERT_EQUAL(consume(0), high);
    CU_ASSERT_EQUAL(consume(7), low);
}

static void fifo_masked(void)
{
    uint32_t port;

    begin_fifo();
    evtchn_bind_ipi(a, 0, &port);
    words[port] |= 1u << EVTCHN_FIFO_MASKED;
    evtchn_send(a, port);
    CU_ASSERT(!told(a->vcpu[0]));
    CU_ASSERT_EQUAL(control->head[7], 0);
    CU_ASSERT_EQUAL(evtchn_unmask(a, port), 0);
    CU_ASSERT(told(a->vcpu[0]));
    CU_ASSERT_EQUAL(consume(7), port);
}

static void fifo_vandalism(void)
{
    uint32_t port[3];

    begin_fifo();
    for (unsigned int i = 0; i < 3; i++)
        evtchn_bind_ipi(a, 0, &port[i]);
    evtchn_send(a, port[0]);
    memset(words, 0xff, PAGE_SIZE); /* everything linked to nowhere */
    for (unsigned int n = 0; n < 100; n++)
        evtchn_send(a, port[n % 3]);
    memset(words, 0, PAGE_SIZE);
    memset(control, 0xff, sizeof(*control));
    for (unsigned int n = 0; n < 100; n++)
        evtchn_send(a, port[n % 3]);
    CU_ASSERT(evtchn_destroy(a)); /* and it can still be taken down, with nothing held */
    CU_ASSERT_PTR_NULL(a->evtchn.fifo);
    CU_ASSERT_PTR_EQUAL(a->evtchn.abi, &evtchn_2l);
}

static void fifo_carries_over(void)
{
    struct evtchn_init_control init = { .vcpu = 0 };
    struct evtchn_expand_array expand;
    uint32_t port;

    begin();
    evtchn_bind_ipi(a, 0, &port);
    evtchn_send(a, port);
    told(a->vcpu[0]);
    init.control_gfn = page_to_mfn(page_alloc_domain(a, 0, PAGE_ANY)).v;
    expand.array_gfn = page_to_mfn(page_alloc_domain(a, 0, PAGE_ANY)).v;
    control = mfn_to_virt(MFN(init.control_gfn));
    words = mfn_to_virt(MFN(expand.array_gfn));
    CU_ASSERT_EQUAL(evtchn_fifo_init_control(a, &init), 0);
    CU_ASSERT_EQUAL(evtchn_fifo_init_control(a, &init), -EINVAL); /* once per vCPU */
    CU_ASSERT_EQUAL(evtchn_fifo_expand_array(a, &expand), 0);
    CU_ASSERT_EQUAL(consume(7), port);
}

const struct unit_test unit_tests[] = {
    { "an event is pending at the other end, and its vCPU is told once", sending },
    { "a masked event waits for its unmasking", masking },
    { "an event goes to the vCPU that was chosen for it", the_chosen_vcpu },
    { "only whom a port waits for may bind it", who_may_bind },
    { "closing one end leaves the other unbound, to be bound again", closing_one_end },
    { "both ends may be in one domain", both_ends_in_one_domain },
    { "ports run out at the limit, and the lowest free one is next", limits },
    { "a VIRQ is bound once per vCPU and not sent by guests", virqs },
    { "a domain's end closes its ports, in steps", dying },
    { "FIFO: events are delivered in the order of sending", fifo_order },
    { "FIFO: each priority has a queue", fifo_priorities },
    { "FIFO: a masked event waits for its unmasking", fifo_masked },
    { "FIFO: a guest that ruins its words hurts only itself", fifo_vandalism },
    { "FIFO: what was pending before stays pending", fifo_carries_over },
    { NULL, NULL },
};
