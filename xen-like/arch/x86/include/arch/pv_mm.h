/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Direct paging: what the rest of arch/x86/pv calls of the code that types frames and writes guest page tables,
 * and what that code needs from the rest.
 *
 * Bits of a guest's entry: present, writable, accessed, dirty, no-execute and those free for software are the
 * guest's. User is forced on (the guest's kernel runs in ring 3), global is dropped, and bits for caching are for domains
 * with devices. Everything else makes the entry invalid.
 */
#ifndef ARCH_PV_MM_H
#define ARCH_PV_MM_H

#include <arch/paging.h>
#include <hv/domain.h>
#include <hv/page.h>

#define PT_ENTRIES 512u
#define PTE_SOFT (0x7feul << 52 | PTE_AVAIL)

/* --- needed: pv/context.c, pv/segments.c --- */

/* v is current: load CR3 with the root of the mode that it is in, unless that is loaded; flushes what CR3 flushes. */
void pv_load_root(struct vcpu *v);
/* v is current: the LDT register follows v->arch.ldt_base and ldt_entries; nothing of it is faulted in. */
void pv_load_ldt(struct vcpu *v);
/*
 * May this descriptor be in a guest's table? One that is, and asks for a ring below 3, is raised to ring 3 in *desc.
 * Pure: no guest state.
 */
bool pv_descriptor_ok(uint64_t *desc);

/* --- pv/page_type.c, pv/validate.c --- */

/* CPUs where a leftover non-present entry can leak memory (L1TF) refuse those below this address; 0 = not this CPU. */
extern uint64_t pv_l1tf_limit;

/*
 * The lock bit of a validated table: entries may be written while it is held. False if the frame is not (or no
 * more) a validated table or is not in use. Order: higher levels first; a table before the frame it maps.
 */
bool page_lock_table(struct page_info *pg, enum page_type *type);
void page_unlock_table(struct page_info *pg);

/* What one entry of a table of level 1 to 4 that d owns refers to: take or drop its references. */
int pv_get_entry(struct domain *d, struct domain *frame_owner, unsigned int level, uint64_t *entry);
int pv_put_entry(struct domain *d, unsigned int level, uint64_t entry); /* 0, or -ERESTART: still held */

/* --- roots (pv/roots.c) --- */

/*
 * Replace v's kernel or user root by mfn (0: none); takes the references. *restart: the old one is being taken apart;
 * pv_finish_release() goes on with it. -EINVAL, -ERESTART: nothing has changed. Does not load CR3.
 */
int pv_set_root(struct vcpu *v, bool user, mfn_t mfn);
/* Go on taking apart what an earlier operation of v let go of. 0 or -ERESTART. */
int pv_finish_release(struct vcpu *v);
/* Give up the references of v's GDT, LDT and roots: preemptible (-ERESTART). v is unloaded. */
int pv_drop_roots(struct vcpu *v);

/* --- pv/mmu_update.c --- */

/* The address of current's L1 entry for va and its table, referenced; NULL if upper levels have a hole there. */
uint64_t *pv_find_l1e(struct vcpu *v, unsigned long va, struct page_info **table);

/* --- pv/fault.c --- */

/* A fault of v at va that hv can put right: true = run the guest again, with its registers in *regs. */
bool pv_fault_fixup(struct vcpu *v, unsigned long va, unsigned int error_code, struct cpu_user_regs *regs);
/* A fault in this CPU's LDT window, offset bytes from its start: bring the guest's LDT frame in. */
bool pv_ldt_fault(struct vcpu *v, unsigned long offset);
/* Take every LDT frame of v out of its window and drop them; true if there was one. v is current or unloaded. */
bool pv_ldt_drop(struct vcpu *v);

#endif
