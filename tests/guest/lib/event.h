/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels, two-level ABI. A port starts out masked; event_bind() gives it a handler and unmasks it.
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_PORTS 4096

typedef void (*event_handler)(unsigned int port);

/* Counts per port of delivered events, over all vCPUs; for tests that only ask "did it come?". */
extern volatile unsigned int event_count[MAX_PORTS];

/* How often the upcall was entered, and a substitute for the two-level scan (FIFO tests). */
extern volatile unsigned int event_upcalls;
extern void (*event_scan)(void);

/* Masks all ports: the hypervisor leaves them unmasked. */
void event_init(void);

void event_bind(unsigned int port, event_handler handler);
void event_unbind(unsigned int port);
void event_mask(unsigned int port);
void event_unmask(unsigned int port);       /* by hypercall, so a pending event is delivered */
bool event_pending(unsigned int port);
void event_clear(unsigned int port);

/* Called by the trap code for each upcall. */
void event_upcall(void);

/* Upcalls of this vCPU on and off; event_enable() lets pending ones in before it returns. */
void event_enable(void);
bool event_disable(void);                   /* returns whether they were on */

/* Enables events and blocks until *WHAT differs from OLD; false after TIMEOUT_MS. */
bool event_wait(volatile unsigned int *what, unsigned int old, unsigned int timeout_ms);

/* Operations that tests use often. Each returns the port, or a negative error. */
long event_alloc_unbound(unsigned int domain, unsigned int remote);
long event_bind_interdomain(unsigned int domain, unsigned int port);
long event_bind_virq(unsigned int virq, unsigned int vcpu);
long event_bind_ipi(unsigned int vcpu);
long event_send(unsigned int port);
long event_close(unsigned int port);

/* System time in ns, from the ABI's time record, and the record's plain read loop. */
uint64_t time_now(void);

#endif
