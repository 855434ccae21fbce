// SPDX-License-Identifier: GPL-2.0-only
/*
 * A back-end that attacks its front-end, for tests: as a compromised driver domain could. Each time the guest connects and says that
 * it is ready, the next attack of the table is carried out; the front-end must close its device, or live on where the protocol
 * allows what is done.
 *
 * Nobody goes by the clock. The guest finds in its back-end's folder what awaits it: `attack` (`end` after the last), `fate`, what
 * has to come of it, and `done`, how many it has had. In its own folder it writes as `ready` the number of the attack that it is
 * ready for, and when it has seen what came of it, it takes its front-end away.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "netif.h"
#include "ring.h"

static struct ring_back tx, rx;
static int irq;
static struct task_struct *worker;
static struct xenbus_device *device;
static unsigned int turn;
static bool deaf;               /* to what the front-end does meanwhile */

static void tell(void)
{
    notify_remote_via_irq(irq);
}

/* Responses that are shown, whatever the front-end wishes. */
static void answer(struct ring_back *ring)
{
    ring_back_push(ring);
    tell();
}

static void answer_tx(u16 id)
{
    ring_back_put(&tx, &(struct netif_tx_response){ .id = id }, sizeof(struct netif_tx_response));
}

static void answer_rx(struct netif_rx_response response)
{
    struct netif_rx_request request;

    ring_back_take(&rx, &request, sizeof(request));
    response.id = request.id;
    ring_back_put(&rx, &response, sizeof(response));
}

static void extra_rx(struct netif_extra_info extra)
{
    struct netif_rx_request request;

    ring_back_take(&rx, &request, sizeof(request));
    ring_back_put(&rx, &extra, sizeof(extra));
}

/* Waits a little; false: the front-end has gone, and this attack with it. */
static bool wait(void)
{
    msleep(20);
    return !kthread_should_stop();
}

static bool front_closes(void)
{
    enum xenbus_state state = xenbus_read_driver_state(device->otherend);

    return state == XenbusStateClosing || state == XenbusStateClosed;
}

/* Takes requests, which are never answered, until one is of `least` bytes or more. */
static bool next_request(struct netif_tx_request *request, u16 least)
{
    do {
        while (ring_back_rearm(&tx) > 0) {
            ring_back_take(&tx, request, sizeof(*request));
            if (request->size >= least)
                return true;
        }
    } while (wait());
    return false;
}

static bool attack_tx_index(void)
{
    WRITE_ONCE(tx.shared->rsp_prod, tx.rsp_prod + 0x1234);
    tell();
    return true;
}

static bool attack_rx_index(void)
{
    WRITE_ONCE(rx.shared->rsp_prod, 0x80000000);
    tell();
    return true;
}

static bool attack_tx_id(void)
{
    struct netif_tx_request request;

    if (!next_request(&request, 1))
        return false;
    answer_tx(0xffff);
    answer(&tx);
    return true;
}

static bool attack_tx_twice(void)
{
    struct netif_tx_request one, two;

    if (!next_request(&one, 1) || !next_request(&two, 1))
        return false;
    answer_tx(one.id);
    answer_tx(one.id);
    answer(&tx);
    return true;
}

/* Says that it is done with a page, or has filled one, and has it mapped until the front-end draws its conclusion. */
static bool hold(grant_ref_t ref, bool readonly, void (*claim)(const void *data), const void *data)
{
    struct gnttab_map_grant_ref map;
    struct gnttab_unmap_grant_ref unmap;
    struct page *page;
    u32 flags = GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0);
    unsigned long address;
    bool held;

    if (gnttab_alloc_pages(1, &page))
        return false;
    address = (unsigned long)pfn_to_kaddr(page_to_pfn(page));
    gnttab_set_map_op(&map, address, flags, ref, device->otherend_id);
    held = !gnttab_map_refs(&map, NULL, &page, 1) && map.status == GNTST_okay;
    if (held) {
        claim(data);
        while (!front_closes() && wait())
            ;
        gnttab_set_unmap_op(&unmap, address, flags, map.handle);
        gnttab_unmap_refs(&unmap, NULL, &page, 1);
    }
    gnttab_free_pages(1, &page);
    return held;
}

static void claim_sent(const void *data)
{
    answer_tx(((const struct netif_tx_request *)data)->id);
    answer(&tx);
}

static bool attack_tx_held(void)
{
    struct netif_tx_request request;

    return next_request(&request, 1000) && hold(request.gref, true, claim_sent, &request);
}

static void claim_filled(const void *data)
{
    ring_back_put(&rx, &(struct netif_rx_response){ .status = 2000 }, sizeof(struct netif_rx_response));
    answer(&rx);
}

static bool attack_rx_held(void)
{
    struct netif_rx_request request;

    ring_back_take(&rx, &request, sizeof(request));
    return hold(request.gref, false, claim_filled, NULL);
}

static bool attack_rx_offset(void)
{
    answer_rx((struct netif_rx_response){ .offset = 4000, .status = 200 });
    answer(&rx);
    return true;
}

static bool attack_rx_parts(void)
{
    for (int i = 0; i < 40; i++)
        answer_rx((struct netif_rx_response){ .status = 100, .flags = NETRXF_more_data });
    answer(&rx);
    return true;
}

static bool attack_rx_unfinished(void)
{
    answer_rx((struct netif_rx_response){ .status = 100, .flags = NETRXF_more_data });
    answer(&rx);
    return true;
}

static bool attack_rx_extra(void)
{
    answer_rx((struct netif_rx_response){ .status = 100, .flags = NETRXF_extra_info });
    extra_rx((struct netif_extra_info){ .type = 99 });
    answer(&rx);
    return true;
}

static bool attack_rx_segments(void)
{
    answer_rx((struct netif_rx_response){ .status = 100, .flags = NETRXF_extra_info });
    extra_rx((struct netif_extra_info){ .type = XEN_NETIF_EXTRA_TYPE_GSO, .u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4 });
    answer(&rx);
    return true;
}

/* Not against the protocol: errors, nothing, sums that are nowhere, segments of what is no TCP. */
static bool attack_nonsense(void)
{
    static const s16 sizes[] = { -1, -1000, 0, 5, 13, 14, 60, 257, 1500, 4096 };

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        answer_rx((struct netif_rx_response){ .status = sizes[i], .flags = NETRXF_csum_blank });
        answer_rx((struct netif_rx_response){ .status = sizes[i], .flags = NETRXF_extra_info | NETRXF_more_data });
        extra_rx((struct netif_extra_info){
            .type = XEN_NETIF_EXTRA_TYPE_GSO, .u.gso.type = XEN_NETIF_GSO_TYPE_TCPV6, .u.gso.size = 1 + i,
        });
        answer_rx((struct netif_rx_response){ .status = 100 });
    }
    answer(&rx);
    return true;
}

/* As many packets and events as can be. */
static bool attack_endless(void)
{
    unsigned long end = jiffies + 4 * HZ;

    while (time_before(jiffies, end) && !kthread_should_stop()) {
        while (ring_back_pending(&rx) > 0)
            answer_rx((struct netif_rx_response){ .status = 60 });
        answer(&rx);
        cond_resched();
    }
    return true;
}

static bool attack_states(void)
{
    static const int order[] = {
        XenbusStateConnected, XenbusStateInitWait, XenbusStateInitialised, XenbusStateReconfiguring, 17, XenbusStateConnected,
        XenbusStateInitialising, XenbusStateConnected, -1, XenbusStateReconfigured, XenbusStateInitWait, XenbusStateConnected,
    };

    for (size_t i = 0; i < ARRAY_SIZE(order) && !kthread_should_stop(); i++) {
        xenbus_printf(XBT_NIL, device->nodename, "state", "%d", order[i]);
        msleep(50);
    }
    return true;
}

static bool attack_keys(void)
{
    static const char *const words[] = { "", "-1", "99999999999999999999", "yes", "0", "\xff\xfe", "1" };

    for (size_t i = 0; i < ARRAY_SIZE(words) && !kthread_should_stop(); i++) {
        xenbus_printf(XBT_NIL, device->nodename, "carrier", "%s", words[i]);
        msleep(50);
    }
    return true;
}

static bool attack_random(void)
{
    struct rnd_state random;

    prandom_seed_state(&random, 1);
    for (int round = 0; round < 2000 && !kthread_should_stop(); round++) {
        struct ring_shared *ring = prandom_u32_state(&random) % 2 ? tx.shared : rx.shared;

        for (int i = 0; i < 24; i++)
            ring->slots[prandom_u32_state(&random) % (4096 - RING_HEADER_BYTES)] = prandom_u32_state(&random);
        WRITE_ONCE(ring->rsp_prod, ring->rsp_prod + prandom_u32_state(&random) % 3);
        WRITE_ONCE(ring->req_event, prandom_u32_state(&random));
        tell();
        cond_resched();
    }
    return true;
}

static const struct {
    const char *name;
    bool (*run)(void);          /* false: it could not be carried out */
    const char *fate;           /* closed, alive, or any: the guest goes on, that is all */
    bool deaf;
} attacks[] = {
    { "tx-index", attack_tx_index, "closed" },
    { "rx-index", attack_rx_index, "closed" },
    { "tx-id", attack_tx_id, "closed" },
    { "tx-twice", attack_tx_twice, "closed" },
    { "tx-held", attack_tx_held, "closed" },
    { "rx-held", attack_rx_held, "closed" },
    { "rx-offset", attack_rx_offset, "closed" },
    { "rx-parts", attack_rx_parts, "closed" },
    { "rx-unfinished", attack_rx_unfinished, "closed" },
    { "rx-extra", attack_rx_extra, "closed" },
    { "rx-segments", attack_rx_segments, "closed" },
    { "nonsense", attack_nonsense, "alive" },
    { "endless", attack_endless, "alive" },
    { "keys", attack_keys, "alive" },
    { "random", attack_random, "closed" },
    { "states", attack_states, "any", .deaf = true },
};

static void announce(void)
{
    bool end = turn == ARRAY_SIZE(attacks);

    xenbus_printf(XBT_NIL, device->nodename, "fate", "%s", end ? "any" : attacks[turn].fate);
    xenbus_printf(XBT_NIL, device->nodename, "attack", "%s", end ? "end" : attacks[turn].name);
    xenbus_printf(XBT_NIL, device->nodename, "done", "%u", turn);
}

static bool front_is_ready(void)
{
    return xenbus_read_unsigned(device->otherend, "ready", ~0u) == turn;
}

static int work(void *unused)
{
    while (!front_is_ready() && wait())
        ;
    if (!kthread_should_stop()) {
        pr_info("hostile: %s\n", attacks[turn].name);
        WRITE_ONCE(deaf, attacks[turn].deaf);
        if (attacks[turn].run()) {
            turn++;
            announce();
        }
        WRITE_ONCE(deaf, false);
    }
    /* So that a front-end which lives can show it. */
    while (wait())
        tell();
    return 0;
}

static irqreturn_t interrupt(int number, void *data)
{
    xen_irq_lateeoi(number, 0);
    return IRQ_HANDLED;
}

static int map_ring(struct xenbus_device *dev, const char *key, struct ring_back *ring, size_t slot_bytes)
{
    unsigned int ref = xenbus_read_unsigned(dev->otherend, key, 0);
    void *shared;
    int err = xenbus_map_ring_valloc(dev, &ref, 1, &shared);

    return err ? err : ring_back_init(ring, shared, NETIF_RING_BYTES, slot_bytes);
}

static void connect(struct xenbus_device *dev)
{
    if (turn == ARRAY_SIZE(attacks))
        return;
    if (map_ring(dev, "tx-ring-ref", &tx, NETIF_TX_SLOT_BYTES) || map_ring(dev, "rx-ring-ref", &rx, NETIF_RX_SLOT_BYTES))
        return;
    irq = bind_interdomain_evtchn_to_irqhandler_lateeoi(dev, xenbus_read_unsigned(dev->otherend, "event-channel", 0), interrupt,
                                                        0, "hostile", dev);
    if (irq < 0)
        return;
    xenbus_switch_state(dev, XenbusStateConnected);
    worker = kthread_run(work, NULL, "hostile");
}

static void disconnect(struct xenbus_device *dev)
{
    if (!worker)
        return;
    kthread_stop(worker);
    worker = NULL;
    unbind_from_irqhandler(irq, dev);
    xenbus_unmap_ring_vfree(dev, tx.shared);
    xenbus_unmap_ring_vfree(dev, rx.shared);
}

static void changed(struct xenbus_device *dev, enum xenbus_state state)
{
    if (READ_ONCE(deaf))
        return;
    switch (state) {
    case XenbusStateInitialising:
        disconnect(dev);
        xenbus_printf(XBT_NIL, dev->nodename, "carrier", "1");
        xenbus_printf(XBT_NIL, dev->nodename, "feature-rx-copy", "1");
        xenbus_printf(XBT_NIL, dev->nodename, "feature-sg", "%s", turn % 2 ? "77" : "1");
        xenbus_printf(XBT_NIL, dev->nodename, "multi-queue-max-queues", "%s", turn % 2 ? "nonsense" : "1");
        xenbus_switch_state(dev, XenbusStateInitWait);
        break;
    case XenbusStateInitialised:
    case XenbusStateConnected:
        if (!worker)
            connect(dev);
        break;
    case XenbusStateClosing:
    case XenbusStateClosed:
        disconnect(dev);
        xenbus_switch_state(dev, XenbusStateClosed);
        break;
    default:
        break;
    }
}

static int probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    device = dev;
    announce();
    return xenbus_switch_state(dev, XenbusStateInitWait);
}

static void remove(struct xenbus_device *dev)
{
    disconnect(dev);
}

static const struct xenbus_device_id ids[] = { { "vif" }, { "" } };
static struct xenbus_driver driver = {
    .name = KBUILD_MODNAME, .ids = ids, .probe = probe, .remove = remove, .otherend_changed = changed,
};

static int __init hostile_init(void)
{
    return xenbus_register_backend(&driver);
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
    xenbus_unregister_driver(&driver);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("a hostile network back-end, for tests");
MODULE_LICENSE("GPL");
