/* SPDX-License-Identifier: MIT */
/*
 * domctl(xen_domctl): how a tool stack makes, inspects and ends domains. Only a privileged domain may
 * (-EPERM).
 *
 * interface_version must be XEN_DOMCTL_INTERFACE_VERSION (-EACCES): unlike the rest of the ABI, this layout
 * changes between releases, and this is 4.17's. `domain` says on whom (-ESRCH if there is no such domain);
 * the whole structure is written back when a command has results. Commands whose structure is not described
 * here have only their number.
 */
#ifndef __XEN_PUBLIC_DOMCTL_H__
#define __XEN_PUBLIC_DOMCTL_H__

#include "xen.h"
#include "event_channel.h"
#include "grant_table.h"
#include "memory.h"

#define XEN_DOMCTL_INTERFACE_VERSION 0x00000015

/*
 * createdomain: a domain without memory and vCPUs' state, paused once by the tool stack. `domain` is the id
 * wanted, or 0 (or out of range) to have a free one chosen; out: the id. -EEXIST: taken. -EINVAL: flags this
 * machine lacks.
 */
#define _XEN_DOMCTL_CDF_hvm           0
#define XEN_DOMCTL_CDF_hvm            (1U << _XEN_DOMCTL_CDF_hvm)
#define _XEN_DOMCTL_CDF_hap           1
#define XEN_DOMCTL_CDF_hap            (1U << _XEN_DOMCTL_CDF_hap)
#define _XEN_DOMCTL_CDF_s3_integrity  2
#define XEN_DOMCTL_CDF_s3_integrity   (1U << _XEN_DOMCTL_CDF_s3_integrity)
#define _XEN_DOMCTL_CDF_oos_off       3
#define XEN_DOMCTL_CDF_oos_off        (1U << _XEN_DOMCTL_CDF_oos_off)
#define _XEN_DOMCTL_CDF_xs_domain     4   /* Runs the store. */
#define XEN_DOMCTL_CDF_xs_domain      (1U << _XEN_DOMCTL_CDF_xs_domain)
#define _XEN_DOMCTL_CDF_iommu         5   /* May be given devices. */
#define XEN_DOMCTL_CDF_iommu          (1U << _XEN_DOMCTL_CDF_iommu)
#define _XEN_DOMCTL_CDF_nested_virt   6
#define XEN_DOMCTL_CDF_nested_virt    (1U << _XEN_DOMCTL_CDF_nested_virt)
#define XEN_DOMCTL_CDF_vpmu           (1U << 7)
#define XEN_DOMCTL_CDF_MAX            XEN_DOMCTL_CDF_vpmu

#define _XEN_DOMCTL_IOMMU_no_sharept  0
#define XEN_DOMCTL_IOMMU_no_sharept   (1U << _XEN_DOMCTL_IOMMU_no_sharept)
#define XEN_DOMCTL_IOMMU_MAX          XEN_DOMCTL_IOMMU_no_sharept

#define XEN_DOMCTL_GRANT_version_mask 0xf
#define XEN_DOMCTL_GRANT_version(v)   ((v) & XEN_DOMCTL_GRANT_version_mask)

struct xen_domctl_createdomain {
    uint32_t ssidref;              /* in: security label, 0 */
    xen_domain_handle_t handle;    /* in: UUID */
    uint32_t flags;                /* in: XEN_DOMCTL_CDF_* */
    uint32_t iommu_opts;           /* in: XEN_DOMCTL_IOMMU_* */
    uint32_t max_vcpus;            /* in */
    uint32_t max_evtchn_port;      /* in: highest port it may use */
    int32_t max_grant_frames;      /* in: limit; -1: the default */
    int32_t max_maptrack_frames;   /* in: limit; -1: the default */
    uint32_t grant_opts;           /* in: highest grant table version */
    uint32_t vmtrace_size;         /* in: bytes of trace buffer per vCPU, 0: none */
    uint32_t cpupool_id;           /* in */
    struct xen_arch_domainconfig arch;   /* in */
};

/*
 * getdomaininfo: `domain` is the first id to consider; the answer is about the next domain there is. -ESRCH:
 * none.
 */
#define _XEN_DOMINF_dying      0   /* Is being destroyed. */
#define XEN_DOMINF_dying       (1U << _XEN_DOMINF_dying)
#define _XEN_DOMINF_hvm_guest  1
#define XEN_DOMINF_hvm_guest   (1U << _XEN_DOMINF_hvm_guest)
#define _XEN_DOMINF_shutdown   2   /* Has shut down; the reason is in the flags. */
#define XEN_DOMINF_shutdown    (1U << _XEN_DOMINF_shutdown)
#define _XEN_DOMINF_paused     3   /* By the tool stack. */
#define XEN_DOMINF_paused      (1U << _XEN_DOMINF_paused)
#define _XEN_DOMINF_blocked    4   /* All its vCPUs wait. */
#define XEN_DOMINF_blocked     (1U << _XEN_DOMINF_blocked)
#define _XEN_DOMINF_running    5   /* Some vCPU is on a CPU. */
#define XEN_DOMINF_running     (1U << _XEN_DOMINF_running)
#define _XEN_DOMINF_debugged   6   /* A debugger pauses it. */
#define XEN_DOMINF_debugged    (1U << _XEN_DOMINF_debugged)
#define _XEN_DOMINF_xs_domain  7   /* Runs the store. */
#define XEN_DOMINF_xs_domain   (1U << _XEN_DOMINF_xs_domain)
#define _XEN_DOMINF_hap        8
#define XEN_DOMINF_hap         (1U << _XEN_DOMINF_hap)
#define XEN_DOMINF_shutdownmask  255   /* After the shift: SHUTDOWN_*. */
#define XEN_DOMINF_shutdownshift 16
#define XEN_INVALID_MAX_VCPU_ID (~0U)

struct xen_domctl_getdomaininfo {      /* out, all of it */
    domid_t domain;
    uint16_t pad1;
    uint32_t flags;                    /* XEN_DOMINF_* */
    uint64_t tot_pages;                /* Pages it has. */
    uint64_t max_pages;                /* Pages it may have. */
    uint64_t outstanding_pages;        /* Pages claimed and not yet allocated. */
    uint64_t shr_pages;
    uint64_t paged_pages;
    uint64_t shared_info_frame;        /* MFN of its shared_info. */
    uint64_t cpu_time;                 /* ns, of all vCPUs */
    uint32_t nr_online_vcpus;
    uint32_t max_vcpu_id;              /* Highest vCPU; XEN_INVALID_MAX_VCPU_ID: none yet. */
    uint32_t ssidref;
    xen_domain_handle_t handle;
    uint32_t cpupool;
    uint8_t gpaddr_bits;               /* Width of a guest physical address. */
    uint8_t pad2[7];
    struct xen_arch_domainconfig arch_config;
};
typedef struct xen_domctl_getdomaininfo xen_domctl_getdomaininfo_t;

/* getpageframeinfo3: what kind of frames these are, to save or dump a domain. */
#define XEN_DOMCTL_PFINFO_LTAB_SHIFT    28
#define XEN_DOMCTL_PFINFO_NOTAB         (0x0U << 28)   /* Ordinary. */
#define XEN_DOMCTL_PFINFO_L1TAB         (0x1U << 28)   /* A page table of level 1 ... */
#define XEN_DOMCTL_PFINFO_L2TAB         (0x2U << 28)
#define XEN_DOMCTL_PFINFO_L3TAB         (0x3U << 28)
#define XEN_DOMCTL_PFINFO_L4TAB         (0x4U << 28)   /* ... to 4. */
#define XEN_DOMCTL_PFINFO_LTABTYPE_MASK (0x7U << 28)
#define XEN_DOMCTL_PFINFO_LPINTAB       (0x1U << 31)   /* And pinned. */
#define XEN_DOMCTL_PFINFO_BROKEN        (0xdU << 28)   /* Bad memory. */
#define XEN_DOMCTL_PFINFO_XALLOC        (0xeU << 28)   /* In save streams: allocated, no contents. */
#define XEN_DOMCTL_PFINFO_XTAB          (0xfU << 28)   /* No such frame. */
#define XEN_DOMCTL_PFINFO_LTAB_MASK     (0xfU << 28)
struct xen_domctl_getpageframeinfo3 {
    uint64_t num;                           /* in */
    XEN_GUEST_HANDLE_64(xen_pfn_t) array;   /* in: frame numbers; out: XEN_DOMCTL_PFINFO_* for each */
};

/* shadow_op: for a PV guest, tracking which frames are written, for live migration. */
#define XEN_DOMCTL_SHADOW_OP_OFF              0
#define XEN_DOMCTL_SHADOW_OP_ENABLE          32   /* With `mode`. */
#define XEN_DOMCTL_SHADOW_OP_CLEAN           11   /* Read the bitmap and clear it, in one step. */
#define XEN_DOMCTL_SHADOW_OP_PEEK            12   /* Read it. */
#define XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION  30
#define XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION  31
#define XEN_DOMCTL_SHADOW_OP_ENABLE_TEST      1   /* As ENABLE, mode 0. */
#define XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY  2   /* As ENABLE, mode log dirty. */
#define XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT  (1 << 1)
#define XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY (1 << 2)
#define XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE (1 << 3)
#define XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL  (1 << 4)
#define XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL   (1 << 0)   /* In mode, with CLEAN and PEEK: the last round. */

struct xen_domctl_shadow_op_stats {
    uint32_t fault_count;
    uint32_t dirty_count;
};

struct xen_domctl_shadow_op {
    uint32_t op;                                 /* in: XEN_DOMCTL_SHADOW_OP_* */
    uint32_t mode;                               /* in: XEN_DOMCTL_SHADOW_ENABLE_*, _LOGDIRTY_* */
    uint32_t mb;                                 /* in or out: MiB, for *_ALLOCATION */
    XEN_GUEST_HANDLE_64(uint8_t) dirty_bitmap;   /* in: written, bit n = PFN n; may be NULL */
    uint64_t pages;                              /* in: bits of room; out: bits written */
    struct xen_domctl_shadow_op_stats stats;     /* out */
};

/* max_mem: limit of the domain's memory; below what it has, it just gets no more. */
struct xen_domctl_max_mem {
    uint64_t max_memkb;   /* in: KiB */
};

/* setvcpucontext, getvcpucontext: a vCPU's state while it does not run. A NULL handle to set clears it. */
struct xen_domctl_vcpucontext {
    uint32_t vcpu;                                   /* in */
    XEN_GUEST_HANDLE_64(vcpu_guest_context_t) ctxt;  /* in/out */
};

/* getvcpuinfo. -ESRCH: no such vCPU. */
struct xen_domctl_getvcpuinfo {
    uint32_t vcpu;       /* in */
    uint8_t online;      /* out: up */
    uint8_t blocked;     /* out: waits for an event */
    uint8_t running;     /* out: on a CPU */
    uint64_t cpu_time;   /* out: ns */
    uint32_t cpu;        /* out: CPU, the last one if it does not run */
};

/* setnodeaffinity, getnodeaffinity: NUMA nodes to take memory from. */
struct xen_domctl_nodeaffinity {
    struct xenctl_bitmap nodemap;   /* in or out */
};

/* setvcpuaffinity, getvcpuaffinity: CPUs that a vCPU must, and prefers to, run on. */
#define _XEN_VCPUAFFINITY_HARD  0
#define XEN_VCPUAFFINITY_HARD   (1U << _XEN_VCPUAFFINITY_HARD)
#define _XEN_VCPUAFFINITY_SOFT  1
#define XEN_VCPUAFFINITY_SOFT   (1U << _XEN_VCPUAFFINITY_SOFT)
#define _XEN_VCPUAFFINITY_FORCE 2   /* Even against a temporary pin. */
#define XEN_VCPUAFFINITY_FORCE  (1U << _XEN_VCPUAFFINITY_FORCE)
struct xen_domctl_vcpuaffinity {
    uint32_t vcpu;                      /* in */
    uint32_t flags;                     /* in: which of the two */
    struct xenctl_bitmap cpumap_hard;   /* in; out: what took effect */
    struct xenctl_bitmap cpumap_soft;   /* in; out: what took effect */
};

/* max_vcpus: make vCPUs 0 to max - 1. Must be what createdomain was told. */
struct xen_domctl_max_vcpus {
    uint32_t max;   /* in */
};

/* scheduler_op: a domain's share of CPU time. sched_id must be the scheduler in use (-EINVAL). */
#define XEN_SCHEDULER_CREDIT   5
#define XEN_SCHEDULER_CREDIT2  6
#define XEN_SCHEDULER_ARINC653 7
#define XEN_SCHEDULER_RTDS     8
#define XEN_SCHEDULER_NULL     9

struct xen_domctl_sched_credit {
    uint16_t weight;   /* Share relative to others; 256 is usual, 0 in putinfo: leave. */
    uint16_t cap;      /* Percent of a CPU at most; 0: no cap; all ones in putinfo: leave. */
};
struct xen_domctl_sched_credit2 {
    uint16_t weight;   /* As above. */
    uint16_t cap;      /* As above. */
};
struct xen_domctl_sched_rtds {
    uint32_t period;   /* Microseconds. */
    uint32_t budget;   /* Microseconds. */
#define _XEN_DOMCTL_SCHEDRT_extra 0
#define XEN_DOMCTL_SCHEDRT_extra  (1U << _XEN_DOMCTL_SCHEDRT_extra)
    uint32_t flags;
};

struct xen_domctl_schedparam_vcpu {
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
    } u;
    uint32_t vcpuid;
};
typedef struct xen_domctl_schedparam_vcpu xen_domctl_schedparam_vcpu_t;

#define XEN_DOMCTL_SCHEDOP_putinfo     0   /* Set for the domain. */
#define XEN_DOMCTL_SCHEDOP_getinfo     1   /* Read. */
#define XEN_DOMCTL_SCHEDOP_putvcpuinfo 2   /* The same per vCPU, where the scheduler can. */
#define XEN_DOMCTL_SCHEDOP_getvcpuinfo 3
struct xen_domctl_scheduler_op {
    uint32_t sched_id;   /* in: XEN_SCHEDULER_* */
    uint32_t cmd;        /* in: XEN_DOMCTL_SCHEDOP_* */
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
        struct {
            XEN_GUEST_HANDLE_64(xen_domctl_schedparam_vcpu_t) vcpus;
            uint32_t nr_vcpus;   /* in; out: done */
            uint32_t padding;
        } v;
    } u;
};

/* setdomainhandle: change the UUID. */
struct xen_domctl_setdomainhandle {
    xen_domain_handle_t handle;   /* in */
};

/* setdebugging: breakpoints in the domain pause it instead of reaching it. */
struct xen_domctl_setdebugging {
    uint8_t enable;   /* in */
};

/* irq_permission, iomem_permission, ioport_permission: hardware that the domain may use. */
struct xen_domctl_irq_permission {
    uint32_t pirq;          /* in: of the caller */
    uint8_t allow_access;   /* in */
    uint8_t pad[3];         /* in: 0 */
};
struct xen_domctl_iomem_permission {
    uint64_t first_mfn;     /* in */
    uint64_t nr_mfns;       /* in */
    uint8_t allow_access;   /* in */
};
struct xen_domctl_ioport_permission {
    uint32_t first_port;    /* in */
    uint32_t nr_ports;      /* in */
    uint8_t allow_access;   /* in */
};

/* hypercall_init: fill a frame of the domain with hypercall stubs. */
struct xen_domctl_hypercall_init {
    uint64_t gmfn;   /* in: frame (PV: MFN) */
};

/* settimeoffset: added to the wall clock the domain sees. */
struct xen_domctl_settimeoffset {
    int64_t time_offset_seconds;   /* in */
};

/* set_address_size, get_address_size: width of the guest, before it has memory. */
struct xen_domctl_address_size {
    uint32_t size;   /* in or out: 64; 32 is refused by hv */
};

/* sendtrigger: push a button of the domain. */
#define XEN_DOMCTL_SENDTRIGGER_NMI   0   /* To `vcpu`. */
#define XEN_DOMCTL_SENDTRIGGER_RESET 1
#define XEN_DOMCTL_SENDTRIGGER_INIT  2
#define XEN_DOMCTL_SENDTRIGGER_POWER 3
#define XEN_DOMCTL_SENDTRIGGER_SLEEP 4
struct xen_domctl_sendtrigger {
    uint32_t trigger;   /* in */
    uint32_t vcpu;      /* in */
};

/*
 * memory_mapping, ioport_mapping: give or take a device's memory or ports; for PV the same as a permission.
 */
#define DPCI_ADD_MAPPING    1
#define DPCI_REMOVE_MAPPING 0
struct xen_domctl_memory_mapping {
    uint64_t first_gfn;     /* in: where the guest sees it */
    uint64_t first_mfn;     /* in */
    uint64_t nr_mfns;       /* in */
    uint32_t add_mapping;   /* in: DPCI_* */
    uint32_t padding;       /* in: 0 */
};
struct xen_domctl_ioport_mapping {
    uint32_t first_gport;   /* in */
    uint32_t first_mport;   /* in */
    uint32_t nr_ports;      /* in */
    uint32_t add_mapping;   /* in: DPCI_* */
};

/* set_ext_vcpucontext, get_ext_vcpucontext: what vcpu_guest_context had no room for. */
struct hvm_vmce_vcpu {
    uint64_t caps;              /* Machine-check capabilities the guest was shown. */
    uint64_t mci_ctl2_bank0;
    uint64_t mci_ctl2_bank1;
    uint64_t mcg_ext_ctl;
};
struct xen_domctl_ext_vcpucontext {
    uint32_t vcpu;                       /* in */
    uint32_t size;                       /* in: bytes that hold something (set); out (get) */
    uint64_t syscall32_callback_eip;
    uint64_t sysenter_callback_eip;
    uint16_t syscall32_callback_cs;
    uint16_t sysenter_callback_cs;
    uint8_t syscall32_disables_events;
    uint8_t sysenter_disables_events;
    union {
        uint64_t mcg_cap;                /* The first word, as older tools know it. */
        struct hvm_vmce_vcpu vmce;
    };
};

/* set_target: whose device model the domain is. */
struct xen_domctl_set_target {
    domid_t target;   /* in */
};

/* set_cpu_policy, get_cpu_policy: the CPUID leaves and MSRs a domain sees. */
#define XEN_CPUID_INPUT_UNUSED 0xFFFFFFFF
struct xen_domctl_cpu_policy {
    uint32_t nr_leaves;                               /* set, in: entries; get, in: room, out: entries */
    uint32_t nr_msrs;                                 /* the same */
    XEN_GUEST_HANDLE_64(xen_cpuid_leaf_t) leaves;     /* in */
    XEN_GUEST_HANDLE_64(xen_msr_entry_t) msrs;        /* in */
    uint32_t err_leaf, err_subleaf, err_msr;          /* out (set): the one refused, ~0 if none */
};
typedef struct xen_domctl_cpu_policy xen_domctl_cpu_policy_t;

/* subscribe: a port of the caller to notify when the domain suspends. */
struct xen_domctl_subscribe {
    uint32_t port;   /* in */
};

/* debug_op: single-step a vCPU (HVM). */
#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_OFF 0
#define XEN_DOMCTL_DEBUG_OP_SINGLE_STEP_ON  1
struct xen_domctl_debug_op {
    uint32_t op;     /* in */
    uint32_t vcpu;   /* in */
};

/* gettscinfo, settscinfo: how the domain's TSC behaves, so that a moved guest sees it run on. */
struct xen_domctl_tsc_info {
    uint32_t tsc_mode;       /* in/out: 0 default, 1 always emulated, 2 never emulated */
    uint32_t gtsc_khz;       /* in/out */
    uint32_t incarnation;    /* in/out: times it was restored */
    uint32_t pad;
    uint64_t elapsed_nsec;   /* in/out: guest time passed */
};

/* gdbsx_*: a debugger reads and writes memory, pauses vCPUs, and learns what stopped the domain. */
struct xen_domctl_gdbsx_memio {
    uint64_t pgd3val;   /* in: page table to use, 0: the vCPU's */
    uint64_t gva;       /* in: guest virtual address */
    uint64_t uva;       /* in: caller's buffer */
    uint32_t len;       /* in: bytes */
    uint8_t gwr;        /* in: 1 writes to the guest */
    uint32_t remain;    /* out: bytes not done */
};
struct xen_domctl_gdbsx_pauseunp_vcpu {
    uint32_t vcpu;      /* in */
};
struct xen_domctl_gdbsx_domstatus {
    uint8_t paused;     /* out */
    uint32_t vcpu_id;   /* out: that stopped */
    uint32_t vcpu_ev;   /* out: why */
};

/* set_virq_handler: deliver a global VIRQ to this domain from now on. */
struct xen_domctl_set_virq_handler {
    uint32_t virq;   /* in */
};

/*
 * setvcpuextstate, getvcpuextstate: a vCPU's extended registers, as XSAVE lays them out, after XCR0 and
 * XCR0's past.
 */
struct xen_domctl_vcpuextstate {
    uint32_t vcpu;                          /* in */
    uint64_t xfeature_mask;                 /* in (set) or out: components */
    uint64_t size;                          /* in: bytes of room; get with 0: out, bytes wanted */
    XEN_GUEST_HANDLE_64(uint64_t) buffer;   /* in/out */
};

/* cacheflush: for machines whose devices do not see the caches. */
struct xen_domctl_cacheflush {
    xen_pfn_t start_pfn, nr_pfns;   /* in */
};

/* get_paging_mempool_size, set_paging_mempool_size: memory for page tables of translated guests. */
struct xen_domctl_paging_mempool {
    uint64_t size;   /* in or out: bytes */
};

/* get_vcpu_msrs, set_vcpu_msrs: MSRs that belong to a vCPU's saved state. */
struct xen_domctl_vcpu_msr {
    uint32_t index;
    uint32_t reserved;   /* 0 */
    uint64_t value;
};
typedef struct xen_domctl_vcpu_msr xen_domctl_vcpu_msr_t;
struct xen_domctl_vcpu_msrs {
    uint32_t vcpu;                                      /* in */
    uint32_t msr_count;                                 /* the same; NULL msrs, out: the most */
    XEN_GUEST_HANDLE_64(xen_domctl_vcpu_msr_t) msrs;    /* in/out */
};

/* setvnumainfo: the virtual NUMA layout that XENMEM_get_vnumainfo shows. */
struct xen_domctl_vnuma {
    uint32_t nr_vnodes;        /* in */
    uint32_t nr_vmemranges;    /* in */
    uint32_t nr_vcpus;         /* in */
    uint32_t pad;
    XEN_GUEST_HANDLE_64(unsigned int) vdistance;
    XEN_GUEST_HANDLE_64(unsigned int) vcpu_to_vnode;
    XEN_GUEST_HANDLE_64(unsigned int) vnode_to_pnode;
    XEN_GUEST_HANDLE_64(xen_vmemrange_t) vmemrange;
};

/* xen_domctl.cmd */
#define XEN_DOMCTL_createdomain               1
#define XEN_DOMCTL_destroydomain              2   /* End it and free all it has. -EINVAL for oneself. */
#define XEN_DOMCTL_pausedomain                3   /* Counted. */
#define XEN_DOMCTL_unpausedomain              4   /* Undo one pausedomain. */
#define XEN_DOMCTL_getdomaininfo              5
#define XEN_DOMCTL_setvcpuaffinity            9
#define XEN_DOMCTL_shadow_op                 10
#define XEN_DOMCTL_max_mem                   11
#define XEN_DOMCTL_setvcpucontext            12
#define XEN_DOMCTL_getvcpucontext            13
#define XEN_DOMCTL_getvcpuinfo               14
#define XEN_DOMCTL_max_vcpus                 15
#define XEN_DOMCTL_scheduler_op              16
#define XEN_DOMCTL_setdomainhandle           17
#define XEN_DOMCTL_setdebugging              18
#define XEN_DOMCTL_irq_permission            19
#define XEN_DOMCTL_iomem_permission          20
#define XEN_DOMCTL_ioport_permission         21
#define XEN_DOMCTL_hypercall_init            22
#define XEN_DOMCTL_settimeoffset             24
#define XEN_DOMCTL_getvcpuaffinity           25
#define XEN_DOMCTL_real_mode_area            26
#define XEN_DOMCTL_resumedomain              27   /* Let a domain that shut down to suspend run on. */
#define XEN_DOMCTL_sendtrigger               28
#define XEN_DOMCTL_subscribe                 29
#define XEN_DOMCTL_gethvmcontext             33
#define XEN_DOMCTL_sethvmcontext             34
#define XEN_DOMCTL_set_address_size          35
#define XEN_DOMCTL_get_address_size          36
#define XEN_DOMCTL_assign_device             37
#define XEN_DOMCTL_bind_pt_irq               38
#define XEN_DOMCTL_memory_mapping            39
#define XEN_DOMCTL_ioport_mapping            40
#define XEN_DOMCTL_set_ext_vcpucontext       42
#define XEN_DOMCTL_get_ext_vcpucontext       43
#define XEN_DOMCTL_set_opt_feature           44
#define XEN_DOMCTL_test_assign_device        45
#define XEN_DOMCTL_set_target                46
#define XEN_DOMCTL_deassign_device           47
#define XEN_DOMCTL_unbind_pt_irq             48
#define XEN_DOMCTL_get_device_group          50
#define XEN_DOMCTL_debug_op                  54
#define XEN_DOMCTL_gethvmcontext_partial     55
#define XEN_DOMCTL_vm_event_op               56
#define XEN_DOMCTL_mem_sharing_op            57
#define XEN_DOMCTL_gettscinfo                59
#define XEN_DOMCTL_settscinfo                60
#define XEN_DOMCTL_getpageframeinfo3         61
#define XEN_DOMCTL_setvcpuextstate           62
#define XEN_DOMCTL_getvcpuextstate           63
#define XEN_DOMCTL_set_access_required       64
#define XEN_DOMCTL_audit_p2m                 65
#define XEN_DOMCTL_set_virq_handler          66
#define XEN_DOMCTL_set_broken_page_p2m       67
#define XEN_DOMCTL_setnodeaffinity           68
#define XEN_DOMCTL_getnodeaffinity           69
#define XEN_DOMCTL_cacheflush                71
#define XEN_DOMCTL_get_vcpu_msrs             72
#define XEN_DOMCTL_set_vcpu_msrs             73
#define XEN_DOMCTL_setvnumainfo              74
#define XEN_DOMCTL_psr_cmt_op                75
#define XEN_DOMCTL_monitor_op                77
#define XEN_DOMCTL_psr_alloc                 78
#define XEN_DOMCTL_soft_reset                79   /* Forget its events and grants, for a new kernel. */
#define XEN_DOMCTL_vuart_op                  81
#define XEN_DOMCTL_get_cpu_policy            82
#define XEN_DOMCTL_set_cpu_policy            83
#define XEN_DOMCTL_vmtrace_op                84
#define XEN_DOMCTL_get_paging_mempool_size   85
#define XEN_DOMCTL_set_paging_mempool_size   86
#define XEN_DOMCTL_gdbsx_guestmemio        1000
#define XEN_DOMCTL_gdbsx_pausevcpu         1001
#define XEN_DOMCTL_gdbsx_unpausevcpu       1002
#define XEN_DOMCTL_gdbsx_domstatus         1003

struct xen_domctl {
    uint32_t cmd;                 /* in: XEN_DOMCTL_* */
    uint32_t interface_version;   /* in: XEN_DOMCTL_INTERFACE_VERSION */
    domid_t domain;               /* in; createdomain and getdomaininfo: out */
    uint16_t _pad[3];
    union {
        struct xen_domctl_createdomain createdomain;
        struct xen_domctl_getdomaininfo getdomaininfo;
        struct xen_domctl_getpageframeinfo3 getpageframeinfo3;
        struct xen_domctl_nodeaffinity nodeaffinity;
        struct xen_domctl_vcpuaffinity vcpuaffinity;
        struct xen_domctl_shadow_op shadow_op;
        struct xen_domctl_max_mem max_mem;
        struct xen_domctl_vcpucontext vcpucontext;
        struct xen_domctl_getvcpuinfo getvcpuinfo;
        struct xen_domctl_max_vcpus max_vcpus;
        struct xen_domctl_scheduler_op scheduler_op;
        struct xen_domctl_setdomainhandle setdomainhandle;
        struct xen_domctl_setdebugging setdebugging;
        struct xen_domctl_irq_permission irq_permission;
        struct xen_domctl_iomem_permission iomem_permission;
        struct xen_domctl_ioport_permission ioport_permission;
        struct xen_domctl_hypercall_init hypercall_init;
        struct xen_domctl_settimeoffset settimeoffset;
        struct xen_domctl_tsc_info tsc_info;
        struct xen_domctl_address_size address_size;
        struct xen_domctl_sendtrigger sendtrigger;
        struct xen_domctl_memory_mapping memory_mapping;
        struct xen_domctl_ioport_mapping ioport_mapping;
        struct xen_domctl_ext_vcpucontext ext_vcpucontext;
        struct xen_domctl_set_target set_target;
        struct xen_domctl_subscribe subscribe;
        struct xen_domctl_debug_op debug_op;
        struct xen_domctl_cpu_policy cpu_policy;
        struct xen_domctl_vcpuextstate vcpuextstate;
        struct xen_domctl_vcpu_msrs vcpu_msrs;
        struct xen_domctl_set_virq_handler set_virq_handler;
        struct xen_domctl_gdbsx_memio gdbsx_guest_memio;
        struct xen_domctl_cacheflush cacheflush;
        struct xen_domctl_gdbsx_pauseunp_vcpu gdbsx_pauseunp_vcpu;
        struct xen_domctl_gdbsx_domstatus gdbsx_domstatus;
        struct xen_domctl_vnuma vnuma;
        struct xen_domctl_paging_mempool paging_mempool;
        uint8_t pad[128];
    } u;
};
typedef struct xen_domctl xen_domctl_t;

#endif
