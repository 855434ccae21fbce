// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vif's queues, from what the guest wrote to the store to NAPI, and back.
 */
#include "back.h"

#include <linux/rtnetlink.h>
#include <linux/vmalloc.h>
#include <xen/events.h>

#include "state.h"

static void starved_timeout(struct timer_list *timer)
{
    struct back_queue *queue = from_timer(queue, timer, starved_timer);

    /* A guest that never says when it has new pages is polled; another one had its time. */
    if (queue->vif->wishes.rx_notify)
        back_purge(queue);
    napi_schedule(&queue->napi);
}

static void free_arrays(struct back_queue *queue)
{
    if (queue->pages)
        page_pool_destroy(queue->pages);
    vfree(queue->copy);
    vfree(queue->packet);
    kvfree(queue->skb);
    kvfree(queue->verdict);
    kvfree(queue->response);
}

static int make_arrays(struct back_queue *queue)
{
    struct page_pool_params params = {
        .pool_size = BACK_POOL_PAGES,
        .nid = NUMA_NO_NODE,
        .dev = &queue->vif->dev->dev,
    };

    queue->pages = page_pool_create(&params);
    if (IS_ERR(queue->pages)) {
        int err = PTR_ERR(queue->pages);

        queue->pages = NULL;
        return err;
    }
    queue->copy = vmalloc(array_size(BACK_COPIES, sizeof(*queue->copy)));
    queue->packet = vmalloc(array_size(BACK_BATCH, sizeof(*queue->packet)));
    queue->skb = kvcalloc(BACK_BATCH, sizeof(*queue->skb), GFP_KERNEL);
    queue->verdict = kvcalloc(BACK_BATCH, sizeof(*queue->verdict), GFP_KERNEL);
    queue->response = kvcalloc(ring_slots(NETIF_RING_BYTES, NETIF_RX_SLOT_BYTES), sizeof(*queue->response), GFP_KERNEL);
    if (queue->copy && queue->packet && queue->skb && queue->verdict && queue->response)
        return 0;
    free_arrays(queue);
    return -ENOMEM;
}

/* A queue's keys are in the device's folder, or in one of their own where there are several queues. */
static int read_queue(struct back_vif *vif, unsigned int id, grant_ref_t refs[2], evtchn_port_t ports[2])
{
    const char *front = vif->dev->otherend;
    char folder[80];
    int err;

    if (vif->wishes.queues > 1) {
        if (snprintf(folder, sizeof(folder), "%s/queue-%u", front, id) >= (int)sizeof(folder))
            return -ENAMETOOLONG;
        front = folder;
    }
    err = xenbus_gather(XBT_NIL, front, "tx-ring-ref", "%u", &refs[0], "rx-ring-ref", "%u", &refs[1], NULL);
    if (err)
        goto bad;
    err = xenbus_gather(XBT_NIL, front, "event-channel-tx", "%u", &ports[0], "event-channel-rx", "%u", &ports[1], NULL);
    if (err) {
        err = xenbus_gather(XBT_NIL, front, "event-channel", "%u", &ports[0], NULL);
        ports[1] = ports[0];
    }
    if (!err)
        return 0;
bad:
    pv_dev_error(vif->dev, err, "reading rings and events of queue %u from %s", id, front);
    return err;
}

static int map_ring(struct back_vif *vif, struct ring_back *ring, grant_ref_t ref, size_t slot_bytes)
{
    void *shared;
    int err = xenbus_map_ring_valloc(vif->dev, &ref, 1, &shared);

    if (err)
        return err;
    err = ring_back_init(ring, shared, NETIF_RING_BYTES, slot_bytes);
    if (err) {
        xenbus_unmap_ring_vfree(vif->dev, shared);
        ring->shared = NULL;
    }
    return err;
}

static int bind_event(struct back_queue *queue, evtchn_port_t port, irq_handler_t handler, unsigned int *irq)
{
    int ret = bind_interdomain_evtchn_to_irqhandler_lateeoi(queue->vif->dev, port, handler, IRQF_NO_AUTOEN,
                                                            queue->vif->net->name, queue);

    if (ret < 0)
        return ret;
    *irq = ret;
    return 0;
}

static int connect_queue(struct back_vif *vif, struct back_queue *queue, unsigned int id)
{
    grant_ref_t refs[2];
    evtchn_port_t ports[2];
    int err = read_queue(vif, id, refs, ports);

    if (err)
        return err;
    queue->vif = vif;
    queue->id = id;
    skb_queue_head_init(&queue->backlog);
    timer_setup(&queue->starved_timer, starved_timeout, 0);
    timer_setup(&queue->limit_timer, back_limits_timeout, 0);
    INIT_WORK(&queue->start_work, back_start_work);
    err = make_arrays(queue);
    if (err)
        return err;
    err = map_ring(vif, &queue->tx, refs[0], NETIF_TX_SLOT_BYTES);
    if (err)
        goto arrays;
    err = map_ring(vif, &queue->rx, refs[1], NETIF_RX_SLOT_BYTES);
    if (err)
        goto tx_ring;
    err = bind_event(queue, ports[0], back_tx_interrupt, &queue->tx_irq);
    if (err)
        goto rx_ring;
    queue->rx_irq = queue->tx_irq;
    if (ports[1] != ports[0]) {
        err = bind_event(queue, ports[1], back_rx_interrupt, &queue->rx_irq);
        if (err)
            goto tx_event;
    }
    netif_napi_add(vif->net, &queue->napi, back_poll);
    napi_enable(&queue->napi);
    return 0;

tx_event:
    unbind_from_irqhandler(queue->tx_irq, queue);
rx_ring:
    xenbus_unmap_ring_vfree(vif->dev, queue->rx.shared);
tx_ring:
    xenbus_unmap_ring_vfree(vif->dev, queue->tx.shared);
arrays:
    free_arrays(queue);
    pv_dev_error(vif->dev, err, "connecting queue %u", id);
    return err;
}

static void disconnect_queue(struct back_queue *queue)
{
    struct back_vif *vif = queue->vif;

    /* First those who start the poll, then the poll, then what it works on. */
    if (queue->rx_irq != queue->tx_irq)
        unbind_from_irqhandler(queue->rx_irq, queue);
    unbind_from_irqhandler(queue->tx_irq, queue);
    cancel_work_sync(&queue->start_work);
    napi_disable(&queue->napi);
    del_timer_sync(&queue->starved_timer);
    del_timer_sync(&queue->limit_timer);
    netif_napi_del(&queue->napi);
    back_purge(queue);
    xenbus_unmap_ring_vfree(vif->dev, queue->rx.shared);
    xenbus_unmap_ring_vfree(vif->dev, queue->tx.shared);
    free_arrays(queue);
    back_stats_add(&vif->past, &queue->stats);
}

/* The events were bound disabled; the first look at the rings is now, as the guest may have put something there already. */
static void start_queue(struct back_queue *queue)
{
    enable_irq(queue->tx_irq);
    if (queue->rx_irq != queue->tx_irq)
        enable_irq(queue->rx_irq);
    local_bh_disable();
    napi_schedule(&queue->napi);
    local_bh_enable();
}

static void go_online(struct back_vif *vif)
{
    rtnl_lock();
    netif_set_real_num_tx_queues(vif->net, vif->queues);
    netif_set_real_num_rx_queues(vif->net, vif->queues);
    if (!vif->wishes.sg && vif->net->mtu > ETH_DATA_LEN)
        dev_set_mtu(vif->net, ETH_DATA_LEN);
    netdev_update_features(vif->net);
    vif->online = true;
    netif_carrier_on(vif->net);
    if (netif_running(vif->net))
        netif_tx_start_all_queues(vif->net);
    rtnl_unlock();
}

static void go_offline(struct back_vif *vif)
{
    rtnl_lock();
    netif_carrier_off(vif->net);
    /* With each queue's lock taken once, nobody is in start_xmit any more who has seen it online. */
    netif_tx_disable(vif->net);
    vif->online = false;
    rtnl_unlock();
    synchronize_net();
}

int back_connect(struct back_vif *vif)
{
    unsigned int count = vif->wishes.queues, id;
    int err = 0;

    vif->broken = NULL;
    vif->queue = vzalloc(array_size(count, sizeof(*vif->queue)));
    if (!vif->queue)
        return -ENOMEM;
    for (id = 0; id < count; id++) {
        err = connect_queue(vif, &vif->queue[id], id);
        if (err)
            goto queues;
    }
    vif->queues = count;
    go_online(vif);
    for (id = 0; id < count; id++)
        start_queue(&vif->queue[id]);
    return 0;

queues:
    while (id--)
        disconnect_queue(&vif->queue[id]);
    vfree(vif->queue);
    vif->queue = NULL;
    return err;
}

void back_disconnect(struct back_vif *vif)
{
    struct back_queue *queue = vif->queue;
    unsigned int count = vif->queues;

    if (!count)
        return;
    go_offline(vif);
    for (unsigned int id = 0; id < count; id++)
        disconnect_queue(&queue[id]);
    rtnl_lock();        /* who reads the counters holds it or looks at `queues` first */
    vif->queues = 0;
    vif->queue = NULL;
    rtnl_unlock();
    synchronize_net();
    vfree(queue);
    back_multicast_clear(vif);
}
