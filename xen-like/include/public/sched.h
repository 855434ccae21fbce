/* SPDX-License-Identifier: MIT */
/* sched_op(cmd, arg): give the CPU away, wait for an event, or end the domain. */
#ifndef __XEN_PUBLIC_SCHED_H__
#define __XEN_PUBLIC_SCHED_H__

#include "event_channel.h"

#define SCHEDOP_yield           0  /* (no arg) Let others run; stay runnable. */
#define SCHEDOP_block           1  /* (no arg) Unmask events and wait until one is pending. */
#define SCHEDOP_shutdown        2  /* sched_shutdown: stop the whole domain; the tool stack learns why. */
#define SCHEDOP_poll            3  /* sched_poll: wait for some of my ports, with events masked. */
#define SCHEDOP_remote_shutdown 4  /* sched_remote_shutdown: declare another domain shut down (privileged). */
#define SCHEDOP_shutdown_code   5  /* sched_shutdown: say now what a later shutdown will mean. */
#define SCHEDOP_watchdog        6  /* sched_watchdog: shut me down unless I call again in time. */
#define SCHEDOP_pin_override    7  /* sched_pin_override: bind this vCPU to a CPU (hardware domain). */

struct sched_shutdown {
    uint32_t reason;   /* in: SHUTDOWN_* */
};
typedef struct sched_shutdown sched_shutdown_t;

/*
 * Waits until a port of the list is pending or the timeout passes; returns 0 either way, without an upcall.
 * -EINVAL for more than 128 ports or for an unknown one.
 */
struct sched_poll {
    XEN_GUEST_HANDLE(evtchn_port_t) ports;   /* in */
    uint32_t nr_ports;                       /* in */
    uint64_t timeout;                        /* in: absolute system time, ns; 0: none */
};
typedef struct sched_poll sched_poll_t;

struct sched_remote_shutdown {
    domid_t domain_id;   /* in */
    uint32_t reason;     /* in: SHUTDOWN_* */
};
typedef struct sched_remote_shutdown sched_remote_shutdown_t;

/* id 0: a new watchdog, whose id is the result. Otherwise restarts that one, or stops it if timeout is 0. */
struct sched_watchdog {
    uint32_t id;        /* in */
    uint32_t timeout;   /* in: seconds */
};
typedef struct sched_watchdog sched_watchdog_t;

struct sched_pin_override {
    int32_t pcpu;   /* in: physical CPU; negative: end the override */
};
typedef struct sched_pin_override sched_pin_override_t;

/* Why a domain stopped. */
#define SHUTDOWN_poweroff   0  /* It is done. */
#define SHUTDOWN_reboot     1  /* It wants to be started again. */
#define SHUTDOWN_suspend    2  /* It is ready to be saved. */
#define SHUTDOWN_crash      3  /* It broke. */
#define SHUTDOWN_watchdog   4  /* Its watchdog ran out. */
#define SHUTDOWN_soft_reset 5  /* It wants a clean event and grant state, and to run on. */
#define SHUTDOWN_MAX        5

#endif
