// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells the back-end which multicast addresses this interface wants, so that the rest does not cost an event and a copy each.
 *
 * The list follows the device's own. An interface that wants everything (a bridge's port, a sniffer, a multicast router) switches the
 * filter off, through the store: by a work item, as writing there sleeps.
 */
#include "front.h"

static int send_add(struct net_device *net, const unsigned char *addr)
{
    return front_send_multicast(&((struct front_nic *)netdev_priv(net))->queue[0], addr, true);
}

static int send_del(struct net_device *net, const unsigned char *addr)
{
    return front_send_multicast(&((struct front_nic *)netdev_priv(net))->queue[0], addr, false);
}

static bool wants_all(const struct net_device *net)
{
    return net->flags & (IFF_PROMISC | IFF_ALLMULTI);
}

/* Called with the device's list of addresses locked. */
void front_set_rx_mode(struct net_device *net)
{
    struct front_nic *nic = netdev_priv(net);

    if (!nic->online || !nic->offers.multicast)
        return;
    __dev_mc_sync(net, send_add, send_del);
    if (wants_all(net) == READ_ONCE(nic->multicast_filter))
        schedule_work(&nic->multicast_work);
}

void front_multicast_restart(struct front_nic *nic)
{
    netif_addr_lock_bh(nic->net);
    __dev_mc_unsync(nic->net, NULL);
    front_set_rx_mode(nic->net);
    netif_addr_unlock_bh(nic->net);
}

void front_multicast_work(struct work_struct *work)
{
    struct front_nic *nic = container_of(work, struct front_nic, multicast_work);
    bool filter = !wants_all(nic->net);

    mutex_lock(&nic->mutex);
    if (nic->online && filter != nic->multicast_filter) {
        nic->multicast_filter = filter;
        xenbus_printf(XBT_NIL, nic->dev->nodename, "request-multicast-control", "%u", filter);
    }
    mutex_unlock(&nic->mutex);
}
