/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains the store has to do with: those introduced, which have a ring, and those that only own nodes or are
 * named in access lists. When a domain is gone, everything of it goes: ring, watches, transactions, the nodes
 * it owned, its mention in access lists. So a later domain with the same id inherits nothing.
 */
#ifndef XENSTORED_DOMAIN_H
#define XENSTORED_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "acl.h"
#include "log.h"

struct store;
struct domain_ring;

/* The ABI's id for "the caller"; ids below it name domains. */
#define DOMAIN_ID_SELF 0x7ff0

struct domain {
    struct domain *chain;
    uint16_t domid;
    bool shutdown;            /* seen shut down, and told so */
    uint32_t nodes;           /* how many it owns */
    uint64_t mfn;             /* frame of the ring, as introduced */
    uint32_t port;            /* the domain's end of the event channel */
    uint32_t local_port;      /* ours */
    struct domain_ring *ring; /* NULL: not introduced */
    struct log_budget log;
};

#define DOMAIN_BUCKETS 256

struct domain_table {
    struct domain *bucket[DOMAIN_BUCKETS];
};

/* The record of a domain, made if there is none. */
struct domain *domain_get(struct store *s, uint16_t domid);

/* The record if there is one. */
struct domain *domain_find(const struct store *s, uint16_t domid);

/* All records: the one after `d`, the first for NULL. A record may be removed after its successor was
 * asked for. */
struct domain *domain_next(struct store *s, const struct domain *d);

/* Frees all records; rings must be gone. */
void domain_table_free(struct store *s);

/* Whether all domains named in a list exist. */
bool domain_all_exist(struct store *s, const struct acl *acl);

/* The requests about domains; 0 or -errno. */
int domain_introduce(struct store *s, uint16_t domid, uint64_t mfn, uint32_t port);
int domain_release(struct store *s, uint16_t domid);
int domain_resume(struct store *s, uint16_t domid);
bool domain_is_introduced(struct store *s, uint16_t domid);

/* Looks which domains are gone or shut down, forgets the former and fires @releaseDomain for both. */
void domain_check_all(struct store *s);

/* Connects dom0's own kernel, whose ring is known without introduction. 0 or -errno. */
int domain_introduce_self(struct store *s);

/* Serves the ring behind one of our event channel ports. */
void domain_event(struct store *s, uint32_t local_port);

/* After the journal was replayed: maps the rings of introduced domains again and goes on where they were. */
void domain_reattach_all(struct store *s);

/* Lets go of all rings without telling anyone: the daemon ends and will be restarted. */
void domain_detach_all(struct store *s);

#endif
