// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machines of state.h.
 *
 * A row of a table is the other end's new state, a column whether this end is in a state in which that
 * means something: so a step cannot happen twice or too early.
 */
#include "state.h"

#include <linux/module.h>
#include <linux/slab.h>

#define IN(state) (1u << XenbusState##state)

/* ---- front-ends ---- */

static void front_publish(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    int err = ops->publish(dev);

    if (err)
        xenbus_dev_fatal(dev, err, "cannot set up the device");
    else
        xenbus_switch_state(dev, ops->published);
}

static void front_connected(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    int err = ops->connected(dev);

    if (err)
        xenbus_dev_fatal(dev, err, "cannot use the device");
    else if (dev->state != XenbusStateConnected)
        xenbus_switch_state(dev, XenbusStateConnected);
}

static void front_closing(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    ops->closing(dev);
}

static const struct {
    unsigned int from;      /* states of this end in which the step is taken */
    void (*step)(struct xenbus_device *dev, const struct pv_front_ops *ops);
} front_steps[] = {
    [XenbusStateInitWait]  = { IN(Initialising), front_publish },
    [XenbusStateConnected] = { IN(Initialised) | IN(Connected), front_connected },
    [XenbusStateClosing]   = { IN(Initialising) | IN(Initialised) | IN(Connected), front_closing },
    [XenbusStateClosed]    = { IN(Initialised) | IN(Connected) | IN(Closing), front_closing },
};

void pv_front_changed(struct xenbus_device *dev, enum xenbus_state back, const struct pv_front_ops *ops)
{
    unsigned int row = back;

    if (row < ARRAY_SIZE(front_steps) && front_steps[row].step &&
        (front_steps[row].from & (1u << dev->state)))
        front_steps[row].step(dev, ops);
}
EXPORT_SYMBOL_GPL(pv_front_changed);

/* ---- back-ends ---- */

/* A front-end that begins again may have been closed too short a time for a busy dom0 to see it closed. */
static void back_begin_again(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    if (dev->state != XenbusStateConnected && dev->state != XenbusStateClosing && dev->state != XenbusStateClosed)
        return;
    ops->disconnect(dev);
    pv_back_start(dev, ops);
}

static void back_connect(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    int err;

    if (dev->state != XenbusStateInitWait && dev->state != XenbusStateInitialised)
        return;
    err = ops->connect(dev);
    if (err == -EAGAIN)
        return;
    if (err) {
        ops->disconnect(dev);
        xenbus_dev_fatal(dev, err, "cannot connect to domain %d", dev->otherend_id);
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

static void back_closed(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    ops->disconnect(dev);
    xenbus_switch_state(dev, XenbusStateClosed);
    if (!xenbus_dev_is_online(dev))
        device_unregister(&dev->dev);
}

/* The front-end's folder is gone. */
static void back_forgotten(struct xenbus_device *dev, const struct pv_back_ops *ops)
{
    ops->disconnect(dev);
    device_unregister(&dev->dev);
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
    int err = ops->prepare(dev);

    return err ? err : xenbus_switch_state(dev, XenbusStateInitWait);
}
EXPORT_SYMBOL_GPL(pv_back_start);

bool pv_is_ours(struct xenbus_device *dev, const char *backend_folder)
{
    char *driver = xenbus_read(XBT_NIL, backend_folder, "driver", NULL);
    bool ours;

    if (IS_ERR(driver))
        return true;
    ours = strcmp(driver, "stock") != 0;
    kfree(driver);
    if (!ours)
        dev_dbg(&dev->dev, "left to the stock driver\n");
    return ours;
}
EXPORT_SYMBOL_GPL(pv_is_ours);
