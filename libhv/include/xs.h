/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The client of the store, a tree of small values that domains and tools share.
 *
 * Names and meanings are those of libxenstore, so that what is written for it can be built with this library
 * and the other way round; what goes beyond is marked. A handle may be used by several threads.
 *
 * The connection is the daemon's Unix socket ($XENSTORED_PATH, or the file `socket` in $XENSTORED_RUNDIR or
 * in /run/xenstored), or in a guest /dev/xen/xenbus. When the daemon is restarted, a handle on the socket
 * reconnects, registers its watches anew (each then fires once) and repeats the request it was at, if that
 * was outside a transaction; requests in a transaction that was open then fail with EAGAIN, so the usual
 * retry loop covers restarts. A commit whose answer was lost also fails with EAGAIN, although it may have
 * taken place: what a transaction does should bear being done twice.
 *
 * Functions returning bool return false, those returning a pointer NULL, on failure, and set errno.
 */
#ifndef XS_H
#define XS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "In no transaction". */
#define XBT_NULL 0

/* Flags of xs_open(). The first two mean nothing any more; the third makes xs_unwatch() also drop events
 * of that watch which are waiting to be read. */
#define XS_OPEN_READONLY   (1UL << 0)
#define XS_OPEN_SOCKETONLY (1UL << 1)
#define XS_UNWATCH_FILTER  (1UL << 2)

/* Indices of the strings of a watch event. */
#ifndef _XS_WIRE_H
enum xs_watch_type {
    XS_WATCH_PATH = 0,
    XS_WATCH_TOKEN
};
#endif

#define XS_PERM_NONE  0x00
#define XS_PERM_READ  0x01
#define XS_PERM_WRITE 0x02

/* One entry of a node's permissions. The first entry names the owner, and says what domains not named may
 * do. */
struct xs_permissions {
    unsigned int id;
    unsigned int perms; /* XS_PERM_* */
};

struct xs_handle;
typedef uint32_t xs_transaction_t;

/* Connects. errno is that of connect() or open(). */
struct xs_handle *xs_open(unsigned long flags);

/* Disconnects: watches and open transactions are gone. NULL is fine. xs_daemon_close() is its old name. */
void xs_close(struct xs_handle *h);
void xs_daemon_close(struct xs_handle *h);

/* Frees the handle in a forked child, leaving the parent's connection alone. */
void xs_daemon_destroy_postfork(struct xs_handle *h);

/* Old names of xs_open(0). */
struct xs_handle *xs_daemon_open(void);
struct xs_handle *xs_domain_open(void);

/* The names of a node's children, *num of them, in one block to be freed with free(). Any number of
 * children. */
char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num);

/* A node's value, to be freed with free(); its length in *len (which may be NULL). A NUL follows that does
 * not count. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len);

/* Sets a value; makes the node and what is missing above it. */
bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data, unsigned int len);

/* Makes an empty node. Success if it exists. */
bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path);

/* Removes a node and all below it. Success if it does not exist but its parent does. */
bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path);

/* A node's permissions, *num entries, to be freed with free(). */
struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                                          unsigned int *num);

/* Replaces them; only the owner and dom0 may. */
bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                        struct xs_permissions *perms, unsigned int num_perms);

/* Asks for an event whenever something at or below `path` changes, and one at once. */
bool xs_watch(struct xs_handle *h, const char *path, const char *token);
bool xs_unwatch(struct xs_handle *h, const char *path, const char *token);

/* A descriptor that is readable when xs_check_watch() may have something to return. It stays the same over
 * reconnections. -1 on failure. */
int xs_fileno(struct xs_handle *h);

/* The next event: strings indexed by XS_WATCH_*, one block to be freed with free(). NULL and EAGAIN if
 * there is none; call it until then. */
char **xs_check_watch(struct xs_handle *h);

/* As xs_check_watch(), but waits. *num is the number of strings, 2. */
char **xs_read_watch(struct xs_handle *h, unsigned int *num);

/* Starts a transaction: its id, XBT_NULL on failure. */
xs_transaction_t xs_transaction_start(struct xs_handle *h);

/* Ends it, committing unless `abort`. EAGAIN: others have changed what it saw; do all of it again. */
bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort);

/* dom0's part: connects a domain's ring, ends that, tells that a domain runs again after it was shut down. */
bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn, unsigned int eventchn);
bool xs_release_domain(struct xs_handle *h, unsigned int domid);
bool xs_resume_domain(struct xs_handle *h, unsigned int domid);
bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid);

/* "/local/domain/DOMID", to be freed with free(). */
char *xs_get_domain_path(struct xs_handle *h, unsigned int domid);

/* Whether `child` is `parent` or below it, by comparing the strings. */
bool xs_path_is_subpath(const char *parent, const char *child);

/* A command for the daemon itself; its answer, to be freed with free(). */
char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len);

/*
 * Own additions.
 */

enum xs_change_kind { XS_CHANGE_WRITE, XS_CHANGE_MKDIR, XS_CHANGE_RM, XS_CHANGE_PERMS };

struct xs_change {
    enum xs_change_kind kind;
    const char *path;
    const void *data; /* XS_CHANGE_WRITE: the value */
    unsigned int len;
    const struct xs_permissions *perms; /* XS_CHANGE_PERMS */
    unsigned int num_perms;
};

/*
 * Makes many changes with few round trips. In transaction `t`, or with XBT_NULL in one of its own, which is
 * repeated as long as it clashes: then all are made or none. On failure *failed (may be NULL) is the index of
 * the change that was refused, `num` if it was none of them.
 */
bool xs_change_all(struct xs_handle *h, xs_transaction_t t, const struct xs_change *changes, unsigned int num,
                   unsigned int *failed);

#define XS_JSON_PERMS (1U << 0) /* include permissions */

/*
 * The subtree at `path` as JSON text, to be freed with free(). A node without children is its value, a
 * string; any other, or with XS_JSON_PERMS every one, is an object with the members "$value", "$perms" (a
 * list as ["n0", "r5"]) and one for each child under its name. Values that are not UTF-8 text are given in
 * hexadecimal as "$hex" instead of "$value". With XBT_NULL it is read in one transaction of its own.
 */
char *xs_json_dump(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int flags);

/* The same into a file. */
bool xs_json_dump_file(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int flags,
                       FILE *file);

/*
 * Writes what `json` (`len` bytes, in the format above) describes to the subtree at `path`, in one
 * transaction: all of it or nothing. Nodes that it does not mention stay. On failure *error (may be NULL) is
 * a sentence on what is wrong, to be freed with free(); errno is EINVAL if it is the text.
 */
bool xs_json_load(struct xs_handle *h, const char *path, const char *json, size_t len, char **error);

#ifdef __cplusplus
}
#endif

#endif
