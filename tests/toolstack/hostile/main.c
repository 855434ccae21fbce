/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that never ends by itself, for dom0 to live beside and to destroy. how=N on its command line: it stops
 * answering, or floods one of the two daemons of dom0 that read what guests write.
 */
#include <guest.h>
#include <public/event_channel.h>
#include <public/io/console.h>
#include <public/io/xs_wire.h>
#include <public/sched.h>

static volatile struct xenstore_domain_interface *store;

static void notify_store(void)
{
    event_send(start_info->store_evtchn);
}

static void events_masked(void)
{
    event_disable();
    for (;;)
        asm volatile("pause");
}

/* Indices of the console's ring that make no sense, and an event for each of them. */
static void console_garbage(void)
{
    volatile struct xencons_interface *ring = mfn_to_va(start_info->console.domU.mfn);

    for (uint32_t n = 0;; n += 12345) {
        ring->out[n % sizeof(ring->out)] = (char)n;
        ring->out_prod = n;
        ring->in_cons = ~n;
        event_send(start_info->console.domU.evtchn);
    }
}

static void console_text(void)
{
    for (unsigned int n = 0;; n++)
        print("\033]0;flood %u\007\r\x1b[2J", n);
}

/* Not one request the daemon could understand. */
static void store_garbage(void)
{
    for (uint32_t n = 0;; n += 977) {
        store->req[n % XENSTORE_RING_SIZE] = (char)(n * 31);
        store->req_prod = n;
        store->rsp_cons = n * 3;
        notify_store();
    }
}

static void put(const void *data, size_t size)
{
    const char *from = data;

    while (size) {
        uint32_t prod = store->req_prod;

        store->rsp_cons = __atomic_load_n(&store->rsp_prod, __ATOMIC_ACQUIRE); /* replies are not read */
        if (prod - __atomic_load_n(&store->req_cons, __ATOMIC_ACQUIRE) >= XENSTORE_RING_SIZE) {
            notify_store();
            hyp_sched_op(SCHEDOP_yield, NULL);
            continue;
        }
        store->req[MASK_XENSTORE_IDX(prod)] = *from++;
        __atomic_store_n(&store->req_prod, prod + 1, __ATOMIC_RELEASE);
        size--;
    }
}

/* Good requests as fast as they are answered: nodes without end, watches on all, transactions that stay open. */
static void store_requests(void)
{
    for (unsigned int n = 0;; n++) {
        static const uint32_t types[] = { XS_MKDIR, XS_WATCH, XS_TRANSACTION_START };
        struct xsd_sockmsg header = { .type = types[n % ARRAY_SIZE(types)], .req_id = n };
        char payload[64];

        if (header.type == XS_MKDIR)
            header.len = format(payload, sizeof(payload), "data/%u", n) + 1;
        else if (header.type == XS_WATCH)
            header.len = format(payload, sizeof(payload), "data%ctoken%u", 0, n) + 1;
        else
            payload[header.len++] = 0;
        put(&header, sizeof(header));
        put(payload, header.len);
        notify_store();
    }
}

static const struct {
    const char *what;
    void (*how)(void);
} cases[] = {
    { "loops with events masked", events_masked },
    { "spoils its console's ring", console_garbage },
    { "floods its console", console_text },
    { "spoils its store ring", store_garbage },
    { "floods the store with requests", store_requests },
};

void test_main(void)
{
    unsigned int n = option("how", 0);

    if (n >= ARRAY_SIZE(cases))
        bail("how=%u: there are %lu", n, (unsigned long)ARRAY_SIZE(cases));
    store = mfn_to_va(start_info->store_mfn);
    print("HOSTILE-UP %s\n", cases[n].what);
    console_flush();
    cases[n].how();
}
