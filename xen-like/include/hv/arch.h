/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that core/ knows about the machine. arch/x86 implements it; arch/host implements the same contract as
 * user-space fakes for unit tests and fuzzers. (Guest copying is in guest_copy.h, frames in page.h.)
 *
 * Interrupts are off everywhere in hv, but for the idle halt and preempt_check().
 */
#ifndef HV_ARCH_H
#define HV_ARCH_H

#include <hv/cpumask.h>
#include <hv/domain.h>
#include <hv/page.h>

/* --- CPUs --- */
struct xen_domctl;
struct xen_sysctl;
struct vcpu_guest_context;

#include <arch/current.h> /* unsigned int arch_cpu_id(void), struct vcpu *arch_current(void), uint32_t arch_work(void): the
                             softirq bits of this CPU's work word */
cpumask_t arch_online_cpus(void);
void smp_poll(void);                    /* answer other CPUs' pending requests; takes no lock; called by every spin */
void smp_kick(unsigned int cpu);        /* interrupt it, so that it passes through the exit path and looks at its work word */
void smp_call(cpumask_t cpus, void (*fn)(void *), void *arg); /* run fn there from smp_poll (no locks in fn), wait for all; may include self */
uint32_t arch_work_test_and_clear(uint32_t bits); /* of this CPU's work word */
void arch_work_raise(unsigned int cpu, uint32_t bits); /* atomic; no kick */
void arch_idle_halt(void);              /* enable interrupts, halt until one comes unless work is pending, disable */
void arch_irq_window(void);             /* let pending interrupts in, once */
void arch_relax(void);
void arch_timer_program(s_time_t deadline); /* this CPU's hardware timer; 0 = off; past = at once. Its interrupt raises SOFTIRQ_TIMER */

/* --- vCPU state --- */
void arch_current_set(struct vcpu *v);  /* schedule() only; NULL in idle */
int arch_vcpu_init(struct vcpu *v);     /* after v->domain, id are set */
void arch_vcpu_destroy(struct vcpu *v);
void arch_vcpu_save_frame(struct vcpu *v); /* the guest frame on this CPU's stack -> v->arch.regs, before another is put there */
void arch_vcpu_load(struct vcpu *v);    /* make v current and loaded: unload another first (FPU, segments, debug, CR3, descriptor windows), frame onto the stack */
void arch_vcpu_unload(struct vcpu *v);  /* wherever its state is loaded, write it back to *v, also through an IPI; then nothing of it is in any CPU */
int arch_vcpu_reset(struct vcpu *v);    /* drop its context: preemptible */
int arch_set_guest_context(struct vcpu *v, const struct vcpu_guest_context *c); /* validated field by field; -errno, -ERESTART */
void arch_get_guest_context(struct vcpu *v, struct vcpu_guest_context *c);      /* v is paused and unloaded; c zeroed first */
/* Copy into current's kernel address space, whichever of its two roots is loaded; bytes not copied. */
size_t arch_copy_to_guest_kernel(void *guest, const void *from, size_t n);
void arch_crash_dump(const struct vcpu *v); /* a guest's registers and stack to the log, bounded */

/* --- domains --- */
int arch_domain_init(struct domain *d, const struct xen_domctl_createdomain *config);
void arch_domain_destroy(struct domain *d);
int arch_relinquish_memory(struct domain *d); /* roots, pins, types, then every page of page_list; 0 or -ERESTART */
long arch_domctl(struct domain *d, struct xen_domctl *op, unsigned long uarg, bool *copyback); /* the operations core does not know */
long arch_sysctl(struct xen_sysctl *op, unsigned long uarg, bool *copyback);
long arch_memory_op(unsigned int op, unsigned long arg);          /* memory_map, machphys_*, ...; -ENOSYS if unknown */
long arch_vcpu_op(unsigned int op, struct vcpu *v, unsigned long arg);

/* --- memory --- */
uint32_t tlb_clock_now(void);
void tlb_flush_local(void);                /* full flush of guest translations on this CPU */
void tlb_flush_mask(cpumask_t cpus);       /* full flush of guest translations there, and wait */
void tlb_flush_page_mask(cpumask_t cpus, unsigned long va);
/*
 * The same for what only matters when a guest runs again: CPUs that idle are not disturbed, but flush before that. Not where a frame
 * may stop being a page table: what a CPU remembers of tables it may use whenever it likes.
 */
void tlb_flush_guest_mask(cpumask_t cpus);
void tlb_flush_guest_page_mask(cpumask_t cpus, unsigned long va);
void tlb_flush_due(void);                  /* this CPU is going to run a vCPU whose root is loaded still */
/* Flush on those CPUs of mask which have not flushed since stamp; the owner's dirty CPUs are the usual mask. */
void tlb_flush_since(cpumask_t cpus, uint32_t stamp);
void arch_cache_flush(const void *va, size_t n); /* write back and drop these bytes from the caches */
void arch_cache_flush_all(cpumask_t cpus); /* everything, on those CPUs */
void m2p_set(mfn_t mfn, pfn_t pfn);        /* PFN(~0) = unused */
pfn_t m2p_get(mfn_t mfn);
/* A guest's frame number for a grant or foreign map: PV guests name machine frames. Takes a reference; NULL and -errno. */
struct page_info *arch_get_page_from_gfn(struct domain *d, uint64_t gfn);
bool arch_iomem_frame_readonly(mfn_t mfn); /* of those: writes go through hv */
bool arch_iomem_frame_ok(mfn_t mfn);       /* not RAM, not LAPIC/IO-APIC/hv's: a privileged domain may map it */
void arch_cache_flush(const void *va, size_t n); /* write back and invalidate the data cache for hv's mapping */
/*
 * Grant mappings into a PV guest's tables, GNTST_*: addr is a virtual address, or with contains_pte the machine
 * address of the PTE. The caller holds the page's references, which become the entry's on success: unmapping checks that the
 * entry maps mfn with the access that the flags say, clears or replaces it, and gives them back. No flush in either.
 */
int arch_grant_map(struct vcpu *v, uint64_t addr, mfn_t mfn, unsigned int gntmap_flags);
int arch_grant_unmap(struct vcpu *v, uint64_t addr, mfn_t mfn, uint64_t new_addr, unsigned int gntmap_flags);

/* --- physical interrupts: a pirq of d delivers to the event channel port --- */
int arch_pirq_bind(struct domain *d, uint32_t pirq, uint32_t port, bool share); /* -errno */
void arch_pirq_unbind(struct domain *d, uint32_t pirq);

/* --- machine --- */
void arch_machine_shutdown(uint8_t reason) __attribute__((noreturn)); /* dom0 is gone: power off, reboot or stop */
void console_flush_sync(void);

#endif
