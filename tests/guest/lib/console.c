/* SPDX-License-Identifier: GPL-2.0-only */
/* See console.h. Invariant: out_prod is only moved under ring_lock, after the bytes are in place. */
#include "guest.h"
#include <public/event_channel.h>
#include <public/io/console.h>
#include <public/sched.h>

static struct xencons_interface *ring;
static char ring_lock;

void console_init(void)
{
    if (!is_dom0())
        ring = mfn_to_va(start_info->console.domU.mfn);
}

static void notify(void)
{
    struct evtchn_send op = { .port = start_info->console.domU.evtchn };

    hyp_event_channel_op(EVTCHNOP_send, &op);
}

static void ring_write(const char *text, size_t size)
{
    while (__atomic_test_and_set(&ring_lock, __ATOMIC_ACQUIRE))
        asm volatile("pause");
    while (size) {
        uint32_t prod = ring->out_prod;

        if (prod - __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) >= sizeof(ring->out)) {
            notify();
            hyp_sched_op(SCHEDOP_yield, NULL);
            continue;
        }
        ring->out[prod % sizeof(ring->out)] = *text++;
        __atomic_store_n(&ring->out_prod, prod + 1, __ATOMIC_RELEASE);
        size--;
    }
    __atomic_clear(&ring_lock, __ATOMIC_RELEASE);
    notify();
}

void console_write(const char *text, size_t size)
{
    if (ring)
        ring_write(text, size);
    else
        hyp_console_io(CONSOLEIO_write, size, (char *)text);
}

void console_flush(void)
{
    unsigned int tries;

    if (!ring)
        return;
    for (tries = 0; tries < 1000000; tries++) {
        if (__atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) == ring->out_prod)
            return;
        hyp_sched_op(SCHEDOP_yield, NULL);
    }
}
