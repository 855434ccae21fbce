/* SPDX-License-Identifier: MIT */
/*
 * The x86 part of the PV ABI: guest handles, traps, a vCPU's whole context, and the x86 fields of the shared
 * pages. Included by xen.h; include that.
 */
#ifndef __XEN_PUBLIC_ARCH_X86_XEN_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_H__

#ifndef __ASSEMBLER__

#include <stdint.h>

/*
 * A guest's pointer. A structure of its own, so that nobody dereferences it without asking whose memory it
 * is.
 */
#define XEN_GUEST_HANDLE(type) struct { type *p; }
/* The same in control calls, where the ABI asks for 64 bits whatever the caller. */
#define XEN_GUEST_HANDLE_64(type) XEN_GUEST_HANDLE(type)
#define set_xen_guest_handle(hnd, val) do { (hnd).p = (val); } while (0)

typedef uint64_t xen_pfn_t;     /* A frame number; machine or pseudo-physical is said where it is used. */
typedef uint64_t xen_ulong_t;
#define PRI_xen_pfn "lx"
#define PRIu_xen_pfn "lu"
#define PRI_xen_ulong "lx"

#endif

#include "xen-x86_64.h"

/* This ABI has PV entry points and an upcall mask. */
#define XEN_HAVE_PV_GUEST_ENTRY 1
#define XEN_HAVE_PV_UPCALL_MASK 1

/* A guest's GDT may fill 14 pages; the hypervisor's own descriptors follow, the same in every domain. */
#define FIRST_RESERVED_GDT_PAGE  14
#define FIRST_RESERVED_GDT_BYTE  (FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_BYTE / 8)

/* vCPUs that have a vcpu_info in shared_info. */
#define XEN_LEGACY_MAX_VCPUS 32

#ifndef __ASSEMBLER__

/*
 * set_trap_table(traps[]): one entry per vector to handle; an entry with address 0 ends the list. A NULL list
 * clears the table.
 */
struct trap_info {
    uint8_t vector;
    uint8_t flags;      /* 0-1: least privileged ring that may use `int`; 2: mask events on entry */
    uint16_t cs;
    uint64_t address;   /* Handler; 0 ends the list. */
};
typedef struct trap_info trap_info_t;

#define TI_GET_DPL(_ti) ((_ti)->flags & 3)
#define TI_GET_IF(_ti)  ((_ti)->flags & 4)
#define TI_SET_DPL(_ti, _dpl) ((_ti)->flags |= (_dpl))
#define TI_SET_IF(_ti, _if) ((_ti)->flags |= ((!!(_if)) << 2))

typedef uint64_t tsc_timestamp_t;   /* A TSC reading. */

/*
 * All of a vCPU: how VCPUOP_initialise and XEN_DOMCTL_setvcpucontext start one, and what getvcpucontext
 * returns.
 */
struct vcpu_guest_context {
    struct { char x[512]; } fpu_ctxt;           /* FXSAVE image, if VGCF_i387_valid. */
    uint64_t flags;                             /* VGCF_* */
    struct cpu_user_regs user_regs;
    struct trap_info trap_ctxt[256];            /* Trap table, indexed by vector. */
    uint64_t ldt_base, ldt_ents;                /* Linear address, entries. */
    uint64_t gdt_frames[16], gdt_ents;          /* MFNs, entries. */
    uint64_t kernel_ss, kernel_sp;              /* Stack for entries from user mode. */
    uint64_t ctrlreg[8];                        /* CR0 to CR7; 1: user top-level table, 3: kernel one. */
    uint64_t debugreg[8];                       /* DR0 to DR7 */
    uint64_t event_callback_eip;
    uint64_t failsafe_callback_eip;
    uint64_t syscall_callback_eip;
    uint64_t vm_assist;                         /* Bitmap of 1 << VMASST_TYPE_* */
    uint64_t fs_base;
    uint64_t gs_base_kernel;
    uint64_t gs_base_user;
};
typedef struct vcpu_guest_context vcpu_guest_context_t;

#endif

/* vcpu_guest_context.flags. The names in capitals are the older spelling. */
#define VGCF_I387_VALID (1 << 0)
#define VGCF_IN_KERNEL  (1 << 2)
#define _VGCF_i387_valid 0                        /* fpu_ctxt holds something. */
#define VGCF_i387_valid (1 << _VGCF_i387_valid)
#define _VGCF_in_kernel 2                         /* Starts in kernel mode. */
#define VGCF_in_kernel (1 << _VGCF_in_kernel)
#define _VGCF_failsafe_disables_events 3          /* The failsafe callback is entered with events masked. */
#define VGCF_failsafe_disables_events (1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events 4           /* So is the system call callback. */
#define VGCF_syscall_disables_events (1 << _VGCF_syscall_disables_events)
#define _VGCF_online 5                            /* The vCPU is up. */
#define VGCF_online (1 << _VGCF_online)

#ifndef __ASSEMBLER__

/* x86 end of shared_info: the guest tells the tool stack where its P2M list is, for save and restore. */
struct arch_shared_info {
    uint64_t max_pfn;                       /* Entries in the P2M list. */
    xen_pfn_t pfn_to_mfn_frame_list_list;   /* Its root as a three-level tree of frames; ~0: see p2m_cr3. */
    uint64_t nmi_reason;                    /* XEN_NMIREASON_* bits (nmi.h) */
    uint64_t p2m_cr3;                       /* Instead of the tree: page tables (in CR3 form; 0: none) ... */
    uint64_t p2m_vaddr;                     /* ... the list's address in them ... */
    uint64_t p2m_generation;                /* ... and a count, odd while the guest is changing it. */
};
typedef struct arch_shared_info arch_shared_info_t;

/*
 * x86 part of XEN_DOMCTL_createdomain. A PV guest has no emulated devices: emulation_flags is 0 for it (or
 * PIT).
 */
#define _XEN_X86_EMU_LAPIC     0
#define XEN_X86_EMU_LAPIC      (1U << _XEN_X86_EMU_LAPIC)
#define _XEN_X86_EMU_HPET      1
#define XEN_X86_EMU_HPET       (1U << _XEN_X86_EMU_HPET)
#define _XEN_X86_EMU_PM        2
#define XEN_X86_EMU_PM         (1U << _XEN_X86_EMU_PM)
#define _XEN_X86_EMU_RTC       3
#define XEN_X86_EMU_RTC        (1U << _XEN_X86_EMU_RTC)
#define _XEN_X86_EMU_IOAPIC    4
#define XEN_X86_EMU_IOAPIC     (1U << _XEN_X86_EMU_IOAPIC)
#define _XEN_X86_EMU_PIC       5
#define XEN_X86_EMU_PIC        (1U << _XEN_X86_EMU_PIC)
#define _XEN_X86_EMU_VGA       6
#define XEN_X86_EMU_VGA        (1U << _XEN_X86_EMU_VGA)
#define _XEN_X86_EMU_IOMMU     7
#define XEN_X86_EMU_IOMMU      (1U << _XEN_X86_EMU_IOMMU)
#define _XEN_X86_EMU_PIT       8
#define XEN_X86_EMU_PIT        (1U << _XEN_X86_EMU_PIT)
#define _XEN_X86_EMU_USE_PIRQ  9
#define XEN_X86_EMU_USE_PIRQ   (1U << _XEN_X86_EMU_USE_PIRQ)
#define _XEN_X86_EMU_VPCI      10
#define XEN_X86_EMU_VPCI       (1U << _XEN_X86_EMU_VPCI)
#define XEN_X86_EMU_ALL        ((XEN_X86_EMU_VPCI << 1) - 1)
#define XEN_X86_MSR_RELAXED    (1U << 0)   /* Unknown MSRs read as 0 instead of faulting. */
#define XEN_X86_MISC_FLAGS_MAX XEN_X86_MSR_RELAXED
struct xen_arch_domainconfig {
    uint32_t emulation_flags;   /* in: XEN_X86_EMU_* */
    uint32_t misc_flags;        /* in: XEN_X86_MSR_RELAXED */
};

/* One CPUID leaf of a CPU policy. */
#define XEN_CPUID_NO_SUBLEAF 0xffffffffU   /* subleaf of a leaf that has none */
struct xen_cpuid_leaf {
    uint32_t leaf, subleaf;
    uint32_t a, b, c, d;
};
typedef struct xen_cpuid_leaf xen_cpuid_leaf_t;

/* One MSR of a CPU policy. */
struct xen_msr_entry {
    uint32_t idx;
    uint32_t flags;   /* 0 */
    uint64_t val;
};
typedef struct xen_msr_entry xen_msr_entry_t;

#endif

/*
 * In front of an instruction that does not trap in user mode (CPUID), these bytes (ud2, then "xen") make the
 * hypervisor emulate it: so a PV kernel sees the CPUID made for it.
 */
#ifdef __ASSEMBLER__
#define XEN_EMULATE_PREFIX .byte 0x0f,0x0b,0x78,0x65,0x6e ;
#define XEN_CPUID XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX ".byte 0x0f,0x0b,0x78,0x65,0x6e ; "
#define XEN_CPUID XEN_EMULATE_PREFIX "cpuid"
#endif

/* Bytes written to this port appear on the hypervisor's console, in debug builds. */
#define XEN_HVM_DEBUGCONS_IOPORT 0xe9

#endif
