// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interface vifDOMID.HANDLE in dom0: what ip, ethtool and the bridge see of a guest.
 */
#include "back.h"

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>

#define OFFLOADS  (NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_FRAGLIST)

#define COUNTER(name) { #name, offsetof(struct back_stats, name) }
static const struct {
    char name[ETH_GSTRING_LEN];
    size_t offset;
} counters[] = {
    COUNTER(from_packets), COUNTER(from_bytes), COUNTER(from_slots), COUNTER(from_dropped), COUNTER(from_bad),
    COUNTER(to_packets), COUNTER(to_bytes), COUNTER(to_slots), COUNTER(to_dropped), COUNTER(to_starved),
    COUNTER(copies), COUNTER(copy_calls), COUNTER(notifies), COUNTER(polls), COUNTER(interrupts),
};

/* All counters are u64 one after the other. */
void back_stats_add(struct back_stats *sum, const struct back_stats *more)
{
    u64 *to = (u64 *)sum;
    const u64 *from = (const u64 *)more;

    for (size_t i = 0; i < sizeof(*sum) / sizeof(u64); i++)
        to[i] += from[i];
}

static struct back_stats total(struct back_vif *vif)
{
    struct back_stats sum = vif->past;
    struct back_queue *queue;

    rcu_read_lock();
    queue = READ_ONCE(vif->queue);
    for (unsigned int id = 0; queue && id < vif->queues; id++)
        back_stats_add(&sum, &queue[id].stats);
    rcu_read_unlock();
    return sum;
}

static void get_stats64(struct net_device *net, struct rtnl_link_stats64 *stats)
{
    struct back_stats sum = total(netdev_priv(net));

    netdev_stats_to_stats64(stats, &net->stats);
    stats->rx_packets = sum.from_packets;
    stats->rx_bytes = sum.from_bytes;
    stats->rx_dropped += sum.from_dropped;
    stats->rx_errors += sum.from_bad;
    stats->tx_packets = sum.to_packets;
    stats->tx_bytes = sum.to_bytes;
    stats->tx_dropped += sum.to_dropped;
}

static int get_sset_count(struct net_device *net, int set)
{
    return set == ETH_SS_STATS ? (int)ARRAY_SIZE(counters) : -EOPNOTSUPP;
}

static void get_strings(struct net_device *net, u32 set, u8 *data)
{
    for (size_t i = 0; set == ETH_SS_STATS && i < ARRAY_SIZE(counters); i++)
        memcpy(data + i * ETH_GSTRING_LEN, counters[i].name, ETH_GSTRING_LEN);
}

static void get_ethtool_stats(struct net_device *net, struct ethtool_stats *stats, u64 *data)
{
    struct back_stats sum = total(netdev_priv(net));

    for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
        data[i] = *(const u64 *)((const char *)&sum + counters[i].offset);
}

static void get_drvinfo(struct net_device *net, struct ethtool_drvinfo *info)
{
    struct back_vif *vif = netdev_priv(net);

    strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
    strscpy(info->bus_info, dev_name(&vif->dev->dev), sizeof(info->bus_info));
}

static const struct ethtool_ops ethtool_ops = {
    .get_link = ethtool_op_get_link,
    .get_drvinfo = get_drvinfo,
    .get_sset_count = get_sset_count,
    .get_strings = get_strings,
    .get_ethtool_stats = get_ethtool_stats,
};

/* The guest's cable is this interface's being up. */
static void say_carrier(struct back_vif *vif, bool on)
{
    xenbus_printf(XBT_NIL, vif->dev->nodename, "carrier", "%u", on);
}

static int open(struct net_device *net)
{
    struct back_vif *vif = netdev_priv(net);

    say_carrier(vif, true);
    if (vif->online)
        netif_tx_start_all_queues(net);
    return 0;
}

static int stop(struct net_device *net)
{
    say_carrier(netdev_priv(net), false);
    netif_tx_stop_all_queues(net);
    return 0;
}

/* The guest may be unable to take packets of several slots, or ones that are not finished. */
static netdev_features_t fix_features(struct net_device *net, netdev_features_t features)
{
    const struct back_wishes *wishes = &((struct back_vif *)netdev_priv(net))->wishes;

    if (!wishes->sg)
        features &= ~(NETIF_F_SG | NETIF_F_FRAGLIST);
    if (!wishes->gso_tcpv4)
        features &= ~NETIF_F_TSO;
    if (!wishes->gso_tcpv6)
        features &= ~NETIF_F_TSO6;
    if (wishes->no_csum)
        features &= ~NETIF_F_IP_CSUM;
    if (!wishes->ipv6_csum)
        features &= ~NETIF_F_IPV6_CSUM;
    return features;
}

static int change_mtu(struct net_device *net, int mtu)
{
    struct back_vif *vif = netdev_priv(net);

    if (vif->online && !vif->wishes.sg && mtu > ETH_DATA_LEN)
        return -EINVAL;
    net->mtu = mtu;
    return 0;
}

static const struct net_device_ops net_ops = {
    .ndo_open = open,
    .ndo_stop = stop,
    .ndo_start_xmit = back_start_xmit,
    .ndo_get_stats64 = get_stats64,
    .ndo_fix_features = fix_features,
    .ndo_change_mtu = change_mtu,
    .ndo_set_mac_address = eth_mac_addr,
    .ndo_validate_addr = eth_validate_addr,
};

struct net_device *back_interface_make(struct xenbus_device *dev, unsigned int domid, unsigned int handle)
{
    /* Highest bit of the first octet, "locally administered" and all ones: a bridge takes any other port's address for its own. */
    static const u8 mac[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
    struct net_device *net;
    char name[IFNAMSIZ];
    int err;

    snprintf(name, sizeof(name), "vif%u.%u", domid, handle);
    net = alloc_netdev_mqs(sizeof(struct back_vif), name, NET_NAME_USER, ether_setup, BACK_QUEUES_MAX, BACK_QUEUES_MAX);
    if (!net)
        return ERR_PTR(-ENOMEM);
    SET_NETDEV_DEV(net, &dev->dev);
    net->netdev_ops = &net_ops;
    net->ethtool_ops = &ethtool_ops;
    net->hw_features = OFFLOADS;
    net->features = OFFLOADS;
    net->min_mtu = ETH_MIN_MTU;
    net->max_mtu = ETH_MAX_MTU - VLAN_ETH_HLEN;
    eth_hw_addr_set(net, mac);
    netif_carrier_off(net);
    err = netif_set_real_num_tx_queues(net, 1);
    if (!err)
        err = netif_set_real_num_rx_queues(net, 1);
    if (err) {
        free_netdev(net);
        return ERR_PTR(err);
    }
    return net;
}
