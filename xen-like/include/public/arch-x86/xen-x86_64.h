/* SPDX-License-Identifier: MIT */
/*
 * The 64-bit part of the PV ABI: selectors, address-space layout, registers. Included by xen.h; include that.
 *
 * Kernel and user mode of a guest both run at CPL 3. The hypervisor keeps them apart by which top-level page
 * table is loaded, and remembers per vCPU in which of the two it is.
 */
#ifndef __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__

/* Flat segments that are in every domain's GDT, in its reserved part. */
#define FLAT_RING3_CS32 0xe023
#define FLAT_RING3_CS64 0xe033
#define FLAT_RING3_DS32 0xe02b
#define FLAT_RING3_DS64 0x0000   /* A null selector does for data in 64-bit mode. */
#define FLAT_RING3_SS32 0xe02b
#define FLAT_RING3_SS64 0xe02b

#define FLAT_KERNEL_DS64 FLAT_RING3_DS64
#define FLAT_KERNEL_DS32 FLAT_RING3_DS32
#define FLAT_KERNEL_DS   FLAT_KERNEL_DS64
#define FLAT_KERNEL_CS64 FLAT_RING3_CS64
#define FLAT_KERNEL_CS32 FLAT_RING3_CS32
#define FLAT_KERNEL_CS   FLAT_KERNEL_CS64
#define FLAT_KERNEL_SS64 FLAT_RING3_SS64
#define FLAT_KERNEL_SS32 FLAT_RING3_SS32
#define FLAT_KERNEL_SS   FLAT_KERNEL_SS64

#define FLAT_USER_DS64 FLAT_RING3_DS64
#define FLAT_USER_DS32 FLAT_RING3_DS32
#define FLAT_USER_DS   FLAT_USER_DS64
#define FLAT_USER_CS64 FLAT_RING3_CS64
#define FLAT_USER_CS32 FLAT_RING3_CS32
#define FLAT_USER_CS   FLAT_USER_CS64
#define FLAT_USER_SS64 FLAT_RING3_SS64
#define FLAT_USER_SS32 FLAT_RING3_SS32
#define FLAT_USER_SS   FLAT_USER_SS64

/*
 * Top-level slots 256 to 271, 8 TiB, are the hypervisor's in every address space. END is the first byte
 * after.
 */
#define __HYPERVISOR_VIRT_START 0xFFFF800000000000
#define __HYPERVISOR_VIRT_END   0xFFFF880000000000

/* The machine-to-physical table, readable by the guest's kernel: entry n is the PFN of machine frame n. */
#define __MACH2PHYS_VIRT_START  0xFFFF800000000000
#define __MACH2PHYS_VIRT_END    0xFFFF804000000000

#ifndef __ASSEMBLER__
#define HYPERVISOR_VIRT_START 0xFFFF800000000000UL
#define HYPERVISOR_VIRT_END   0xFFFF880000000000UL
#define MACH2PHYS_VIRT_START  0xFFFF800000000000UL
#define MACH2PHYS_VIRT_END    0xFFFF804000000000UL
#define MACH2PHYS_NR_ENTRIES  ((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)
#define machine_to_phys_mapping ((uint64_t *)MACH2PHYS_VIRT_START)
#endif

/*
 * set_segment_base(which, base): bases beyond what a descriptor holds. GS_USER is the one that swapgs would
 * bring in; GS_USER_SEL takes a selector instead and loads it as user mode's GS.
 */
#define SEGBASE_FS          0
#define SEGBASE_GS_USER     1
#define SEGBASE_GS_KERNEL   2
#define SEGBASE_GS_USER_SEL 3

/*
 * The iret hypercall: kernel mode pushes an iret_context and jumps to the hypercall page; the vCPU continues
 * from it. flags: VGCF_in_syscall when rcx and r11 need not be restored, so that the faster SYSRET may be
 * used. The RPL of cs tells where to go: 3 is user mode.
 */
#define _VGCF_in_syscall 8
#define VGCF_in_syscall (1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL VGCF_in_syscall

#ifndef __ASSEMBLER__

#include <stdint.h>

struct iret_context {
    /* Top of stack (rsp when the call is made). */
    uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

/* Registers of a vCPU, in the order in which an entry into the hypervisor saves them. */
struct cpu_user_regs {
    uint64_t r15;
    uint64_t r14;
    uint64_t r13;
    uint64_t r12;
    uint64_t rbp;
    uint64_t rbx;
    uint64_t r11;
    uint64_t r10;
    uint64_t r9;
    uint64_t r8;
    uint64_t rax;
    uint64_t rcx;
    uint64_t rdx;
    uint64_t rsi;
    uint64_t rdi;
    uint32_t error_code;          /* For the hypervisor's use. */
    uint32_t entry_vector;        /* For the hypervisor's use. */
    uint64_t rip;
    uint16_t cs, _pad0[1];
    uint8_t saved_upcall_mask;    /* evtchn_upcall_mask to have: bits 32 to 39 of the slot. */
    uint8_t _pad1[3];
    uint64_t rflags;              /* IF mirrors the upcall mask. */
    uint64_t rsp;
    uint16_t ss, _pad2[3];
    uint16_t es, _pad3[3];
    uint16_t ds, _pad4[3];
    uint16_t fs, _pad5[3];        /* Bases: see vcpu_guest_context. */
    uint16_t gs, _pad6[3];
};
typedef struct cpu_user_regs cpu_user_regs_t;

/* A frame number as vcpu_guest_context.ctrlreg[1] and [3] want it, and back. */
#define xen_pfn_to_cr3(pfn) ((uint64_t)(pfn) << 12)
#define xen_cr3_to_pfn(cr3) ((uint64_t)(cr3) >> 12)

/* x86 part of vcpu_info. */
struct arch_vcpu_info {
    uint64_t cr2;   /* Address of the last page fault delivered. */
    uint64_t pad;
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

typedef uint64_t xen_callback_t;   /* A guest entry point's address. */

#endif

#endif
