// SPDX-License-Identifier: GPL-2.0-only
//
// See rings.h. The guest is this test's own, so indices are trusted to be sane; a real daemon must not.

#include <stdint.h>
#include <string.h>

#include <public/io/console.h>
#include <public/io/xs_wire.h>

#include "rings.h"

#define barrier() __sync_synchronize()

int console_drain(struct xencons_interface *ring, struct console_log *log)
{
    XENCONS_RING_IDX cons = ring->out_cons, prod = ring->out_prod;
    int some = cons != prod;

    barrier();
    for (; cons != prod; cons++)
        if (log->length < sizeof(log->text) - 1)
            log->text[log->length++] = ring->out[MASK_XENCONS_IDX(cons, ring->out)];
    barrier();
    ring->out_cons = cons;
    return some;
}

static void take(struct xenstore_domain_interface *ring, void *to, uint32_t at, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        ((char *)to)[i] = ring->req[MASK_XENSTORE_IDX(at + i)];
}

static void put(struct xenstore_domain_interface *ring, const void *from, uint32_t size)
{
    uint32_t prod = ring->rsp_prod;

    for (uint32_t i = 0; i < size; i++)
        ring->rsp[MASK_XENSTORE_IDX(prod + i)] = ((const char *)from)[i];
    barrier();
    ring->rsp_prod = prod + size;
}

/* What each kind of question gets; anything else is an error. */
static const char *answer_to(uint32_t type)
{
    switch (type) {
    case XS_WATCH:
    case XS_UNWATCH:
    case XS_RESET_WATCHES:
    case XS_TRANSACTION_END:
    case XS_WRITE:
        return "OK";
    case XS_TRANSACTION_START:
        return "1";
    default:
        return NULL;
    }
}

int store_answer(struct xenstore_domain_interface *ring)
{
    int some = 0;

    for (;;) {
        uint32_t used = ring->req_prod - ring->req_cons;
        struct xsd_sockmsg head;
        const char *text;

        barrier();
        if (used < sizeof(head))
            return some;
        take(ring, &head, ring->req_cons, sizeof(head));
        if (used < sizeof(head) + head.len)
            return some;
        barrier();
        ring->req_cons += (uint32_t)sizeof(head) + head.len;
        text = answer_to(head.type);
        if (!text) {
            head.type = XS_ERROR;
            text = "ENOENT";
        }
        head.len = (uint32_t)strlen(text) + 1;
        put(ring, &head, sizeof(head));
        put(ring, text, head.len);
        some = 1;
    }
}
