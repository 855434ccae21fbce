/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants, version 1. A domain may grant to itself, which is how one kernel tests both sides.
 */
#ifndef GRANT_H
#define GRANT_H

#include <stdint.h>
#include <public/grant_table.h>

/* Grows the table to FRAMES pages and maps them; entries are then grant_entries[ref]. Returns the error. */
long grant_init(unsigned int frames);
extern volatile struct grant_entry_v1 *grant_entries;

/* Publishes one entry; FLAGS beyond GTF_permit_access, e.g. GTF_readonly. */
void grant_access(unsigned int ref, unsigned int domain, unsigned long mfn, unsigned int flags);

/* Takes it back; false when it is in use. */
bool grant_end(unsigned int ref);

/* One map or unmap; the status, with the handle in *handle. */
int grant_map(unsigned int domain, unsigned int ref, uint64_t host_addr, unsigned int flags, uint32_t *handle);
int grant_unmap(uint64_t host_addr, uint32_t handle);

/* This domain's number. */
unsigned int self_domain(void);

#endif
