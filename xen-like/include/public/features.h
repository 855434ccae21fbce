/* SPDX-License-Identifier: MIT */
/* Bits that XENVER_get_features reports and that a guest names in its ELF notes (elfnote.h). */
#ifndef __XEN_PUBLIC_FEATURES_H__
#define __XEN_PUBLIC_FEATURES_H__

#define XENFEAT_writable_page_tables       0  /* The guest need not map its page tables read-only. */
#define XENFEAT_writable_descriptor_tables 1  /* Nor its descriptor tables. */
#define XENFEAT_auto_translated_physmap    2  /* The hypervisor translates PFN to MFN. */
#define XENFEAT_supervisor_mode_kernel     3  /* The kernel runs at CPL 0. */
#define XENFEAT_pae_pgdir_above_4gb        4  /* 32-bit: the top-level table may be anywhere. */
#define XENFEAT_mmu_pt_update_preserve_ad  5  /* MMU_PT_UPDATE_PRESERVE_AD works. */
#define XENFEAT_highmem_assist             6  /* MMUEXT_CLEAR_PAGE and COPY_PAGE work. */
#define XENFEAT_gnttab_map_avail_bits      7  /* GNTTABOP_map_grant_ref can set a PTE's available bits. */
#define XENFEAT_hvm_callback_vector        8
#define XENFEAT_hvm_safe_pvclock           9
#define XENFEAT_hvm_pirqs                  10
#define XENFEAT_dom0                       11 /* May run as dom0. */
#define XENFEAT_memory_op_vnode_supported  13 /* XENMEMF_vnode works. */
#define XENFEAT_ARM_SMCCC_supported        14
#define XENFEAT_linux_rsdp_unrestricted    15 /* PVH: the RSDP may be anywhere. */
#define XENFEAT_not_direct_mapped          16 /* PFN and MFN differ ... */
#define XENFEAT_direct_mapped              17 /* ... or are the same. */

#define XENFEAT_NR_SUBMAPS 1   /* Words of 32 bits. */

#endif
