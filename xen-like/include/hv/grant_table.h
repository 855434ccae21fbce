/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grant tables, version 1: a domain writes which of its frames another domain may map or copy; hv counts
 * each use in the active entry and remembers each mapping on the mapper's track list, so that exactly what
 * was mapped is released. One lock per table; two are taken in the order of their addresses.
 */
#ifndef HV_GRANT_TABLE_H
#define HV_GRANT_TABLE_H

#include <hv/page.h>
#include <public/grant_table.h>

struct domain;
struct grant_table;

int grant_table_create(struct domain *d, uint32_t max_frames, uint32_t max_maptrack);
bool grant_table_release_mappings(struct domain *d); /* preemptible; true when none of d's mappings are left */
/* d is dead: give up the table's frames, now or when the last use by another domain ends. */
void grant_table_retire(struct domain *d);
void grant_table_destroy(struct domain *d);
int grant_table_grow(struct domain *d, uint32_t frames); /* at least that many; -EINVAL beyond its limit, -ENOMEM */
void grant_table_size(struct domain *d, uint32_t *frames, uint32_t *max);

/* For who looks for leaks. What d grants and maps may change meanwhile. */
struct grant_counts {
    uint32_t granted; /* entries that let another domain in */
    uint64_t used;    /* mappings of these and copies under way, by others */
    uint32_t mapped;  /* pages of others that d has mapped */
};
void grant_table_count(struct domain *d, struct grant_counts *counts);
int16_t grant_swap(struct domain *d, grant_ref_t a, grant_ref_t b); /* GNTST_* */
/* One frame of the table for mapping by frame index (physmap, acquire_resource); grows it; -errno. */
int grant_table_frame(struct domain *d, uint32_t index, mfn_t *mfn);
/* dom0 builder and tool stack: fill a reserved v1 entry of d. */
int grant_table_seed(struct domain *d, grant_ref_t ref, domid_t to, pfn_t frame);

#endif
