// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv-blkfront's keys in the store. Whatever a back-end does not offer is not used: with none of the optional
 * keys there is one ring of one page, requests of 11 segments, no flush and no discard.
 */
#include "front.h"
#include "keys.h"

#define OFFER(member, key, if_absent, low, high) PV_KEY(struct front_offer, member, key, if_absent, low, high)
#define OFFER_STRICT(member, key, if_absent, low, high) \
    PV_KEY_STRICT(struct front_offer, member, key, if_absent, low, high)

static const struct pv_key offers[] = {
    OFFER_STRICT(sectors, "sectors", 0, 0, LLONG_MAX >> SECTOR_SHIFT),
    OFFER_STRICT(sector_size, "sector-size", 512, 512, PAGE_SIZE),
    OFFER(physical_sector_size, "physical-sector-size", 512, 512, 1 << 24),
    OFFER(info, "info", 0, 0, 7),
    OFFER(persistent, "feature-persistent", 0, 0, 1),
    OFFER(max_indirect, "feature-max-indirect-segments", 0, 0, FRONT_MAX_SEGMENTS),
    OFFER(barrier, "feature-barrier", 0, 0, 1),
    OFFER(flush, "feature-flush-cache", 0, 0, 1),
    OFFER(max_ring_order, "max-ring-page-order", 0, 0, 4),
    OFFER(max_queues, "multi-queue-max-queues", 1, 1, FRONT_MAX_QUEUES),
    OFFER(discard, "feature-discard", 0, 0, 1),
    OFFER(discard_granularity, "discard-granularity", 0, 0, 1 << 30),
    OFFER(discard_alignment, "discard-alignment", 0, 0, 1 << 30),
    OFFER(discard_secure, "discard-secure", 0, 0, 1),
};

int front_read_offer(struct blk_front *front)
{
    struct front_offer *offer = &front->offer;
    int err = pv_keys_read(front->dev, front->dev->otherend, offers, ARRAY_SIZE(offers), offer);

    if (err)
        return err;
    if (!is_power_of_2(offer->sector_size)) {
        pv_dev_error(front->dev, -EINVAL, "sector-size %lu is no power of two", offer->sector_size);
        return -EINVAL;
    }
    /* Nothing under the logical block size means anything. */
    if (!is_power_of_2(offer->physical_sector_size) || offer->physical_sector_size < offer->sector_size)
        offer->physical_sector_size = offer->sector_size;
    /* The kernel rounds with it as with a power of two, in sectors. */
    if (!is_power_of_2(offer->discard_granularity) || offer->discard_granularity < offer->sector_size)
        offer->discard_granularity = offer->physical_sector_size;
    return 0;
}

static int write_ring(struct blk_front *front, struct xenbus_transaction transaction, const char *folder,
                      const struct front_ring *ring)
{
    struct xenbus_device *dev = front->dev;
    unsigned int i, pages = 1 << front->ring_order;
    int err = 0;

    if (pages == 1)
        err = xenbus_printf(transaction, folder, "ring-ref", "%u", ring->refs[0]);
    for (i = 0; pages > 1 && i < pages && !err; i++) {
        char name[16];

        snprintf(name, sizeof(name), "ring-ref%u", i);
        err = xenbus_printf(transaction, folder, name, "%u", ring->refs[i]);
    }
    if (!err)
        err = xenbus_printf(transaction, folder, "event-channel", "%u", ring->port);
    if (err)
        dev_err_ratelimited(&dev->dev, "cannot write to %s: %d\n", folder, err);
    return err;
}

static int write_rings(struct blk_front *front, struct xenbus_transaction transaction)
{
    struct xenbus_device *dev = front->dev;
    unsigned int i;
    int err;

    /* A back-end that offers one queue only may not know the folders. */
    if (front->nr_rings == 1)
        return write_ring(front, transaction, dev->nodename, &front->rings[0]);
    err = xenbus_printf(transaction, dev->nodename, "multi-queue-num-queues", "%u", front->nr_rings);
    for (i = 0; i < front->nr_rings && !err; i++) {
        char *folder = kasprintf(GFP_KERNEL, "%s/queue-%u", dev->nodename, i);

        err = folder ? write_ring(front, transaction, folder, &front->rings[i]) : -ENOMEM;
        kfree(folder);
    }
    return err;
}

static int write_all(struct xenbus_device *dev, struct xenbus_transaction transaction, void *data)
{
    struct blk_front *front = data;
    int err = write_rings(front, transaction);

    if (!err && front->ring_order)
        err = xenbus_printf(transaction, dev->nodename, "ring-page-order", "%u", front->ring_order);
    if (!err)
        err = xenbus_printf(transaction, dev->nodename, "protocol", "%s", "x86_64-abi");
    if (!err)
        err = xenbus_printf(transaction, dev->nodename, "feature-persistent", "%u", front->persistent);
    if (!err)
        err = xenbus_printf(transaction, dev->nodename, PV_GENERATION, "%u", front->generation);
    return err;
}

int front_write_keys(struct blk_front *front)
{
    return pv_keys_write(front->dev, write_all, front);
}
