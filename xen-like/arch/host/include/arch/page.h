/* SPDX-License-Identifier: GPL-2.0-only */
/* As arch/x86's, for the arrays of arch/host/machine.c. */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include <hv/types.h>

extern struct page_info *host_frames;
extern char *host_ram;
extern uint64_t host_first_mfn;

static inline struct page_info *mfn_to_page(mfn_t mfn) { return &host_frames[mfn.v]; }
static inline mfn_t page_to_mfn(const struct page_info *pg) { return MFN(pg - host_frames); }
static inline void *mfn_to_virt(mfn_t mfn) { return host_ram + (mfn.v << PAGE_SHIFT); }

static inline bool mfn_has_entry(mfn_t mfn) { return mfn.v >= host_first_mfn && mfn.v < max_mfn.v; }
static inline struct page_info *mfn_to_page_or_null(mfn_t mfn) { return mfn_has_entry(mfn) ? mfn_to_page(mfn) : NULL; }
static inline bool mfn_valid(mfn_t mfn) { return mfn_has_entry(mfn) && host_frames[mfn.v].owner != DOMID_IO; }

#endif
