// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-netback in the store: one device for each guest's interface, its features, its states, and the tool stack's word that the
 * interface is where it belongs.
 */
#include "back.h"

#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "keys.h"
#include "state.h"

unsigned int back_max_queues;
module_param_named(max_queues, back_max_queues, uint, 0644);
MODULE_PARM_DESC(max_queues, "Most queues of an interface (0: one per CPU, at most 8)");

unsigned int back_stall_ms = 10000;
module_param_named(stall_ms, back_stall_ms, uint, 0644);
MODULE_PARM_DESC(stall_ms, "Packets are dropped when a guest has offered no page for so long (10000)");

static bool offer_sg = true, offer_gso = true, offer_csum = true, offer_multicast = true, offer_split = true;
module_param_named(sg, offer_sg, bool, 0644);
MODULE_PARM_DESC(sg, "Take packets of more than one slot (y)");
module_param_named(gso, offer_gso, bool, 0644);
MODULE_PARM_DESC(gso, "Take TCP packets that are still to be segmented (y; needs sg)");
module_param_named(csum, offer_csum, bool, 0644);
MODULE_PARM_DESC(csum, "Take IPv6 packets without a checksum (y)");
module_param_named(multicast, offer_multicast, bool, 0644);
MODULE_PARM_DESC(multicast, "Filter multicast for guests that ask for it (y)");
module_param_named(split_events, offer_split, bool, 0644);
MODULE_PARM_DESC(split_events, "Offer an event channel for each direction (y)");

static const struct pv_key wishes_keys[] = {
    PV_KEY(struct back_wishes, rx_copy, "request-rx-copy", 0, 0, 1),
    PV_KEY(struct back_wishes, rx_notify, "feature-rx-notify", 0, 0, 1),
    PV_KEY(struct back_wishes, sg, "feature-sg", 0, 0, 1),
    PV_KEY(struct back_wishes, gso_tcpv4, "feature-gso-tcpv4", 0, 0, 1),
    PV_KEY(struct back_wishes, gso_tcpv6, "feature-gso-tcpv6", 0, 0, 1),
    PV_KEY(struct back_wishes, no_csum, "feature-no-csum-offload", 0, 0, 1),
    PV_KEY(struct back_wishes, ipv6_csum, "feature-ipv6-csum-offload", 0, 0, 1),
    PV_KEY(struct back_wishes, multicast, "request-multicast-control", 0, 0, 1),
    PV_KEY_STRICT(struct back_wishes, queues, "multi-queue-num-queues", 1, 1, BACK_QUEUES_MAX),
};

static unsigned int max_queues(void)
{
    unsigned int wanted = back_max_queues ? back_max_queues : min(num_online_cpus(), 8u);

    return min_t(unsigned int, wanted, BACK_QUEUES_MAX);
}

static int write_offers(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data)
{
    const struct {
        const char *name;
        unsigned int value;
    } offers[] = {
        { "feature-rx-copy", 1 },
        { "feature-rx-flip", 0 },
        { "feature-sg", offer_sg },
        { "feature-gso-tcpv4", offer_gso && offer_sg },
        { "feature-gso-tcpv6", offer_gso && offer_sg },
        { "feature-ipv6-csum-offload", offer_csum },
        { "feature-multicast-control", offer_multicast },
        { "feature-dynamic-multicast-control", offer_multicast },
        { "feature-split-event-channels", offer_split },
        { "multi-queue-max-queues", max_queues() },
    };
    int err = 0;

    for (size_t i = 0; i < ARRAY_SIZE(offers) && !err; i++)
        err = xenbus_printf(transaction, dev->nodename, offers[i].name, "%u", offers[i].value);
    return err;
}

static int prepare(struct xenbus_device *dev)
{
    return pv_keys_write(dev, write_offers, NULL);
}

/* The tool stack (or a hotplug script) says so when the interface is in its bridge. */
static bool is_plugged(struct xenbus_device *dev)
{
    char *status = xenbus_read(XBT_NIL, dev->nodename, "hotplug-status", NULL);
    bool plugged = !IS_ERR(status) && !strcmp(status, "connected");

    if (!IS_ERR(status))
        kfree(status);
    return plugged;
}

static int connect(struct xenbus_device *dev)
{
    struct back_vif *vif = dev_get_drvdata(&dev->dev);
    int err;

    if (!is_plugged(dev))
        return -EAGAIN;
    err = pv_keys_read(dev, dev->otherend, wishes_keys, ARRAY_SIZE(wishes_keys), &vif->wishes);
    if (err)
        return err;
    if (!vif->wishes.rx_copy) {
        pv_dev_error(dev, -EOPNOTSUPP, "a front-end that cannot receive by copy");
        return -EOPNOTSUPP;
    }
    vif->multicast_filter = vif->wishes.multicast;
    return back_connect(vif);
}

static void disconnect(struct xenbus_device *dev)
{
    back_disconnect(dev_get_drvdata(&dev->dev));
}

static const struct pv_back_ops ops = {
    .prepare = prepare,
    .connect = connect,
    .disconnect = disconnect,
};

static void frontend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    struct back_vif *vif = dev_get_drvdata(&dev->dev);
    bool last = state == XenbusStateUnknown || state == XenbusStateClosed;

    if (!vif)
        return;
    /* The last step may end in remove(), which takes the mutex itself and takes the device away. */
    if (last) {
        mutex_lock(&vif->mutex);
        back_disconnect(vif);
        mutex_unlock(&vif->mutex);
        pv_back_changed(dev, state, &ops);
        return;
    }
    mutex_lock(&vif->mutex);
    pv_back_changed(dev, state, &ops);
    mutex_unlock(&vif->mutex);
}

static void hotplug_changed(struct xenbus_watch *watch, const char *path, const char *token)
{
    struct back_vif *vif = container_of(watch, struct back_vif, hotplug_watch);

    mutex_lock(&vif->mutex);
    pv_back_retry(vif->dev, &ops);
    mutex_unlock(&vif->mutex);
}

static void multicast_changed(struct xenbus_watch *watch, const char *path, const char *token)
{
    struct back_vif *vif = container_of(watch, struct back_vif, multicast_watch);

    vif->multicast_filter = offer_multicast &&
                            xenbus_read_unsigned(vif->dev->otherend, "request-multicast-control", 0);
}

static void close_broken(struct work_struct *work)
{
    struct back_vif *vif = container_of(work, struct back_vif, close_work);

    mutex_lock(&vif->mutex);
    if (vif->queues) {
        back_disconnect(vif);
        pv_dev_fatal(vif->dev, -EPROTO, "domain %d: %s; its interface is closed", vif->dev->otherend_id,
                     vif->broken);
    }
    mutex_unlock(&vif->mutex);
}

static void remove_watch(struct xenbus_watch *watch)
{
    if (!watch->node)
        return;
    unregister_xenbus_watch(watch);
    kfree(watch->node);
    watch->node = NULL;
}

static void remove(struct xenbus_device *dev)
{
    struct back_vif *vif = dev_get_drvdata(&dev->dev);

    if (!vif)
        return;
    remove_watch(&vif->hotplug_watch);
    remove_watch(&vif->multicast_watch);
    back_limits_stop(vif);
    mutex_lock(&vif->mutex);
    back_disconnect(vif);
    mutex_unlock(&vif->mutex);
    cancel_work_sync(&vif->close_work);
    dev_set_drvdata(&dev->dev, NULL);
    unregister_netdev(vif->net);
    /* The next back-end may be one that does not say whether the link is up. */
    xenbus_rm(XBT_NIL, dev->nodename, "carrier");
    free_netdev(vif->net);
}

static int probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    struct net_device *net;
    struct back_vif *vif;
    unsigned int handle;
    int err;

    if (!pv_is_ours(dev, dev->nodename))
        return -ENODEV;
    if (xenbus_scanf(XBT_NIL, dev->nodename, "handle", "%u", &handle) != 1) {
        pv_dev_fatal(dev, -EINVAL, "reading the interface's handle");
        return -EINVAL;
    }
    net = back_interface_make(dev, dev->otherend_id, handle);
    if (IS_ERR(net))
        return PTR_ERR(net);
    vif = netdev_priv(net);
    vif->dev = dev;
    vif->net = net;
    mutex_init(&vif->mutex);
    spin_lock_init(&vif->multicast_lock);
    INIT_LIST_HEAD(&vif->multicast);
    INIT_WORK(&vif->close_work, close_broken);
    dev_set_drvdata(&dev->dev, vif);
    err = register_netdev(net);
    if (err)
        goto free;
    err = xenbus_watch_pathfmt(dev, &vif->hotplug_watch, NULL, hotplug_changed, "%s/hotplug-status", dev->nodename);
    if (!err)
        err = xenbus_watch_pathfmt(dev, &vif->multicast_watch, NULL, multicast_changed,
                                   "%s/request-multicast-control", dev->otherend);
    if (!err)
        err = back_limits_start(vif);
    if (!err)
        err = pv_back_start(dev, &ops);
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
    .name = "hv-netback",
    .ids = ids,
    .probe = probe,
    .remove = remove,
    .otherend_changed = frontend_changed,
};

static int __init back_init(void)
{
    return xen_domain() ? xenbus_register_backend(&driver) : -ENODEV;
}
module_init(back_init);

static void __exit back_exit(void)
{
    xenbus_unregister_driver(&driver);
}
module_exit(back_exit);

MODULE_DESCRIPTION("hv's network back-end");
MODULE_LICENSE("GPL");
MODULE_ALIAS("xen-backend:vif");
