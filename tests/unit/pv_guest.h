/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest made by hand for tests of page tables: frames, entries, and hypercalls made as its kernel would. */
#ifndef PV_GUEST_H
#define PV_GUEST_H

#include <string.h>

#include <arch/pv_mm.h>
#include <hv/console.h>
#include <hv/errno.h>
#include <hv/hypercall.h>
#include <hv/page_alloc.h>

#include "host.h"

#define RW (PTE_P | PTE_RW | PTE_US)
#define RO (PTE_P | PTE_US)

static inline uint64_t entry_for(struct page_info *pg, uint64_t bits) { return mfn_to_maddr(page_to_mfn(pg)).v | bits; }
static inline uint64_t *entries(struct page_info *pg) { return page_to_virt(pg); }
static inline uint64_t entry_address(struct page_info *pg, unsigned int slot)
{
    return mfn_to_maddr(page_to_mfn(pg)).v + slot * 8;
}
static inline uint64_t general(const struct page_info *pg) { return pg->count & PGC_COUNT_MASK; }
static inline uint64_t typed(const struct page_info *pg) { return pg->type & PGT_COUNT_MASK; }

static inline bool has(const struct page_info *pg, uint64_t type_bits) { return (pg->type & type_bits) != 0; }

static inline struct page_info *new_page(struct domain *d)
{
    struct page_info *pg = page_alloc_domain(d, 0, PAGE_ANY);

    BUG_ON(!pg);
    return pg;
}

/*
 * A chain of one table of each level for va, the L1 table mapping `leaf` with bits there. [0] is unused, [4]
 * the root.
 */
struct chain {
    struct page_info *table[5];
};

static inline struct chain new_chain(struct domain *d, unsigned long va, struct page_info *leaf, uint64_t bits)
{
    struct chain c;

    for (unsigned int level = 1; level <= 4; level++) {
        c.table[level] = new_page(d);
        entries(c.table[level])[pt_index(va, level)] =
            level == 1 ? (leaf ? entry_for(leaf, bits) : 0) : entry_for(c.table[level - 1], RW);
    }
    return c;
}

/* Make v current, with the chain's root as its kernel root. */
static inline int run_on(struct vcpu *v, struct page_info *root)
{
    host_current = v;
    v->arch.loaded_on = host_cpu;
    return pv_set_root(v, false, page_to_mfn(root));
}

static inline long mmu_update(uint64_t ptr, uint64_t val, uint32_t foreign)
{
    struct mmu_update req = { ptr, val };

    return do_mmu_update((unsigned long)&req, 1, 0, foreign, 0, 0);
}

static inline long mmuext(unsigned int cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = { .cmd = cmd, .arg1.mfn = arg1, .arg2.src_mfn = arg2 };

    return do_mmuext_op((unsigned long)&op, 1, 0, DOMID_SELF, 0, 0);
}

static inline long pin(unsigned int level, struct page_info *pg)
{
    return mmuext(MMUEXT_PIN_L1_TABLE + level - 1, page_to_mfn(pg).v, 0);
}

static inline long unpin(struct page_info *pg) { return mmuext(MMUEXT_UNPIN_TABLE, page_to_mfn(pg).v, 0); }

/* End the domain's life as domain_kill() would, and see that nothing of it is left. */
static inline void relinquish(struct domain *d)
{
    d->dying = DOMAIN_DYING;
    for (unsigned int i = 0; i < d->max_vcpus; i++)
        d->vcpu[i]->arch.loaded_on = NR_CPUS;
    while (arch_relinquish_memory(d) == -ERESTART)
        ;
}

#endif
