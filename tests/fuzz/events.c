/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Three domains that open, connect, send on and close event channels, change from the 2-level to the FIFO ABI, and die
 * in any order, interrupted anywhere. After every few steps the two ends of each channel agree, and ports, VIRQs and the pirq are
 * counted anew. A guest either scribbles over all that it shares with hv, or behaves and takes its events off its
 * queues; then none that it has not masked may be left behind. When all are dead no frame is missing.
 */
#include "fuzz.h"

#include <hv/heap.h>
#include <public/domctl.h>

#define FRAMES 256u
#define DOMAINS 3u
#define CHECK_EVERY 4u /* steps: checking takes longer than they do */
#define VCPUS 2u
#define PORTS 200u
#define PIRQ 5u

static struct domain *domain[DOMAINS];   /* 0 is privileged; NULL: its number is free again */
static struct page_info *page[DOMAINS][4]; /* two for control blocks, two for event words */
static bool honest;                      /* nobody scribbles */
static unsigned int me;
static uint32_t port[8];                 /* some that were given out */
static unsigned int nr_ports;

/* --- what must hold --- */

static unsigned int index_of(const struct domain *d)
{
    for (unsigned int i = 0; i < DOMAINS; i++)
        if (domain[i] && domain[i] == d)
            return i;
    CHECK(false, "a port names a domain that is gone");
    return 0;
}

static bool opened(const struct evtchn *chn) { return chn->state != ECS_FREE && chn->state != ECS_RESERVED; }

static void check_port(struct domain *d, const struct evtchn *chn)
{
    const struct evtchn *other;

    CHECK(chn->notify_vcpu < VCPUS, "port %u tells vCPU %u", chn->port, chn->notify_vcpu);
    switch (chn->state) {
    case ECS_FREE:
        CHECK(chn->port >= d->evtchn.maybe_free, "port %u is free, none below %u should be", chn->port,
              d->evtchn.maybe_free);
        break;
    case ECS_INTERDOMAIN:
        index_of(chn->u.interdomain.remote);
        other = evtchn_lookup(chn->u.interdomain.remote, chn->u.interdomain.remote_port);
        CHECK(other && other->state == ECS_INTERDOMAIN && other->u.interdomain.remote == d &&
              other->u.interdomain.remote_port == chn->port, "port %u of domain %u has another end", chn->port, d->id);
        break;
    case ECS_VIRQ:
        CHECK(d->vcpu[0]->virq_to_port[chn->u.virq] == chn->port || d->vcpu[1]->virq_to_port[chn->u.virq] == chn->port,
              "port %u: nobody sends VIRQ %u there", chn->port, chn->u.virq);
        break;
    case ECS_PIRQ:
        CHECK(d->privileged && chn->u.pirq == PIRQ, "port %u has pirq %u", chn->port, chn->u.pirq);
        break;
    }
}

static void check_domain(struct domain *d)
{
    unsigned int open = 0, virqs = 0, bound = 0, pirqs = 0;

    for (uint32_t p = 0; p < d->evtchn.valid; p++) {
        const struct evtchn *chn = evtchn_lookup(d, p);

        CHECK(chn->port == p && (p || chn->state == ECS_RESERVED), "port %u is not itself", p);
        check_port(d, chn);
        open += opened(chn);
        virqs += chn->state == ECS_VIRQ;
        pirqs += chn->state == ECS_PIRQ;
        CHECK(!opened(chn) || p <= d->evtchn.max_port, "port %u beyond %u", p, d->evtchn.max_port);
    }
    for (unsigned int i = 0; i < VCPUS; i++)
        for (unsigned int virq = 0; virq < NR_VIRQS; virq++)
            bound += d->vcpu[i]->virq_to_port[virq] != 0;
    CHECK(open == d->evtchn.open, "domain %u: %u ports open, %u counted", d->id, d->evtchn.open, open);
    CHECK(virqs == bound, "domain %u: %u VIRQs, %u ports for them", d->id, bound, virqs);
    CHECK(pirqs <= 1, "%u ports for one pirq", pirqs);
}

static void check_all(void)
{
    for (unsigned int i = 0; i < DOMAINS; i++)
        if (domain[i] && domain[i]->evtchn.buckets)
            check_domain(domain[i]);
}

/* --- a guest that behaves: takes events off its queues as the ABI says --- */

static event_word_t *word_at(unsigned int i, uint32_t p)
{
    return (event_word_t *)page_to_virt(page[i][2]) + p;
}

static bool is_masked(unsigned int i, uint32_t p)
{
    return domain[i]->evtchn.fifo ? *word_at(i, p) >> EVTCHN_FIFO_MASKED & 1
                                  : domain[i]->shared_info->evtchn_mask[p / 64] >> p % 64 & 1;
}

static void consume_queue(unsigned int i, struct evtchn_fifo_control_block *c, unsigned int priority)
{
    uint32_t p = c->head[priority], n = 0;

    while (p) {
        event_word_t *word = word_at(i, p);

        CHECK(p <= PORTS && ++n <= PORTS, "domain %u: queue %u leads to port %u", i, priority, p);
        p = *word & EVTCHN_FIFO_LINK_MASK;
        *word &= ~(1u << EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK);
        if (!(*word & 1u << EVTCHN_FIFO_MASKED))
            *word &= ~(1u << EVTCHN_FIFO_PENDING);
    }
    c->head[priority] = 0;
    c->ready &= ~(1u << priority);
}

static void consume_fifo(unsigned int i, struct vcpu *v)
{
    struct evtchn_fifo_control_block *c = page_to_virt(page[i][v->id]);

    for (unsigned int priority = 0; priority < EVTCHN_FIFO_MAX_QUEUES; priority++)
        if (c->ready & 1u << priority)
            consume_queue(i, c, priority);
}

static void consume_2l(struct vcpu *v)
{
    struct shared_info *s = v->domain->shared_info;
    uint64_t selected = v->info->evtchn_pending_sel;

    v->info->evtchn_pending_sel = 0;
    for (unsigned int word = 0; word < 64; word++)
        if (selected & 1ull << word)
            s->evtchn_pending[word] &= s->evtchn_mask[word];
}

/* If it was told at all: an upcall is a promise that the rest is found without looking. */
static void consume_on(unsigned int i, struct vcpu *v)
{
    if (!v->info->evtchn_upcall_pending)
        return;
    v->info->evtchn_upcall_pending = 0;
    if (v->domain->evtchn.fifo)
        consume_fifo(i, v);
    else
        consume_2l(v);
}

static void consume(void)
{
    struct vcpu *v = domain[me]->vcpu[byte() % VCPUS];

    if (honest)
        consume_on(me, v);
}

static void check_nothing_left(unsigned int i)
{
    struct domain *d = domain[i];

    for (unsigned int k = 0; k < VCPUS; k++)
        consume_on(i, d->vcpu[k]);
    for (uint32_t p = 1; p < d->evtchn.valid; p++) {
        const struct evtchn *chn = evtchn_lookup(d, p);

        CHECK(!opened(chn) || !d->evtchn.abi->is_pending(d, chn) || is_masked(i, p),
              "domain %u: the event on port %u is lost", i, p);
    }
}

/* --- the domains --- */

static void make(unsigned int i)
{
    const struct xen_domctl_createdomain config = { .max_vcpus = VCPUS, .max_evtchn_port = PORTS - 1,
                                                    .max_grant_frames = 0, .max_maptrack_frames = 0 };
    int rc;

    domain[i] = domain_create(i, &config, i == 0, &rc);
    CHECK(domain[i], "%d", rc);
    domain[i]->max_pages = 16;
    for (unsigned int k = 0; k < VCPUS; k++)
        vcpu_create(domain[i], k);
    for (unsigned int k = 0; k < ARRAY_SIZE(page[i]); k++)
        page[i][k] = new_page(domain[i]);
    if (i == 0)
        dom0 = domain[i];
}

static void kill_one(unsigned int i)
{
    if (!domain[i] || domain[i]->dying == DOMAIN_DEAD)
        return;
    host_current = NULL;
    if (i == 0)
        dom0 = NULL;
    if (domain_kill(domain[i]) == 0)
        domain[i] = NULL;
}

static bool become(unsigned int i)
{
    me = i;
    if (!domain[i] || domain[i]->dying)
        return false;
    host_current = domain[i]->vcpu[byte() % VCPUS];
    return true;
}

static uint32_t any_port(void)
{
    uint8_t b = byte();

    return b < 0xc0 ? port[b % ARRAY_SIZE(port)] : b < 0xfe ? b - 0xc0u : b == 0xfe ? UINT32_MAX : PORTS + 63;
}

static domid_t any_domain(void)
{
    static const domid_t ids[] = { 0, 1, 2, DOMID_SELF, 7 };

    return one_of(ids);
}

static long call(unsigned int cmd, void *op) { return do_event_channel_op(cmd, (unsigned long)op, 0, 0, 0, 0); }

static void got(uint32_t p) { port[nr_ports++ % ARRAY_SIZE(port)] = p; }

static void alloc(void)
{
    struct evtchn_alloc_unbound op = { .dom = any_domain(), .remote_dom = any_domain() };

    if (!call(EVTCHNOP_alloc_unbound, &op))
        got(op.port);
}

static void bind(void)
{
    struct evtchn_bind_interdomain op = { .remote_dom = any_domain(), .remote_port = any_port() };

    if (!call(EVTCHNOP_bind_interdomain, &op))
        got(op.local_port);
}

/* What takes two that agree, done as they do it. */
static void connect(void)
{
    struct domain *to = domain[byte() % DOMAINS];
    struct evtchn_alloc_unbound unbound = { .dom = DOMID_SELF, .remote_dom = to ? to->id : 7 };
    struct evtchn_bind_interdomain op = { .remote_dom = domain[me]->id };

    if (!to || to->dying || call(EVTCHNOP_alloc_unbound, &unbound))
        return;
    got(unbound.port);
    host_current = to->vcpu[0];
    op.remote_port = unbound.port;
    if (!call(EVTCHNOP_bind_interdomain, &op))
        got(op.local_port);
}

static void bind_others(void)
{
    static const uint32_t virqs[] = { VIRQ_TIMER, VIRQ_DEBUG, VIRQ_CONSOLE, VIRQ_XENOPROF, VIRQ_DOM_EXC, NR_VIRQS };
    struct evtchn_bind_virq virq = { .virq = one_of(virqs), .vcpu = byte() % (VCPUS + 1) };
    struct evtchn_bind_ipi ipi = { .vcpu = byte() % (VCPUS + 1) };
    struct evtchn_bind_pirq pirq = { .pirq = PIRQ + byte() % 2 };

    switch (byte() % 3) {
    case 0:
        if (!call(EVTCHNOP_bind_virq, &virq))
            got(virq.port);
        break;
    case 1:
        if (!call(EVTCHNOP_bind_ipi, &ipi))
            got(ipi.port);
        break;
    case 2:
        if (!call(EVTCHNOP_bind_pirq, &pirq))
            got(pirq.port);
        break;
    }
}

static void close(void)
{
    struct evtchn_close op = { any_port() };

    call(EVTCHNOP_close, &op);
}

static void send(void)
{
    struct evtchn_send op = { any_port() };
    const struct evtchn *chn = evtchn_lookup(domain[me], op.port);
    struct domain *to = chn && chn->state == ECS_INTERDOMAIN ? chn->u.interdomain.remote : domain[me];
    uint32_t p = chn && chn->state == ECS_INTERDOMAIN ? chn->u.interdomain.remote_port : op.port;
    bool delivers = chn && (chn->state == ECS_INTERDOMAIN || chn->state == ECS_IPI);
    long rc = call(EVTCHNOP_send, &op);

    CHECK(!delivers || !rc, "sending on port %u: %ld", op.port, rc);
    if (delivers)
        CHECK(evtchn_port_pending(to, p) || evtchn_lookup(to, p)->pending, "port %u of domain %u: not pending", p, to->id);
}

static void send_virq(void)
{
    unsigned int virq = byte() % NR_VIRQS;

    if (byte() & 1)
        evtchn_send_global_virq(virq);
    else
        evtchn_send_virq(host_current, virq);
    if (domain[0])
        evtchn_send_pirq(domain[0], any_port());
}

static void mask(void)
{
    uint32_t p = any_port() % PORTS;
    struct shared_info *s = domain[me]->shared_info;

    if (domain[me]->evtchn.fifo)
        *word_at(me, p) |= 1u << EVTCHN_FIFO_MASKED;
    else
        s->evtchn_mask[p / 64] |= 1ul << p % 64;
}

static void unmask(void)
{
    struct evtchn_unmask op = { any_port() };

    call(EVTCHNOP_unmask, &op);
}

static void tell_another(void)
{
    struct evtchn_bind_vcpu op = { any_port(), byte() % (VCPUS + 1) };
    struct evtchn_set_priority priority = { op.port, byte() % (EVTCHN_FIFO_PRIORITY_MIN + 2) };

    if (byte() & 1)
        call(EVTCHNOP_bind_vcpu, &op);
    else
        call(EVTCHNOP_set_priority, &priority);
}

static void look(void)
{
    struct evtchn_status op = { .dom = any_domain(), .port = any_port() };

    call(EVTCHNOP_status, &op);
}

static void reset(void)
{
    struct evtchn_reset op = { any_domain() };

    if (!honest) /* one that behaves knows that its masks and words are as they were */
        call(EVTCHNOP_reset, &op);
}

/* Both vCPUs at once and then the words, as guests do; or one of it, with any frame. */
static void to_fifo(void)
{
    struct evtchn_init_control op = { .offset = honest ? 0 : byte() * 16, .vcpu = byte() % (VCPUS + 1) };
    struct evtchn_expand_array words = { page_to_mfn(page[me][2 + (honest ? 0 : byte() % 2)]).v };

    if (!honest) {
        op.control_gfn = page_to_mfn(page[byte() % DOMAINS][byte() % 4]).v;
        if (byte() & 1)
            call(EVTCHNOP_init_control, &op);
        else
            call(EVTCHNOP_expand_array, &words);
        return;
    }
    if (domain[me]->evtchn.fifo || byte() % 8)
        return;
    for (op.vcpu = 0; op.vcpu < VCPUS; op.vcpu++) {
        op.control_gfn = page_to_mfn(page[me][op.vcpu]).v;
        CHECK(!call(EVTCHNOP_init_control, &op), "vCPU %u", op.vcpu);
    }
    for (uint32_t p = 0; p < PORTS; p++) /* what it masked it still wants masked */
        if (domain[me]->shared_info->evtchn_mask[p / 64] >> p % 64 & 1)
            *word_at(me, p) |= 1u << EVTCHN_FIFO_MASKED;
    CHECK(!call(EVTCHNOP_expand_array, &words), "words");
}

static void scribble(void)
{
    uint64_t *to = byte() & 1 ? (uint64_t *)domain[me]->shared_info : page_to_virt(page[me][byte() % 4]);

    if (!honest)
        to[byte() % 128] = (uint64_t)byte() << 56 | (uint64_t)byte() << 24 | byte();
}

static void (*const steps[])(void) = { alloc, bind, connect, connect, bind_others, bind_others, close, send, send, send, send_virq, mask, unmask,
                                       tell_another, look, reset, to_fifo, scribble, consume, consume };

static void step(void)
{
    uint8_t what = byte() % (ARRAY_SIZE(steps) + 3);
    unsigned int who = byte() % DOMAINS;

    if (what == ARRAY_SIZE(steps))
        host_preempt_after = byte() % 8 - 1;
    else if (what == ARRAY_SIZE(steps) + 1)
        kill_one(who);
    else if (what == ARRAY_SIZE(steps) + 2 && !domain[who])
        make(who);
    else if (what < ARRAY_SIZE(steps) && become(who))
        steps[what]();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned int first;

    fuzz_begin(data, size);
    host_reset(FRAMES);
    sched_init();
    sched_cpu_online(0);
    timers_init();
    memset(port, 0, sizeof(port));
    nr_ports = 0;
    for (unsigned int i = 0; i < DOMAINS; i++)
        make(i);
    first = byte();
    honest = byte() & 1;
    for (unsigned int n = 1; fuzz_left; n++) {
        step();
        if (n % CHECK_EVERY == 0)
            check_all();
    }
    check_all();
    host_preempt_after = -1;
    for (unsigned int i = 0; honest && i < DOMAINS; i++)
        if (domain[i] && !domain[i]->dying)
            check_nothing_left(i);
    for (unsigned int i = 0; i < DOMAINS; i++) {
        while (domain[(first + i) % DOMAINS])
            kill_one((first + i) % DOMAINS);
        check_all();
    }
    CHECK(!domain_next(0), "a domain stays");
    CHECK(page_alloc_free_pages() == FRAMES - 1, "%lu frames are missing", FRAMES - 1 - page_alloc_free_pages());
    return 0;
}
