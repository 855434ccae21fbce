/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A store with domains but without a hypervisor: each domain is a page in memory, whose guest's end is driven
 * by the functions here. Domain 0 is there, too, with its rights, so every request can be made as anyone.
 */
#ifndef FAKE_H
#define FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <public/io/xs_wire.h>

#include "store.h"

#define FAKE_DOMAINS 16

extern struct store fake;

/* Starts a store with domain 0 connected. `journal` (may be NULL) is the file to keep and, if it is there,
 * go on from. */
void fake_start(const char *journal);

/* Ends it as SIGKILL would: nothing is said to anyone, nothing more written. */
void fake_kill(void);

/* Kills it and starts it again on the same journal. */
void fake_restart(void);

/* Ends it and forgets all domains and the journal. */
void fake_end(void);

/* Runs turns until nothing is left to do. */
void fake_run(void);

/* A domain's page; made zeroed on first use, and kept over restarts. */
struct xenstore_domain_interface *fake_page(uint16_t domid);

/* Makes a domain known to the hypervisor and introduces it. */
void fake_introduce(uint16_t domid);

/* What the hypervisor says of it from now on. */
void fake_destroy(uint16_t domid);
void fake_shut_down(uint16_t domid);

/* As fake_destroy(), but nobody tells the store. */
void fake_dies(uint16_t domid);

/* The interface, for whoever brings his own store. */
extern const struct xen_ops fake_ops;

/* The guest's end of the byte rings: how many bytes went. */
size_t fake_push(uint16_t domid, const void *bytes, size_t len);
size_t fake_pull(uint16_t domid, void *bytes, size_t len);

/* A request and its reply: 0 or the error's number; the reply's payload in fake_reply. Events on the way
 * are kept. */
extern char fake_reply[XENSTORE_PAYLOAD_MAX + 1];
extern size_t fake_reply_len;
int fake_call(uint16_t domid, uint32_t type, uint32_t tx, const void *payload, size_t len);

/* The next kept event as "path token", or "" if there is none; valid until the next call. */
const char *fake_event(uint16_t domid);

/* Requests in short. Strings as payload; `read` and `list` return "!ENOENT" and the like on errors. */
int fake_write(uint16_t domid, uint32_t tx, const char *path, const char *value);
const char *fake_read(uint16_t domid, uint32_t tx, const char *path);
const char *fake_list(uint16_t domid, uint32_t tx, const char *path); /* names with commas */
int fake_path(uint16_t domid, uint32_t type, uint32_t tx, const char *path); /* MKDIR, RM */
int fake_two(uint16_t domid, uint32_t type, uint32_t tx, const char *a, const char *b); /* WATCH, SET_PERMS */
uint32_t fake_begin(uint16_t domid); /* 0 if refused */
int fake_commit(uint16_t domid, uint32_t tx);

#endif
