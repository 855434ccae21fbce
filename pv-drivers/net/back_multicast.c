// SPDX-License-Identifier: GPL-2.0-only
/*
 * The multicast addresses that a guest wants to receive (feature-multicast-control). Changed from a queue's poll, read in
 * start_xmit; the broadcast address always passes.
 */
#include "back.h"

#include <linux/etherdevice.h>
#include <linux/rculist.h>

static struct back_multicast *find(struct back_vif *vif, const u8 *addr)
{
    struct back_multicast *entry;

    list_for_each_entry_rcu(entry, &vif->multicast, list, lockdep_is_held(&vif->multicast_lock))
        if (ether_addr_equal(entry->addr, addr))
            return entry;
    return NULL;
}

static int add_address(struct back_vif *vif, const u8 *addr)
{
    struct back_multicast *entry;

    if (find(vif, addr))
        return 0;
    if (!is_multicast_ether_addr(addr) || vif->multicasts == BACK_MULTICAST_MAX)
        return -ENOSPC;
    entry = kmalloc(sizeof(*entry), GFP_ATOMIC);
    if (!entry)
        return -ENOMEM;
    ether_addr_copy(entry->addr, addr);
    list_add_tail_rcu(&entry->list, &vif->multicast);
    vif->multicasts++;
    return 0;
}

static void delete_entry(struct back_vif *vif, struct back_multicast *entry)
{
    list_del_rcu(&entry->list);
    vif->multicasts--;
    kfree_rcu(entry, rcu);
}

int back_multicast_change(struct back_vif *vif, const u8 *addr, bool add)
{
    struct back_multicast *entry;
    int err = 0;

    spin_lock_bh(&vif->multicast_lock);
    if (add) {
        err = add_address(vif, addr);
    } else {
        entry = find(vif, addr);
        if (entry)
            delete_entry(vif, entry);
    }
    spin_unlock_bh(&vif->multicast_lock);
    return err;
}

bool back_multicast_wanted(struct back_vif *vif, const u8 *addr)
{
    bool wanted;

    if (is_broadcast_ether_addr(addr))
        return true;
    rcu_read_lock();
    wanted = find(vif, addr) != NULL;
    rcu_read_unlock();
    return wanted;
}

void back_multicast_clear(struct back_vif *vif)
{
    struct back_multicast *entry, *next;

    spin_lock_bh(&vif->multicast_lock);
    list_for_each_entry_safe(entry, next, &vif->multicast, list)
        delete_entry(vif, entry);
    spin_unlock_bh(&vif->multicast_lock);
}
