// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-netfront in the store: what the back-end offers, what this end makes of it, its states, and whether the link is up.
 */
#include "front.h"

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "keys.h"
#include "state.h"

#define CLOSE_SECONDS 5     /* for the back-end to let go, when this end goes */

unsigned int front_copybreak = 256;
module_param_named(copybreak, front_copybreak, uint, 0644);
MODULE_PARM_DESC(copybreak, "Bytes up to which a packet is copied, and its page offered again (256)");

bool front_zero;
module_param_named(zero, front_zero, bool, 0644);
MODULE_PARM_DESC(zero, "Zero pages that were used before they are offered to the back-end again (n)");

static unsigned int max_queues;
module_param(max_queues, uint, 0444);
MODULE_PARM_DESC(max_queues, "Most queues of an interface (0: one per CPU, at most 8)");

static bool use_sg = true, use_gso = true, use_csum = true, use_multicast = true;
module_param_named(sg, use_sg, bool, 0444);
MODULE_PARM_DESC(sg, "Send and receive packets of more than one slot (y)");
module_param_named(gso, use_gso, bool, 0444);
MODULE_PARM_DESC(gso, "Send and receive TCP packets that are still to be segmented (y; needs sg)");
module_param_named(csum, use_csum, bool, 0444);
MODULE_PARM_DESC(csum, "Send and receive packets without checksums (y)");
module_param_named(multicast, use_multicast, bool, 0444);
MODULE_PARM_DESC(multicast, "Have the back-end filter multicast (y)");

static const struct pv_key offers_keys[] = {
    PV_KEY(struct front_offers, rx_copy, "feature-rx-copy", 0, 0, 1),
    PV_KEY(struct front_offers, sg, "feature-sg", 0, 0, 1),
    PV_KEY(struct front_offers, gso_tcpv4, "feature-gso-tcpv4", 0, 0, 1),
    PV_KEY(struct front_offers, gso_tcpv6, "feature-gso-tcpv6", 0, 0, 1),
    PV_KEY(struct front_offers, ipv6_csum, "feature-ipv6-csum-offload", 0, 0, 1),
    PV_KEY(struct front_offers, multicast, "feature-dynamic-multicast-control", 0, 0, 1),
    PV_KEY(struct front_offers, queues, "multi-queue-max-queues", 1, 1, FRONT_QUEUES_MAX),
};

static int read_offers(struct front_nic *nic)
{
    struct front_offers *offers = &nic->offers;
    unsigned int most = max_queues ? max_queues : min(num_online_cpus(), 8u);
    int err = pv_keys_read(nic->dev, nic->dev->otherend, offers_keys, ARRAY_SIZE(offers_keys), offers);

    if (err)
        return err;
    if (!offers->rx_copy) {
        pv_dev_error(nic->dev, -EOPNOTSUPP, "a back-end that cannot deliver by copy");
        return -EOPNOTSUPP;
    }
    offers->sg &= use_sg;
    offers->gso_tcpv4 &= use_gso && offers->sg;
    offers->gso_tcpv6 &= use_gso && offers->sg;
    offers->ipv6_csum &= use_csum;
    offers->multicast &= use_multicast;
    offers->queues = min_t(unsigned long, offers->queues, most);
    return 0;
}

static int write_queue(struct front_nic *nic, struct xenbus_transaction transaction, const struct front_queue *queue)
{
    const char *folder = nic->dev->nodename;
    char own[80];
    int err;

    if (nic->queues > 1) {
        snprintf(own, sizeof(own), "%s/queue-%u", folder, queue->id);
        folder = own;
    }
    err = xenbus_printf(transaction, folder, "tx-ring-ref", "%u", queue->tx_ref);
    if (!err)
        err = xenbus_printf(transaction, folder, "rx-ring-ref", "%u", queue->rx_ref);
    if (!err)
        err = xenbus_printf(transaction, folder, "event-channel", "%u", queue->port);
    return err;
}

static int write_wishes(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data)
{
    struct front_nic *nic = data;
    const struct {
        const char *name;
        unsigned int value;
    } wishes[] = {
        { "request-rx-copy", 1 },
        { "feature-rx-notify", 1 },
        { "feature-sg", use_sg },
        { "feature-gso-tcpv4", use_gso && use_sg },
        { "feature-gso-tcpv6", use_gso && use_sg },
        { "feature-no-csum-offload", !use_csum },
        { "feature-ipv6-csum-offload", use_csum },
        { "request-multicast-control", nic->multicast_filter },
        { "multi-queue-num-queues", nic->queues },
        { PV_GENERATION, nic->generation },
    };
    int err = 0;

    for (size_t i = 0; i < ARRAY_SIZE(wishes) && !err; i++)
        err = xenbus_printf(transaction, dev->nodename, wishes[i].name, "%u", wishes[i].value);
    for (unsigned int id = 0; id < nic->queues && !err; id++)
        err = write_queue(nic, transaction, &nic->queue[id]);
    return err;
}

static int publish(struct xenbus_device *dev)
{
    struct front_nic *nic = dev_get_drvdata(&dev->dev);
    int err;

    nic->generation = pv_generation(dev);
    err = read_offers(nic);
    if (err)
        return err;
    front_disconnect(nic);
    err = front_queues_make(nic, nic->offers.queues);
    if (err)
        return err;
    nic->multicast_filter = nic->offers.multicast;
    err = pv_keys_write(dev, write_wishes, nic);
    if (err)
        front_disconnect(nic);
    return err;
}

static int connected(struct xenbus_device *dev)
{
    struct front_nic *nic = dev_get_drvdata(&dev->dev);

    if (!nic->queues || nic->online)
        return 0;
    front_start(nic);
    rtnl_lock();
    front_multicast_restart(nic);
    if (nic->link && netif_running(nic->net))
        __netdev_notify_peers(nic->net);
    rtnl_unlock();
    return 0;
}

static void closing(struct xenbus_device *dev)
{
    front_disconnect(dev_get_drvdata(&dev->dev));
    xenbus_frontend_closed(dev);
}

/* What was under way is lost, as packets may be. Where this end has closed, only InitWait lets it begin again. */
static bool gone(struct xenbus_device *dev)
{
    struct front_nic *nic = dev_get_drvdata(&dev->dev);

    if (dev->state != XenbusStateConnected || nic->broken)
        return false;
    front_disconnect(nic);
    return true;
}

static const struct pv_front_ops ops = {
    .published = XenbusStateConnected,
    .publish = publish,
    .connected = connected,
    .closing = closing,
    .gone = gone,
};

static void backend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    struct front_nic *nic = dev_get_drvdata(&dev->dev);

    if (!nic)
        return;
    mutex_lock(&nic->mutex);
    /* The next back-end, after one whose end this interface has seen and answered. */
    if (state == XenbusStateInitWait && dev->state == XenbusStateClosed)
        xenbus_switch_state(dev, XenbusStateInitialising);
    pv_front_changed(dev, state, &ops);
    mutex_unlock(&nic->mutex);
}

static void close_broken(struct work_struct *work)
{
    struct front_nic *nic = container_of(work, struct front_nic, close_work);

    mutex_lock(&nic->mutex);
    if (nic->queues) {
        front_disconnect(nic);
        pv_dev_fatal(nic->dev, -EPROTO, "the back-end in domain %d: %s; the interface is closed",
                     nic->dev->otherend_id, nic->broken);
    }
    mutex_unlock(&nic->mutex);
}

static void carrier_changed(struct xenbus_watch *watch, const char *path, const char *token)
{
    struct front_nic *nic = container_of(watch, struct front_nic, carrier_watch);

    mutex_lock(&nic->mutex);
    nic->link = xenbus_read_unsigned(nic->dev->otherend, "carrier", 1);
    if (nic->online && nic->link)
        netif_carrier_on(nic->net);
    else
        netif_carrier_off(nic->net);
    mutex_unlock(&nic->mutex);
}

static int read_address(struct xenbus_device *dev, struct net_device *net)
{
    char *text = xenbus_read(XBT_NIL, dev->nodename, "mac", NULL);
    u8 mac[ETH_ALEN];
    bool good;

    if (IS_ERR(text)) {
        pv_dev_fatal(dev, PTR_ERR(text), "reading the address from %s/mac", dev->nodename);
        return PTR_ERR(text);
    }
    good = mac_pton(text, mac) && is_valid_ether_addr(mac);
    kfree(text);
    if (!good) {
        pv_dev_fatal(dev, -EINVAL, "the address in %s/mac", dev->nodename);
        return -EINVAL;
    }
    eth_hw_addr_set(net, mac);
    return 0;
}

static bool back_has_closed(struct xenbus_device *dev)
{
    enum xenbus_state state = xenbus_read_driver_state(dev->otherend);

    return state == XenbusStateClosing || state == XenbusStateClosed || state == XenbusStateUnknown;
}

/* The back-end shall let go of the rings first; if it does not, the kernel keeps their pages for it. */
static void say_goodbye(struct xenbus_device *dev)
{
    unsigned long end = jiffies + CLOSE_SECONDS * HZ;

    if (dev->state != XenbusStateConnected)
        return;
    xenbus_switch_state(dev, XenbusStateClosing);
    while (!back_has_closed(dev) && time_before(jiffies, end))
        schedule_timeout_uninterruptible(HZ / 50 + 1);
}

static void remove(struct xenbus_device *dev)
{
    struct front_nic *nic = dev_get_drvdata(&dev->dev);

    if (!nic)
        return;
    if (nic->carrier_watch.node) {
        unregister_xenbus_watch(&nic->carrier_watch);
        kfree(nic->carrier_watch.node);
    }
    mutex_lock(&nic->mutex);
    say_goodbye(dev);
    front_disconnect(nic);
    mutex_unlock(&nic->mutex);
    unregister_netdev(nic->net);
    cancel_work_sync(&nic->close_work);
    cancel_work_sync(&nic->multicast_work);
    pv_generation_forget(dev);
    dev_set_drvdata(&dev->dev, NULL);
    free_netdev(nic->net);
}

/* After a migration the other end is another one; xenbus then starts from the beginning. */
static int resume(struct xenbus_device *dev)
{
    struct front_nic *nic = dev_get_drvdata(&dev->dev);

    mutex_lock(&nic->mutex);
    front_disconnect(nic);
    mutex_unlock(&nic->mutex);
    return 0;
}

static int probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    struct net_device *net;
    struct front_nic *nic;
    int err;

    if (!pv_is_ours(dev, dev->otherend))
        return -ENODEV;
    net = front_interface_make(dev);
    if (IS_ERR(net))
        return PTR_ERR(net);
    nic = netdev_priv(net);
    nic->dev = dev;
    nic->net = net;
    nic->link = true;
    mutex_init(&nic->mutex);
    INIT_WORK(&nic->close_work, close_broken);
    INIT_WORK(&nic->multicast_work, front_multicast_work);
    if (!use_csum)
        net->hw_features &= ~(NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM);
    net->features &= net->hw_features;
    net->mtu = clamp(xenbus_read_unsigned(dev->nodename, "mtu", ETH_DATA_LEN), net->min_mtu, net->max_mtu);
    dev_set_drvdata(&dev->dev, nic);
    err = read_address(dev, net);
    if (!err)
        err = register_netdev(net);
    if (err)
        goto free;
    err = xenbus_watch_pathfmt(dev, &nic->carrier_watch, NULL, carrier_changed, "%s/carrier", dev->otherend);
    if (!err)
        err = xenbus_switch_state(dev, XenbusStateInitialising);
    if (!err)
        return 0;
    remove(dev);
    return err;

free:
    dev_set_drvdata(&dev->dev, NULL);
    free_netdev(net);
    return err;
}

static const struct xenbus_device_id ids[] = {
    { "vif" },
    { "" },
};

static struct xenbus_driver driver = {
    .name = "hv-netfront",
    .ids = ids,
    .probe = probe,
    .remove = remove,
    .resume = resume,
    .otherend_changed = backend_changed,
};

static int __init front_init(void)
{
    return xen_domain() ? xenbus_register_frontend(&driver) : -ENODEV;
}
module_init(front_init);

static void __exit front_exit(void)
{
    xenbus_unregister_driver(&driver);
}
module_exit(front_exit);

MODULE_DESCRIPTION("hv's network front-end");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen:vif");
