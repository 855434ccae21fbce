/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of a device through the states of the store (XenbusState), one table for front-ends and one for
 * back-ends.
 *
 *      front-end                                       back-end
 *      Initialising                                    Initialising
 *          |                                               |  prepare(): says what it can do
 *          |                       <---------------   InitWait
 *          |  publish(): rings, ports, what it uses        |
 *      Initialised (or Connected)  --------------->        |  connect(): maps the rings
 *          |                       <---------------   Connected
 *          |  connected()                                  |
 *      Connected                                           |
 *          |                                               |
 *      Closing, Closed             <-- either begins -->   Closing, Closed     disconnect()
 *
 * Invariant: each step happens only from the state that it belongs to, whatever the other end writes and
 * however often; what comes out of order is logged or ignored, and disconnect() may be called in any state,
 * any number of times.
 *
 * A state alone does not tell whom it was meant for: a back-end may come and find that the front-end is
 * Connected, to its predecessor, and a front-end may see only its InitWait, never that the other was Closed.
 * So a back-end counts its beginnings in the key PV_GENERATION of its folder, and a front-end that can begin
 * again copies the number into its own, together with its rings. What one end has published is meant for the
 * other if the numbers are equal, or if one of them does not know of numbers.
 *
 * All of these run in process context. xenwatch calls otherend_changed for one device at a time; a driver
 * that calls in from elsewhere (another watch, a work item) serializes that with a mutex of its own.
 */
#ifndef HV_PV_STATE_H
#define HV_PV_STATE_H

#include <linux/ratelimit.h>
#include <xen/xenbus.h>

/*
 * As xenbus_dev_error(), to the log and the store, for what the other end can cause as often as it likes: at
 * most ten such lines in five seconds for each place that says this.
 */
#define pv_dev_error(dev, err, ...) \
    do { \
        static DEFINE_RATELIMIT_STATE(limit, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST); \
        if (__ratelimit(&limit)) \
            xenbus_dev_error(dev, err, __VA_ARGS__); \
    } while (0)

/* The same, and closes the device in any case. */
#define pv_dev_fatal(dev, err, ...) \
    do { \
        pv_dev_error(dev, err, __VA_ARGS__); \
        xenbus_switch_state(dev, XenbusStateClosing); \
    } while (0)

struct pv_front_ops {
    enum xenbus_state published;    /* the state to go to after publish(): Initialised, or Connected */
    /* The back-end has said what it can do: make rings and write them to the store. 0 or -errno. */
    int (*publish)(struct xenbus_device *dev);
    /* The back-end is connected; called again when it says so again (a disk has a new size). 0 or -errno. */
    int (*connected)(struct xenbus_device *dev);
    /* The back-end goes. Ends with xenbus_frontend_closed(), at once or when the last user has gone. */
    void (*closing)(struct xenbus_device *dev);
    /*
     * The back-end has gone, its device stays: let go of the rings, publish() comes again with the next
     * back-end. May be called again before that. False: nobody waits for another, and the device is to be
     * closed. NULL: so it is always; otherwise publish() has to write PV_GENERATION.
     */
    bool (*gone)(struct xenbus_device *dev);
};

struct pv_back_ops {
    /* Says in the store what this end can do. 0 or -errno. */
    int (*prepare)(struct xenbus_device *dev);
    /*
     * The front-end has published: map its rings, be ready. 0, -errno, or -EAGAIN: not yet, pv_back_retry()
     * will come.
     */
    int (*connect)(struct xenbus_device *dev);
    /* Connect() has been announced to the front-end; may be NULL. */
    void (*connected)(struct xenbus_device *dev);
    /* Lets go of the front-end's memory and ports. */
    void (*disconnect)(struct xenbus_device *dev);
};

#define PV_GENERATION "hv-generation"

/*
 * For publish(), before it reads anything else: the number to write as PV_GENERATION in the transaction that
 * writes the rings. 0: the back-end does not count.
 */
unsigned int pv_generation(struct xenbus_device *dev);

/* The number in one end's folder; 0: it does not count. */
unsigned int pv_generation_in(const char *folder);

/* What the other end has published is meant for this one. */
bool pv_same_generation(struct xenbus_device *dev);

/* For a front-end's remove: the next driver may know nothing of generations. */
void pv_generation_forget(struct xenbus_device *dev);

/* For otherend_changed. Errors go to the store and the log, and close the device. */
void pv_front_changed(struct xenbus_device *dev, enum xenbus_state back, const struct pv_front_ops *ops);
void pv_back_changed(struct xenbus_device *dev, enum xenbus_state front, const struct pv_back_ops *ops);

/* What a back-end waited for when connect() said -EAGAIN has come: looks at the front-end's state again. */
void pv_back_retry(struct xenbus_device *dev, const struct pv_back_ops *ops);

/* For the end of a back-end's probe: prepare(), then InitWait. */
int pv_back_start(struct xenbus_device *dev, const struct pv_back_ops *ops);

/*
 * True if hv's driver shall serve this device: its back-end folder has no key `driver`, or the key is not
 * "stock". Both ends ask; probe returns -ENODEV if not, and Linux's own driver gets the device. See
 * docs/pv-drivers.md.
 */
bool pv_is_ours(struct xenbus_device *dev, const char *backend_folder);

#endif
