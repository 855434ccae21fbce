/* SPDX-License-Identifier: MIT */
/*
 * event_channel_op(cmd, arg): event channels, the ABI's interrupts. A port is one end; sending on it makes
 * the other end pending. In the structures "dom" is the domain operated on (DOMID_SELF, or another if
 * privileged).
 */
#ifndef __XEN_PUBLIC_EVENT_CHANNEL_H__
#define __XEN_PUBLIC_EVENT_CHANNEL_H__

#include "xen.h"

#define EVTCHNOP_bind_interdomain 0
#define EVTCHNOP_bind_virq        1
#define EVTCHNOP_bind_pirq        2
#define EVTCHNOP_close            3
#define EVTCHNOP_send             4
#define EVTCHNOP_status           5
#define EVTCHNOP_alloc_unbound    6
#define EVTCHNOP_bind_ipi         7
#define EVTCHNOP_bind_vcpu        8
#define EVTCHNOP_unmask           9
#define EVTCHNOP_reset           10
#define EVTCHNOP_init_control    11
#define EVTCHNOP_expand_array    12
#define EVTCHNOP_set_priority    13

typedef uint32_t evtchn_port_t;

/* A new port in `dom` to which `remote_dom` may bind. -ENOSPC: no port is free. */
struct evtchn_alloc_unbound {
    domid_t dom, remote_dom;   /* in: DOMID_SELF allowed for both */
    evtchn_port_t port;        /* out */
};
typedef struct evtchn_alloc_unbound evtchn_alloc_unbound_t;

/*
 * Connect a new port to another domain's unbound one. -EINVAL if it does not wait for the caller. Starts
 * pending.
 */
struct evtchn_bind_interdomain {
    domid_t remote_dom;          /* in */
    evtchn_port_t remote_port;   /* in */
    evtchn_port_t local_port;    /* out */
};
typedef struct evtchn_bind_interdomain evtchn_bind_interdomain_t;

/*
 * A new port for a virtual interrupt. -EEXIST: it has one. -ENOENT: no such vCPU. Global VIRQs start on vCPU
 * 0.
 */
struct evtchn_bind_virq {
    uint32_t virq;        /* in: VIRQ_* */
    uint32_t vcpu;        /* in */
    evtchn_port_t port;   /* out */
};
typedef struct evtchn_bind_virq evtchn_bind_virq_t;

/* A new port for a physical interrupt that physdev_op made known. -EPERM without rights to it. */
struct evtchn_bind_pirq {
    uint32_t pirq;        /* in */
#define BIND_PIRQ__WILL_SHARE 1
    uint32_t flags;       /* in: BIND_PIRQ__WILL_SHARE: other domains may bind it too */
    evtchn_port_t port;   /* out */
};
typedef struct evtchn_bind_pirq evtchn_bind_pirq_t;

/* A new port that the domain sends on to interrupt the vCPU. */
struct evtchn_bind_ipi {
    uint32_t vcpu;        /* in */
    evtchn_port_t port;   /* out */
};
typedef struct evtchn_bind_ipi evtchn_bind_ipi_t;

/* Free a port. The remote end of an interdomain channel becomes unbound again, for this domain to bind. */
struct evtchn_close {
    evtchn_port_t port;   /* in */
};
typedef struct evtchn_close evtchn_close_t;

/*
 * Make the other end pending: the remote port, or for an IPI the same one. Nothing happens on an unbound
 * port.
 */
struct evtchn_send {
    evtchn_port_t port;   /* in */
};
typedef struct evtchn_send evtchn_send_t;

#define EVTCHNSTAT_closed      0
#define EVTCHNSTAT_unbound     1
#define EVTCHNSTAT_interdomain 2
#define EVTCHNSTAT_pirq        3
#define EVTCHNSTAT_virq        4
#define EVTCHNSTAT_ipi         5
struct evtchn_status {
    domid_t dom;          /* in */
    evtchn_port_t port;   /* in */
    uint32_t status;      /* out: EVTCHNSTAT_*, which picks the member of u */
    uint32_t vcpu;        /* out: whom it notifies */
    union {               /* out */
        struct {
            domid_t dom;          /* Who may bind; DOMID_SELF: the domain itself. */
        } unbound;
        struct {
            domid_t dom;
            evtchn_port_t port;
        } interdomain;
        uint32_t pirq;
        uint32_t virq;
    } u;
};
typedef struct evtchn_status evtchn_status_t;

/* Choose the vCPU a port notifies. -EINVAL for IPIs and per-vCPU VIRQs, which stay where they were bound. */
struct evtchn_bind_vcpu {
    evtchn_port_t port;   /* in */
    uint32_t vcpu;        /* in */
};
typedef struct evtchn_bind_vcpu evtchn_bind_vcpu_t;

/* Clear the mask bit and deliver the event if it was pending. */
struct evtchn_unmask {
    evtchn_port_t port;   /* in */
};
typedef struct evtchn_unmask evtchn_unmask_t;

/* Close every port and return to the 2-level ABI. */
struct evtchn_reset {
    domid_t dom;   /* in */
};
typedef struct evtchn_reset evtchn_reset_t;

/* Switch to the FIFO ABI, or add a vCPU to it: where this vCPU's control block is. */
struct evtchn_init_control {
    uint64_t control_gfn;   /* in: frame */
    uint32_t offset;        /* in: bytes into it, a multiple of 8 */
    uint32_t vcpu;          /* in */
    uint8_t link_bits;      /* out: EVTCHN_FIFO_LINK_BITS */
    uint8_t _pad[7];
};
typedef struct evtchn_init_control evtchn_init_control_t;

/* FIFO: one more page of event words. -ENOSPC when the array is full. */
struct evtchn_expand_array {
    uint64_t array_gfn;   /* in: frame */
};
typedef struct evtchn_expand_array evtchn_expand_array_t;

/* FIFO: from now on the event is queued at this priority. */
struct evtchn_set_priority {
    evtchn_port_t port;   /* in */
    uint32_t priority;    /* in: 0 (first) to 15 (last) */
};
typedef struct evtchn_set_priority evtchn_set_priority_t;

/* Argument of event_channel_op_compat. */
struct evtchn_op {
    uint32_t cmd;   /* in: EVTCHNOP_* */
    union {
        evtchn_alloc_unbound_t alloc_unbound;
        evtchn_bind_interdomain_t bind_interdomain;
        evtchn_bind_virq_t bind_virq;
        evtchn_bind_pirq_t bind_pirq;
        evtchn_bind_ipi_t bind_ipi;
        evtchn_close_t close;
        evtchn_send_t send;
        evtchn_status_t status;
        evtchn_bind_vcpu_t bind_vcpu;
        evtchn_unmask_t unmask;
    } u;
};
typedef struct evtchn_op evtchn_op_t;

/* 2-level ABI: bits in shared_info. Port 0 is never valid, in either ABI. */
#define EVTCHN_2L_NR_CHANNELS (sizeof(xen_ulong_t) * sizeof(xen_ulong_t) * 64)

/*
 * FIFO ABI: one 32-bit word per port, in pages given by expand_array; a queue per vCPU and priority is a list
 * linked through the words, its head in the vCPU's control block, 0 ending it.
 */
#define EVTCHN_FIFO_PRIORITY_MAX     0
#define EVTCHN_FIFO_PRIORITY_DEFAULT 7
#define EVTCHN_FIFO_PRIORITY_MIN     15
#define EVTCHN_FIFO_MAX_QUEUES       (EVTCHN_FIFO_PRIORITY_MIN + 1)

typedef uint32_t event_word_t;

/* Bit numbers in an event word. */
#define EVTCHN_FIFO_PENDING 31   /* Set by the sender, cleared by the guest. */
#define EVTCHN_FIFO_MASKED  30   /* The guest's. */
#define EVTCHN_FIFO_LINKED  29   /* In some queue. */
#define EVTCHN_FIFO_BUSY    28   /* The guest clears MASKED; the word must not be linked meanwhile. */

/* The rest is the port of the next word in the queue. */
#define EVTCHN_FIFO_LINK_BITS   17
#define EVTCHN_FIFO_LINK_MASK   ((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS (1 << EVTCHN_FIFO_LINK_BITS)

struct evtchn_fifo_control_block {
    uint32_t ready;                         /* Bit n: queue of priority n has events. */
    uint32_t _rsvd;
    uint32_t head[EVTCHN_FIFO_MAX_QUEUES];  /* First port of each queue. */
};
typedef struct evtchn_fifo_control_block evtchn_fifo_control_block_t;

#endif
