/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The connection to the hypervisor: /dev/xen/privcmd, and memory that a hypercall may safely point to.
 */
#ifndef LIBHV_HANDLE_H
#define LIBHV_HANDLE_H

#include <stddef.h>
#include <stdint.h>
#include <libhv/error.h>

struct hv;

/* Opens the hypervisor's control device. Needs root in dom0. NULL on failure. */
struct hv *hv_open(struct hv_error *err);
void hv_close(struct hv *hv);

/*
 * Memory for hypercall arguments: pages that the dom0 kernel will neither move nor page out while the
 * hypervisor writes to them. Zeroed. `size` is rounded up to pages. NULL on failure (errno is set).
 */
void *hv_buffer_alloc(struct hv *hv, size_t size);
void hv_buffer_free(struct hv *hv, void *buffer, size_t size);

/*
 * Makes hypercall number `op` with up to five arguments; pointers among them must point into a buffer of
 * hv_buffer_alloc(). Returns what the hypervisor returned, negative errno included.
 */
long hv_hypercall(struct hv *hv, unsigned op, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                  uint64_t a5);

struct xen_domctl;
struct xen_sysctl;

/*
 * One domctl or sysctl: the structure (public/domctl.h, public/sysctl.h; cmd, domain and u filled by the
 * caller) is copied to a buffer, the interface version is set, and the result is copied back. Guest handles
 * inside must point into hypercall buffers. Returns 0 or positive results, or a negative errno; no message is
 * made.
 */
int hv_domctl(struct hv *hv, struct xen_domctl *op);
int hv_sysctl(struct hv *hv, struct xen_sysctl *op);

/* memory_op, with `size` bytes of `arg` copied to a buffer and back. Handles inside as above. */
long hv_memory_op(struct hv *hv, unsigned cmd, void *arg, size_t size);

#endif
