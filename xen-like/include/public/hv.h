/* SPDX-License-Identifier: MIT */
/*
 * What is hv's own: CPUID leaves that tell it from other hypervisors with the same ABI. A guest that ignores
 * them works.
 *
 *   leaf HV_CPUID_LEAF(0): eax = last leaf, ebx, ecx, edx = the signature, in this order
 */
#ifndef __HV_PUBLIC_HV_H__
#define __HV_PUBLIC_HV_H__

#define HV_CPUID_FIRST_LEAF 0x40000100
#define HV_CPUID_LEAF(i)    (HV_CPUID_FIRST_LEAF + (i))

#define HV_CPUID_SIGNATURE_EBX 0x743a7668   /* "hv:t" */
#define HV_CPUID_SIGNATURE_ECX 0x2d657079   /* "ype-" */
#define HV_CPUID_SIGNATURE_EDX 0x56502031   /* "1 PV" */

#define HV_CPUID_MAX_NUM_LEAVES 0

#endif
