// SPDX-License-Identifier: GPL-2.0-only
/*
 * A front-end that attacks its back-end, for tests: as a guest's kernel could. It connects like any other, and then does what the
 * module parameter `attack` names. The back-end must close the device (or, where the ABI allows what is done, live with it).
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

static char *attack = "index";
module_param(attack, charp, 0444);
static unsigned int seed = 1;
module_param(seed, uint, 0444);

static struct ring_front tx, rx;
static grant_ref_t tx_ref, rx_ref, page_ref;
static struct page *page;
static evtchn_port_t port;
static struct task_struct *worker;
static struct xenbus_device *device;

static void put_tx(struct netif_tx_request request)
{
    ring_front_put(&tx, &request, sizeof(request));
}

static void send(void)
{
    ring_front_push(&tx);
    ring_front_push(&rx);
    notify_remote_via_evtchn(port);
}

static struct netif_tx_request good(u16 size, u16 flags)
{
    return (struct netif_tx_request){ .gref = page_ref, .size = size, .flags = flags };
}

static void put_extra(struct netif_extra_info extra)
{
    ring_front_put(&tx, &extra, sizeof(extra));
}

static void attack_index(void)
{
    WRITE_ONCE(tx.shared->req_prod, 0x12345678);
    notify_remote_via_evtchn(port);
}

static void attack_rx_index(void)
{
    WRITE_ONCE(rx.shared->req_prod, 0x80000000);
    notify_remote_via_evtchn(port);
}

static void attack_slots(void)
{
    for (int i = 0; i < 40; i++)
        put_tx(good(i ? 100 : 5000, NETTXF_more_data));
    send();
}

static void attack_unfinished(void)
{
    put_tx(good(5000, NETTXF_more_data));
    send();
}

static void attack_grant(void)
{
    struct netif_tx_request request = good(600, 0);

    request.gref = 0x7ffffff0;
    put_tx(request);
    send();
}

static void attack_crossing(void)
{
    struct netif_tx_request request = good(600, 0);

    request.offset = 4000;
    put_tx(request);
    send();
}

static void attack_gso_size(void)
{
    put_tx(good(600, NETTXF_extra_info));
    put_extra((struct netif_extra_info){ .type = XEN_NETIF_EXTRA_TYPE_GSO, .u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4 });
    send();
}

static void attack_extra_type(void)
{
    put_tx(good(600, NETTXF_extra_info));
    put_extra((struct netif_extra_info){ .type = 99 });
    send();
}

static void attack_extras(void)
{
    put_tx(good(600, NETTXF_extra_info));
    for (int i = 0; i < 20; i++)
        put_extra((struct netif_extra_info){ .type = XEN_NETIF_EXTRA_TYPE_HASH, .flags = XEN_NETIF_EXTRA_FLAG_MORE });
    send();
}

static void attack_honest(void)
{
    for (int i = 0; i < 3; i++)
        put_tx(good(600, 0));
    send();
}

/* Not against the protocol: segments of a packet that is none, sums that are nowhere, packets that are too short. */
static void attack_nonsense(void)
{
    for (int i = 0; i < 10; i++) {
        put_tx(good(60 + i * 300, NETTXF_extra_info | NETTXF_csum_blank));
        put_extra((struct netif_extra_info){
            .type = XEN_NETIF_EXTRA_TYPE_GSO, .u.gso.type = XEN_NETIF_GSO_TYPE_TCPV6, .u.gso.size = 1 + i,
        });
        put_tx(good(3, 0));
        put_tx(good(200, NETTXF_csum_blank));
    }
    send();
}

/* The rx ring's pages cannot be written to; dom0 sends something to everybody sooner or later. */
static void attack_rx_grant(void)
{
    for (int i = 0; i < 256; i++)
        ring_front_put(&rx, &(struct netif_rx_request){ .id = i, .gref = 0x7ffffff0 }, sizeof(struct netif_rx_request));
    send();
}

/* The ring is never empty and each event comes as often as can be. */
static void attack_endless(void)
{
    unsigned long end = jiffies + 5 * HZ;

    while (time_before(jiffies, end) && !kthread_should_stop()) {
        struct netif_tx_response response;

        while (ring_front_pending(&tx) > 0)
            ring_front_take(&tx, &response, sizeof(response));
        while (ring_front_room(&tx))
            put_tx(good(60, 0));
        ring_front_push(&tx);
        notify_remote_via_evtchn(port);
        cond_resched();
    }
}

static void attack_random(void)
{
    struct rnd_state random;

    prandom_seed_state(&random, seed);
    for (int round = 0; round < 2000 && !kthread_should_stop(); round++) {
        struct ring_shared *ring = prandom_u32_state(&random) % 2 ? tx.shared : rx.shared;

        for (int i = 0; i < 24; i++)
            ring->slots[prandom_u32_state(&random) % (4096 - RING_HEADER_BYTES)] = prandom_u32_state(&random);
        WRITE_ONCE(ring->req_prod, ring->req_prod + prandom_u32_state(&random) % 8);
        WRITE_ONCE(ring->rsp_event, prandom_u32_state(&random));
        notify_remote_via_evtchn(port);
        cond_resched();
    }
}

static void attack_states(void)
{
    static const enum xenbus_state order[] = {
        XenbusStateConnected, XenbusStateInitialised, XenbusStateConnected, XenbusStateClosing, XenbusStateConnected,
        XenbusStateReconfiguring, 17, XenbusStateConnected, XenbusStateClosed, XenbusStateConnected, XenbusStateClosing,
    };

    for (int i = 0; i < ARRAY_SIZE(order) && !kthread_should_stop(); i++) {
        xenbus_printf(XBT_NIL, device->nodename, "state", "%d", order[i]);
        msleep(20);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} attacks[] = {
    { "index", attack_index }, { "rx-index", attack_rx_index }, { "slots", attack_slots },
    { "unfinished", attack_unfinished }, { "grant", attack_grant }, { "crossing", attack_crossing },
    { "gso-size", attack_gso_size }, { "extra-type", attack_extra_type }, { "extras", attack_extras },
    { "nonsense", attack_nonsense }, { "rx-grant", attack_rx_grant }, { "endless", attack_endless },
    { "random", attack_random }, { "states", attack_states }, { "honest", attack_honest },
};

/* The guest's script waits for one of these lines, or for "closed". */
static int work(void *unused)
{
    bool answered = false;

    for (size_t i = 0; i < ARRAY_SIZE(attacks); i++)
        if (!strcmp(attacks[i].name, attack))
            attacks[i].run();
    pr_info("hostile: %s done\n", attack);
    while (!kthread_should_stop()) {
        if (!answered && READ_ONCE(tx.shared->rsp_prod) == tx.req_prod) {
            pr_info("hostile: %s answered\n", attack);
            answered = true;
        }
        msleep(20);
    }
    return 0;
}

static int publish(struct xenbus_device *dev)
{
    void *shared;
    int err = xenbus_setup_ring(dev, GFP_KERNEL | __GFP_ZERO, &shared, 1, &tx_ref);

    if (err)
        return err;
    ring_front_init(&tx, shared, NETIF_RING_BYTES, NETIF_TX_SLOT_BYTES);
    err = xenbus_setup_ring(dev, GFP_KERNEL | __GFP_ZERO, &shared, 1, &rx_ref);
    if (err)
        return err;
    ring_front_init(&rx, shared, NETIF_RING_BYTES, NETIF_RX_SLOT_BYTES);
    err = xenbus_alloc_evtchn(dev, &port);
    if (err)
        return err;
    page = alloc_page(GFP_KERNEL | __GFP_ZERO);
    memset(page_address(page), 0xff, 6);
    page_ref = gnttab_grant_foreign_access(dev->otherend_id, xen_page_to_gfn(page), 1);
    xenbus_printf(XBT_NIL, dev->nodename, "tx-ring-ref", "%u", tx_ref);
    xenbus_printf(XBT_NIL, dev->nodename, "rx-ring-ref", "%u", rx_ref);
    xenbus_printf(XBT_NIL, dev->nodename, "event-channel", "%u", port);
    xenbus_printf(XBT_NIL, dev->nodename, "multi-queue-num-queues", "1");
    xenbus_printf(XBT_NIL, dev->nodename, "request-rx-copy", "1");
    xenbus_printf(XBT_NIL, dev->nodename, "feature-rx-notify", "1");
    xenbus_printf(XBT_NIL, dev->nodename, "feature-sg", "1");
    return xenbus_switch_state(dev, XenbusStateConnected);
}

static void changed(struct xenbus_device *dev, enum xenbus_state state)
{
    pr_info("hostile: back-end is %d\n", state);
    if (state == XenbusStateInitWait && !page)
        publish(dev);
    else if (state == XenbusStateConnected && !worker)
        worker = kthread_run(work, NULL, "hostile");
    else if (worker && (state == XenbusStateClosing || state == XenbusStateClosed))
        pr_info("hostile: %s closed\n", attack);
}

static int probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    device = dev;
    return xenbus_switch_state(dev, XenbusStateInitialising);
}

static void remove(struct xenbus_device *dev)
{
    void *shared;

    if (worker)
        kthread_stop(worker);
    xenbus_switch_state(dev, XenbusStateClosed);
    msleep(200);
    if (!page)
        return;
    xenbus_free_evtchn(dev, port);
    shared = tx.shared;
    xenbus_teardown_ring(&shared, 1, &tx_ref);
    shared = rx.shared;
    xenbus_teardown_ring(&shared, 1, &rx_ref);
    gnttab_end_foreign_access(page_ref, page);
}

static const struct xenbus_device_id ids[] = { { "vif" }, { "" } };
static struct xenbus_driver driver = {
    .name = KBUILD_MODNAME, .ids = ids, .probe = probe, .remove = remove, .otherend_changed = changed,
};

static int __init hostile_init(void)
{
    return xenbus_register_frontend(&driver);
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
    xenbus_unregister_driver(&driver);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("a hostile network front-end, for tests");
MODULE_LICENSE("GPL");
