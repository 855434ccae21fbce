/* SPDX-License-Identifier: MIT */
/*
 * The core of the PV ABI: hypercall numbers, page-table requests, and the three pages every guest starts
 * with.
 *
 * A guest makes a hypercall by calling slot `number` (32 bytes each) of its hypercall page: rax holds the
 * number, rdi, rsi, rdx, r10, r8, r9 the arguments, and rax the result, 0 or more on success and -errno
 * (errno.h) on failure. rcx and r11 are lost. "in" and "out" in the comments are as the hypervisor sees them:
 * "in" is read from the guest, "out" is written back. Times are nanoseconds of system time (since the
 * hypervisor booted) unless said otherwise.
 *
 * This describes the 64-bit PV half of the published ABI and nothing else.
 */
#ifndef __XEN_PUBLIC_XEN_H__
#define __XEN_PUBLIC_XEN_H__

#include "arch-x86/xen.h"

/*
 * Hypercall numbers. 11 was never given out for good; names ending in _compat are the old forms of a call,
 * kept so that the number stays taken. A number without a handler answers -ENOSYS.
 */
#define __HYPERVISOR_set_trap_table               0
#define __HYPERVISOR_mmu_update                   1
#define __HYPERVISOR_set_gdt                      2
#define __HYPERVISOR_stack_switch                 3
#define __HYPERVISOR_set_callbacks                4
#define __HYPERVISOR_fpu_taskswitch               5
#define __HYPERVISOR_sched_op_compat              6
#define __HYPERVISOR_platform_op                  7
#define __HYPERVISOR_set_debugreg                 8
#define __HYPERVISOR_get_debugreg                 9
#define __HYPERVISOR_update_descriptor           10
#define __HYPERVISOR_memory_op                   12
#define __HYPERVISOR_multicall                   13
#define __HYPERVISOR_update_va_mapping           14
#define __HYPERVISOR_set_timer_op                15
#define __HYPERVISOR_event_channel_op_compat     16
#define __HYPERVISOR_xen_version                 17
#define __HYPERVISOR_console_io                  18
#define __HYPERVISOR_physdev_op_compat           19
#define __HYPERVISOR_grant_table_op              20
#define __HYPERVISOR_vm_assist                   21
#define __HYPERVISOR_update_va_mapping_otherdomain 22
#define __HYPERVISOR_iret                        23
#define __HYPERVISOR_vcpu_op                     24
#define __HYPERVISOR_set_segment_base            25
#define __HYPERVISOR_mmuext_op                   26
#define __HYPERVISOR_xsm_op                      27
#define __HYPERVISOR_nmi_op                      28
#define __HYPERVISOR_sched_op                    29
#define __HYPERVISOR_callback_op                 30
#define __HYPERVISOR_xenoprof_op                 31
#define __HYPERVISOR_event_channel_op            32
#define __HYPERVISOR_physdev_op                  33
#define __HYPERVISOR_hvm_op                      34
#define __HYPERVISOR_sysctl                      35
#define __HYPERVISOR_domctl                      36
#define __HYPERVISOR_kexec_op                    37
#define __HYPERVISOR_tmem_op                     38
#define __HYPERVISOR_argo_op                     39
#define __HYPERVISOR_xenpmu_op                   40
#define __HYPERVISOR_dm_op                       41
#define __HYPERVISOR_hypfs_op                    42

/*
 * Free for each architecture's own use. arch_0 is machine-check control; hv's extensions live in arch_4 to
 * arch_7.
 */
#define __HYPERVISOR_arch_0                      48
#define __HYPERVISOR_arch_1                      49
#define __HYPERVISOR_arch_2                      50
#define __HYPERVISOR_arch_3                      51
#define __HYPERVISOR_arch_4                      52
#define __HYPERVISOR_arch_5                      53
#define __HYPERVISOR_arch_6                      54
#define __HYPERVISOR_arch_7                      55

/*
 * Virtual interrupts, bound to an event channel with EVTCHNOP_bind_virq. (V) one per vCPU, any domain may
 * bind it; (G) one for the whole machine, delivered to whichever domain was given it, dom0 unless a domctl
 * says otherwise.
 */
#define VIRQ_TIMER       0  /* (V) The vCPU's timer (set_timer_op, or a VCPUOP timer) went off. */
#define VIRQ_DEBUG       1  /* (V) Asks the guest to print its state. */
#define VIRQ_CONSOLE     2  /* (G) Bytes arrived on the machine's console. */
#define VIRQ_DOM_EXC     3  /* (G) Some domain shut down or died: tool stack, look. */
#define VIRQ_TBUF        4  /* (G) The trace buffer has data. */
#define VIRQ_DEBUGGER    6  /* (G) A domain stopped for its debugger. */
#define VIRQ_XENOPROF    7  /* (V) Profiler sample ready. */
#define VIRQ_CON_RING    8  /* (G) New text in the hypervisor's log. */
#define VIRQ_PCPU_STATE  9  /* (G) A physical CPU came or went. */
#define VIRQ_MEM_EVENT  10  /* (G) Memory event. */
#define VIRQ_ARGO       11  /* (G) Argo message. */
#define VIRQ_ENOMEM     12  /* (G) Low on heap. */
#define VIRQ_XENPMU     13  /* (V) Performance counter interrupt. */
#define VIRQ_ARCH_0     16
#define VIRQ_ARCH_1     17
#define VIRQ_ARCH_2     18
#define VIRQ_ARCH_3     19
#define VIRQ_ARCH_4     20
#define VIRQ_ARCH_5     21
#define VIRQ_ARCH_6     22
#define VIRQ_ARCH_7     23
#define NR_VIRQS        24

/*
 * mmu_update(reqs[], count, &done, foreigndom): a batch of 8-byte writes. The two low bits of each request's
 * `ptr` pick what it does; the rest of ptr is a machine address.
 *   NORMAL_PT_UPDATE      write `val` into the page-table entry at ptr, after validation
 *   MACHPHYS_UPDATE       record that the frame at ptr is the guest's pseudo-physical frame `val`
 *   PT_UPDATE_PRESERVE_AD as NORMAL, but accessed and dirty bits that the CPU set meanwhile are kept
 *   PT_UPDATE_NO_TRANSLATE as NORMAL, for translated guests: no effect on a PV guest's own numbers
 * foreigndom: low 16 bits name the domain that owns the frames being mapped, high 16 bits (value + 1, 0 =
 * caller) the domain whose tables are written. Stops at the first failure; `done` (may be NULL) counts what
 * succeeded.
 */
#define MMU_NORMAL_PT_UPDATE       0
#define MMU_MACHPHYS_UPDATE        1
#define MMU_PT_UPDATE_PRESERVE_AD  2
#define MMU_PT_UPDATE_NO_TRANSLATE 3

/*
 * mmuext_op(ops[], count, &done, foreigndom): everything else about tables and the TLB. Which member of arg1
 * and arg2 a command reads is noted behind it; an unlisted one is ignored.
 */
#define MMUEXT_PIN_L1_TABLE        0  /* mfn: validate as a table of that level, and keep it one. */
#define MMUEXT_PIN_L2_TABLE        1
#define MMUEXT_PIN_L3_TABLE        2
#define MMUEXT_PIN_L4_TABLE        3
#define MMUEXT_UNPIN_TABLE         4  /* mfn: undo a pin. */
#define MMUEXT_NEW_BASEPTR         5  /* mfn: the top-level table for kernel mode, and loads it. */
#define MMUEXT_TLB_FLUSH_LOCAL     6  /* Flush this vCPU's TLB. */
#define MMUEXT_INVLPG_LOCAL        7  /* linear_addr: flush one page here. */
#define MMUEXT_TLB_FLUSH_MULTI     8  /* vcpumask: flush on those vCPUs. */
#define MMUEXT_INVLPG_MULTI        9  /* linear_addr, vcpumask: flush one page there. */
#define MMUEXT_TLB_FLUSH_ALL      10  /* Flush on all of the domain's vCPUs. */
#define MMUEXT_INVLPG_ALL         11  /* linear_addr: flush one page on all of them. */
#define MMUEXT_FLUSH_CACHE        12  /* Write back and invalidate this CPU's caches; needs I/O rights. */
#define MMUEXT_SET_LDT            13  /* linear_addr (page aligned), nr_ents (of 8 bytes): the LDT. */
#define MMUEXT_NEW_USER_BASEPTR   15  /* mfn: the top-level table for user mode (0: none). */
#define MMUEXT_CLEAR_PAGE         16  /* mfn: fill with zeros. */
#define MMUEXT_COPY_PAGE          17  /* mfn: filled from src_mfn. */
#define MMUEXT_FLUSH_CACHE_GLOBAL 18  /* As FLUSH_CACHE, on every CPU. */
#define MMUEXT_MARK_SUPER         19  /* Superpage bookkeeping; hv refuses both. */
#define MMUEXT_UNMARK_SUPER       20

#ifndef __ASSEMBLER__

struct mmuext_op {
    uint32_t cmd;                            /* in: MMUEXT_* */
    union {
        xen_pfn_t mfn;
        uint64_t linear_addr;
    } arg1;
    union {
        uint32_t nr_ents;
        XEN_GUEST_HANDLE(const void) vcpumask;   /* Bitmap, bit n = vCPU n, at least one byte per 8 vCPUs. */
        xen_pfn_t src_mfn;
    } arg2;
};
typedef struct mmuext_op mmuext_op_t;

#endif

/*
 * Last argument of update_va_mapping(va, new_entry, flags) and, with the domain whose frame it maps,
 * update_va_mapping_otherdomain: what to flush afterwards, and for whom. Instead of LOCAL or ALL the upper
 * bits may be a pointer to a vCPU bitmap (MULTI).
 */
#define UVMF_NONE           (0UL << 0)
#define UVMF_TLB_FLUSH      (1UL << 0)
#define UVMF_INVLPG         (2UL << 0)
#define UVMF_FLUSHTYPE_MASK (3UL << 0)
#define UVMF_MULTI          (0UL << 2)
#define UVMF_LOCAL          (0UL << 2)
#define UVMF_ALL            (1UL << 2)

/*
 * console_io(cmd, count, char *buffer): the machine's console. Read returns the bytes there were, never
 * waits.
 */
#define CONSOLEIO_write 0
#define CONSOLEIO_read  1

/* vm_assist(cmd, type): switch a per-domain convenience on or off. Unknown or unoffered type: -EINVAL. */
#define VMASST_CMD_enable  0
#define VMASST_CMD_disable 1

#define VMASST_TYPE_4gb_segments         0  /* 32-bit only. */
#define VMASST_TYPE_4gb_segments_notify  1  /* 32-bit only, accepted and without effect. */
#define VMASST_TYPE_writable_pagetables  2  /* Plain writes to L1 tables are emulated. */
#define VMASST_TYPE_pae_extended_cr3     3  /* 32-bit only. */
#define VMASST_TYPE_architectural_iopl   4  /* IOPL is kept in the guest's own RFLAGS image. */
#define VMASST_TYPE_runstate_update_flag 5  /* XEN_RUNSTATE_UPDATE is maintained (vcpu.h). */
#define VMASST_TYPE_m2p_strict          32  /* The machine-to-physical table is not mapped in user mode. */

/* Domain ids that name no ordinary domain. Ordinary ids are below DOMID_FIRST_RESERVED. */
#define DOMID_FIRST_RESERVED 0x7FF0U
#define DOMID_SELF           0x7FF0U  /* The caller. */
#define DOMID_IO             0x7FF1U  /* Owner of device memory; mapped by domains with I/O rights. */
#define DOMID_XEN            0x7FF2U  /* Owner of frames the hypervisor shares. */
#define DOMID_COW            0x7FF3U  /* Owner of memory-sharing frames. */
#define DOMID_INVALID        0x7FF4U  /* Nobody, for "no such domain" in results. */
#define DOMID_IDLE           0x7FFFU  /* Owner of the idle vCPUs. */
#define DOMID_MASK           0x7FFFU  /* Bits of a domain id. */

#ifndef __ASSEMBLER__

typedef uint16_t domid_t;

/* One request of mmu_update. */
struct mmu_update {
    uint64_t ptr;   /* in: machine address | MMU_* command */
    uint64_t val;   /* in: the new entry, or PFN */
};
typedef struct mmu_update mmu_update_t;

/*
 * multicall(entries[], count): several hypercalls for one trap. They run in order; each entry's result is
 * written back and a failure does not stop the rest.
 */
struct multicall_entry {
    xen_ulong_t op;        /* in: hypercall number */
    xen_ulong_t result;    /* out */
    xen_ulong_t args[6];   /* in */
};
typedef struct multicall_entry multicall_entry_t;

/*
 * A vCPU's clock: with t = TSC now, shifted left by tsc_shift (right when negative),
 *   system time = system_time + (((t - tsc_timestamp) << tsc_shift) * tsc_to_system_mul >> 32).
 * version is odd while an update is under way: read it before and after, and retry when it was odd or
 * changed.
 */
struct vcpu_time_info {
    uint32_t version;
    uint32_t pad0;
    uint64_t tsc_timestamp;      /* TSC when system_time was taken. */
    uint64_t system_time;        /* ns */
    uint32_t tsc_to_system_mul;  /* ns per shifted tick, 32-bit binary fraction. */
    int8_t tsc_shift;
    uint8_t flags;               /* XEN_PVCLOCK_* */
    uint8_t pad1[2];
};
typedef struct vcpu_time_info vcpu_time_info_t;

#define XEN_PVCLOCK_TSC_STABLE_BIT (1 << 0)  /* Time taken from different vCPUs never runs backwards. */
#define XEN_PVCLOCK_GUEST_STOPPED  (1 << 1)  /* The guest was paused for long; do not blame its watchdog. */

/*
 * What a vCPU and the hypervisor tell each other. vCPUs below XEN_LEGACY_MAX_VCPUS start with theirs in
 * shared_info; VCPUOP_register_vcpu_info moves it anywhere, and is needed for the others.
 */
struct vcpu_info {
    uint8_t evtchn_upcall_pending;    /* Set here, cleared by the guest: some port is pending. */
    uint8_t evtchn_upcall_mask;       /* Non-zero: no upcall. The PV guest's "interrupts off". */
    xen_ulong_t evtchn_pending_sel;   /* Bit n: word n of evtchn_pending has news (2-level ABI). */
    struct arch_vcpu_info arch;
    vcpu_time_info_t time;
};
typedef struct vcpu_info vcpu_info_t;

/*
 * One page per domain, shared between guest and hypervisor. start_info.shared_info holds its machine
 * address.
 */
struct shared_info {
    struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
    /* Bit (port % 64) of word (port / 64). The hypervisor sets pending, the guest clears it and owns mask. */
    xen_ulong_t evtchn_pending[sizeof(xen_ulong_t) * 8];
    xen_ulong_t evtchn_mask[sizeof(xen_ulong_t) * 8];
    /* Wall-clock time (UTC since 1970) at system time 0; version works as in vcpu_time_info. */
    uint32_t wc_version;
    uint32_t wc_sec;
    uint32_t wc_nsec;
    uint32_t wc_sec_hi;   /* Bits 32 to 63 of the seconds. */
#define xen_wc_sec_hi wc_sec_hi
    struct arch_shared_info arch;
};
typedef struct shared_info shared_info_t;

/*
 * What a new domain finds at the address in rsi when it starts. The initial address space, from ELF note
 * VIRT_BASE (elfnote.h) upwards: kernel image, initial ramdisk unless it is given by PFN, P2M list unless
 * note INIT_P2M puts it elsewhere, start_info, the store's and the console's ring (domU), page tables, one
 * stack page, then at least 512 KiB of padding; all of it mapped and rounded up to 4 MiB.
 */
#define MAX_GUEST_CMDLINE 1024
struct start_info {
    char magic[32];              /* "xen-<major>.<minor>-x86_64" */
    uint64_t nr_pages;           /* Pages the domain has been given. */
    uint64_t shared_info;        /* Machine address of shared_info. */
    uint32_t flags;              /* SIF_* */
    xen_pfn_t store_mfn;         /* The store's ring (domU). */
    uint32_t store_evtchn;       /* Its event channel. */
    union {
        struct {
            xen_pfn_t mfn;       /* The console's ring. */
            uint32_t evtchn;     /* Its event channel. */
        } domU;
        struct {
            uint32_t info_off;   /* Offset of dom0_vga_console_info from start_info. */
            uint32_t info_size;  /* Its size in bytes; 0: none. */
        } dom0;
    } console;
    uint64_t pt_base;            /* Virtual address of the top-level page table. */
    uint64_t nr_pt_frames;       /* Frames used for initial tables, contiguous from pt_base. */
    uint64_t mfn_list;           /* Virtual address of the P2M list, one MFN for each PFN. */
    uint64_t mod_start;          /* Ramdisk: virtual address, or PFN with SIF_MOD_START_PFN; 0 if none. */
    uint64_t mod_len;            /* Its bytes. */
    char cmd_line[MAX_GUEST_CMDLINE];   /* Ends in a NUL. */
    /* Only if note INIT_P2M moved the P2M list out of the initial area: */
    uint64_t first_p2m_pfn;      /* PFN of its first frame. */
    uint64_t nr_p2m_frames;      /* Frames, its page tables included. */
};
typedef struct start_info start_info_t;

#endif

/* start_info.flags */
#define SIF_PRIVILEGED      (1 << 0)   /* May make privileged calls. */
#define SIF_INITDOMAIN      (1 << 1)   /* Is the first domain. */
#define SIF_MULTIBOOT_MOD   (1 << 2)   /* mod_start is an xen_multiboot_mod_list. */
#define SIF_MOD_START_PFN   (1 << 3)   /* mod_start is a PFN and the ramdisk is not mapped. */
#define SIF_VIRT_P2M_4TOOLS (1 << 4)   /* The tool stack understands arch_shared_info.p2m_vaddr. */
#define SIF_PM_MASK (0xFF << 8)        /* Power management left to dom0. */

#ifndef __ASSEMBLER__

/*
 * With SIF_MULTIBOOT_MOD: one per module, the first being the ramdisk. Addresses are relative to mod_start.
 */
struct xen_multiboot_mod_list {
    uint32_t mod_start;
    uint32_t mod_end;
    uint32_t cmdline;
    uint32_t pad;         /* 0 */
};

/* The screen as the boot loader left it, for dom0's console driver. */
#define XEN_VGATYPE_TEXT_MODE_3 0x03
#define XEN_VGATYPE_VESA_LFB    0x23
#define XEN_VGATYPE_EFI_LFB     0x70
struct dom0_vga_console_info {
    uint8_t video_type;   /* XEN_VGATYPE_*, which picks the member of u. */
    union {
        struct {
            uint16_t font_height;       /* Scan lines per character. */
            uint16_t cursor_x, cursor_y;
            uint16_t rows, columns;
        } text_mode_3;
        struct {
            uint16_t width, height;     /* Pixels. */
            uint16_t bytes_per_line;
            uint16_t bits_per_pixel;
            uint32_t lfb_base;          /* Physical address, low half. */
            uint32_t lfb_size;          /* In units of 64 KiB. */
            uint8_t red_pos, red_size;  /* Bit position and width of each colour. */
            uint8_t green_pos, green_size;
            uint8_t blue_pos, blue_size;
            uint8_t rsvd_pos, rsvd_size;
            uint32_t gbl_caps;          /* VESA capabilities. */
            uint16_t mode_attrs;        /* VESA mode attributes. */
            uint16_t pad;
            uint32_t ext_lfb_base;      /* Physical address, high half. */
        } vesa_lfb;                     /* Also for XEN_VGATYPE_EFI_LFB. */
    } u;
};
typedef struct dom0_vga_console_info dom0_vga_console_info_t;
#define xen_vga_console_info dom0_vga_console_info
#define xen_vga_console_info_t dom0_vga_console_info_t

/* A domain's UUID, as the tool stack chose it; the hypervisor only stores it. */
typedef uint8_t xen_domain_handle_t[16];

/* A bitmap of variable size in a control call: bit n of byte n / 8. Bits beyond nr_bits read as 0. */
struct xenctl_bitmap {
    XEN_GUEST_HANDLE_64(uint8_t) bitmap;
    uint32_t nr_bits;
};
typedef struct xenctl_bitmap xenctl_bitmap_t;

#endif

#endif
