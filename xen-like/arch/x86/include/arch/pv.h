/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rest of arch/x86 and of arch/x86/pv call in each other, beyond the contract of hv/arch.h. */
#ifndef ARCH_PV_H
#define ARCH_PV_H

#include <arch/cpu_info.h>
#include <arch/entry.h>
#include <arch/guest_range.h>
#include <arch/paging.h>
#include <hv/arch.h>
#include <hv/domain.h>
#include <hv/types.h>

/* Fill a page with hypercall stubs: 32 bytes for each number, that of iret special. */
void pv_hypercall_page_init(void *page);

static inline struct cpu_user_regs *guest_regs(void) { return &cpu_info()->regs; } /* current's */

/* What a hypercall leaves out of its frame (arch/entry.h). Once or more often. */
static inline void frame_complete(struct cpu_user_regs *regs)
{
    if (!(regs->entry_vector & ENTRY_SYSCALL))
        return;
    regs->rcx = regs->rip;
    regs->r11 = regs->rflags;
    regs->cs = FLAT_KERNEL_CS;
    regs->ss = FLAT_KERNEL_SS;
}

/* Bits 63 to 47 alike: what the hardware accepts as an address. */
static inline bool is_canonical(unsigned long va) { return (unsigned long)((long)(va << 16) >> 16) == va; }
/* Canonical, and not in hv's hole: where a guest may point without harm. */
static inline bool pv_address_ok(unsigned long va)
{
    return va - HYPERVISOR_VIRT_END < GUEST_ADDRESSES; /* what is below follows on what is above, modulo 2^64 */
}

#define PV_MSR_HYPERCALL_PAGE 0x40000000u /* as CPUID tells */

/* --- pv/bounce.c: entering the guest's kernel --- */

/*
 * Note an exception of the current vCPU v, which its kernel's handler is entered for on the way out. An error
 * code that the vector has none of is ignored. The first of two notes stays: the instruction runs again
 * anyway.
 */
void pv_inject_trap(struct vcpu *v, unsigned int vector, uint32_t error_code);
void pv_inject_page_fault(struct vcpu *v, unsigned long va, uint32_t error_code);
void pv_inject_callback(struct vcpu *v, enum pv_callback which);
/*
 * The failsafe callback: the CPU has refused one of v's selectors. They are kept for its frame: the registers are null by now, and
 * so will v's be, if it is scheduled away once more before its kernel hears of it.
 */
void pv_inject_failsafe(struct vcpu *v);
/*
 * `int vector` by the guest: as its trap table says; regs->rip is behind the instruction. false: not allowed.
 */
bool pv_inject_software_interrupt(struct vcpu *v, unsigned int vector);
/* Deliver what is noted, and an NMI or event that may be delivered now. */
void pv_deliver(struct vcpu *v);

/* --- pv/context.c: the current vCPU's state in this CPU --- */

void pv_load_root(struct vcpu *v);   /* CR3 of the mode that v is in; flushes what a CR3 load does */
void pv_load_cr4(const struct vcpu *v);
void pv_toggle_mode(struct vcpu *v); /* between kernel and user mode: root and GS base */

/* --- pv/descriptor.c --- */

/*
 * May this descriptor be in a guest's table? One that is, and asks for a ring below 3, is raised to ring 3 in
 * *desc. Pure: no guest state.
 */
bool pv_descriptor_ok(uint64_t *desc);
uint16_t pv_fix_selector(uint16_t selector); /* of any segment register */

/* --- pv/segments.c --- */

/* v is current: the LDT register follows v->arch.ldt_base and ldt_entries; nothing of it is faulted in. */
void pv_load_ldt(struct vcpu *v);
/* This CPU's GDT window shows v's frames, and hv's own page. */
void pv_load_gdt(struct vcpu *v);
/* Replace v's GDT: 0, -EINVAL. v is current or unloaded. */
int pv_set_gdt(struct vcpu *v, const uint64_t *frames, unsigned int entries);
void pv_drop_gdt(struct vcpu *v);

/* The LDT frames that v has faulted in into this CPU's window; or all that is there out of it. */
void pv_show_ldt_frames(const struct vcpu *v, bool show);
/*
 * Selector registers and bases between the CPU and *v. Loading: false if a selector could not be loaded (it
 * is 0 now).
 */
void pv_segments_save(struct vcpu *v);
bool pv_segments_load(const struct vcpu *v);
/* Those that the current vCPU's user mode will have; it is in its kernel. Canonical, or NULL: as it is. */
void pv_set_user_bases(const uint64_t *fs, const uint64_t *gs);
/*
 * How a guest's descriptor frames are in a CPU's window: the CPU marks descriptors as accessed. Not global.
 */
#define PTE_WINDOW_DESC (PTE_P | PTE_RW | PTE_A | PTE_D | pte_nx)

/* --- pv/callbacks.c --- */

void pv_set_iopl(struct vcpu *v, unsigned int iopl);
void pv_set_ts(struct vcpu *v, bool set); /* v is current: its next use of the FPU raises #NM */
/* An entry of set_trap_table or of a vCPU context. -EINVAL: not canonical. */
int pv_set_trap(struct vcpu *v, unsigned int vector, uint64_t address, uint16_t cs, uint8_t flags);
int pv_set_callback(struct vcpu *v, enum pv_callback which, uint64_t address, bool mask_events);
bool pv_vm_assist_ok(uint64_t bits);

/* --- pv/hv_op.c, pv/area.c: hv's own extensions --- */

uint32_t pv_features(void); /* HV_FEATURE_* bits that guests may use */
/* HVOP_register for v, the current vCPU: 0, -EINVAL, -ERESTART. */
long pv_area_register(struct vcpu *v, unsigned long at, unsigned long user_entry, unsigned long unused);

/*
 * The address of its structure: HVOP_switch (pv/switch.c), HVOP_update_ptes and how many entries are done
 * already (pv/update_ptes.c).
 */
long pv_switch(struct vcpu *v, unsigned long arg, unsigned long unused, unsigned long unused2);
long pv_update_ptes(struct vcpu *v, unsigned long arg, unsigned long done, unsigned long unused);

/* --- pv/debugreg.c --- */

long pv_set_debugreg(struct vcpu *v, unsigned int reg, uint64_t value); /* 0, -EINVAL, -EPERM */
uint64_t pv_get_debugreg(const struct vcpu *v, unsigned int reg);
void pv_debugregs_load(const struct vcpu *v);
void pv_debugregs_unload(void);

/* --- pv/emulate_priv.c and what it looks up --- */

/* The instruction at the current vCPU's rip may be a privileged one that hv carries out: true if it did. */
bool pv_emulate_privileged(struct vcpu *v, struct cpu_user_regs *regs);
/* A #UD: is it the prefix that asks for an emulated CPUID? */
bool pv_emulate_forced(struct vcpu *v, struct cpu_user_regs *regs);

/* A fault that only an emulator makes (pv/far_return.c): true if the instruction has been carried out. */
bool pv_emulate_far_return(struct vcpu *v, struct cpu_user_regs *regs);

struct cpuid_regs;
struct cpuid_regs pv_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf);
bool pv_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value);
bool pv_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);
/* CR0 and CR4 as the guest is shown them. */
uint64_t pv_cr0_shown(const struct vcpu *v);
uint64_t pv_cr4_shown(const struct vcpu *v);
bool pv_ioport_ok(struct vcpu *v, const struct cpu_user_regs *regs, uint16_t port, unsigned int bytes);
uint32_t pv_ioport_read(struct vcpu *v, uint16_t port, unsigned int bytes);
void pv_ioport_write(struct vcpu *v, uint16_t port, unsigned int bytes, uint32_t value);

/* Does ring "guest kernel" or user mode count as privileged enough for IOPL? */
static inline bool pv_iopl_ok(const struct vcpu *v)
{
    unsigned int cpl = !v->arch.guest_kernel ? 3
                       : v->domain->vm_assist & (1ul << VMASST_TYPE_architectural_iopl) ? 0 : 1;

    return v->arch.iopl >= cpl;
}

#endif
