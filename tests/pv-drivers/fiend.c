// SPDX-License-Identifier: GPL-2.0-only
/*
 * A block back-end that means harm, for tests of front-ends: it offers a disk and connects as an honest one would,
 * answers the first requests (with whatever is in the pages), then does what `attack` says, once and for all, and
 * goes on answering as long as somebody asks.
 *
 * It has no disk and maps no data: a front-end that trusted it would show as a guest that crashes, not as wrong data.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <xen/events.h>
#include <xen/xen.h>
#include <xen/xenbus.h>

#include "parse.h"
#include "ring.h"
#include "state.h"

#define HONEST 200          /* answers before the attack; who reads a partition table is to get it */

static char *attack = "honest";
module_param(attack, charp, 0444);

static struct fiend {
    struct xenbus_device *dev;
    struct ring_back ring;
    void *pages;
    int irq;
    struct task_struct *thread;
    unsigned int answered;
} fiend;

static irqreturn_t fiend_interrupt(int irq, void *data)
{
    return IRQ_HANDLED;
}

static void push(void)
{
    ring_back_push(&fiend.ring);
    notify_remote_via_irq(fiend.irq);
}

static void answer(u64 id, u8 operation, s16 status)
{
    struct blkif_response response = { .id = id, .operation = operation, .status = status };

    ring_back_put(&fiend.ring, &response, sizeof(response));
}

static void honest(const struct blkif_request *request)
{
    answer(request->id, request->operation, BLKIF_RSP_OKAY);
}

static void jump(const struct blkif_request *request)
{
    fiend.ring.rsp_prod += 1000;
}

static void backwards(const struct blkif_request *request)
{
    fiend.ring.rsp_prod -= 1;
}

static void twice(const struct blkif_request *request)
{
    honest(request);
    honest(request);
}

/* Ids that nobody has: far off, just behind the last, and one that is not under way now. */
static void far(const struct blkif_request *request)
{
    answer(~0ull, request->operation, BLKIF_RSP_OKAY);
}

static void behind(const struct blkif_request *request)
{
    answer(request->id + (1ull << 32), request->operation, BLKIF_RSP_OKAY);
}

static void idle(const struct blkif_request *request)
{
    answer(request->id ^ 1, request->operation, BLKIF_RSP_OKAY);
}

static void operation(const struct blkif_request *request)
{
    answer(request->id, BLKIF_OP_DISCARD, BLKIF_RSP_OKAY);
}

static void status(const struct blkif_request *request)
{
    answer(request->id, request->operation, (s16)get_random_u32());
}

static void noise(const struct blkif_request *request)
{
    struct blkif_response response;

    get_random_bytes(&response, sizeof(response));
    ring_back_put(&fiend.ring, &response, sizeof(response));
}

/* The header's every word, the front-end's own too. */
static void header(const struct blkif_request *request)
{
    get_random_bytes(fiend.ring.shared, RING_HEADER_BYTES);
    notify_remote_via_irq(fiend.irq);
    msleep(100);
}

/* Events without end and without an answer. */
static void storm(const struct blkif_request *request)
{
    unsigned int i;

    for (i = 0; i < 20000; i++) {
        notify_remote_via_irq(fiend.irq);
        cond_resched();
    }
    honest(request);
}

static void states(const struct blkif_request *request)
{
    static const int order[] = {
        XenbusStateInitialising, XenbusStateInitWait, 99, XenbusStateInitialised, XenbusStateConnected,
        XenbusStateReconfiguring, XenbusStateConnected, XenbusStateInitWait, XenbusStateConnected,
    };
    unsigned int i;

    honest(request);
    push();
    for (i = 0; i < 90; i++) {
        xenbus_printf(XBT_NIL, fiend.dev->nodename, PV_GENERATION, "%u", get_random_u32() % 4);
        xenbus_printf(XBT_NIL, fiend.dev->nodename, "state", "%d", order[i % ARRAY_SIZE(order)]);
        msleep(5);
    }
    /* By now it may well say that it is connected to rings that it has never seen: as good as a disk that is slow. */
    xenbus_printf(XBT_NIL, fiend.dev->nodename, "online", "0");
    xenbus_printf(XBT_NIL, fiend.dev->nodename, "state", "%d", XenbusStateClosing);
}

/* A disk that has another size, block size and features each time the front-end looks. */
static void keys(const struct blkif_request *request)
{
    static const char *const names[] = {
        "sectors", "sector-size", "physical-sector-size", "info", "feature-max-indirect-segments", "feature-discard",
        "discard-granularity", "discard-alignment", "max-ring-page-order", "multi-queue-max-queues", "feature-barrier",
    };
    static const char *const values[] = {
        "0", "1", "3", "513", "18446744073709551615", "-1", "99999999999999999999999", "", "sectors", "4096", "131072",
    };
    unsigned int i;

    honest(request);
    push();
    for (i = 0; i < 121; i++) {
        xenbus_printf(XBT_NIL, fiend.dev->nodename, names[i % ARRAY_SIZE(names)], "%s", values[i / 11]);
        xenbus_printf(XBT_NIL, fiend.dev->nodename, "state", "%d", XenbusStateConnected);
        msleep(2);
    }
}

static const struct {
    const char *name;
    void (*run)(const struct blkif_request *request);
} attacks[] = {
    { "honest", honest }, { "jump", jump }, { "backwards", backwards }, { "twice", twice }, { "far", far },
    { "behind", behind }, { "idle", idle }, { "operation", operation }, { "status", status }, { "noise", noise },
    { "header", header }, { "storm", storm }, { "states", states }, { "keys", keys },
};

static void do_attack(const struct blkif_request *request)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(attacks); i++)
        if (!strcmp(attacks[i].name, attack))
            attacks[i].run(request);
    pr_err("fiend: %s: done\n", attack);
}

static int fiend_thread(void *data)
{
    while (!kthread_should_stop()) {
        int pending = ring_back_pending(&fiend.ring);
        union blkif_slot slot;

        if (pending <= 0) {
            usleep_range(200, 400);
            continue;
        }
        ring_back_take(&fiend.ring, &slot, sizeof(slot));
        if (slot.rw.operation == BLKIF_OP_INDIRECT)
            slot.rw.operation = slot.indirect.indirect_op;
        if (fiend.answered++ == HONEST)
            do_attack(&slot.rw);
        else
            honest(&slot.rw);
        push();
    }
    return 0;
}

static int connect(struct xenbus_device *dev)
{
    grant_ref_t ref;
    evtchn_port_t port;
    int err;

    if (xenbus_scanf(XBT_NIL, dev->otherend, "ring-ref", "%u", &ref) != 1 ||
        xenbus_scanf(XBT_NIL, dev->otherend, "event-channel", "%u", &port) != 1)
        return -ENOENT;
    err = xenbus_map_ring_valloc(dev, &ref, 1, &fiend.pages);
    if (err)
        return err;
    ring_back_init(&fiend.ring, fiend.pages, PAGE_SIZE, sizeof(union blkif_slot));
    err = bind_interdomain_evtchn_to_irqhandler_lateeoi(dev, port, fiend_interrupt, 0, "fiend", &fiend);
    if (err < 0)
        return err;
    fiend.irq = err;
    xenbus_printf(XBT_NIL, dev->nodename, "sectors", "%u", 65536);
    xenbus_printf(XBT_NIL, dev->nodename, "sector-size", "%u", 512);
    xenbus_printf(XBT_NIL, dev->nodename, "feature-flush-cache", "%u", 1);
    xenbus_switch_state(dev, XenbusStateConnected);
    fiend.thread = kthread_run(fiend_thread, NULL, "fiend");
    return PTR_ERR_OR_ZERO(fiend.thread);
}

static void disconnect(struct xenbus_device *dev)
{
    if (!IS_ERR_OR_NULL(fiend.thread))
        kthread_stop(fiend.thread);
    if (fiend.irq > 0)
        unbind_from_irqhandler(fiend.irq, &fiend);
    if (fiend.pages)
        xenbus_unmap_ring_vfree(dev, fiend.pages);
    fiend = (struct fiend){ .dev = fiend.dev };
}

static void fiend_otherend_changed(struct xenbus_device *dev, enum xenbus_state state)
{
    if (state == XenbusStateInitialised && dev->state == XenbusStateInitWait)
        connect(dev);
    if (state == XenbusStateClosing || state == XenbusStateClosed || state == XenbusStateUnknown) {
        disconnect(dev);
        xenbus_switch_state(dev, XenbusStateClosed);
        if (state == XenbusStateUnknown || !xenbus_dev_is_online(dev))
            device_unregister(&dev->dev);
    }
}

/* The tool stack waits for this. */
static ssize_t physical_device_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
    return sysfs_emit(buffer, "7:0\n");
}
static DEVICE_ATTR_RO(physical_device);

static int fiend_probe(struct xenbus_device *dev, const struct xenbus_device_id *id)
{
    if (fiend.dev)
        return -ENODEV;
    fiend.dev = dev;
    return device_create_file(&dev->dev, &dev_attr_physical_device) ?:
           xenbus_switch_state(dev, XenbusStateInitWait);
}

static void fiend_remove(struct xenbus_device *dev)
{
    device_remove_file(&dev->dev, &dev_attr_physical_device);
    disconnect(dev);
    fiend.dev = NULL;
}

static const struct xenbus_device_id fiend_ids[] = { { "vbd" }, { "" } };

static struct xenbus_driver fiend_driver = {
    .name = "vbd",      /* tool stacks look for a driver that they know */
    .ids = fiend_ids,
    .probe = fiend_probe,
    .remove = fiend_remove,
    .otherend_changed = fiend_otherend_changed,
};

static int __init fiend_init(void)
{
    return xenbus_register_backend(&fiend_driver);
}
module_init(fiend_init);

static void __exit fiend_exit(void)
{
    xenbus_unregister_driver(&fiend_driver);
}
module_exit(fiend_exit);

MODULE_DESCRIPTION("a block back-end that means harm");
MODULE_LICENSE("GPL");
