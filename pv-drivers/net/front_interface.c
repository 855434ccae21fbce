// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's interface: what ip and ethtool see of it.
 */
#include "front.h"

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>

#define OFFLOADS  (NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6)

#define COUNTER(name) { #name, offsetof(struct front_stats, name) }
static const struct {
    char name[ETH_GSTRING_LEN];
    size_t offset;
} counters[] = {
    COUNTER(tx_packets), COUNTER(tx_bytes), COUNTER(tx_slots), COUNTER(tx_bounced), COUNTER(tx_copied), COUNTER(tx_grants),
    COUNTER(tx_dropped), COUNTER(tx_errors), COUNTER(tx_stopped),
    COUNTER(rx_packets), COUNTER(rx_bytes), COUNTER(rx_slots), COUNTER(rx_copied), COUNTER(rx_pages),
    COUNTER(rx_dropped), COUNTER(rx_errors), COUNTER(xdp_passed), COUNTER(xdp_dropped), COUNTER(xdp_sent),
    COUNTER(notifies), COUNTER(interrupts), COUNTER(polls),
};

/* All counters are u64 one after the other. */
void front_stats_add(struct front_stats *sum, const struct front_stats *more)
{
    u64 *to = (u64 *)sum;
    const u64 *from = (const u64 *)more;

    for (size_t i = 0; i < sizeof(*sum) / sizeof(u64); i++)
        to[i] += from[i];
}

static struct front_stats total(struct front_nic *nic)
{
    struct front_stats sum = nic->past;
    struct front_queue *queue;

    rcu_read_lock();
    queue = READ_ONCE(nic->queue);
    for (unsigned int id = 0; queue && id < nic->queues; id++)
        front_stats_add(&sum, &queue[id].stats);
    rcu_read_unlock();
    return sum;
}

static void get_stats64(struct net_device *net, struct rtnl_link_stats64 *stats)
{
    struct front_stats sum = total(netdev_priv(net));

    netdev_stats_to_stats64(stats, &net->stats);
    stats->rx_packets = sum.rx_packets;
    stats->rx_bytes = sum.rx_bytes;
    stats->rx_dropped += sum.rx_dropped;
    stats->rx_errors += sum.rx_errors;
    stats->tx_packets = sum.tx_packets;
    stats->tx_bytes = sum.tx_bytes;
    stats->tx_dropped += sum.tx_dropped;
    stats->tx_errors += sum.tx_errors;
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
    struct front_stats sum = total(netdev_priv(net));

    for (size_t i = 0; i < ARRAY_SIZE(counters); i++)
        data[i] = *(const u64 *)((const char *)&sum + counters[i].offset);
}

static void get_drvinfo(struct net_device *net, struct ethtool_drvinfo *info)
{
    struct front_nic *nic = netdev_priv(net);

    strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
    strscpy(info->bus_info, dev_name(&nic->dev->dev), sizeof(info->bus_info));
}

static const struct ethtool_ops ethtool_ops = {
    .get_link = ethtool_op_get_link,
    .get_drvinfo = get_drvinfo,
    .get_sset_count = get_sset_count,
    .get_strings = get_strings,
    .get_ethtool_stats = get_ethtool_stats,
};

static int open(struct net_device *net)
{
    if (((struct front_nic *)netdev_priv(net))->online)
        netif_tx_start_all_queues(net);
    return 0;
}

static int stop(struct net_device *net)
{
    netif_tx_stop_all_queues(net);
    return 0;
}

/* Only what the back-end can finish. Sums of TCP and UDP over IPv4 it always can. */
static netdev_features_t fix_features(struct net_device *net, netdev_features_t features)
{
    const struct front_offers *offers = &((struct front_nic *)netdev_priv(net))->offers;

    if (!offers->sg)
        features &= ~NETIF_F_SG;
    if (!offers->gso_tcpv4)
        features &= ~NETIF_F_TSO;
    if (!offers->gso_tcpv6)
        features &= ~NETIF_F_TSO6;
    if (!offers->ipv6_csum)
        features &= ~NETIF_F_IPV6_CSUM;
    return features;
}

static int change_mtu(struct net_device *net, int mtu)
{
    struct front_nic *nic = netdev_priv(net);

    if (nic->online && !nic->offers.sg && mtu > ETH_DATA_LEN)
        return -EINVAL;
    net->mtu = mtu;
    return 0;
}

static const struct net_device_ops net_ops = {
    .ndo_open = open,
    .ndo_stop = stop,
    .ndo_start_xmit = front_start_xmit,
    .ndo_get_stats64 = get_stats64,
    .ndo_fix_features = fix_features,
    .ndo_change_mtu = change_mtu,
    .ndo_set_rx_mode = front_set_rx_mode,
    .ndo_bpf = front_bpf,
    .ndo_set_mac_address = eth_mac_addr,
    .ndo_validate_addr = eth_validate_addr,
};

struct net_device *front_interface_make(struct xenbus_device *dev)
{
    struct net_device *net = alloc_etherdev_mqs(sizeof(struct front_nic), FRONT_QUEUES_MAX, FRONT_QUEUES_MAX);
    int err;

    if (!net)
        return ERR_PTR(-ENOMEM);
    SET_NETDEV_DEV(net, &dev->dev);
    net->netdev_ops = &net_ops;
    net->ethtool_ops = &ethtool_ops;
    net->hw_features = OFFLOADS;
    net->features = OFFLOADS;
    net->min_mtu = ETH_MIN_MTU;
    net->max_mtu = XEN_NETIF_MAX_TX_SIZE - VLAN_ETH_HLEN;
    netif_set_tso_max_size(net, XEN_NETIF_MAX_TX_SIZE);
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
