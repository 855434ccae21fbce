// SPDX-License-Identifier: GPL-2.0-only
/*
 * A block front-end that means harm, for tests of back-ends: it connects as an honest one would, then does
 * what `attack` says, and writes what came of it to the kernel's log.
 *
 * After each attack that a back-end may survive, an honest read has to be answered: "alive". After one that
 * it may not, the back-end has to close: "closed". Its own guest may suffer; nobody else.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "parse.h"
#include "ring.h"

static char *attack = "honest";
module_param(attack, charp, 0444);

static struct foe {
    struct xenbus_device *dev;
    struct ring_front ring;
    void *pages;
    grant_ref_t ring_ref, data_ref, list_ref;
    struct page *data, *list;
    evtchn_port_t port;
    int irq;
    struct work_struct work;
    bool begun;
} foe;

static irqreturn_t foe_interrupt(int irq, void *data)
{
    return IRQ_HANDLED;
}

static void push(void)
{
    ring_front_push(&foe.ring);
    notify_remote_via_irq(foe.irq);
}

static void put(union blkif_slot *slot)
{
    while (!ring_front_room(&foe.ring))
        foe.ring.rsp_cons = foe.ring.shared->rsp_prod;
    ring_front_put(&foe.ring, slot, sizeof(*slot));
}

static union blkif_slot honest_read(u64 id)
{
    return (union blkif_slot){ .rw = { .operation = BLKIF_OP_READ, .nr_segments = 1, .id = id,
                                       .seg = { { .gref = foe.data_ref, .last_sect = 7 } } } };
}

/* Takes answers until one is for `id`; its status, or 1 if none came in 10 s. */
static int answer_to(u64 id)
{
    struct blkif_response response;
    int tries;

    for (tries = 0; tries < 1000; tries++) {
        while (ring_front_pending(&foe.ring) > 0) {
            ring_front_take(&foe.ring, &response, sizeof(response));
            if (response.id == id)
                return response.status;
        }
        msleep(10);
    }
    return 1;
}

static bool alive(void)
{
    union blkif_slot slot = honest_read(0xa11fe);

    put(&slot);
    push();
    return answer_to(0xa11fe) == 0;
}

static bool closed(void)
{
    int tries;

    for (tries = 0; tries < 1000; tries++) {
        enum xenbus_state state = xenbus_read_driver_state(foe.dev->otherend);

        if (state == XenbusStateClosing || state == XenbusStateClosed)
            return true;
        msleep(10);
    }
    return false;
}

static bool honest(void)
{
    return alive();
}

/* Requests that make no sense, each of which must be answered with an error. */
static bool nonsense(void)
{
    union blkif_slot slots[12];
    unsigned int i, bad = 0;

    for (i = 0; i < ARRAY_SIZE(slots); i++)
        slots[i] = honest_read(i);
    slots[0].rw.nr_segments = 12;
    slots[1].rw.nr_segments = 255;
    slots[2].rw.nr_segments = 0;
    slots[3].rw.seg[0].last_sect = 8;
    slots[4].rw.seg[0].first_sect = 5, slots[4].rw.seg[0].last_sect = 4;
    slots[5].rw.sector_number = 1ull << 40;
    slots[6].rw.sector_number = ~0ull;
    slots[7].rw.operation = 77;
    slots[8].rw.operation = BLKIF_OP_DISCARD;
    slots[8].discard.sector_number = 8, slots[8].discard.nr_sectors = ~0ull;
    slots[9].rw.seg[0].gref = 0xfffffff0;
    slots[10].rw.seg[0].gref = foe.data_ref + 4000;
    slots[11].indirect = (struct blkif_request_indirect){
        .operation = BLKIF_OP_INDIRECT, .nr_segments = 65535, .id = 11, .indirect_grefs = { foe.list_ref },
    };
    for (i = 0; i < ARRAY_SIZE(slots); i++) {
        int status;

        put(&slots[i]);
        push();
        status = answer_to(i);
        if (status >= 0)
            pr_err("foe: request %u was answered with %d\n", i, status), bad++;
    }
    return !bad && alive();
}

/* Lists of segments full of noise, and lists that are not there. */
static bool indirect(void)
{
    unsigned int i;

    for (i = 0; i < 300; i++) {
        union blkif_slot slot = { .indirect = {
            .operation = BLKIF_OP_INDIRECT, .indirect_op = i & 1, .nr_segments = 1 + i % 256, .id = i,
            .indirect_grefs = { i % 7 ? foe.list_ref : 0xffff0000 + i },
        } };

        get_random_bytes(page_address(foe.list), PAGE_SIZE);
        put(&slot);
        push();
        if (answer_to(i) >= 0 && i % 7 == 0)
            return false;
    }
    return alive();
}

/* Slots of pure noise, as fast as it goes; ids overlap. */
static bool noise(void)
{
    unsigned int i;

    for (i = 0; i < 20000; i++) {
        union blkif_slot slot;

        get_random_bytes(&slot, sizeof(slot));
        slot.rw.operation %= 8;
        slot.rw.id &= 3;
        if (i & 1)
            slot.rw.nr_segments %= 12, slot.rw.seg[0].gref = foe.data_ref;
        put(&slot);
        if (i % 8 == 7)
            push();
        cond_resched();
    }
    push();
    msleep(500);
    foe.ring.rsp_cons = foe.ring.shared->rsp_prod;
    return alive();
}

static bool jump(void)
{
    foe.ring.shared->req_prod += 1000;
    notify_remote_via_irq(foe.irq);
    return closed();
}

static bool backwards(void)
{
    bool was = alive();

    foe.ring.shared->req_prod -= 1;
    notify_remote_via_irq(foe.irq);
    return was && closed();
}

/* States out of order; the back-end may close, but has to serve whoever comes next. */
static bool states(void)
{
    static const int order[] = {
        XenbusStateInitialising, XenbusStateConnected, XenbusStateInitWait, 99, XenbusStateInitialised,
        XenbusStateReconfiguring, XenbusStateConnected, XenbusStateInitialised,
    };
    unsigned int i;

    for (i = 0; i < 40; i++) {
        xenbus_printf(XBT_NIL, foe.dev->nodename, "state", "%d", order[i % ARRAY_SIZE(order)]);
        msleep(5);
    }
    return true;
}

/* Takes its pages back while they are being written to. */
static bool withdraw(void)
{
    unsigned int i;

    for (i = 0; i < 16; i++) {
        union blkif_slot slot = honest_read(i);

        put(&slot);
    }
    push();
    gnttab_try_end_foreign_access(foe.data_ref);
    return answer_to(15) <= 0;
}

static const struct {
    const char *name;
    bool (*run)(void);
} attacks[] = {
    { "honest", honest }, { "nonsense", nonsense }, { "indirect", indirect }, { "noise", noise },
    { "jump", jump }, { "backwards", backwards }, { "states", states }, { "withdraw", withdraw },
};

static void foe_work(struct work_struct *work)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(attacks); i++)
        if (!strcmp(attacks[i].name, attack))
            pr_err("foe: %s: %s\n", attack, attacks[i].run() ? "ok" : "failed");
}

static int grant(struct page **page, grant_ref_t *ref)
{
    int err;

    *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
    err = *page ? gnttab_grant_foreign_access(foe.dev->otherend_id, xen_page_to_gfn(*page), 0) : -ENOMEM;
    *ref = err;
    return err < 0 ? err : 0;
}

static int publish(struct xenbus_device *dev)
{
    int err = xenbus_setup_ring(dev, GFP_KERNEL, &foe.pages, 1, &foe.ring_ref);

    if (err || (err = grant(&foe.data, &foe.data_ref)) || (err = grant(&foe.list, &foe.list_ref)))
        return err;
    ring_front_init(&foe.ring, foe.pages, PAGE_SIZE, sizeof(union blkif_slot));
    err = xenbus_alloc_evtchn(dev, &foe.port);
    if (err)
        return err;
    foe.irq = bind_evtchn_to_irqhandler(foe.port, foe_interrupt, 0, "foe", &foe);
    if (foe.irq < 0)
        return foe.irq;
    xenbus_printf(XBT_NIL, dev->nodename, "ring-ref", "%u", foe.ring_ref);
    xenbus_printf(XBT_NIL, dev->nodename, "event-channel", "%u", foe.port);
    xenbus_printf(XBT_NIL, dev->nodename, "feature-persistent", "1");
    return xenbus_switch_state(dev, XenbusStateInitialised);
}

static void foe_otherend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    if (state == XenbusStateInitWait && dev->state == XenbusStateInitialising)
        publish(dev);
    if (state == XenbusStateConnected && !foe.begun) {
        foe.begun = true;
        xenbus_switch_state(dev, XenbusStateConnected);
        schedule_work(&foe.work);
    }
}

static int foe_probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    if (foe.dev)
        return -ENODEV;     /* one disk is enough; others go to an honest driver */
    foe.dev = dev;
    INIT_WORK(&foe.work, foe_work);
    return 0;
}

static const struct xenbus_device_id foe_ids[] = { { "vbd" }, { "" } };

static struct xenbus_driver foe_driver = {
    .name = "foe",
    .ids = foe_ids,
    .probe = foe_probe,
    .otherend_changed = foe_otherend_changed,
};

static int __init foe_init(void)
{
    return xenbus_register_frontend(&foe_driver);
}
module_init(foe_init);

MODULE_DESCRIPTION("a block front-end that means harm");
MODULE_LICENSE("GPL");
