/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * See event.h. The upcall clears evtchn_upcall_pending first, then takes the selector, then each word's
 * unmasked bits: an event that arrives in between sets the flag again and causes another upcall.
 */
#include "guest.h"
#include <public/event_channel.h>
#include <public/sched.h>

volatile unsigned int event_count[MAX_PORTS];
volatile unsigned int event_upcalls;

static event_handler handlers[MAX_PORTS];

static void two_level_scan(void);
void (*event_scan)(void) = two_level_scan;

void event_init(void)
{
    memset(shared_info->evtchn_mask, 0xff, sizeof(shared_info->evtchn_mask));
}

static void deliver(unsigned int port)
{
    if (port >= MAX_PORTS)
        bail("event on port %u", port);
    event_count[port]++;
    if (handlers[port])
        handlers[port](port);
}

static void two_level_scan(void)
{
    struct vcpu_info *info = this_cpu()->info;
    uint64_t words = __atomic_exchange_n(&info->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

    while (words) {
        unsigned int word = __builtin_ctzl(words);
        uint64_t bits = shared_info->evtchn_pending[word] & ~shared_info->evtchn_mask[word];

        words &= words - 1;
        for (; bits; bits &= bits - 1) {
            unsigned int port = word * 64 + __builtin_ctzl(bits);

            event_clear(port);
            deliver(port);
        }
    }
}

void event_upcall(void)
{
    event_upcalls++;
    this_cpu()->info->evtchn_upcall_pending = 0;
    __sync_synchronize();
    event_scan();
}

static void set_bit(volatile void *words, unsigned int bit)
{
    asm volatile("lock btsl %1, %0" : "+m"(*(volatile uint32_t *)words) : "r"(bit) : "memory", "cc");
}

static void clear_bit(volatile void *words, unsigned int bit)
{
    asm volatile("lock btrl %1, %0" : "+m"(*(volatile uint32_t *)words) : "r"(bit) : "memory", "cc");
}

void event_mask(unsigned int port)
{
    set_bit(shared_info->evtchn_mask, port);
}

void event_clear(unsigned int port)
{
    clear_bit(shared_info->evtchn_pending, port);
}

bool event_pending(unsigned int port)
{
    return shared_info->evtchn_pending[port / 64] >> (port % 64) & 1;
}

void event_unmask(unsigned int port)
{
    struct evtchn_unmask op = { .port = port };

    hyp_event_channel_op(EVTCHNOP_unmask, &op);
}

void event_bind(unsigned int port, event_handler handler)
{
    handlers[port] = handler;
    event_unmask(port);
}

void event_unbind(unsigned int port)
{
    event_mask(port);
    handlers[port] = NULL;
}

bool event_disable(void)
{
    volatile uint8_t *mask = &this_cpu()->info->evtchn_upcall_mask;
    bool were_on = !*mask;

    *mask = 1;
    asm volatile("" : : : "memory");
    return were_on;
}

/* Any hypercall delivers what is pending on its way back; xen_version does nothing else. */
void event_enable(void)
{
    volatile struct vcpu_info *info = this_cpu()->info;

    info->evtchn_upcall_mask = 0;
    __sync_synchronize();
    if (info->evtchn_upcall_pending)
        hyp_xen_version(0, NULL);
}

bool event_wait(volatile unsigned int *what, unsigned int old, unsigned int timeout_ms)
{
    uint64_t end = time_now() + timeout_ms * 1000000ull;
    bool events = !this_cpu()->info->evtchn_upcall_mask;

    event_enable();
    while (*what == old && time_now() < end)
        hyp_sched_op(SCHEDOP_yield, NULL);
    if (!events)
        event_disable();
    return *what != old;
}

long event_alloc_unbound(unsigned int domain, unsigned int remote)
{
    struct evtchn_alloc_unbound op = { .dom = domain, .remote_dom = remote };
    long error = hyp_event_channel_op(EVTCHNOP_alloc_unbound, &op);

    return error ? error : op.port;
}

long event_bind_interdomain(unsigned int domain, unsigned int port)
{
    struct evtchn_bind_interdomain op = { .remote_dom = domain, .remote_port = port };
    long error = hyp_event_channel_op(EVTCHNOP_bind_interdomain, &op);

    return error ? error : op.local_port;
}

long event_bind_virq(unsigned int virq, unsigned int vcpu)
{
    struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };
    long error = hyp_event_channel_op(EVTCHNOP_bind_virq, &op);

    return error ? error : op.port;
}

long event_bind_ipi(unsigned int vcpu)
{
    struct evtchn_bind_ipi op = { .vcpu = vcpu };
    long error = hyp_event_channel_op(EVTCHNOP_bind_ipi, &op);

    return error ? error : op.port;
}

long event_send(unsigned int port)
{
    struct evtchn_send op = { .port = port };

    return hyp_event_channel_op(EVTCHNOP_send, &op);
}

long event_close(unsigned int port)
{
    struct evtchn_close op = { .port = port };

    return hyp_event_channel_op(EVTCHNOP_close, &op);
}

static uint64_t read_tsc(void)
{
    uint32_t low, high;

    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return low | (uint64_t)high << 32;
}

uint64_t time_now(void)
{
    volatile struct vcpu_time_info *time = &this_cpu()->info->time;
    uint32_t version;
    uint64_t now, ticks;

    do {
        version = time->version;
        asm volatile("" : : : "memory");
        ticks = read_tsc() - time->tsc_timestamp;
        ticks = time->tsc_shift < 0 ? ticks >> -time->tsc_shift : ticks << time->tsc_shift;
        now = time->system_time + (uint64_t)(((unsigned __int128)ticks * time->tsc_to_system_mul) >> 32);
        asm volatile("" : : : "memory");
    } while ((version & 1) || version != time->version);
    return now;
}
