/* SPDX-License-Identifier: MIT */
/*
 * ELF notes, owner "Xen", by which a kernel tells the domain builder how it wants to be loaded. Numbers are
 * 8-byte values, texts end in a NUL; an absent note means the default in brackets.
 */
#ifndef __XEN_PUBLIC_ELFNOTE_H__
#define __XEN_PUBLIC_ELFNOTE_H__

#define XEN_ELFNOTE_INFO               0   /* Free text. */
#define XEN_ELFNOTE_ENTRY              1   /* Virtual address to start at [the ELF entry]. */
#define XEN_ELFNOTE_HYPERCALL_PAGE     2   /* Virtual address of a page for hypercall stubs [none]. */
#define XEN_ELFNOTE_VIRT_BASE          3   /* Virtual address at which PFN 0 is mapped [0]. */
#define XEN_ELFNOTE_PADDR_OFFSET       4   /* What the ELF's physical addresses start at [VIRT_BASE]. */
#define XEN_ELFNOTE_XEN_VERSION        5   /* Text: interface, "xen-3.0". */
#define XEN_ELFNOTE_GUEST_OS           6   /* Text: "linux", ... */
#define XEN_ELFNOTE_GUEST_VERSION      7   /* Text. */
#define XEN_ELFNOTE_LOADER             8   /* Text: "generic". */
#define XEN_ELFNOTE_PAE_MODE           9   /* Text, 32-bit kernels: "yes", "no", "bimodal". */
#define XEN_ELFNOTE_FEATURES          10   /* Text: names of features.h with '|' between, '!' if required. */
#define XEN_ELFNOTE_BSD_SYMTAB        11   /* Text "yes": load the symbol table as BSD kernels want it. */
#define XEN_ELFNOTE_HV_START_LOW      12   /* Lowest address the hypervisor may take. */
#define XEN_ELFNOTE_L1_MFN_VALID      13   /* Pairs mask, value: how to tell a PTE that holds a valid MFN. */
#define XEN_ELFNOTE_SUSPEND_CANCEL    14   /* Nonzero: a suspend may return 1, for cancelled. */
#define XEN_ELFNOTE_INIT_P2M          15   /* Virtual address for the P2M list [after the kernel]. */
#define XEN_ELFNOTE_MOD_START_PFN     16   /* Nonzero: takes the ramdisk by PFN (SIF_MOD_START_PFN). */
#define XEN_ELFNOTE_SUPPORTED_FEATURES 17  /* Number: bitmap of features.h. */
#define XEN_ELFNOTE_PHYS32_ENTRY      18   /* PVH entry point. */
#define XEN_ELFNOTE_MAX               XEN_ELFNOTE_PHYS32_ENTRY

/* Notes of crash images and of core files of domains. */
#define XEN_ELFNOTE_CRASH_INFO              0x1000001
#define XEN_ELFNOTE_CRASH_REGS              0x1000002
#define XEN_ELFNOTE_DUMPCORE_NONE           0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER         0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION    0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION 0x2000003

#endif
