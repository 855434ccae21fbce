/* SPDX-License-Identifier: MIT */
/*
 * The states of a split device, in the store key "state" of each end. Usual order: the front end starts
 * Initialising, the back end InitWait, the front end publishes its ring (Initialised), and both reach
 * Connected; either may say Closing, and the other follows to Closed.
 */
#ifndef _XEN_PUBLIC_IO_XENBUS_H
#define _XEN_PUBLIC_IO_XENBUS_H

enum xenbus_state {
    XenbusStateUnknown       = 0,
    XenbusStateInitialising  = 1,
    XenbusStateInitWait      = 2,   /* Own part is ready, waits for the other's. */
    XenbusStateInitialised   = 3,
    XenbusStateConnected     = 4,
    XenbusStateClosing       = 5,   /* Wants to end, or saw that the other does. */
    XenbusStateClosed        = 6,
    XenbusStateReconfiguring = 7,
    XenbusStateReconfigured  = 8
};
typedef enum xenbus_state XenbusState;

#endif
