/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The journal's records. They are read on the machine that wrote them, by the same or a later daemon: numbers
 * are never used again with another meaning.
 */
#ifndef XENSTORED_PERSIST_FORMAT_H
#define XENSTORED_PERSIST_FORMAT_H

#include <stdint.h>

enum record {
    RECORD_NODE = 1,          /* record_node, path, access list, value: as the node is now */
    RECORD_DELETE,            /* path: gone with all below */
    RECORD_SPECIAL,           /* record_special, access list */
    RECORD_INTRODUCE,         /* record_domain */
    RECORD_PORT,              /* record_domain: another port */
    RECORD_RELEASE,           /* record_domain: forgotten */
    RECORD_SHUTDOWN,          /* record_domain: `shutdown` has changed */
    RECORD_WATCH,             /* record_conn with the length of `home`, path, token */
    RECORD_UNWATCH,           /* record_conn, path, token */
    RECORD_RESET_WATCHES,     /* record_conn: no watches and transactions any more */
    RECORD_TRANSACTION_START, /* record_conn with the id */
    RECORD_TRANSACTION_END,   /* record_conn with the id */
    RECORD_INPUT,             /* record_conn with the new req_cons, and what came of a request not all there;
                               * nothing: the request is done */
    RECORD_OUTPUT,            /* record_conn, bytes queued for the domain */
    RECORD_RING_RESET,        /* record_conn: as just connected, indices 0 */
    RECORD_RING_BROKEN,       /* record_conn: cut off */
    RECORDS,
};

struct record_node {
    uint16_t path_size; /* with the NUL */
    uint16_t acl_count;
};

struct record_special {
    uint32_t which;
};

struct record_domain {
    uint16_t domid;
    uint16_t shutdown;
    uint32_t port;
    uint64_t mfn;
    uint32_t req_cons, rsp_prod;
};

struct record_conn {
    uint16_t domid;
    uint16_t reserved;
    uint32_t number;
};

#endif
