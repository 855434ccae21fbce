/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine that unit tests and fuzzers run hv's code on: the contract of hv/arch.h, kept by an ordinary
 * program. RAM is one array with a frame table; a guest's pointers are the program's own; CPUs are a number
 * that the test changes; time stands still until the test moves it; flushes, kicks and interrupts are
 * counted.
 *
 * Two files stand for ones of core/, for tests that want no more of these than they must: domain.c and console.c.
 */
#ifndef HOST_H
#define HOST_H

#include <hv/arch.h>
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/page_alloc.h>

#define HOST_FIRST_MFN 0x100u /* RAM starts here: frames below are a hole, as frames at the end are */

/* Give the machine this many frames of RAM, forget everything from before. At the start of each test. */
void host_reset(unsigned int frames);

/* --- what the test sets --- */
extern struct vcpu *host_current;      /* what `current` is, on every CPU */
extern unsigned int host_cpu;          /* the CPU that "runs" */
extern cpumask_t host_online;
extern s_time_t host_now;
extern size_t host_copy_limit;         /* guest copies fault after so many bytes; SIZE_MAX: never */
extern long host_preempt_after;        /* preempt_check() is false so often, then true; -1: always false */
extern uint64_t host_iomem_first, host_iomem_last; /* frames that arch_iomem_frame_ok() allows */
extern void (*host_relax_hook)(void);  /* called by every spin: lets a test play the other CPU */
extern void (*host_flush_hook)(void);  /* called before every flush, as above */
extern bool host_expect_panic;         /* panic() jumps to host_panic_jump instead of aborting */
extern void *host_panic_jump[5];       /* for __builtin_setjmp; also where the machine's end goes on */
extern hypercall_fn *host_hypercalls[NR_HYPERCALLS]; /* what a multicall finds */
extern int (*host_domain_init_hook)(struct domain *d); /* called in the middle of making a domain: 0 or -errno */

/* --- what it may look at --- */
struct host_counters {
    unsigned int full_flushes;         /* tlb_flush_mask, or tlb_flush_since that had a CPU to flush */
    unsigned int page_flushes;
    cpumask_t last_flush;
    unsigned long last_flush_va;
    unsigned int kicks[NR_CPUS];
    unsigned int root_loads, cache_flushes;
    unsigned int crashes;              /* domain_crash() of arch/host/domain.c */
    unsigned int virqs[24];
    unsigned int shutdowns;            /* of the machine */
    s_time_t timer_deadline[NR_CPUS];
};
extern struct host_counters host_counters;
extern unsigned long host_hypercall_arg[7]; /* from hypercall_set_arg(); [0] counts its calls */
extern uint32_t host_work[NR_CPUS];
extern uint64_t host_ldt_window[NR_CPUS][LDT_GUEST_FRAMES]; /* entries in each CPU's window */

/* --- small helpers --- */
uint64_t *host_table(mfn_t mfn);       /* contents of a frame as 512 entries */
/*
 * arch/host/domain.c: a domain with vCPUs that are up, nothing else in it. host_domain_free checks that no
 * frame is left.
 */
struct domain *host_domain_new(domid_t id, bool privileged, unsigned int vcpus, unsigned int max_pages);
void host_domain_free(struct domain *d);

#endif
