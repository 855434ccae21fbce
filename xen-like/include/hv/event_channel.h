/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels: a domain's ports, each in one state (free, reserved, unbound, interdomain, pirq, virq, ipi)
 * under its port's domain lock; the 2-level bitmaps of shared_info or the FIFO queues tell the guest.
 *
 * Lock rules: a domain's event lock protects its port table: taken for reading to send, for writing to change what a
 * port is; two of them are taken in the order of their addresses; sending takes only the sender's. Ports live in buckets that are never freed while the
 * domain lives, so a port found once stays a valid object.
 */
#ifndef HV_EVENT_CHANNEL_H
#define HV_EVENT_CHANNEL_H

#include <hv/spinlock.h>
#include <public/event_channel.h>

struct domain;
struct vcpu;
struct evtchn_fifo_domain;

enum evtchn_state { ECS_FREE, ECS_RESERVED, ECS_UNBOUND, ECS_INTERDOMAIN, ECS_PIRQ, ECS_VIRQ, ECS_IPI };

struct evtchn {
    uint8_t state;             /* enum evtchn_state */
    uint8_t priority;          /* FIFO: of the queue it will be put on */
    uint8_t last_priority;     /* FIFO: of the queue it was last put on, with last_vcpu */
    bool pending;              /* FIFO: its event word does not exist yet: remembered here */
    uint16_t notify_vcpu;
    uint16_t last_vcpu;
    uint32_t port;
    union {
        struct { domid_t remote_domid; } unbound;
        struct { struct domain *remote; uint32_t remote_port; } interdomain;
        uint32_t pirq;
        uint16_t virq;
    } u;
};

#define EVTCHNS_PER_BUCKET 64u
#define EVTCHN_BUCKETS (EVTCHN_FIFO_NR_CHANNELS / EVTCHNS_PER_BUCKET)

/* One of the two ways in which a domain learns what is pending: event_2l.c and event_fifo.c. */
struct evtchn_abi {
    uint32_t max_ports;
    void (*set_pending)(struct vcpu *v, struct evtchn *chn); /* v: whom to notify */
    void (*clear_pending)(struct domain *d, struct evtchn *chn);
    void (*unmask)(struct domain *d, struct evtchn *chn);
    bool (*is_pending)(const struct domain *d, const struct evtchn *chn);
};
extern const struct evtchn_abi evtchn_2l;

struct evtchn_domain {         /* in struct domain, under .lock */
    rwlock_t lock;
    const struct evtchn_abi *abi;
    struct evtchn **buckets;   /* EVTCHN_BUCKETS pointers, filled as needed */
    uint32_t max_port;         /* highest port that the tool stack allows (inclusive) */
    uint32_t valid;            /* ports below it have an object */
    uint32_t maybe_free;       /* no port below it is free */
    uint32_t open;             /* ports in use */
    uint32_t closed;           /* progress of evtchn_destroy */
    struct evtchn_fifo_domain *fifo; /* NULL: 2-level */
};

/* The port's object, or NULL; its state only holds while the lock is held. */
struct evtchn *evtchn_lookup(const struct domain *d, uint32_t port);

/* event_fifo.c; the domain's event lock is held for writing. */
int evtchn_fifo_init_control(struct domain *d, struct evtchn_init_control *init);
int evtchn_fifo_expand_array(struct domain *d, const struct evtchn_expand_array *expand);
int evtchn_fifo_set_priority(struct domain *d, struct evtchn *chn, uint32_t priority);
void evtchn_fifo_destroy(struct domain *d);

int evtchn_init(struct domain *d, uint32_t max_port);
bool evtchn_destroy(struct domain *d);   /* preemptible: true when all ports are closed */
void evtchn_destroy_final(struct domain *d);
int evtchn_reset(struct domain *d);

/* Allocate an unbound port of d for remote, hv's own call for the tool stack's console and store ports. */
int evtchn_alloc_unbound(struct domain *d, domid_t remote, uint32_t *port);
int evtchn_bind_interdomain(struct domain *d, struct domain *remote, uint32_t remote_port, uint32_t *port);
int evtchn_bind_virq(struct domain *d, unsigned int virq, unsigned int vcpu, uint32_t *port);
int evtchn_bind_ipi(struct domain *d, unsigned int vcpu, uint32_t *port);
int evtchn_bind_pirq(struct domain *d, uint32_t pirq, bool share, uint32_t *port);
int evtchn_bind_vcpu(struct domain *d, uint32_t port, unsigned int vcpu);
int evtchn_unmask(struct domain *d, uint32_t port);
int evtchn_status(struct domain *d, struct evtchn_status *status);
int evtchn_send(struct domain *d, uint32_t port);
int evtchn_close(struct domain *d, uint32_t port);
void evtchn_send_virq(struct vcpu *v, unsigned int virq);       /* per-vCPU virq to v */
void evtchn_send_global_virq(unsigned int virq);                /* to the handler of that global virq (dom0) */
void evtchn_send_pirq(struct domain *d, uint32_t port);
bool evtchn_port_valid(const struct domain *d, uint32_t port);
bool evtchn_port_pending(struct domain *d, uint32_t port);
/* Mark v's upcall pending and wake or kick it. */
void vcpu_mark_events_pending(struct vcpu *v);

#endif
