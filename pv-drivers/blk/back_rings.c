// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkback's rings: mapped when the front-end has published them, given up in the reverse order.
 */
#include <linux/slab.h>
#include <xen/events.h>

#include "back.h"
#include "keys.h"

static int read_refs(struct blk_back *back, const char *folder, grant_ref_t *refs)
{
    unsigned int i, pages = 1u << back->wishes.ring_order;

    if (pages == 1 && xenbus_scanf(XBT_NIL, folder, "ring-ref", "%u", &refs[0]) == 1)
        return 0;
    for (i = 0; i < pages; i++) {
        char name[16];

        snprintf(name, sizeof(name), "ring-ref%u", i);
        if (xenbus_scanf(XBT_NIL, folder, name, "%u", &refs[i]) != 1) {
            pv_dev_error(back->dev, -EINVAL, "no %s in %s", name, folder);
            return -EINVAL;
        }
    }
    return 0;
}

static int slots_open(struct back_ring *ring)
{
    unsigned int i;

    INIT_LIST_HEAD(&ring->free);
    INIT_LIST_HEAD(&ring->done);
    ring->slots = kvcalloc(ring->ring.slots, sizeof(*ring->slots), GFP_KERNEL);
    if (!ring->slots)
        return -ENOMEM;
    for (i = 0; i < ring->ring.slots; i++) {
        ring->slots[i].ring = ring;
        list_add_tail(&ring->slots[i].list, &ring->free);
    }
    return 0;
}

static int ring_open(struct back_ring *ring, const char *folder)
{
    struct blk_back *back = ring->back;
    struct xenbus_device *dev = back->dev;
    grant_ref_t refs[1 << BACK_MAX_RING_ORDER];
    unsigned int pages = 1u << back->wishes.ring_order;
    evtchn_port_t port;
    int err;

    err = back_cache_init(&ring->cache, dev->otherend_id, back->wishes.persistent ? back_max_kept : 0);
    if (err)
        return err;
    if (xenbus_scanf(XBT_NIL, folder, "event-channel", "%u", &port) != 1) {
        pv_dev_error(dev, -EINVAL, "no event-channel in %s", folder);
        return -EINVAL;
    }
    err = read_refs(back, folder, refs);
    if (err)
        return err;
    err = xenbus_map_ring_valloc(dev, refs, pages, &ring->pages);
    if (err)
        return err;
    err = ring_back_init(&ring->ring, ring->pages, pages * PAGE_SIZE, sizeof(union blkif_slot));
    if (err) {
        pv_dev_error(dev, err, "the ring in %s makes no sense", folder);
        return err;
    }
    err = slots_open(ring);
    if (err)
        return err;
    err = bind_interdomain_evtchn_to_irqhandler_lateeoi(dev, port, back_interrupt, 0, "hv-blkback", ring);
    if (err < 0)
        return err;
    ring->irq = err;

    hrtimer_init(&ring->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
    ring->timer.function = back_held_long_enough;
    /* A front-end may have put requests before there was anybody to notify. */
    set_bit(0, &ring->event);
    ring->thread = kthread_run(back_thread, ring, "hv-vbd%d.%s-%u", dev->otherend_id,
                               strrchr(dev->nodename, '/') + 1, ring->number);
    if (IS_ERR(ring->thread)) {
        err = PTR_ERR(ring->thread);
        ring->thread = NULL;
        return err;
    }
    return 0;
}

static int open_numbered(struct back_ring *ring)
{
    struct blk_back *back = ring->back;
    char *folder;
    int err;

    /* One queue may be written without a folder of its own, as it was before there were several. */
    if (back->nr_rings == 1 && !xenbus_exists(XBT_NIL, back->dev->otherend, "multi-queue-num-queues"))
        return ring_open(ring, back->dev->otherend);
    folder = kasprintf(GFP_KERNEL, "%s/queue-%u", back->dev->otherend, ring->number);
    if (!folder)
        return -ENOMEM;
    err = ring_open(ring, folder);
    kfree(folder);
    return err;
}

static int check_protocol(struct blk_back *back)
{
    char *protocol = xenbus_read(XBT_NIL, back->dev->otherend, "protocol", NULL);
    int err = 0;

    if (IS_ERR(protocol))
        return 0;       /* that of a kernel like this one */
    if (strcmp(protocol, "x86_64-abi")) {
        err = -EOPNOTSUPP;
        pv_dev_error(back->dev, err, "protocol %.20s is not served, only x86_64-abi", protocol);
    }
    kfree(protocol);
    return err;
}

int back_rings_open(struct blk_back *back)
{
    const struct pv_key keys[] = {
        PV_KEY(struct back_wishes, persistent, "feature-persistent", 0, 0, 1),
        PV_KEY_STRICT(struct back_wishes, ring_order, "ring-page-order", 0, 0, back_max_ring_page_order),
        PV_KEY_STRICT(struct back_wishes, queues, "multi-queue-num-queues", 1, 1, back_max_queues),
    };
    unsigned int i;
    int err = check_protocol(back);

    if (!err)
        err = pv_keys_read(back->dev, back->dev->otherend, keys, ARRAY_SIZE(keys), &back->wishes);
    if (err)
        return err;
    back->wishes.persistent = back->wishes.persistent && back_persistent;
    back->rings = kvcalloc(back->wishes.queues, sizeof(*back->rings), GFP_KERNEL);
    if (!back->rings)
        return -ENOMEM;
    for (i = 0; i < back->wishes.queues && !err; i++) {
        struct back_ring *ring = &back->rings[i];

        spin_lock_init(&ring->lock);
        init_waitqueue_head(&ring->wake);
        ring->back = back;
        ring->number = i;
        back->nr_rings = i + 1;
        err = open_numbered(ring);
    }
    if (err)
        back_rings_close(back);
    return err;
}

static void ring_stop(struct back_ring *ring)
{
    if (ring->thread)
        kthread_stop(ring->thread);
}

static void ring_close(struct back_ring *ring)
{
    if (ring->thread)
        hrtimer_cancel(&ring->timer);
    if (ring->irq)
        unbind_from_irqhandler(ring->irq, ring);
    back_cache_destroy(ring);
    if (ring->pages)
        xenbus_unmap_ring_vfree(ring->back->dev, ring->pages);
    kvfree(ring->slots);
}

void back_rings_close(struct blk_back *back)
{
    unsigned int i;

    if (!back->nr_rings)
        return;
    for (i = 0; i < back->nr_rings; i++)
        ring_stop(&back->rings[i]);
    synchronize_rcu();      /* with back_answer() */
    for (i = 0; i < back->nr_rings; i++)
        ring_close(&back->rings[i]);
    kvfree(back->rings);
    back->rings = NULL;
    back->nr_rings = 0;
}
