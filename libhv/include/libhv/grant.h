/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Grants: mapping pages that another domain offers (/dev/xen/gntdev), and offering own ones
 * (/dev/xen/gntalloc).
 */
#ifndef LIBHV_GRANT_H
#define LIBHV_GRANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libhv/error.h>

/*
 * The console and the store ring have fixed entries in a new domain's grant table (a convention of the ABI).
 */
#define HV_GRANT_CONSOLE 0
#define HV_GRANT_STORE 1

struct hv_grant_map; /* an open /dev/xen/gntdev */

struct hv_grant_map *hv_grant_map_open(struct hv_error *err);
void hv_grant_map_close(struct hv_grant_map *gm);

/*
 * Maps `count` pages, refs[i] of domids[i], one after the other. NULL on failure: none is mapped then. Unmap
 * with the same count. hv_grant_map() is the case of one domain.
 */
void *hv_grant_map_refs(struct hv_grant_map *gm, size_t count, const uint32_t *domids, const uint32_t *refs,
                        bool writable, struct hv_error *err);
void *hv_grant_map_ref(struct hv_grant_map *gm, uint32_t domid, uint32_t ref, bool writable,
                       struct hv_error *err);

/*
 * As hv_grant_map_ref(), and when the page is unmapped, even by the death of this process: the byte at
 * `clear_byte` is set to 0 (-1: none) and `notify_port`, a port of this domain, is notified (0: none).
 */
void *hv_grant_map_notify(struct hv_grant_map *gm, uint32_t domid, uint32_t ref, bool writable,
                          long clear_byte, uint32_t notify_port, struct hv_error *err);
int hv_grant_unmap(struct hv_grant_map *gm, void *address, size_t count, struct hv_error *err);

struct hv_grant_share; /* an open /dev/xen/gntalloc */

struct hv_grant_share *hv_grant_share_open(struct hv_error *err);
void hv_grant_share_close(struct hv_grant_share *gs);

/* Allocates `count` zeroed pages that `domid` may map; refs[i] receive the references. NULL on failure. */
void *hv_grant_share_pages(struct hv_grant_share *gs, uint32_t domid, size_t count, bool writable,
                           uint32_t *refs, struct hv_error *err);
int hv_grant_unshare(struct hv_grant_share *gs, void *address, size_t count, struct hv_error *err);

#endif
