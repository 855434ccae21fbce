/* SPDX-License-Identifier: MIT */
/*
 * CPUID leaves by which a guest finds its hypervisor. The first is at 0x40000000, or a multiple of 0x100
 * above it when another interface is shown there. hv's own leaves: ../hv.h.
 *
 *   leaf 0: eax = last leaf, ebx, ecx, edx = "XenVMMXenVMM"
 *   leaf 1: eax = major << 16 | minor
 *   leaf 2: eax = hypercall pages, ebx = MSR base for them, ecx = features: XEN_CPUID_FEAT1_*
 *   leaf 3: sub-leaf 0: eax bit 0 TSC emulated, 1 host TSC safe, 2 has RDTSCP; ebx = TSC mode,
 *           ecx = guest TSC kHz, edx = incarnation.
 *           1: eax, ebx = offset from host to guest time (ns), ecx, edx = multiplier, shift.
 *           2: eax = host TSC kHz
 *   leaf 4: HVM features
 *   leaf 5: PV: ebx = width of machine addresses
 */
#ifndef __XEN_PUBLIC_ARCH_X86_CPUID_H__
#define __XEN_PUBLIC_ARCH_X86_CPUID_H__

#define XEN_CPUID_FIRST_LEAF 0x40000000
#define XEN_CPUID_LEAF(i)    (XEN_CPUID_FIRST_LEAF + (i))

#define XEN_CPUID_SIGNATURE_EBX 0x566e6558   /* "XenV" */
#define XEN_CPUID_SIGNATURE_ECX 0x65584d4d   /* "MMXe" */
#define XEN_CPUID_SIGNATURE_EDX 0x4d4d566e   /* "nVMM" */

/* Leaf 2, ecx: MMU_PT_UPDATE_PRESERVE_AD works. */
#define _XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD 0
#define XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD  (1U << 0)

/* Leaf 5, ebx: bits a PTE's machine address may have. */
#define XEN_CPUID_MACHINE_ADDRESS_WIDTH_MASK (0xffU << 0)

#define XEN_CPUID_MAX_NUM_LEAVES 5

#endif
