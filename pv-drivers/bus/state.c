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

static unsigned int generation_in(const char *folder)
{
    return xenbus_read_unsigned(folder, PV_GENERATION, 0);
}

unsigned int pv_generation(struct xenbus_device *dev)
{
    return generation_in(dev->otherend);
}
EXPORT_SYMBOL_GPL(pv_generation);

void pv_generation_forget(struct xenbus_device *dev)
{
    xenbus_rm(XBT_NIL, dev->nodename, PV_GENERATION);
}
EXPORT_SYMBOL_GPL(pv_generation_forget);

/* What the front-end has published is meant for the back-end that is there now. */
static bool same_generation(struct xenbus_device *dev)
{
    unsigned int own = generation_in(dev->nodename), other = generation_in(dev->otherend);

    return !own || !other || own == other;
}

/* ---- front-ends ---- */

static void front_publish(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    int err = ops->publish(dev);

    if (err)
        xenbus_dev_fatal(dev, err, "cannot set up the device");
    else
        xenbus_switch_state(dev, ops->published);
}

/* True if this end now waits for the next back-end, in `state`. */
static bool front_wait(struct xenbus_device *dev, const struct pv_front_ops *ops, enum xenbus_state state)
{
    if (!ops->gone || !xenbus_read_unsigned(dev->otherend, "online", 0) || !ops->gone(dev))
        return false;
    xenbus_switch_state(dev, state);
    return true;
}

static void front_offered(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    /* The predecessor of this back-end was there so shortly ago that nobody saw it closed. */
    if (dev->state != XenbusStateInitialising &&
        (same_generation(dev) || !front_wait(dev, ops, XenbusStateInitialising)))
        return;
    front_publish(dev, ops);
}

static void front_connected(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    int err;

    /*
     * To rings that are no more: a back-end of Linux's begins again only after it has seen this end Closed,
     * and says so.
     */
    if (dev->state == XenbusStateInitialising) {
        front_wait(dev, ops, XenbusStateClosed);
        return;
    }
    if (!same_generation(dev))
        return;
    err = ops->connected(dev);
    if (err)
        xenbus_dev_fatal(dev, err, "cannot use the device");
    else if (dev->state != XenbusStateConnected)
        xenbus_switch_state(dev, XenbusStateConnected);
}

static void front_closing(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    /* One that could not connect to what its predecessor had left. */
    if (dev->state == XenbusStateInitialising && front_wait(dev, ops, XenbusStateClosed))
        return;
    ops->closing(dev);
}

static void front_closed(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    if (dev->state != XenbusStateClosing && front_wait(dev, ops, XenbusStateInitialising))
        return;
    if (dev->state != XenbusStateClosed)
        ops->closing(dev);
}

static const struct {
    unsigned int from;      /* states of this end in which the step is taken */
    void (*step)(struct xenbus_device *dev, const struct pv_front_ops *ops);
} front_steps[] = {
    [XenbusStateInitWait]  = { IN(Initialising) | IN(Initialised) | IN(Connected), front_offered },
    [XenbusStateConnected] = { IN(Initialising) | IN(Initialised) | IN(Connected), front_connected },
    [XenbusStateClosing]   = { IN(Initialising) | IN(Initialised) | IN(Connected), front_closing },
    [XenbusStateClosed]    = { IN(Initialised) | IN(Connected) | IN(Closing) | IN(Closed), front_closed },
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
    if (!same_generation(dev))
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
    unsigned int generation = generation_in(dev->nodename) + 1;
    int err = ops->prepare(dev);

    if (!err)
        err = xenbus_printf(XBT_NIL, dev->nodename, PV_GENERATION, "%u", generation ?: 1);
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
