/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FIFO event ABI: one word per port, a queue per priority. After the switch all ports use it, and events come out in the
 * order of their priority, then of their sending.
 */
#include <guest.h>
#include <public/event_channel.h>

#define WORDS_PER_PAGE 1024

static volatile struct evtchn_fifo_control_block *control;
static volatile uint32_t *words;
static unsigned int order[64], delivered;

static bool flag(unsigned int port, unsigned int bit)
{
    return words[port] >> bit & 1;
}

/* One queue: the head is ours; an event whose link is 0 is the last. */
static unsigned int take(unsigned int queue)
{
    unsigned int port = control->head[queue], link, old;

    if (!port)
        return 0;
    do {
        old = words[port];
        link = old & EVTCHN_FIFO_LINK_MASK;
    } while (!__sync_bool_compare_and_swap(&words[port], old,
                                           old & ~(1u << EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK)));
    control->head[queue] = link;
    if (!link)
        __sync_fetch_and_and(&control->ready, ~(1u << queue));
    return port;
}

static void scan(void)
{
    unsigned int ready, queue, port;

    while ((ready = control->ready)) {
        queue = __builtin_ctz(ready);
        port = take(queue);
        if (!port) {
            __sync_fetch_and_and(&control->ready, ~(1u << queue));
            continue;
        }
        if (flag(port, EVTCHN_FIFO_MASKED) || !flag(port, EVTCHN_FIFO_PENDING))
            continue;
        __sync_fetch_and_and(&words[port], ~(1u << EVTCHN_FIFO_PENDING));
        if (delivered < ARRAY_SIZE(order))
            order[delivered] = port;
        delivered++;
    }
}

static void switch_over(void)
{
    uint64_t *page = page_alloc(), *array = page_alloc();
    struct evtchn_init_control init = { .control_gfn = va_to_mfn(page), .offset = PAGE_SIZE - 8, .vcpu = 0 };
    struct evtchn_expand_array expand = { .array_gfn = va_to_mfn(array) };
    long old = event_alloc_unbound(DOMID_SELF, DOMID_SELF);

    is(hyp_event_channel_op(EVTCHNOP_expand_array, &expand), -XEN_EOPNOTSUPP, "no array before a control block");
    is(hyp_event_channel_op(EVTCHNOP_init_control, &init), -XEN_EINVAL, "a control block across a page's end");
    init.offset = 4;
    is(hyp_event_channel_op(EVTCHNOP_init_control, &init), -XEN_EINVAL, "a control block at an odd address");
    init.offset = 0;
    init.vcpu = 77;
    is(hyp_event_channel_op(EVTCHNOP_init_control, &init), -XEN_ENOENT, "a vCPU that does not exist");
    init.vcpu = 0;
    init.control_gfn = 0xfffffffff;
    ok(hyp_event_channel_op(EVTCHNOP_init_control, &init) < 0, "a frame beyond memory");
    init.control_gfn = va_to_mfn(boot_root());
    ok(hyp_event_channel_op(EVTCHNOP_init_control, &init) < 0, "a page table");
    init.control_gfn = va_to_mfn(page);
    is(hyp_event_channel_op(EVTCHNOP_init_control, &init), 0, "init_control");
    is(init.link_bits, EVTCHN_FIFO_LINK_BITS, "tells the number of link bits");
    is(hyp_event_channel_op(EVTCHNOP_init_control, &init), -XEN_EINVAL, "only once");
    control = (void *)page;
    is(hyp_event_channel_op(EVTCHNOP_expand_array, &expand), 0, "expand_array");
    words = (void *)array;
    event_scan = scan;
    event_close(old);
}

static long pair(unsigned int *there)
{
    long a = event_alloc_unbound(DOMID_SELF, DOMID_SELF);

    *there = event_bind_interdomain(DOMID_SELF, a);
    return a;
}

static void one_event(void)
{
    unsigned int there, here = pair(&there);

    ok((int)here > 0 && (int)there > 0, "ports %u and %u", here, there);
    words[there] = 0;
    control->ready = 0;
    control->head[7] = 0;
    delivered = 0;
    event_disable();
    is(event_send(here), 0, "send");
    ok(flag(there, EVTCHN_FIFO_PENDING), "the word is pending");
    ok(flag(there, EVTCHN_FIFO_LINKED), "and linked");
    is(control->ready, 1u << EVTCHN_FIFO_PRIORITY_DEFAULT, "the default queue is ready");
    is(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], there, "with the port at its head");
    event_enable();
    is(delivered, 1, "an upcall delivers it");
    is(control->ready, 0, "the queue is empty");
    words[there] |= 1u << EVTCHN_FIFO_MASKED;
    event_send(here);
    is(delivered, 1, "a masked port is not delivered");
    ok(flag(there, EVTCHN_FIFO_PENDING) && !flag(there, EVTCHN_FIFO_LINKED), "it is pending, not linked");
    event_unmask(there);
    is(delivered, 2, "unmask delivers it");
    ok(!flag(there, EVTCHN_FIFO_MASKED), "and clears the mask");
    event_close(here);
    event_close(there);
}

static void priorities(void)
{
    static const unsigned int priority[6] = { 7, 3, 15, 7, 0, 3 }, want[6] = { 4, 1, 5, 0, 3, 2 };
    unsigned int here[6], there[6], i;
    struct evtchn_set_priority op;

    for (i = 0; i < 6; i++) {
        here[i] = pair(&there[i]);
        words[there[i]] = 0;
        op = (struct evtchn_set_priority){ .port = there[i], .priority = priority[i] };
        is(hyp_event_channel_op(EVTCHNOP_set_priority, &op), 0, "port %u gets priority %u", there[i], priority[i]);
    }
    event_disable();
    event_enable();
    delivered = 0;
    event_disable();
    for (i = 0; i < 6; i++)
        event_send(here[i]);
    event_enable();
    is(delivered, 6, "six events");
    for (i = 0; i < 6; i++)
        is(order[i], there[want[i]], "number %u is the one of priority %u", i, priority[want[i]]);
    op.priority = 16;
    is(hyp_event_channel_op(EVTCHNOP_set_priority, &op), -XEN_EINVAL, "there is no priority 16");
    for (i = 0; i < 6; i++) {
        event_close(here[i]);
        event_close(there[i]);
    }
}

/* A port whose word does not exist yet remembers its event until the array grows. */
static void growing(void)
{
    static long ports[WORDS_PER_PAGE];
    volatile uint32_t *page = page_alloc();
    struct evtchn_expand_array expand = { .array_gfn = va_to_mfn((void *)page) };
    unsigned int n = 0;
    long port = 0;

    event_disable();
    while (n < WORDS_PER_PAGE && (port = event_bind_ipi(0)) > 0 && port < WORDS_PER_PAGE)
        ports[n++] = port;
    is(port, WORDS_PER_PAGE, "the first port of the second page");
    is(event_send(port), 0, "an event on it has nowhere to go");
    is(hyp_event_channel_op(EVTCHNOP_expand_array, &expand), 0, "the page of words is added");
    ok(page[0] >> EVTCHN_FIFO_PENDING & 1, "and the event is there");
    event_close(port);
    while (n)
        event_close(ports[--n]);
    expand.array_gfn = 0xfffffffff;
    ok(hyp_event_channel_op(EVTCHNOP_expand_array, &expand) < 0, "a page beyond memory");
}

/* The guest can write anything into the words: the hypervisor must not follow it. */
static void garbage(void)
{
    unsigned int i, there, here = pair(&there);

    event_disable();
    for (i = 0; i < WORDS_PER_PAGE; i++)
        words[i] = 0xffffffff ^ (1u << EVTCHN_FIFO_MASKED) ^ (i % 2 << EVTCHN_FIFO_PENDING) ^ (i % 3 ? 0 : 1u << EVTCHN_FIFO_LINKED);
    for (i = 0; i < 16; i++)
        control->head[i] = 0xffffffff - i;
    for (i = 0; i < 200; i++)
        event_send(here);
    for (i = 0; i < WORDS_PER_PAGE; i++)
        words[i] = 1u << EVTCHN_FIFO_LINKED | i;
    for (i = 0; i < 200; i++) {
        event_send(here);
        event_send(there);
    }
    for (i = 0; i < WORDS_PER_PAGE; i++)
        words[i] = 0;
    control->ready = 0;
    ok(true, "garbage in the words does no harm");
}

void test_main(void)
{
    switch_over();
    one_event();
    priorities();
    growing();
    garbage();
}
