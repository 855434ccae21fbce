/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Direct paging: what the rest of arch/x86/pv calls of the code that types frames and writes guest page
 * tables, and what that code needs from the rest.
 *
 * Bits of a guest's entry: present, writable, accessed, dirty, no-execute and those free for software are the
 * guest's. User is forced on (the guest's kernel runs in ring 3), global is dropped, and bits for caching are
 * for domains with devices. Everything else makes the entry invalid.
 */
#ifndef ARCH_PV_MM_H
#define ARCH_PV_MM_H

#include <arch/paging.h>
#include <hv/domain.h>
#include <hv/page.h>

#define PT_ENTRIES 512u
#define PTE_SOFT (0x7feul << 52 | PTE_AVAIL)

/* --- tlb.c --- */

/* The one way to load CR3: keeps this CPU's place in the TLB clock. */
void tlb_load_cr3(uint64_t cr3);

/* --- needed: pv/context.c, pv/segments.c --- */

/*
 * v is current: load CR3 with the root of the mode that it is in, unless that is loaded; flushes what CR3
 * flushes.
 */
void pv_load_root(struct vcpu *v);
/* v is current: the LDT register follows v->arch.ldt_base and ldt_entries; nothing of it is faulted in. */
void pv_load_ldt(struct vcpu *v);
/*
 * May this descriptor be in a guest's table? One that is, and asks for a ring below 3, is raised to ring 3 in
 * *desc. Pure: no guest state.
 */
bool pv_descriptor_ok(uint64_t *desc);

/* --- pv/page_type.c, pv/validate.c --- */

/*
 * CPUs where a leftover non-present entry can leak memory (L1TF) refuse those below this address; 0 = not
 * this CPU.
 */
extern uint64_t pv_l1tf_limit;
void pv_l1tf_init(void); /* pv/l1tf.c: once all RAM is known */

/*
 * The lock bit of a validated table that domain id owns: entries may be written while it is held, and the
 * frame stays what it is, for the last type reference waits. So no other reference is needed. False if the
 * frame is not such a table. Any frame of RAM may be asked for: those of hv's own never look validated.
 * Order: higher levels first; a table before the frame it maps.
 */
bool page_lock_table_slow(struct page_info *pg, enum page_type *type);
static inline void page_unlock_table(struct page_info *pg);
static inline bool page_lock_table(struct page_info *pg, domid_t id, enum page_type *type)
{
    uint64_t seen = __atomic_load_n(&pg->type, __ATOMIC_RELAXED);

    *type = page_type_of(seen);
    if (likely(*type - PGT_L1_TABLE <= PGT_L4_TABLE - PGT_L1_TABLE &&
               (seen & (PGT_VALIDATED | PGT_LOCKED)) == PGT_VALIDATED && seen & PGT_COUNT_MASK) &&
        __atomic_compare_exchange_n(&pg->type, &seen, seen | PGT_LOCKED, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
        ;
    else if (!page_lock_table_slow(pg, type))
        return false;
    if (likely(pg->owner == id))
        return true;
    page_unlock_table(pg);
    return false;
}
/* The same for a table of level 1, and nothing else. */
bool page_lock_l1_table_slow(struct page_info *pg);
static inline bool page_lock_l1_table(struct page_info *pg, domid_t id)
{
    const uint64_t l1 = (uint64_t)PGT_L1_TABLE << PGT_TYPE_SHIFT | PGT_VALIDATED;
    uint64_t seen = __atomic_load_n(&pg->type, __ATOMIC_RELAXED);

    if (likely((seen & ~PGT_PINNED) - (l1 + 1) < PGT_COUNT_MASK &&
               __atomic_compare_exchange_n(&pg->type, &seen, seen | PGT_LOCKED, false, __ATOMIC_ACQUIRE,
                                           __ATOMIC_RELAXED)))
        ;
    else if (!page_lock_l1_table_slow(pg))
        return false;
    if (likely(pg->owner == id))
        return true;
    page_unlock_table(pg);
    return false;
}
static inline void page_unlock_table(struct page_info *pg)
{
    __atomic_fetch_and(&pg->type, ~PGT_LOCKED, __ATOMIC_RELEASE);
}

/*
 * Check an entry for a table of level 1 to 4 that d owns, and take the references that it needs on the frame,
 * which frame_owner must own; *entry is changed into what may be written. 0, -EINVAL, -EBUSY (not that
 * domain's, or used as something else), -EPERM (device memory) or -ERESTART.
 */
int pv_get_entry(struct domain *d, struct domain *frame_owner, unsigned int level, uint64_t *entry);
/* Drop what an entry refers to. 0, or if preemptible -ERESTART: still held. */
int pv_put_entry(struct domain *d, unsigned int level, uint64_t entry, bool preemptible);

/*
 * Validate or undo a locked frame's entries, from pg->validated on, which is kept up to date. -ERESTART: to
 * be gone on with. Called by pv/page_type.c only.
 */
int pv_validate_table(struct domain *d, struct page_info *pg, unsigned int level);
int pv_devalidate_table(struct domain *d, struct page_info *pg, unsigned int level, bool preemptible);
int pv_validate_descriptors(struct page_info *pg);

static inline bool pv_root_slot_is_guests(unsigned int slot)
{
    return slot < HV_ROOT_SLOT_FIRST || slot > HV_ROOT_SLOT_LAST;
}

/* --- roots (pv/roots.c) --- */

/*
 * Replace v's kernel or user root by mfn (0: none); takes the references. *restart: the old one is being
 * taken apart; pv_finish_release() goes on with it. -EINVAL, -ERESTART: nothing has changed. Does not load
 * CR3.
 */
int pv_set_root(struct vcpu *v, bool user, mfn_t mfn);
/* The same with both: none has changed if one is refused. */
int pv_set_both_roots(struct vcpu *v, mfn_t kernel, mfn_t user);
/* Go on taking apart what an earlier operation of v let go of. 0 or -ERESTART. */
int pv_finish_release_slow(struct vcpu *v);
static inline int pv_finish_release(struct vcpu *v)
{
    return likely(!v->arch.old_root) ? 0 : pv_finish_release_slow(v);
}
/* Give up the references of v's GDT, LDT and roots: preemptible (-ERESTART). v is unloaded. */
int pv_drop_roots(struct vcpu *v);

/* --- pv/write_entry.c --- */

enum pv_write_mode {
    PV_WRITE,         /* whatever is there now */
    PV_WRITE_KEEP_AD, /* accessed and dirty bits stay if they are set */
    PV_WRITE_EXACT    /* L1 only: if `old` is still there, else -EAGAIN */
};

/*
 * Put an entry into a table that is locked; v is whose operation it is. 0, -EAGAIN, or what pv_get_entry()
 * says. What the old entry referred to may be left for pv_finish_release(v).
 */
int pv_write_entry(struct vcpu *v, struct domain *table_owner, struct domain *frame_owner, unsigned int level,
                   uint64_t *slot, uint64_t entry, enum pv_write_mode mode);
/*
 * The same for an L1 table, where old is what the entry is (but for accessed and dirty bits); leaves nothing
 * to finish.
 */
int pv_write_leaf(struct domain *table_owner, struct domain *frame_owner, uint64_t *slot, uint64_t old,
                  uint64_t entry, enum pv_write_mode mode);

/*
 * Whose frames an operation is about: DOMID_SELF, or with privilege another domain (DOMID_IO for all), kept
 * alive until pv_frame_owner_put(). NULL and -ESRCH or -EPERM.
 */
struct domain *pv_frame_owner_get_other(domid_t id, int *err); /* not for DOMID_SELF */
static inline struct domain *pv_frame_owner_get(struct domain *self, domid_t id, int *err)
{
    return likely(id == DOMID_SELF) ? self : pv_frame_owner_get_other(id, err);
}
static inline void pv_frame_owner_put(struct domain *self, struct domain *d)
{
    if (unlikely(d != self))
        domain_put(d);
}

/* The physical CPUs that may hold translations of the vCPUs in a guest's bitmap. False: it cannot be read. */
bool pv_vcpumask_to_cpus(struct domain *d, const void *bitmap, cpumask_t *cpus);

/*
 * Flush what flags (UVMF_*) ask for, after a change of the entries of v's for n pages from va on. False: a
 * set of vCPUs that cannot be read.
 */
bool pv_flush_as_asked(struct vcpu *v, unsigned long va, unsigned int n, unsigned long flags); /* pv/update_va_mapping.c */

/* --- pv/fault.c --- */

/*
 * The present L1 entry that v's kernel root seems to have for va, without locks: only a hint of a frame.
 * False: none.
 */
bool pv_read_kernel_l1e(struct vcpu *v, unsigned long va, uint64_t *entry);
/* A fault of v at va that hv can put right: true = run the guest again, with its registers in *regs. */
bool pv_fault_fixup(struct vcpu *v, unsigned long va, unsigned int error_code, struct cpu_user_regs *regs);
/* A fault in this CPU's LDT window, offset bytes from its start: bring the guest's LDT frame in. */
bool pv_ldt_fault(struct vcpu *v, unsigned long offset);
/*
 * Take every LDT frame of v out of its window and drop them; true if there was one. v is current or unloaded.
 */
bool pv_ldt_drop(struct vcpu *v);

/* --- pv/area.c --- */

/* v has no shared area any more. It is current or does not run. */
void pv_area_drop(struct vcpu *v);

#endif
