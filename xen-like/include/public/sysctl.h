/* SPDX-License-Identifier: MIT */
/*
 * sysctl(xen_sysctl): what a tool stack asks about the machine as a whole. Privileged (-EPERM);
 * interface_version must be XEN_SYSCTL_INTERFACE_VERSION (-EACCES), which is 4.17's. Commands without a
 * structure here have only a number.
 */
#ifndef __XEN_PUBLIC_SYSCTL_H__
#define __XEN_PUBLIC_SYSCTL_H__

#include "xen.h"
#include "domctl.h"
#include "physdev.h"

#define XEN_SYSCTL_INTERFACE_VERSION 0x00000015

/* readconsole: the hypervisor's log. */
struct xen_sysctl_readconsole {
    uint8_t clear;                      /* in: empty it afterwards */
    uint8_t incremental;                /* in: start at `index`, not at the oldest byte */
    uint8_t pad0, pad1;
    uint32_t index;                     /* in: with incremental; out: the one to continue with */
    XEN_GUEST_HANDLE_64(char) buffer;   /* in */
    uint32_t count;                     /* in: room; out: bytes */
};

/* physinfo: the machine. */
#define _XEN_SYSCTL_PHYSCAP_hvm                0   /* Can run HVM guests ... */
#define XEN_SYSCTL_PHYSCAP_hvm                 (1U << _XEN_SYSCTL_PHYSCAP_hvm)
#define _XEN_SYSCTL_PHYSCAP_pv                 1   /* ... and PV guests. */
#define XEN_SYSCTL_PHYSCAP_pv                  (1U << _XEN_SYSCTL_PHYSCAP_pv)
#define _XEN_SYSCTL_PHYSCAP_directio           2   /* Devices can be given to guests. */
#define XEN_SYSCTL_PHYSCAP_directio            (1U << _XEN_SYSCTL_PHYSCAP_directio)
#define _XEN_SYSCTL_PHYSCAP_hap                3
#define XEN_SYSCTL_PHYSCAP_hap                 (1U << _XEN_SYSCTL_PHYSCAP_hap)
#define _XEN_SYSCTL_PHYSCAP_shadow             4
#define XEN_SYSCTL_PHYSCAP_shadow              (1U << _XEN_SYSCTL_PHYSCAP_shadow)
#define _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share 5
#define XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share  (1U << _XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share)
#define XEN_SYSCTL_PHYSCAP_vmtrace             (1U << 6)
#define XEN_SYSCTL_PHYSCAP_vpmu                (1U << 7)
#define XEN_SYSCTL_PHYSCAP_gnttab_v1           (1U << 8)   /* Grant tables of version 1 ... */
#define XEN_SYSCTL_PHYSCAP_gnttab_v2           (1U << 9)   /* ... and 2. */
#define XEN_SYSCTL_PHYSCAP_MAX                 XEN_SYSCTL_PHYSCAP_gnttab_v2
struct xen_sysctl_physinfo {   /* out, all of it */
    uint32_t threads_per_core;
    uint32_t cores_per_socket;
    uint32_t nr_cpus;              /* Online. */
    uint32_t max_cpu_id;           /* Highest possible. */
    uint32_t nr_nodes;             /* NUMA nodes online. */
    uint32_t max_node_id;          /* Highest possible. */
    uint32_t cpu_khz;
    uint32_t capabilities;         /* XEN_SYSCTL_PHYSCAP_* */
    uint32_t arch_capabilities;
    uint32_t pad;
    uint64_t total_pages;
    uint64_t free_pages;
    uint64_t scrub_pages;          /* Free, but not yet zeroed. */
    uint64_t outstanding_pages;    /* Claimed, not yet allocated. */
    uint64_t max_mfn;              /* Highest frame that can become RAM. */
    uint32_t hw_cap[8];            /* CPU features, in CPUID words. */
};

/* sched_id: the scheduler in use. */
struct xen_sysctl_sched_id {
    uint32_t sched_id;   /* out: XEN_SCHEDULER_* */
};

/* perfc_op: the hypervisor's own counters, where it was built with them. */
#define XEN_SYSCTL_PERFCOP_reset 1
#define XEN_SYSCTL_PERFCOP_query 2
struct xen_sysctl_perfc_desc {
    char name[80];
    uint32_t nr_vals;   /* Values it has: one, or one per CPU. */
};
typedef struct xen_sysctl_perfc_desc xen_sysctl_perfc_desc_t;
typedef uint32_t xen_sysctl_perfc_val_t;
struct xen_sysctl_perfc_op {
    uint32_t cmd;                                        /* in */
    uint32_t nr_counters;                                /* out */
    uint32_t nr_vals;                                    /* out: of all counters together */
    XEN_GUEST_HANDLE_64(xen_sysctl_perfc_desc_t) desc;   /* in: or NULL, to learn the numbers */
    XEN_GUEST_HANDLE_64(xen_sysctl_perfc_val_t) val;     /* in: or NULL */
};

/* getdomaininfolist: all domains from an id on. */
struct xen_sysctl_getdomaininfolist {
    domid_t first_domain;                                     /* in */
    uint32_t max_domains;                                     /* in: room */
    XEN_GUEST_HANDLE_64(xen_domctl_getdomaininfo_t) buffer;   /* in */
    uint32_t num_domains;                                     /* out */
};

/* debug_keys: as if these had been typed on the console. */
struct xen_sysctl_debug_keys {
    XEN_GUEST_HANDLE_64(const char) keys;   /* in */
    uint32_t nr_keys;                       /* in */
};

/* getcpuinfo: how long CPUs have idled. */
struct xen_sysctl_cpuinfo {
    uint64_t idletime;   /* ns */
};
typedef struct xen_sysctl_cpuinfo xen_sysctl_cpuinfo_t;
struct xen_sysctl_getcpuinfo {
    uint32_t max_cpus;                                /* in: room */
    XEN_GUEST_HANDLE_64(xen_sysctl_cpuinfo_t) info;   /* in */
    uint32_t nr_cpus;                                 /* out */
};

/* availheap: free memory between two address widths. */
struct xen_sysctl_availheap {
    uint32_t min_bitwidth;   /* in: frames at 2^n bytes or above; 0: all */
    uint32_t max_bitwidth;   /* in: frames below 2^n bytes; 0: all */
    int32_t node;            /* in: NUMA node; -1: all */
    uint64_t avail_bytes;    /* out */
};

/* cpu_hotplug: CPUs, or all second hardware threads, up and down. */
#define XEN_SYSCTL_CPU_HOTPLUG_ONLINE      0
#define XEN_SYSCTL_CPU_HOTPLUG_OFFLINE     1
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE  2
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE 3
struct xen_sysctl_cpu_hotplug {
    uint32_t cpu;   /* in: or 0 for SMT */
    uint32_t op;    /* in */
};

/* cputopoinfo: where each CPU is. */
#define XEN_INVALID_CORE_ID   (~0U)
#define XEN_INVALID_SOCKET_ID (~0U)
#define XEN_INVALID_NODE_ID   (~0U)
struct xen_sysctl_cputopo {
    uint32_t core;
    uint32_t socket;
    uint32_t node;
};
typedef struct xen_sysctl_cputopo xen_sysctl_cputopo_t;
struct xen_sysctl_cputopoinfo {
    uint32_t num_cpus;                                   /* in: room; out: CPUs; with NULL only the number */
    XEN_GUEST_HANDLE_64(xen_sysctl_cputopo_t) cputopo;   /* in */
};

/* numainfo: memory and distances of NUMA nodes. */
#define XEN_INVALID_MEM_SZ    (~0U)
#define XEN_INVALID_NODE_DIST (~0U)
struct xen_sysctl_meminfo {
    uint64_t memsize;   /* Bytes. */
    uint64_t memfree;   /* Bytes. */
};
typedef struct xen_sysctl_meminfo xen_sysctl_meminfo_t;
struct xen_sysctl_numainfo {
    uint32_t num_nodes;                                  /* in: room; out: nodes; with NULL only the number */
    XEN_GUEST_HANDLE_64(xen_sysctl_meminfo_t) meminfo;   /* in */
    XEN_GUEST_HANDLE_64(uint32_t) distance;              /* in: num_nodes squared; 10 is local */
};

/* pcitopoinfo: NUMA nodes of PCI devices. */
#define XEN_INVALID_DEV (XEN_INVALID_NODE_ID - 1)
struct xen_sysctl_pcitopoinfo {
    uint32_t num_devs;                                  /* in; out: done */
    XEN_GUEST_HANDLE_64(physdev_pci_device_t) devs;     /* in */
    XEN_GUEST_HANDLE_64(uint32_t) nodes;                /* in: or XEN_INVALID_DEV is written */
};

/* cpupool_op: groups of CPUs with a scheduler each. */
#define XEN_SYSCTL_CPUPOOL_OP_CREATE     1
#define XEN_SYSCTL_CPUPOOL_OP_DESTROY    2
#define XEN_SYSCTL_CPUPOOL_OP_INFO       3   /* Of the pool with this id, or the next. -ENOENT: none. */
#define XEN_SYSCTL_CPUPOOL_OP_ADDCPU     4
#define XEN_SYSCTL_CPUPOOL_OP_RMCPU      5
#define XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN 6
#define XEN_SYSCTL_CPUPOOL_OP_FREEINFO   7   /* CPUs in no pool. */
#define XEN_SYSCTL_CPUPOOL_PAR_ANY       0xFFFFFFFF
struct xen_sysctl_cpupool_op {
    uint32_t op;                   /* in */
    uint32_t cpupool_id;           /* in, or XEN_SYSCTL_CPUPOOL_PAR_ANY; out */
    uint32_t sched_id;             /* in (create) or out */
    uint32_t domid;                /* in: movedomain */
    uint32_t cpu;                  /* in: addcpu, rmcpu */
    uint32_t n_dom;                /* out: domains in it */
    struct xenctl_bitmap cpumap;   /* out */
};

/* scheduler_op: settings of the scheduler as a whole. */
#define ARINC653_MAX_DOMAINS_PER_SCHEDULE 64
struct xen_sysctl_arinc653_schedule {
    uint64_t major_frame;          /* ns */
    uint8_t num_sched_entries;
    struct {
        xen_domain_handle_t dom_handle;
        uint32_t vcpu_id;
        uint64_t runtime;          /* ns */
    } sched_entries[ARINC653_MAX_DOMAINS_PER_SCHEDULE];
};
typedef struct xen_sysctl_arinc653_schedule xen_sysctl_arinc653_schedule_t;

#define XEN_SYSCTL_SCHED_RATELIMIT_MAX   500000
#define XEN_SYSCTL_SCHED_RATELIMIT_MIN   100
#define XEN_SYSCTL_CSCHED_TSLICE_MAX     1000
#define XEN_SYSCTL_CSCHED_TSLICE_MIN     1
#define XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US (100 * 1000)
struct xen_sysctl_credit_schedule {
    uint32_t tslice_ms;            /* Time slice. */
    uint32_t ratelimit_us;         /* A vCPU runs at least this long; 0: no limit. */
    uint32_t vcpu_migr_delay_us;   /* A vCPU that ran less long ago stays. */
};
struct xen_sysctl_credit2_schedule {
    uint32_t ratelimit_us;
};
struct xen_sysctl_sched_arinc653 {
    XEN_GUEST_HANDLE_64(xen_sysctl_arinc653_schedule_t) schedule;
};

#define XEN_SYSCTL_SCHEDOP_putinfo 0
#define XEN_SYSCTL_SCHEDOP_getinfo 1
struct xen_sysctl_scheduler_op {
    uint32_t cpupool_id;   /* in */
    uint32_t sched_id;     /* in: XEN_SCHEDULER_* */
    uint32_t cmd;          /* in: XEN_SYSCTL_SCHEDOP_* */
    union {
        struct xen_sysctl_sched_arinc653 sched_arinc653;
        struct xen_sysctl_credit_schedule sched_credit;
        struct xen_sysctl_credit2_schedule sched_credit2;
    } u;
};

/* get_cpu_levelling_caps: which CPUID leaves the hardware can mask for a PV guest's user mode. */
#define XEN_SYSCTL_CPU_LEVELCAP_faulting    (1UL << 0)   /* CPUID can be made to trap. */
#define XEN_SYSCTL_CPU_LEVELCAP_ecx         (1UL << 1)   /* leaf 1 */
#define XEN_SYSCTL_CPU_LEVELCAP_edx         (1UL << 2)   /* leaf 1 */
#define XEN_SYSCTL_CPU_LEVELCAP_extd_ecx    (1UL << 3)   /* leaf 0x80000001 */
#define XEN_SYSCTL_CPU_LEVELCAP_extd_edx    (1UL << 4)   /* leaf 0x80000001 */
#define XEN_SYSCTL_CPU_LEVELCAP_xsave_eax   (1UL << 5)   /* leaf 13, 1 */
#define XEN_SYSCTL_CPU_LEVELCAP_thermal_ecx (1UL << 6)   /* leaf 6 */
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_eax    (1UL << 7)   /* leaf 7, 0 */
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_ebx    (1UL << 8)   /* leaf 7, 0 */
struct xen_sysctl_cpu_levelling_caps {
    uint32_t caps;   /* out */
};

/* get_cpu_featureset: CPU features, one bit each: of the hardware, of hv, and what guests get. */
#define XEN_SYSCTL_cpu_featureset_raw     0   /* As the CPU says. */
#define XEN_SYSCTL_cpu_featureset_host    1   /* As the hypervisor uses it. */
#define XEN_SYSCTL_cpu_featureset_pv      2   /* PV default. */
#define XEN_SYSCTL_cpu_featureset_hvm     3
#define XEN_SYSCTL_cpu_featureset_pv_max  4   /* PV at most. */
#define XEN_SYSCTL_cpu_featureset_hvm_max 5
struct xen_sysctl_cpu_featureset {
    uint32_t index;                           /* in: XEN_SYSCTL_cpu_featureset_* */
    uint32_t nr_features;                     /* in: room, words; out: words; with NULL only the number */
    XEN_GUEST_HANDLE_64(uint32_t) features;   /* in */
};

/* get_cpu_policy: the same in whole CPUID leaves and MSRs. */
#define XEN_SYSCTL_cpu_policy_raw         0
#define XEN_SYSCTL_cpu_policy_host        1
#define XEN_SYSCTL_cpu_policy_pv_max      2
#define XEN_SYSCTL_cpu_policy_hvm_max     3
#define XEN_SYSCTL_cpu_policy_pv_default  4
#define XEN_SYSCTL_cpu_policy_hvm_default 5
struct xen_sysctl_cpu_policy {
    uint32_t index;                                 /* in: XEN_SYSCTL_cpu_policy_* */
    uint32_t nr_leaves;                             /* in: room; out: entries; with NULL the most */
    uint32_t nr_msrs;                               /* the same */
    uint32_t _rsvd;                                 /* in: 0 */
    XEN_GUEST_HANDLE_64(xen_cpuid_leaf_t) leaves;   /* in */
    XEN_GUEST_HANDLE_64(xen_msr_entry_t) msrs;      /* in */
};
typedef struct xen_sysctl_cpu_policy xen_sysctl_cpu_policy_t;

/* xen_sysctl.cmd */
#define XEN_SYSCTL_readconsole            1
#define XEN_SYSCTL_tbuf_op                2
#define XEN_SYSCTL_physinfo               3
#define XEN_SYSCTL_sched_id               4
#define XEN_SYSCTL_perfc_op               5
#define XEN_SYSCTL_getdomaininfolist      6
#define XEN_SYSCTL_debug_keys             7
#define XEN_SYSCTL_getcpuinfo             8
#define XEN_SYSCTL_availheap              9
#define XEN_SYSCTL_get_pmstat            10
#define XEN_SYSCTL_cpu_hotplug           11
#define XEN_SYSCTL_pm_op                 12
#define XEN_SYSCTL_page_offline_op       14
#define XEN_SYSCTL_lockprof_op           15
#define XEN_SYSCTL_cputopoinfo           16
#define XEN_SYSCTL_numainfo              17
#define XEN_SYSCTL_cpupool_op            18
#define XEN_SYSCTL_scheduler_op          19
#define XEN_SYSCTL_coverage_op           20
#define XEN_SYSCTL_psr_cmt_op            21
#define XEN_SYSCTL_pcitopoinfo           22
#define XEN_SYSCTL_psr_alloc             23
#define XEN_SYSCTL_get_cpu_levelling_caps 25
#define XEN_SYSCTL_get_cpu_featureset    26
#define XEN_SYSCTL_livepatch_op          27
#define XEN_SYSCTL_get_cpu_policy        29

struct xen_sysctl {
    uint32_t cmd;                 /* in: XEN_SYSCTL_* */
    uint32_t interface_version;   /* in: XEN_SYSCTL_INTERFACE_VERSION */
    union {
        struct xen_sysctl_readconsole readconsole;
        struct xen_sysctl_physinfo physinfo;
        struct xen_sysctl_cputopoinfo cputopoinfo;
        struct xen_sysctl_pcitopoinfo pcitopoinfo;
        struct xen_sysctl_numainfo numainfo;
        struct xen_sysctl_sched_id sched_id;
        struct xen_sysctl_perfc_op perfc_op;
        struct xen_sysctl_getdomaininfolist getdomaininfolist;
        struct xen_sysctl_debug_keys debug_keys;
        struct xen_sysctl_getcpuinfo getcpuinfo;
        struct xen_sysctl_availheap availheap;
        struct xen_sysctl_cpu_hotplug cpu_hotplug;
        struct xen_sysctl_cpupool_op cpupool_op;
        struct xen_sysctl_scheduler_op scheduler_op;
        struct xen_sysctl_cpu_levelling_caps cpu_levelling_caps;
        struct xen_sysctl_cpu_featureset cpu_featureset;
        struct xen_sysctl_cpu_policy cpu_policy;
        uint8_t pad[128];
    } u;
};
typedef struct xen_sysctl xen_sysctl_t;

#endif
