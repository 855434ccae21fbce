// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine of front-ends (state.h).
 *
 * A row of the table is the other end's new state, a column whether this end is in a state in which that
 * means something: so a step cannot happen twice or too early.
 */
#include "state.h"

#include <linux/module.h>

#define IN(state) (1u << XenbusState##state)

static void front_publish(struct xenbus_device *dev, const struct pv_front_ops *ops)
{
    int err = ops->publish(dev);

    if (err)
        pv_dev_fatal(dev, err, "cannot set up the device");
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
        (pv_same_generation(dev) || !front_wait(dev, ops, XenbusStateInitialising)))
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
    if (!pv_same_generation(dev))
        return;
    err = ops->connected(dev);
    if (err)
        pv_dev_fatal(dev, err, "cannot use the device");
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
