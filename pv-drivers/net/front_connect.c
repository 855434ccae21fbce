// SPDX-License-Identifier: GPL-2.0-only
/*
 * An interface's queues: made, started, taken down.
 */
#include "front.h"

#include <linux/rtnetlink.h>
#include <linux/vmalloc.h>
#include <xen/events.h>

#include "state.h"

static int make_ring(struct front_queue *queue, struct ring_front *ring, grant_ref_t *ref, size_t slot_bytes)
{
    void *shared;
    int err = xenbus_setup_ring(queue->nic->dev, GFP_KERNEL | __GFP_ZERO, &shared, 1, ref);

    if (!err)
        ring_front_init(ring, shared, NETIF_RING_BYTES, slot_bytes);
    return err;
}

static void free_ring(struct ring_front *ring, grant_ref_t *ref)
{
    void *shared = ring->shared;

    xenbus_teardown_ring(&shared, 1, ref);
    ring->shared = NULL;
}

static void free_bounce(struct front_queue *queue)
{
    for (unsigned int i = 0; i < FRONT_BOUNCE_PAGES && queue->bounce[i]; i++)
        pv_pool_give(&queue->pool, queue->bounce[i]);
    pv_pool_destroy(&queue->pool);
    pv_pool_destroy(&queue->tx_pool);
}

static int make_bounce(struct front_queue *queue)
{
    pv_pool_init(&queue->pool, queue->nic->dev->otherend_id, FRONT_BOUNCE_PAGES);
    pv_pool_init(&queue->tx_pool, queue->nic->dev->otherend_id, FRONT_COPY_PAGES);
    for (unsigned int i = 0; i < FRONT_BOUNCE_PAGES; i++) {
        queue->bounce[i] = pv_pool_take(&queue->pool);
        if (!queue->bounce[i]) {
            free_bounce(queue);
            return -ENOMEM;
        }
    }
    return 0;
}

static int make_pages(struct front_queue *queue)
{
    struct page_pool_params params = {
        .pool_size = FRONT_SLOTS,
        .nid = NUMA_NO_NODE,
        .dev = &queue->nic->dev->dev,
    };

    queue->pages = page_pool_create(&params);
    return PTR_ERR_OR_ZERO(queue->pages);
}

static int make_event(struct front_queue *queue)
{
    int ret = xenbus_alloc_evtchn(queue->nic->dev, &queue->port);

    if (ret)
        return ret;
    ret = bind_evtchn_to_irqhandler_lateeoi(queue->port, front_interrupt, IRQF_NO_AUTOEN, queue->nic->net->name, queue);
    if (ret < 0) {
        xenbus_free_evtchn(queue->nic->dev, queue->port);
        return ret;
    }
    queue->irq = ret;
    return 0;
}

static int make_queue(struct front_nic *nic, struct front_queue *queue, unsigned int id)
{
    int err;

    queue->nic = nic;
    queue->id = id;
    spin_lock_init(&queue->tx_lock);
    INIT_WORK(&queue->show_work, front_show_work);
    queue->polled_by = -1;
    tx_ids_init(&queue->tx_ids);
    err = gnttab_alloc_grant_references(2 * FRONT_SLOTS, &queue->grants);
    if (err)
        goto failed;
    err = make_bounce(queue);
    if (err)
        goto grants;
    err = front_xdp_make(queue);
    if (err)
        goto bounce;
    err = make_pages(queue);
    if (err)
        goto xdp;
    err = make_ring(queue, &queue->tx, &queue->tx_ref, NETIF_TX_SLOT_BYTES);
    if (err)
        goto pages;
    err = make_ring(queue, &queue->rx, &queue->rx_ref, NETIF_RX_SLOT_BYTES);
    if (err)
        goto tx_ring;
    err = front_receive_fill(queue);
    if (err)
        goto rx_pages;
    ring_front_push(&queue->rx);
    /* No memory waits for the first packets' way back; see front_send.c. */
    WRITE_ONCE(queue->tx.shared->rsp_event, FRONT_SLOTS / 2);
    err = make_event(queue);
    if (err)
        goto rx_pages;
    netif_napi_add(nic->net, &queue->napi, front_poll);
    napi_enable(&queue->napi);
    return 0;

rx_pages:
    front_receive_free(queue);
    free_ring(&queue->rx, &queue->rx_ref);
tx_ring:
    free_ring(&queue->tx, &queue->tx_ref);
pages:
    page_pool_destroy(queue->pages);
xdp:
    front_xdp_free(queue);
bounce:
    free_bounce(queue);
grants:
    gnttab_free_grant_references(queue->grants);
failed:
    pv_dev_error(nic->dev, err, "making queue %u", id);
    return err;
}

static void free_queue(struct front_queue *queue)
{
    unbind_from_irqhandler(queue->irq, queue);
    napi_disable(&queue->napi);
    netif_napi_del(&queue->napi);
    cancel_work_sync(&queue->show_work);
    front_send_drop_all(queue);
    front_receive_free(queue);
    free_ring(&queue->rx, &queue->rx_ref);
    free_ring(&queue->tx, &queue->tx_ref);
    page_pool_destroy(queue->pages);
    front_xdp_free(queue);
    free_bounce(queue);
    gnttab_free_grant_references(queue->grants);
    front_stats_add(&queue->nic->past, &queue->stats);
}

int front_queues_make(struct front_nic *nic, unsigned int count)
{
    unsigned int id;
    int err = 0;

    nic->broken = NULL;
    nic->queue = vzalloc(array_size(count, sizeof(*nic->queue)));
    if (!nic->queue)
        return -ENOMEM;
    for (id = 0; id < count; id++) {
        err = make_queue(nic, &nic->queue[id], id);
        if (err)
            goto queues;
    }
    nic->queues = count;
    return 0;

queues:
    while (id--)
        free_queue(&nic->queue[id]);
    vfree(nic->queue);
    nic->queue = NULL;
    return err;
}

void front_start(struct front_nic *nic)
{
    rtnl_lock();
    netif_set_real_num_tx_queues(nic->net, nic->queues);
    netif_set_real_num_rx_queues(nic->net, nic->queues);
    if (!nic->offers.sg && nic->net->mtu > ETH_DATA_LEN)
        dev_set_mtu(nic->net, ETH_DATA_LEN);
    netdev_update_features(nic->net);
    nic->online = true;
    if (nic->link)
        netif_carrier_on(nic->net);
    if (netif_running(nic->net))
        netif_tx_start_all_queues(nic->net);
    rtnl_unlock();
    for (unsigned int id = 0; id < nic->queues; id++) {
        enable_irq(nic->queue[id].irq);
        local_bh_disable();
        napi_schedule(&nic->queue[id].napi);
        local_bh_enable();
    }
}

void front_disconnect(struct front_nic *nic)
{
    struct front_queue *queue = nic->queue;
    unsigned int count = nic->queues;

    if (!count)
        return;
    rtnl_lock();
    netif_carrier_off(nic->net);
    netif_tx_disable(nic->net);
    nic->online = false;
    rtnl_unlock();
    synchronize_net();
    for (unsigned int id = 0; id < count; id++)
        free_queue(&queue[id]);
    rtnl_lock();
    nic->queues = 0;
    nic->queue = NULL;
    rtnl_unlock();
    synchronize_net();
    vfree(queue);
}
