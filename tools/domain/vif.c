/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network interfaces in the store and in dom0's kernel; the bridge through ioctls, without brctl or ip.
 */
#include "vif.h"

#include <errno.h>
#include <limits.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "limits.h"

int vif_check(const struct hv_nic *nic, const char *file, struct hv_error *err)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", nic->bridge);
    if (strchr(nic->bridge, '/') || strlen(nic->bridge) >= IFNAMSIZ || access(path, F_OK))
        return hv_error_at(err, ENODEV, file, nic->line,
                           "make it (ip link add NAME type bridge), or change <source>",
                           "there is no bridge %s in dom0", nic->bridge);
    if (nic->target && strlen(nic->target) >= IFNAMSIZ)
        return hv_error_at(err, EINVAL, file, nic->line, NULL, "the interface name %s is too long",
                           nic->target);
    if (nic->target && if_nametoindex(nic->target))
        return hv_error_at(err, EEXIST, file, nic->line, "change <target> in <interface>",
                           "dom0 has an interface %s already", nic->target);
    return limits_check_nic(nic, file, err);
}

void vif_nodes(struct store_batch *batch, const struct hv_nic *nic, unsigned domid, unsigned index)
{
    struct device device = { .kind = "vif", .domid = domid, .number = index };
    char back[STORE_PATH_MAX], front[STORE_PATH_MAX], handle[16], mac[HV_MAC_TEXT];

    device_backend(&device, back);
    device_frontend(&device, front);
    device_nodes(batch, &device, nic->driver);
    snprintf(handle, sizeof(handle), "%u", index);
    hv_mac_text(nic->mac, mac);
    store_batch_write(batch, handle, "%s/handle", front);
    store_batch_write(batch, mac, "%s/mac", front);
    store_batch_write(batch, handle, "%s/handle", back);
    store_batch_write(batch, mac, "%s/mac", back);
    store_batch_write(batch, nic->bridge, "%s/bridge", back);
    store_batch_write(batch, "vif", "%s/type", back);
    /*
     * xen-netback refuses an interface without this node; what it names is for udev rules, of which there are
     * none.
     */
    store_batch_write(batch, "none", "%s/script", back);
    if (nic->target)
        store_batch_write(batch, nic->target, "%s/vifname", back);
    limits_nic_nodes(batch, &device, nic);
}

static int change_interface(int sock, unsigned long request, struct ifreq *ifr, const char *what,
                            struct hv_error *err)
{
    if (!ioctl(sock, request, ifr))
        return 0;
    return hv_error_set(err, errno, NULL, "cannot %s: %s", what, strerror(errno));
}

static int set_name(int sock, const char *from, const char *to, struct hv_error *err)
{
    struct ifreq ifr = { 0 };

    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", from);
    snprintf(ifr.ifr_newname, sizeof(ifr.ifr_newname), "%s", to);
    return change_interface(sock, SIOCSIFNAME, &ifr, "rename the interface", err);
}

static int join_bridge(int sock, const char *name, const char *bridge, struct hv_error *err)
{
    struct ifreq ifr = { 0 };

    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", bridge);
    ifr.ifr_ifindex = (int)if_nametoindex(name);
    return change_interface(sock, SIOCBRADDIF, &ifr, "put the interface into the bridge", err);
}

static int set_up(int sock, const char *name, struct hv_error *err)
{
    struct ifreq ifr = { 0 };
    int ret;

    snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
    ret = change_interface(sock, SIOCGIFFLAGS, &ifr, "read the interface's flags", err);
    if (ret < 0)
        return ret;
    ifr.ifr_flags |= IFF_UP;
    return change_interface(sock, SIOCSIFFLAGS, &ifr, "set the interface up", err);
}

static int attach_port(const char *kernel_name, const struct hv_nic *nic, struct hv_error *err)
{
    const char *name = nic->target ? nic->target : kernel_name;
    int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), ret = 0;

    if (sock < 0)
        return hv_error_set(err, errno, NULL, "cannot make a socket: %s", strerror(errno));
    if (nic->target)
        ret = set_name(sock, kernel_name, nic->target, err);
    if (!ret)
        ret = join_bridge(sock, name, nic->bridge, err);
    if (!ret)
        ret = set_up(sock, name, err);
    close(sock);
    if (ret < 0)
        hv_error_prefix(err, "interface %s, bridge %s: ", name, nic->bridge);
    return ret;
}

int vif_connect(struct tools *tools, const struct hv_nic *nic, unsigned domid, unsigned index,
                struct hv_error *err)
{
    struct device device = { .kind = "vif", .domid = domid, .number = index };
    char name[IFNAMSIZ], path[64], back[STORE_PATH_MAX], what[128], node[STORE_PATH_MAX + 32];
    int ret;

    snprintf(name, sizeof(name), "vif%u.%u", domid, index);
    snprintf(path, sizeof(path), "/sys/class/net/%s", name);
    snprintf(what, sizeof(what), "the network interface %u (bridge %.32s)", index, nic->bridge);
    ret = device_wait_served(tools, &device, path, what, err);
    if (!ret && hv_nic_is_limited(nic))
        ret = limits_check_served(&device, what, err);
    if (!ret)
        ret = attach_port(name, nic, err);
    if (ret < 0)
        return ret;
    snprintf(node, sizeof(node), "%s/hotplug-status", device_backend(&device, back));
    return store_write(tools->xs, node, "connected", err);
}
