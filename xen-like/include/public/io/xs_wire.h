/* SPDX-License-Identifier: MIT */
/*
 * The store's wire protocol, the same on its Unix socket and in a domain's ring: a header xsd_sockmsg, then
 * `len` bytes of payload, mostly texts that each end in a NUL. A reply has the request's type, req_id and
 * tx_id, or type XS_ERROR and an error's name (such as "ENOENT") as payload. XS_WATCH_EVENT comes unasked,
 * with req_id 0.
 */
#ifndef _XS_WIRE_H
#define _XS_WIRE_H

#include <stdint.h>

enum xsd_sockmsg_type {
    XS_CONTROL,               /* Commands to the daemon itself. */
    XS_DIRECTORY,             /* path: names of its children. */
    XS_READ,                  /* path: value. */
    XS_GET_PERMS,             /* path: permissions. */
    XS_WATCH,                 /* path, token: report changes of path and below. */
    XS_UNWATCH,               /* path, token. */
    XS_TRANSACTION_START,     /* Answer: the transaction's id, in decimal. */
    XS_TRANSACTION_END,       /* "T" commit or "F" give up. EAGAIN: it clashed, do it all again. */
    XS_INTRODUCE,             /* domid, frame, port: serve this domain's ring. */
    XS_RELEASE,               /* domid: stop. */
    XS_GET_DOMAIN_PATH,       /* domid: "/local/domain/<domid>". */
    XS_WRITE,                 /* path, value (without a NUL). */
    XS_MKDIR,                 /* path. */
    XS_RM,                    /* path: with all below. */
    XS_SET_PERMS,             /* path, permissions. */
    XS_WATCH_EVENT,           /* path, token. */
    XS_ERROR,                 /* Name of an error. */
    XS_IS_DOMAIN_INTRODUCED,  /* domid: "T" or "F". */
    XS_RESUME,                /* domid: it was saved and runs again. */
    XS_SET_TARGET,            /* domid, target: the one may act for the other. */
    XS_RESET_WATCHES = XS_SET_TARGET + 2,   /* Drop my watches and transactions. (The gap is obsolete.) */
    XS_DIRECTORY_PART,        /* path, offset: part of a long list of children. */
    XS_TYPE_COUNT,
    XS_INVALID = 0xffff       /* A type nobody uses. */
};
#define XS_DEBUG XS_CONTROL

#define XS_WRITE_NONE        "NONE"
#define XS_WRITE_CREATE      "CREATE"
#define XS_WRITE_CREATE_EXCL "CREATE|EXCL"

struct xsd_sockmsg {
    uint32_t type;     /* enum xsd_sockmsg_type */
    uint32_t req_id;   /* The asker's; comes back in the reply. */
    uint32_t tx_id;    /* Transaction; 0: none. */
    uint32_t len;      /* Bytes of payload. */
};

/* The two texts of a XS_WATCH_EVENT. */
enum xs_watch_type {
    XS_WATCH_PATH = 0,
    XS_WATCH_TOKEN
};

/* The page a domain shares with the store daemon: a ring each way. Indices run freely. */
#define XENSTORE_RING_SIZE 1024
typedef uint32_t XENSTORE_RING_IDX;
#define MASK_XENSTORE_IDX(idx) ((idx) & (XENSTORE_RING_SIZE - 1))
struct xenstore_domain_interface {
    char req[XENSTORE_RING_SIZE];          /* Domain to daemon. */
    char rsp[XENSTORE_RING_SIZE];          /* Daemon to domain. */
    XENSTORE_RING_IDX req_cons, req_prod;
    XENSTORE_RING_IDX rsp_cons, rsp_prod;
    uint32_t server_features;              /* XENSTORE_SERVER_FEATURE_* */
    uint32_t connection;                   /* XENSTORE_CONNECTED, _RECONNECT */
    uint32_t error;                        /* XENSTORE_ERROR_*: why the daemon stopped serving. */
};

/* A longer payload ends the connection; a longer path is only an error. */
#define XENSTORE_PAYLOAD_MAX  4096
#define XENSTORE_ABS_PATH_MAX 3072
#define XENSTORE_REL_PATH_MAX 2048

#define XENSTORE_SERVER_FEATURE_RECONNECTION 1   /* `connection` is honoured. */
#define XENSTORE_SERVER_FEATURE_ERROR        2   /* `error` is filled in. */

#define XENSTORE_CONNECTED 0
#define XENSTORE_RECONNECT 1   /* The domain asks to start over; the daemon clears the rings and this. */

#define XENSTORE_ERROR_NONE    0
#define XENSTORE_ERROR_COMM    1   /* The event channel or the page failed. */
#define XENSTORE_ERROR_RINGIDX 2   /* Impossible indices. */
#define XENSTORE_ERROR_PROTO   3   /* Too long a payload. */

#endif
