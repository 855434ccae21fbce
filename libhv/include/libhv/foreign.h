/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mapping another domain's frames, which only a privileged domain may do.
 *
 * For a PV domain a frame is named by its machine frame number.
 */
#ifndef LIBHV_FOREIGN_H
#define LIBHV_FOREIGN_H

#include <stddef.h>
#include <stdint.h>
#include <libhv/handle.h>

/*
 * Maps `count` frames one after the other with protection `prot` (PROT_READ | PROT_WRITE). All of them or
 * NULL: the message names the first frame that could not be mapped.
 */
void *hv_foreign_map(struct hv *hv, uint32_t domid, int prot, size_t count, const uint64_t *frames,
                     struct hv_error *err);
int hv_foreign_unmap(void *address, size_t count);

/* Maps part of a resource (XENMEM_resource_*): with HV_RESOURCE_GRANT_TABLE, id 0, the grant table. */
#define HV_RESOURCE_GRANT_TABLE 1
void *hv_resource_map(struct hv *hv, uint32_t domid, unsigned type, unsigned id, uint64_t first_frame,
                      size_t count, int prot, struct hv_error *err);

#endif
