/* SPDX-License-Identifier: MIT */
/*
 * What is hv's own: CPUID leaves that tell it from other hypervisors with the same ABI, and the hypercalls
 * that those announce. A guest that ignores them works. docs/abi/extensions.md says what they are for.
 *
 *   leaf HV_CPUID_LEAF(0): eax = last leaf, ebx, ecx, edx = the signature, in this order
 *   leaf HV_CPUID_LEAF(1): eax = HV_FEATURE_* that this guest may use
 */
#ifndef __HV_PUBLIC_HV_H__
#define __HV_PUBLIC_HV_H__

#ifndef __ASSEMBLER__
#include <stdint.h>
#endif

#define HV_CPUID_FIRST_LEAF 0x40000100
#define HV_CPUID_LEAF(i)    (HV_CPUID_FIRST_LEAF + (i))

#define HV_CPUID_SIGNATURE_EBX 0x743a7668   /* "hv:t" */
#define HV_CPUID_SIGNATURE_ECX 0x2d657079   /* "ype-" */
#define HV_CPUID_SIGNATURE_EDX 0x56502031   /* "1 PV" */

#define HV_CPUID_MAX_NUM_LEAVES 1

/* Bits of leaf 1's eax. */
#define HV_FEATURE_user_entry  0 /* between user mode and kernel by struct hv_vcpu_area */
#define HV_FEATURE_kernel_iret 1 /* a kernel may return to itself without hv, but for an NMI */
#define HV_FEATURE_tables      2 /* a kernel should write page tables by lists, and those that are not pinned itself */
#define HV_FEATURE_switch      3 /* HVOP_switch */
#define HV_FEATURE_update_ptes 4 /* HVOP_update_ptes */
#define HV_FEATURE_timer       5 /* timer_wanted and timer_armed in struct hv_vcpu_area */
#define HV_FEATURE_lazy_flush  6 /* a flush asked for by the guest serves the guest alone: it may leave out vCPUs that flush later */

/* Hypercalls. */
#define __HYPERVISOR_hv_op     52 /* HVOP_*, arguments */
#define __HYPERVISOR_hv_sysret 53 /* to user mode, as SYSRET would: no arguments, no result */
#define __HYPERVISOR_hv_iret   54 /* to user mode, with all registers */

/* register: machine address of the calling vCPU's struct hv_vcpu_area (0: none any more), user_entry */
#define HVOP_register 0
/* switch: pointer to a struct hv_switch */
#define HVOP_switch 1
/* update_ptes: pointer to a struct hv_update_ptes, 0 (for hv: entries that are done) */
#define HVOP_update_ptes 2

/*
 * Shared by a vCPU's kernel and hv, in a page of the guest's that it may always write: 64-byte aligned. hv writes the
 * upper part when user mode enters the kernel; the kernel writes it before hv_sysret or hv_iret. hv reads
 * each field once. The timer's two are of another kind, see there.
 */
#ifndef __ASSEMBLER__
struct hv_vcpu_area {
    uint64_t rip, rflags, rsp; /* of user mode */
    uint64_t rax;              /* to user mode only: the call's number is in the register */
    uint64_t rcx, r11;         /* SYSCALL and SYSRET lose these registers */
    uint64_t cs, ss;
    uint64_t error_code;
    uint64_t timer_wanted;     /* the kernel's, HV_FEATURE_timer: system time in ns; above 2^63 - 1: never */
    uint64_t timer_armed;      /* hv's: when it will look at timer_wanted; 0: never */
    uint64_t reserved[5];
};
#endif

/* switch: to another thread. Only the parts that `what` names are looked at and set. */
#define HV_SWITCH_STACK (1 << 0) /* kernel_sp, as by stack_switch */
#define HV_SWITCH_ROOTS (1 << 1) /* kernel_root and user_root, as by NEW_BASEPTR and NEW_USER_BASEPTR */
#define HV_SWITCH_TLS   (1 << 2) /* tls: three descriptors of the GDT, from entry tls_entry on, in one page of it */
#define HV_SWITCH_FS    (1 << 3) /* fs_base */
#define HV_SWITCH_GS    (1 << 4) /* gs_base_user */
#define HV_SWITCH_TS    (1 << 5) /* the next use of the FPU raises #NM */
#define HV_SWITCH_CLTS  (1 << 6) /* it does not */
#ifndef __ASSEMBLER__
struct hv_switch {
    uint32_t what;                   /* HV_SWITCH_* */
    uint32_t tls_entry;
    uint64_t kernel_sp;
    uint64_t kernel_root, user_root; /* machine frames; user_root may be 0: none */
    uint64_t tls[3];
    uint64_t fs_base, gs_base_user;
};
#endif

/* update_ptes: entries that follow on each other in one table of level 1. */
#define HV_PTES_SET         0 /* to entries[i] */
#define HV_PTES_SET_KEEP_AD 1 /* to entries[i]; accessed and dirty bits that are set stay */
#define HV_PTES_CLEAR       2 /* to 0; entries[i], if there is an array: what it was, with the last accessed and dirty bits */
#define HV_PTES_PROTECT     3 /* no longer writable; all else stays */
#ifndef __ASSEMBLER__
struct hv_update_ptes {
    uint64_t ptr;      /* machine address of the first entry */
    uint32_t count;
    uint16_t mode;     /* HV_PTES_* */
    uint16_t reserved; /* 0 */
    uint64_t entries;  /* address of an array of count words */
    uint64_t flush;    /* UVMF_*, as in update_va_mapping */
    uint64_t va;       /* with UVMF_INVLPG: what the first entry maps */
    uint32_t done;     /* out, when it fails: entries that were changed */
    uint32_t pad;
};
#endif

/*
 * From user mode the kernel is entered at user_entry + HV_USER_ENTRY_SIZE * n: n = 0 to 31 for the exception
 * of that number, and these:
 */
#define HV_USER_ENTRY_SIZE     128
#define HV_USER_ENTRY_INT80    32
#define HV_USER_ENTRY_SYSCALL  33
#define HV_USER_ENTRY_SYSCALL32 34
#define HV_USER_ENTRY_SYSENTER 35
#define HV_USER_ENTRY_EVENT    36
#define HV_USER_ENTRIES        37

#endif
