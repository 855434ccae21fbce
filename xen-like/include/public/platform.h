/* SPDX-License-Identifier: MIT */
/*
 * platform_op(xen_platform_op): what dom0, and only dom0, asks about the machine and its firmware. -EPERM for
 * others. interface_version must be XENPF_INTERFACE_VERSION (-EACCES).
 */
#ifndef __XEN_PUBLIC_PLATFORM_H__
#define __XEN_PUBLIC_PLATFORM_H__

#include "xen.h"

#define XENPF_INTERFACE_VERSION 0x03000001

/* Set the wall clock: UTC since 1970 was secs, nsecs when system time was system_time. All domains see it. */
#define XENPF_settime32 17
struct xenpf_settime32 {
    uint32_t secs;          /* in */
    uint32_t nsecs;         /* in */
    uint64_t system_time;   /* in: ns */
};
typedef struct xenpf_settime32 xenpf_settime32_t;
#define XENPF_settime64 62
struct xenpf_settime64 {
    uint64_t secs;          /* in */
    uint32_t nsecs;         /* in */
    uint32_t mbz;           /* in: 0, or -EINVAL */
    uint64_t system_time;   /* in: ns */
};
typedef struct xenpf_settime64 xenpf_settime64_t;
#define XENPF_settime XENPF_settime64
#define xenpf_settime xenpf_settime64
typedef struct xenpf_settime xenpf_settime_t;

/* Memory type range registers: add, remove, read one. type is as in the MTRR. */
#define XENPF_add_memtype 31
struct xenpf_add_memtype {
    xen_pfn_t mfn;      /* in: first frame */
    uint64_t nr_mfns;   /* in */
    uint32_t type;      /* in */
    uint32_t handle;    /* out: for del */
    uint32_t reg;       /* out */
};
typedef struct xenpf_add_memtype xenpf_add_memtype_t;
#define XENPF_del_memtype 32
struct xenpf_del_memtype {
    uint32_t handle;   /* in: or 0 */
    uint32_t reg;      /* in */
};
typedef struct xenpf_del_memtype xenpf_del_memtype_t;
#define XENPF_read_memtype 33
struct xenpf_read_memtype {
    uint32_t reg;       /* in */
    xen_pfn_t mfn;      /* out */
    uint64_t nr_mfns;   /* out: 0 if unused */
    uint32_t type;      /* out */
};
typedef struct xenpf_read_memtype xenpf_read_memtype_t;

/* Load CPU microcode. */
#define XENPF_microcode_update 35
struct xenpf_microcode_update {
    XEN_GUEST_HANDLE(const void) data;   /* in */
    uint32_t length;                     /* in: bytes */
};
typedef struct xenpf_microcode_update xenpf_microcode_update_t;

/* Tell of a chipset quirk. */
#define XENPF_platform_quirk 39
#define QUIRK_NOIRQBALANCING     1   /* Do not move interrupts between CPUs. */
#define QUIRK_IOAPIC_BAD_REGSEL  2   /* The I/O APIC's index register forgets. */
#define QUIRK_IOAPIC_GOOD_REGSEL 3
struct xenpf_platform_quirk {
    uint32_t quirk_id;   /* in */
};
typedef struct xenpf_platform_quirk xenpf_platform_quirk_t;

/* Call a UEFI runtime service, by its number here. -ENOSYS on a machine without UEFI. */
#define XENPF_efi_runtime_call 49
#define XEN_EFI_get_time                      1
#define XEN_EFI_set_time                      2
#define XEN_EFI_get_wakeup_time               3
#define XEN_EFI_set_wakeup_time               4
#define XEN_EFI_get_next_high_monotonic_count 5
#define XEN_EFI_get_variable                  6
#define XEN_EFI_set_variable                  7
#define XEN_EFI_get_next_variable_name        8
#define XEN_EFI_query_variable_info           9
#define XEN_EFI_query_capsule_capabilities   10
#define XEN_EFI_update_capsule               11

struct xenpf_efi_time {
    uint16_t year;
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t min;
    uint8_t sec;
    uint32_t ns;
    int16_t tz;         /* Minutes from UTC; 2047: unspecified. */
    uint8_t daylight;
};

struct xenpf_efi_guid {
    uint32_t data1;
    uint16_t data2;
    uint16_t data3;
    uint8_t data4[8];
};

/* Values of `misc`, per function. */
#define XEN_EFI_GET_TIME_SET_CLEARS_NS      0x00000001   /* out: setting the time clears its nanoseconds */
#define XEN_EFI_GET_WAKEUP_TIME_ENABLED     0x00000001   /* out */
#define XEN_EFI_GET_WAKEUP_TIME_PENDING     0x00000002   /* out */
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE      0x00000001   /* in */
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY 0x00000002   /* in: keep the time that is set */
#define XEN_EFI_VARIABLE_NON_VOLATILE       0x00000001   /* in and out: attributes of a variable */
#define XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS 0x00000002
#define XEN_EFI_VARIABLE_RUNTIME_ACCESS     0x00000004
#define XEN_EFI_VARINFO_BOOT_SNAPSHOT       0x00000001   /* in: the answer as it was at boot will do */

struct xenpf_efi_runtime_call {
    uint32_t function;    /* in: XEN_EFI_* */
    uint32_t misc;        /* in/out: flags; get_next_high_monotonic_count: the count */
    xen_ulong_t status;   /* out: EFI_STATUS, if the hypercall succeeded */
    union {
        struct {                           /* out */
            struct xenpf_efi_time time;
            uint32_t resolution;
            uint32_t accuracy;
        } get_time;
        struct xenpf_efi_time set_time;          /* in */
        struct xenpf_efi_time get_wakeup_time;   /* out */
        struct xenpf_efi_time set_wakeup_time;   /* in */
        struct {
            XEN_GUEST_HANDLE(void) name;         /* in: UCS-2, ends in 0 */
            xen_ulong_t size;                    /* in; get: room, out: size; bytes */
            XEN_GUEST_HANDLE(void) data;         /* in */
            struct xenpf_efi_guid vendor_guid;   /* in */
        } get_variable, set_variable;
        struct {
            xen_ulong_t size;                    /* in: room; out: size; bytes */
            XEN_GUEST_HANDLE(void) name;         /* in/out */
            struct xenpf_efi_guid vendor_guid;   /* in/out */
        } get_next_variable_name;
        struct {
            uint32_t attr;                       /* in: attributes */
            uint64_t max_store_size;             /* out: bytes */
            uint64_t remain_store_size;          /* out */
            uint64_t max_size;                   /* out */
        } query_variable_info;
        struct {
            XEN_GUEST_HANDLE(void) capsule_header_array;
            xen_ulong_t capsule_count;
            uint64_t max_capsule_size;
            uint32_t reset_type;
        } query_capsule_capabilities;
        struct {
            XEN_GUEST_HANDLE(void) capsule_header_array;
            xen_ulong_t capsule_count;
            uint64_t sg_list;                    /* Machine address. */
        } update_capsule;
    } u;
};
typedef struct xenpf_efi_runtime_call xenpf_efi_runtime_call_t;

/*
 * What the firmware or boot loader told the hypervisor. -ESRCH, -ENODEV, -EINVAL: nothing of that kind or
 * index.
 */
#define XENPF_firmware_info 50
#define XEN_FW_DISK_INFO          1   /* disk_info: EDD parameters of BIOS disk number `index`. */
#define XEN_FW_DISK_MBR_SIGNATURE 2   /* disk_mbr_signature, of the `index`th disk that has one. */
#define XEN_FW_VBEDDC_INFO        3   /* vbeddc_info: the monitor's EDID. */
#define XEN_FW_EFI_INFO           4   /* efi_info: `index` is XEN_FW_EFI_*. */
#define XEN_FW_EFI_VERSION          0   /* version: of UEFI */
#define XEN_FW_EFI_CONFIG_TABLE     1   /* cfg: where ACPI and the rest are found */
#define XEN_FW_EFI_VENDOR           2   /* vendor */
#define XEN_FW_EFI_MEM_INFO         3   /* mem: the descriptor that covers addr */
#define XEN_FW_EFI_RT_VERSION       4   /* version: of the runtime services */
#define XEN_FW_EFI_PCI_ROM          5   /* pci_rom */
#define XEN_FW_EFI_APPLE_PROPERTIES 6   /* apple_properties */
#define XEN_FW_KBD_SHIFT_FLAGS    5   /* kbd_shift_flags: BIOS keyboard state (INT 16h, AH = 2). */

union xenpf_efi_info {
    uint32_t version;          /* out */
    struct {
        uint64_t addr;         /* out: machine address of EFI_CONFIGURATION_TABLE */
        uint32_t nent;         /* out: its entries */
    } cfg;
    struct {
        uint32_t revision;                 /* out */
        uint32_t bufsz;                    /* in: room in name, bytes */
        XEN_GUEST_HANDLE(void) name;       /* in; UCS-2 is written, at most bufsz bytes */
    } vendor;
    struct {
        uint64_t addr;         /* in/out: machine address */
        uint64_t size;         /* in/out: bytes */
        uint64_t attr;         /* out: EFI attributes */
        uint32_t type;         /* out: EFI memory type */
    } mem;
    struct {
        uint16_t segment;      /* in */
        uint8_t bus;           /* in */
        uint8_t devfn;         /* in */
        uint16_t vendor;       /* in */
        uint16_t devid;        /* in */
        uint64_t address;      /* out: machine address */
        xen_ulong_t size;      /* out: bytes */
    } pci_rom;
    struct {
        uint64_t address;      /* out: machine address */
        xen_ulong_t size;      /* out: bytes */
    } apple_properties;
};

struct xenpf_firmware_info {
    uint32_t type;    /* in: XEN_FW_* */
    uint32_t index;   /* in */
    union {
        struct {                                /* INT 13h */
            uint8_t device;                     /* out: BIOS number, 0x80 ... */
            uint8_t version;                    /* out: of EDD (AH = 41h) */
            uint16_t interface_support;         /* out (AH = 41h) */
            uint16_t legacy_max_cylinder;       /* out (AH = 8) */
            uint8_t legacy_max_head;            /* out */
            uint8_t legacy_sectors_per_track;   /* out */
            XEN_GUEST_HANDLE(void) edd_params;  /* in: first word is the room; EDD's structure is written */
        } disk_info;
        struct {
            uint8_t device;           /* out: BIOS number */
            uint32_t mbr_signature;   /* out: at 0x1b8 of its first sector */
        } disk_mbr_signature;
        struct {
            uint8_t capabilities;            /* out */
            uint8_t edid_transfer_time;      /* out: seconds */
            XEN_GUEST_HANDLE(uint8_t) edid;  /* in: 128 bytes are written */
        } vbeddc_info;
        union xenpf_efi_info efi_info;
        uint8_t kbd_shift_flags;      /* out */
    } u;
};
typedef struct xenpf_firmware_info xenpf_firmware_info_t;

/*
 * Enter an ACPI sleep state, with values for the registers that dom0 read from ACPI. Does not return for S5.
 */
#define XENPF_enter_acpi_sleep 51
#define XENPF_ACPI_SLEEP_EXTENDED 0x00000001
struct xenpf_enter_acpi_sleep {
    uint16_t val_a;         /* in: PM1a control, or sleep control with XENPF_ACPI_SLEEP_EXTENDED */
    uint16_t val_b;         /* in: PM1b control, or sleep type */
    uint32_t sleep_state;   /* in: 1 to 5 */
    uint32_t flags;         /* in: XENPF_ACPI_SLEEP_EXTENDED */
};
typedef struct xenpf_enter_acpi_sleep xenpf_enter_acpi_sleep_t;

/* A CPU's frequency changed. */
#define XENPF_change_freq 52
struct xenpf_change_freq {
    uint32_t flags;   /* in: 0 */
    uint32_t cpu;     /* in */
    uint64_t freq;    /* in: Hz */
};
typedef struct xenpf_change_freq xenpf_change_freq_t;

/* How long CPUs have idled. */
#define XENPF_getidletime 53
struct xenpf_getidletime {
    XEN_GUEST_HANDLE(uint8_t) cpumap_bitmap;   /* in: which CPUs; out: which exist */
    uint32_t cpumap_nr_cpus;                   /* in: bits */
    XEN_GUEST_HANDLE(uint64_t) idletime;       /* in; ns written for each bit */
    uint64_t now;                              /* out: system time, ns */
};
typedef struct xenpf_getidletime xenpf_getidletime_t;

/* What dom0's ACPI interpreter found about a processor's power states. */
#define XENPF_set_processor_pminfo 54

/* Bits of start_info.flags (SIF_PM_MASK): who manages it. */
#define XEN_PROCESSOR_PM_CX 1
#define XEN_PROCESSOR_PM_PX 2
#define XEN_PROCESSOR_PM_TX 4

/* `type`: idle, performance, throttling states, and the _PDC capabilities. */
#define XEN_PM_CX  0
#define XEN_PM_PX  1
#define XEN_PM_TX  2
#define XEN_PM_PDC 3

/* xen_processor_performance.flags: which ACPI objects its fields come from. */
#define XEN_PX_PCT 1
#define XEN_PX_PSS 2
#define XEN_PX_PPC 4
#define XEN_PX_PSD 8

/* ACPI's generic register descriptor. */
struct xen_power_register {
    uint32_t space_id;
    uint32_t bit_width;
    uint32_t bit_offset;
    uint32_t access_size;
    uint64_t address;
};

/* _CSD: dependency between processors' idle states. */
struct xen_processor_csd {
    uint32_t domain;
    uint32_t coord_type;
    uint32_t num;
};
typedef struct xen_processor_csd xen_processor_csd_t;

struct xen_processor_cx {
    struct xen_power_register reg;
    uint8_t type;        /* 1 to 3: C1 to C3. */
    uint32_t latency;    /* Microseconds to leave it. */
    uint32_t power;      /* mW */
    uint32_t dpcnt;      /* Entries in dp. */
    XEN_GUEST_HANDLE(xen_processor_csd_t) dp;
};
typedef struct xen_processor_cx xen_processor_cx_t;

struct xen_processor_flags {
    uint32_t bm_control:1;
    uint32_t bm_check:1;
    uint32_t has_cst:1;
    uint32_t power_setup_done:1;
    uint32_t bm_rld_set:1;
};

struct xen_processor_power {
    uint32_t count;      /* Entries in states. */
    struct xen_processor_flags flags;
    XEN_GUEST_HANDLE(xen_processor_cx_t) states;
};

/* _PCT: a control or status register. */
struct xen_pct_register {
    uint8_t descriptor;
    uint16_t length;
    uint8_t space_id;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t reserved;
    uint64_t address;
};

/* _PSS: one performance state. */
struct xen_processor_px {
    uint64_t core_frequency;       /* MHz */
    uint64_t power;                /* mW */
    uint64_t transition_latency;   /* Microseconds. */
    uint64_t bus_master_latency;   /* Microseconds. */
    uint64_t control;
    uint64_t status;
};
typedef struct xen_processor_px xen_processor_px_t;

/* _PSD: dependency between processors' performance states. */
struct xen_psd_package {
    uint64_t num_entries;
    uint64_t revision;
    uint64_t domain;
    uint64_t coord_type;
    uint64_t num_processors;
};

#define XEN_CPUPERF_SHARED_TYPE_HW  1
#define XEN_CPUPERF_SHARED_TYPE_ALL 2
#define XEN_CPUPERF_SHARED_TYPE_ANY 3
struct xen_processor_performance {
    uint32_t flags;            /* XEN_PX_* */
    uint32_t platform_limit;   /* _PPC */
    struct xen_pct_register control_register;
    struct xen_pct_register status_register;
    uint32_t state_count;      /* Entries in states. */
    XEN_GUEST_HANDLE(xen_processor_px_t) states;
    struct xen_psd_package domain_info;
    uint32_t shared_type;      /* XEN_CPUPERF_SHARED_TYPE_* */
};
typedef struct xen_processor_performance xen_processor_performance_t;

struct xenpf_set_processor_pminfo {
    uint32_t id;     /* in: ACPI id */
    uint32_t type;   /* in: XEN_PM_* */
    union {
        struct xen_processor_power power;
        struct xen_processor_performance perf;
        XEN_GUEST_HANDLE(uint32_t) pdc;   /* in/out: the _PDC buffer, which the hypervisor corrects */
    } u;
};
typedef struct xenpf_set_processor_pminfo xenpf_set_processor_pminfo_t;

/* One physical CPU. */
#define XENPF_get_cpuinfo 55
#define XEN_PCPU_FLAGS_ONLINE  1
#define XEN_PCPU_FLAGS_INVALID 2   /* There is no such CPU. */
struct xenpf_pcpuinfo {
    uint32_t xen_cpuid;     /* in: CPU number */
    uint32_t max_present;   /* out: highest number */
    uint32_t flags;         /* out */
    uint32_t apic_id;       /* out */
    uint32_t acpi_id;       /* out */
};
typedef struct xenpf_pcpuinfo xenpf_pcpuinfo_t;

#define XENPF_get_cpu_version 48
struct xenpf_pcpu_version {
    uint32_t xen_cpuid;     /* in: CPU number */
    uint32_t max_present;   /* out: highest number */
    char vendor_id[12];     /* out */
    uint32_t family;        /* out */
    uint32_t model;         /* out */
    uint32_t stepping;      /* out */
};
typedef struct xenpf_pcpu_version xenpf_pcpu_version_t;

/* Bring a CPU up or down (cpu_ol). */
#define XENPF_cpu_online  56
#define XENPF_cpu_offline 57
struct xenpf_cpu_ol {
    uint32_t cpuid;   /* in */
};
typedef struct xenpf_cpu_ol xenpf_cpu_ol_t;

/* A CPU, or memory, was plugged in. The result of cpu_hotadd is the CPU's number. */
#define XENPF_cpu_hotadd 58
struct xenpf_cpu_hotadd {
    uint32_t apic_id;   /* in */
    uint32_t acpi_id;   /* in */
    uint32_t pxm;       /* in: ACPI proximity domain */
};
typedef struct xenpf_cpu_hotadd xenpf_cpu_hotadd_t;
#define XENPF_mem_hotadd 59
struct xenpf_mem_hotadd {
    uint64_t spfn;    /* in: first frame */
    uint64_t epfn;    /* in: first frame after */
    uint32_t pxm;     /* in: ACPI proximity domain */
    uint32_t flags;   /* in */
};
typedef struct xenpf_mem_hotadd xenpf_mem_hotadd_t;

/* Keep a number of CPUs idle, or read that number. */
#define XENPF_core_parking 60
#define XEN_CORE_PARKING_SET 1
#define XEN_CORE_PARKING_GET 2
struct xenpf_core_parking {
    uint32_t type;        /* in */
    uint32_t idle_nums;   /* in or out */
};
typedef struct xenpf_core_parking xenpf_core_parking_t;

/* Read and write MSRs of a CPU, in one go and without interruption; only those on a short list. */
#define XENPF_resource_op 61
#define XEN_RESOURCE_OP_MSR_READ  0
#define XEN_RESOURCE_OP_MSR_WRITE 1
struct xenpf_resource_entry {
    union {
        uint32_t cmd;   /* in: XEN_RESOURCE_OP_* */
        int32_t ret;    /* out: 0 or -errno */
    } u;
    uint32_t rsvd;      /* in: 0 */
    uint64_t idx;       /* in: MSR */
    uint64_t val;       /* in or out */
};
typedef struct xenpf_resource_entry xenpf_resource_entry_t;
struct xenpf_resource_op {
    uint32_t nr_entries;                                /* in */
    uint32_t cpu;                                       /* in */
    XEN_GUEST_HANDLE(xenpf_resource_entry_t) entries;   /* in */
};
typedef struct xenpf_resource_op xenpf_resource_op_t;

/* The hypervisor's symbols, one after the other. */
#define XENPF_get_symbol 63
struct xenpf_symdata {
    uint32_t namelen;              /* in: room in name; out: bytes with the NUL, 0 after the last symbol */
    uint32_t symnum;               /* in: which, 0 first; out: the one to ask for next */
    XEN_GUEST_HANDLE(char) name;   /* in */
    uint64_t address;              /* out */
    char type;                     /* out: a letter as nm prints */
};
typedef struct xenpf_symdata xenpf_symdata_t;

/*
 * The screen, as start_info describes it at boot: dom0_vga_console_info. The result is the structure's size.
 */
#define XENPF_get_dom0_console 64

struct xen_platform_op {
    uint32_t cmd;                 /* in: XENPF_* */
    uint32_t interface_version;   /* in: XENPF_INTERFACE_VERSION */
    union {
        xenpf_settime_t settime;
        xenpf_settime32_t settime32;
        xenpf_settime64_t settime64;
        xenpf_add_memtype_t add_memtype;
        xenpf_del_memtype_t del_memtype;
        xenpf_read_memtype_t read_memtype;
        xenpf_microcode_update_t microcode;
        xenpf_platform_quirk_t platform_quirk;
        xenpf_efi_runtime_call_t efi_runtime_call;
        xenpf_firmware_info_t firmware_info;
        xenpf_enter_acpi_sleep_t enter_acpi_sleep;
        xenpf_change_freq_t change_freq;
        xenpf_getidletime_t getidletime;
        xenpf_set_processor_pminfo_t set_pminfo;
        xenpf_pcpuinfo_t pcpu_info;
        xenpf_pcpu_version_t pcpu_version;
        xenpf_cpu_ol_t cpu_ol;
        xenpf_cpu_hotadd_t cpu_add;
        xenpf_mem_hotadd_t mem_add;
        xenpf_core_parking_t core_parking;
        xenpf_resource_op_t resource_op;
        xenpf_symdata_t symdata;
        dom0_vga_console_info_t dom0_console;
        uint8_t pad[128];
    } u;
};
typedef struct xen_platform_op xen_platform_op_t;

#endif
