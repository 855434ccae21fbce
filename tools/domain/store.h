/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store as the tools use it: paths are formatted, values are strings and numbers, and many changes go in
 * one batch, so that a domain's nodes cost a few messages and appear all at once.
 */
#ifndef TOOLS_DOMAIN_STORE_H
#define TOOLS_DOMAIN_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <xs.h>

struct hv_error;

#define STORE_PATH_MAX 512

/* Connects; the message tells what to start if nobody answers. */
struct xs_handle *store_open(struct hv_error *err);

/* A value, malloc'ed; NULL if the node cannot be read. */
char *store_read(struct xs_handle *xs, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A decimal number; false if the node cannot be read or holds anything else. */
bool store_read_number(struct xs_handle *xs, uint64_t *value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Children of a node, to be freed with free(); NULL and *count 0 if there is none. */
char **store_list(struct xs_handle *xs, unsigned *count, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

bool store_exists(struct xs_handle *xs, const char *path);

/* Writes one node. 0 or -errno with a message. */
int store_write(struct xs_handle *xs, const char *path, const char *value, struct hv_error *err);

/* Removes a node and what is below it; one that is not there is fine. 0 or -errno with a message. */
int store_remove(struct xs_handle *xs, struct hv_error *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Changes to make together. Filled by the functions below, which remember a lack of memory; made, all or
 * none, and freed by store_batch_commit(), freed by store_batch_drop().
 */
struct store_batch {
    struct xs_change *changes;
    unsigned count, room;
    bool failed;
};

/*
 * Who may do what with a node: it belongs to dom0 or to a guest, and the guest or dom0 may read it besides.
 */
enum store_access {
    STORE_INHERIT,    /* as the node above */
    STORE_DOM0,       /* dom0's alone */
    STORE_GUEST_READ, /* dom0's, the guest may read */
    STORE_GUEST_OWN,  /* the guest's, dom0 may read (it may anyway) */
};

void store_batch_write(struct store_batch *batch, const char *value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void store_batch_access(struct store_batch *batch, unsigned domid, enum store_access access, const char *fmt,
                        ...) __attribute__((format(printf, 4, 5)));
/* An empty node with its access: what store_batch_write() and store_batch_access() would make. */
void store_batch_node(struct store_batch *batch, unsigned domid, enum store_access access, const char *fmt,
                      ...) __attribute__((format(printf, 4, 5)));
int store_batch_commit(struct store_batch *batch, struct xs_handle *xs, struct hv_error *err);
void store_batch_drop(struct store_batch *batch);

#endif
