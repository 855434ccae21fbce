/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What x86 keeps per vCPU and per domain. entry.S reaches struct arch_vcpu through generated offsets.
 * The kernel of a PV guest and its user programs both run in ring 3; guest_kernel tells which of the two
 * roots and GS bases is in force.
 */
#ifndef ARCH_DOMAIN_H
#define ARCH_DOMAIN_H

#include <hv/spinlock.h>
#include <hv/types.h>
#include <public/physdev.h>
#include <public/xen.h>

struct hv_vcpu_area;
struct page_info;
struct pirq;

typedef unsigned long hypercall_arg_t;

#define GDT_GUEST_FRAMES 14u /* FIRST_RESERVED_GDT_PAGE: beyond are hv's own descriptors */
#define LDT_GUEST_FRAMES 16u

struct pv_trap { /* one entry of set_trap_table */
    uint64_t address; /* 0 = none */
    uint16_t cs;
    uint8_t flags;    /* low 2 bits DPL, TI_GUEST_* */
};

enum pv_callback { PV_CALLBACK_EVENT, PV_CALLBACK_FAILSAFE, PV_CALLBACK_SYSCALL, PV_CALLBACK_SYSENTER,
                   PV_CALLBACK_SYSCALL32, NR_PV_CALLBACKS }; /* an NMI's is trap[2] */

struct pv_entry {
    uint64_t address;
    bool mask_events; /* CALLBACKF_mask_events */
};

struct trap_bounce { /* at most one, made and consumed before the guest runs again */
    uint64_t address;   /* 0 = none */
    uint32_t error_code;
    bool has_error_code, mask_events;
    bool failsafe;      /* the frame shows the data selectors too */
    uint8_t user_entry; /* from user mode by the area: HV_USER_ENTRY_* plus 1; 0: never so */
};

struct arch_vcpu {
    struct cpu_user_regs regs;     /* while not current: the guest's frame */
    bool guest_kernel;             /* in guest-kernel mode (the kernel root and GS are loaded) */
    uint8_t iopl;                  /* virtual IOPL, 0..3 */
    bool nmi_masked;               /* from NMI callback to iret */
    uint64_t shown_iopl;           /* IOPL bits for the RFLAGS of guest frames: iopl with VMASST architectural_iopl, else 0 */
    uint64_t kernel_sp, kernel_ss; /* stack_switch */
    struct pv_entry callback[NR_PV_CALLBACKS];
    struct pv_trap trap[256];
    struct trap_bounce bounce;
    struct hv_vcpu_area *area;     /* pv/area.c; NULL = none */
    struct page_info *area_page;   /* holds a reference, and one as writable */
    uint64_t user_entry;           /* where user mode enters by it */

    /* page-table roots: each holds a reference (and type reference) while it is here */
    mfn_t kernel_root, user_root;  /* L4; MFN(0) = none */
    uint64_t cr3_loaded;           /* machine address in CR3 while loaded */
    uint64_t old_root;             /* root being released preemptibly */
    uint64_t old_root_too;         /* the one after it; only if there is one */

    uint64_t fs_base, gs_base_kernel, gs_base_user;
    uint16_t ds, es, fs, gs;
    uint16_t refused[4];           /* what they were when the CPU refused one of them: for the failsafe callback */
    uint64_t ctrlreg[8];           /* CR0, CR2, CR4 as the guest sees them */
    uint64_t dr[8];                /* DR7 active bits as allowed */

    mfn_t gdt_frame[GDT_GUEST_FRAMES]; /* each held with PGT_SEG_DESC */
    uint16_t gdt_entries;
    uint64_t ldt_base;             /* guest linear */
    uint32_t ldt_entries;
    mfn_t ldt_frame[LDT_GUEST_FRAMES]; /* faulted in; MFN(0) = none */
    bool ldt_held;                 /* there may be one: set after it is there, cleared before all are taken */

    uint8_t *io_bitmap;            /* physdev set_iobitmap: guest pointer */
    uint32_t io_bitmap_bits;

    uint64_t xcr0;                 /* guest's XCR0 */
    uint64_t tsc_aux;
    void *fpu;                     /* 64-byte aligned XSAVE or FXSAVE area */
    uint32_t loaded_on;            /* CPU that has this vCPU's state loaded, or NR_CPUS */
    uint32_t time_epoch;           /* the clock's epoch that vcpu_time_info shows */
};

struct arch_domain {
    spinlock_t lock;               /* pirqs and permissions */
    struct pirq *pirqs;            /* dom0 only: by pirq number */
    uint32_t nr_pirqs;
    uint64_t *ioport_bitmap;       /* 65536 bits, permitted = 1; NULL = none */
    bool has_devices;              /* may map uncached */
    struct page_info *pirq_eoi_page;
    uint64_t *pirq_eoi_map;
    bool auto_unmask;
    uint32_t tsc_mode;
    void *memory_map;              /* what XENMEM_memory_map shows, from the tool stack; heap, NULL = none */
    uint32_t memory_map_entries;
    uint64_t relinquish_cursor;
    uint8_t relinquish_step;
};

#endif
