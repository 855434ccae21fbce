// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine of back-ends (state.h).
 *
 * A row of the table is the other end's new state; a step looks whether this end is in a state in which that
 * means something: so it cannot happen twice or too early.
 */
#include "state.h"

#include <linux/module.h>

#define IN(state) (1u << XenbusState##state)

/* A front-end that begins again may have been closed too short a time for a busy dom0 to see it closed. */
static void back_begin_again(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    const unsigned int from = IN(Connected) | IN(Closing) | IN(Closed);

    if (!(from & (1u << dev->state)))
        return;
    ops->disconnect(dev);
    pv_back_start(dev, ops);
}

static void back_connect(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    int err;

    if (dev->state != XenbusStateInitWait && dev->state != XenbusStateInitialised)
        return;
    /* Rings that were made for a predecessor: others will come. */
    if (!pv_same_generation(dev))
        return;
    err = ops->connect(dev);
    if (err == -EAGAIN)
        return;
    if (err) {
        ops->disconnect(dev);
        pv_dev_fatal(dev, err, "cannot connect to domain %d", dev->otherend_id);
        return;
    }
    xenbus_switch_state(dev, XenbusStateConnected);
    if (ops->connected)
        ops->connected(dev);
}

static void back_closing(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    ops->disconnect(dev);
    if (dev->state != XenbusStateClosed)
        xenbus_switch_state(dev, XenbusStateClosing);
}

/*
 * Who takes the driver from the device (by sysfs, or because the module goes) holds its lock and waits for
 * xenwatch, which is here, and must not wait for that lock. The device stays until its folder goes.
 */
static void back_unregister(struct xenbus_device *dev)
{
    if (!device_trylock(&dev->dev))
        return;
    device_unlock(&dev->dev);
    device_unregister(&dev->dev);
}

static void back_closed(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    ops->disconnect(dev);
    xenbus_switch_state(dev, XenbusStateClosed);
    if (!xenbus_dev_is_online(dev))
        back_unregister(dev);
}

/* The front-end's folder is gone. */
static void back_forgotten(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    ops->disconnect(dev);
    back_unregister(dev);
}

static void (*const back_steps[])(struct xenbus_device *dev, const struct pv_back_ops *ops) = {
    [XenbusStateUnknown]      = back_forgotten,
    [XenbusStateInitialising] = back_begin_again,
    [XenbusStateInitialised]  = back_connect,
    [XenbusStateConnected]    = back_connect,
    [XenbusStateClosing]      = back_closing,
    [XenbusStateClosed]       = back_closed,
};

void pv_back_changed(struct xenbus_device *dev, enum xenbus_state front, const struct pv_back_ops *ops)
{
    unsigned int row = front;

    if (row < ARRAY_SIZE(back_steps) && back_steps[row])
        back_steps[row](dev, ops);
}
EXPORT_SYMBOL_GPL(pv_back_changed);

void pv_back_retry(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    enum xenbus_state front = xenbus_read_driver_state(dev->otherend);

    if (front == XenbusStateInitialised || front == XenbusStateConnected)
        back_connect(dev, ops);
}
EXPORT_SYMBOL_GPL(pv_back_retry);

int pv_back_start(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    unsigned int generation = pv_generation_in(dev->nodename) + 1;
    int err = ops->prepare(dev);

    if (!err)
        err = xenbus_printf(XBT_NIL, dev->nodename, PV_GENERATION, "%u", generation ?: 1);
    return err ? err : xenbus_switch_state(dev, XenbusStateInitWait);
}
EXPORT_SYMBOL_GPL(pv_back_start);
